/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From what an operator typed to ids. A value is looked for as it stands
 * first, and only then by what it may also be: a list with commas, a token
 * with its URN. Unknown values are said by option and place, never shown.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/query_options.h"
#include "model/event.h"
#include "scope/step.h"

#define TOKEN_URN "urn:ietf:params:oauth:jti:"
#define MEMBERS_ROOM_FIRST 64

static const char *
kind_unknown(enum alias_kind kind)
{
    switch (kind) {
    case ALIAS_SESSION:
        return _("no such session in this ledger");
    case ALIAS_PROFESSIONAL:
        return _("no such professional in this ledger");
    case ALIAS_ADDRESS:
        return _("no such address in this ledger");
    case ALIAS_DEVICE:
        return _("no such device in this ledger");
    case ALIAS_PERSON:
        return _("no such person in this ledger");
    case ALIAS_NETWORK:
        break;
    }
    return _("no such name in this ledger");
}

enum result
query_members(struct lookup *lookup, uint64_t canonical,
              struct id_list *ret_ids)
{
    size_t room = MEMBERS_ROOM_FIRST, count = 0;
    uint64_t *members = calloc(room, sizeof(*members));
    enum result result = members == NULL ? E_NOMEM : OK;

    STEP(lookup_members(lookup, canonical, members, room, &count));
    if (result == OK && count > room) {
        room = count;
        free(members);
        members = calloc(room, sizeof(*members));
        result = members == NULL ? E_NOMEM : OK;
        STEP(lookup_members(lookup, canonical, members, room, &count));
    }
    for (size_t i = 0; result == OK && i < count && i < room; i++)
        result = id_list_add(ret_ids, members[i]);
    free(members);
    return result;
}

/* The value itself, or without its URN. */
static enum result
find_value(struct lookup *lookup, enum alias_kind kind, struct text value,
           struct alias *ret_alias)
{
    char address[ADDRESS_TEXT_BYTES];
    enum result result;

    value = text_trim(value);
    if (kind == ALIAS_ADDRESS) {
        if (event_address_parse(value, address) != OK)
            return E_NOTFOUND;
        value = text_of(address);
    }
    result = lookup_find(lookup, kind, value, ret_alias);
    if (result == E_NOTFOUND && kind == ALIAS_SESSION &&
        text_starts(value, TOKEN_URN))
        result = lookup_find(
            lookup, kind, text_after(value, sizeof(TOKEN_URN) - 1), ret_alias);
    return result;
}

static void
say_unknown(struct query *query, const char *why, size_t place)
{
    query->unknown_values++;
    say_error(query->command, _("%s (value %zu of its kind)"), why, place);
}

/* Adds what the value names; E_NOTFOUND where it names nothing here. */
typedef enum result add_value(struct query *query, unsigned kind,
                              struct text value, struct id_list *ids);

static enum result
add_alias(struct query *query, unsigned kind, struct text value,
          struct id_list *ids)
{
    struct alias alias;
    enum result result =
        find_value(query->lookup, (enum alias_kind)kind, value, &alias);

    return result == OK ? query_members(query->lookup, alias.canonical, ids)
                        : result;
}

static enum result
add_number(struct query *query, unsigned kind, struct text value,
           struct id_list *ids)
{
    uint16_t number;
    enum result result = lookup_number(query->lookup, (enum name_kind)kind,
                                       text_trim(value), &number);

    return result == OK ? id_list_add(ids, number) : result;
}

struct naming {
    add_value *add;
    unsigned kind;
    const char *unknown; /* what to say of a name that is not here */
};

/* A value that names nothing as a whole: a list with commas, or unknown. */
static enum result
add_listed(struct query *query, const struct naming *naming, struct text rest,
           size_t place, struct id_list *ids)
{
    bool more = true;

    while (more) {
        struct text head;
        enum result result = OK;

        more = text_split(rest, ',', &head, &rest);
        if (text_trim(head).length > 0)
            result = naming->add(query, naming->kind, head, ids);
        if (result == E_NOTFOUND)
            say_unknown(query, naming->unknown, place);
        else if (result != OK)
            return result;
    }
    return OK;
}

