/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/query_person.h"

#include "base/say.h"
#include "core/person_find.h"

enum result
query_person(struct query *query, struct id_list *ret_ids)
{
    struct text service = {0};
    uint16_t space;
    uint64_t id = 0;
    enum result result = OK;

    if (query->services.count > 0) {
        service = text_of(query->services.items[0]);
        result = lookup_number(query->lookup, NAME_SERVICE, service, &space);
        if (result == E_NOTFOUND)
            say_error(query->command, "%s",
                      _("no such service in this ledger"));
        if (result != OK)
            return result;
    }
    result =
        person_find(query->lookup, text_of(query->argument), service, &id);
    if (result == E_NOTFOUND)
        say_error(query->command, "%s", _("no such person in this ledger"));
    if (result == E_ARGUMENT)
        say_error(query->command, "%s",
                  _("several persons bear this name: give it with its system "
                    "(system|value) or its space (--service)"));
    return result == OK ? query_members(query->lookup, id, ret_ids) : result;
}
