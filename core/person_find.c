/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/person_find.h"

#include "model/event.h"
#include "scope/id_map.h"
#include "scope/step.h"

struct search {
    struct lookup *lookup;
    struct text service;
    struct buffer key;
    struct id_list found; /* canonical ids */
};

static enum result
try_person(struct search *search, const struct event_person *person,
           uint16_t space)
{
    struct alias alias;
    enum result result = event_person_key(person, space, &search->key);

    if (result == E_FORMAT)
        return OK;
    STEP(lookup_find(search->lookup, ALIAS_PERSON, buffer_as_text(&search->key),
                     &alias));
    if (result == E_NOTFOUND)
        return OK;
    STEP(id_list_add(&search->found, alias.canonical));
    return result;
}

/* A name that means something only within one service's space. */
static enum result
try_spaces(struct search *search, const struct event_person *person)
{
    uint16_t space = 0;
    struct buffer name = {0};
    enum result result = OK;

    if (search->service.length > 0) {
        result = lookup_number(search->lookup, NAME_SERVICE, search->service,
                               &space);
        STEP(try_person(search, person, space));
        return result;
    }
    /* numbers are given out one by one, so that the first hole ends them */
    while (result == OK) {
        result = try_person(search, person, space++);
        buffer_clear(&name);
        STEP(space == UINT16_MAX
                 ? E_NOTFOUND
                 : lookup_number_name(search->lookup, NAME_SERVICE, space,
                                      &name));
    }
    buffer_free(&name);
    return result == E_NOTFOUND ? OK : result;
}

static enum result
try_all(struct search *search, struct text given)
{
    struct event_person person = {.shown = given};
    struct buffer scratch = {0};
    enum result result = OK;

    if (event_identifier_parse(given, &scratch, &person.system,
                               &person.value) == OK &&
        person.system.length > 0)
        STEP(try_person(search, &person, 0));
    buffer_free(&scratch);
    if (search->found.count > 0)
        return result;
    for (size_t i = 0; event_value_is_ins(given) && event_ins_system(i) != NULL;
         i++) {
        person = (struct event_person){.shown = given,
                                       .system = text_of(event_ins_system(i)),
                                       .value = given};
        STEP(try_person(search, &person, 0));
    }
    if (search->found.count > 0)
        return result;
    if (text_find_byte(given, '/') < given.length) {
        person = (struct event_person){.shown = given, .reference = given};
        STEP(try_spaces(search, &person));
    }
    if (result == OK && search->found.count == 0) {
        person = (struct event_person){.shown = given, .value = given};
        STEP(try_spaces(search, &person));
    }
    return result;
}

enum result
person_find(struct lookup *lookup, struct text given, struct text service,
            uint64_t *ret_id)
{
    struct search search = {.lookup = lookup, .service = service};
    enum result result = try_all(&search, text_trim(given));

    if (result == OK && search.found.count == 0)
        result = E_NOTFOUND;
    if (result == OK && search.found.count > 1)
        result = E_ARGUMENT;
    if (result == OK)
        *ret_id = search.found.ids[0];
    buffer_free(&search.key);
    id_list_free(&search.found);
    return result;
}