static enum result
add_values(struct query *query, const struct naming *naming,
           const struct query_values *values, struct id_list *ids)
{
    for (size_t i = 0; i < values->count; i++) {
        struct text value = text_of(values->items[i]);
        enum result result = naming->add(query, naming->kind, value, ids);

        if (result == E_NOTFOUND)
            result = add_listed(query, naming, value, i + 1, ids);
        if (result != OK)
            return result;
    }
    /* an empty list would ask for everything; each value was said */
    return values->count > 0 && ids->count == 0 ? E_NOTFOUND : OK;
}

enum result
query_names(struct query *query, enum alias_kind kind,
            const struct query_values *values, struct id_list *ret_ids)
{
    const struct naming naming = {add_alias, kind, kind_unknown(kind)};

    return add_values(query, &naming, values, ret_ids);
}

static enum result
query_numbers(struct query *query, enum name_kind kind,
              const struct query_values *values, const char *unknown,
              struct id_list *ids)
{
    const struct naming naming = {add_number, kind, unknown};

    return add_values(query, &naming, values, ids);
}

/* DD/MM/YYYY[ hh:mm[:ss]] */
static enum result
french_time(const char *given, int64_t *ret_time_us)
{
    struct civil civil = {0};
    bool doubtful;
    int end = 0;
    int fields = sscanf(given, "%2d/%2d/%4d%n", &civil.day, &civil.month,
                        &civil.year, &end);

    if (fields != 3 || civil.year < EVENT_YEAR_MIN ||
        civil.year > EVENT_YEAR_MAX)
        return E_FORMAT;
    if (given[end] != '\0') {
        int more = 0;

        fields = sscanf(given + end, "%*1[ T]%2d:%2d%n", &civil.hour,
                        &civil.minute, &more);
        if (fields != 2 || more == 0)
            return E_FORMAT;
        end += more;
        more = 0;
        if (given[end] == ':' &&
            (sscanf(given + end, ":%2d%n", &civil.second, &more) != 1 ||
             more == 0))
            return E_FORMAT;
        end += more;
    }
    if (given[end] != '\0' || !time_civil_valid(&civil))
        return E_FORMAT;
    return time_from_civil_local(&civil, ret_time_us, &doubtful);
}

enum result
query_time(const char *given, int64_t *ret_time_us)
{
    bool zoned;

    if (time_parse(text_trim(text_of(given)), ret_time_us, &zoned) == OK)
        return OK;
    return french_time(given, ret_time_us) == OK ? OK : E_FORMAT;
}

enum result
query_times(const struct query *query, struct walk_query *walk)
{
    if ((query->from != NULL &&
         query_time(query->from, &walk->from_us) != OK) ||
        (query->to != NULL && query_time(query->to, &walk->to_us) != OK)) {
        say_error(query->command, "%s",
                  _("--from and --to take 2026-03-02, 2026-03-02T09:14:00Z or "
                    "\"02/03/2026 10:14\""));
        return E_ARGUMENT;
    }
    if (walk->from_us >= walk->to_us) {
        say_error(query->command, "%s", _("--from lies behind --to"));
        return E_ARGUMENT;
    }
    return OK;
}

static enum result
query_addresses(struct query *query, struct walk_query *walk)
{
    char address[ADDRESS_TEXT_BYTES];

    for (size_t i = 0; i < query->addresses.count; i++) {
        struct text value = text_of(query->addresses.items[i]);

        if (text_find_byte(value, ',') == value.length &&
            event_address_parse(text_trim(value), address) != OK) {
            say_error(query->command, "%s", _("--address takes an IP address"));
            return E_ARGUMENT;
        }
    }
    return query_names(query, ALIAS_ADDRESS, &query->addresses,
                       &walk->addresses);
}

enum result
query_select(struct query *query, struct walk_query *ret_query)
{
    enum result result;

    walk_query_start(ret_query);
    result = query_times(query, ret_query);
    STEP(query_names(query, ALIAS_SESSION, &query->sessions,
                     &ret_query->sessions));
    STEP(query_names(query, ALIAS_PROFESSIONAL, &query->professionals,
                     &ret_query->professionals));
    STEP(query_addresses(query, ret_query));
    STEP(query_numbers(query, NAME_SERVICE, &query->services,
                       _("no such service in this ledger"),
                       &ret_query->services));
    STEP(query_numbers(query, NAME_CONTROLLER, &query->controllers,
                       _("no such controller in this ledger"),
                       &ret_query->controllers));
    return result;
}
