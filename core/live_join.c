/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Persons who were told in one window under a name that only a later one
 * resolved. What was disclosed was so under the first name; from here on both
 * names are one person. A name that holds inside its answer only ("urn:…") and
 * that an earlier answer gave to somebody else joins nobody: a service that
 * calls all of them alike must not make one person of all.
 */
#include "core/live_inside.h"

/* The id of the first name; 0: never recorded. */
static enum result
find_name(struct live *live, const struct ask_join *join,
          const struct names *names, struct alias *ret_alias, bool *ret_global)
{
    const struct ask_person person = {.name = join->name};
    struct event_person named;
    enum result result;

    buffer_clear(&live->identifier);
    if (!live_person(&person, &live->identifier, &named))
        return E_NOTFOUND;
    *ret_global = named.reference.length > 0;
    result = event_person_key(&named, names->person_space, &live->text);
    return result == OK ? lookup_find(live->core->lookup, ALIAS_PERSON,
                                      buffer_as_text(&live->text), ret_alias)
                        : result;
}

static enum result
append(struct live *live, const struct row *rows, size_t count)
{
    enum result result = OK;

    for (size_t i = 0; i < count && result == OK; i++) {
        result = core_append(live->core, &rows[i], 1, NULL);
        if (result == OK)
            result = core_judge(live->core, &rows[i]);
    }
    return result;
}

/* It left in an earlier window, under a name of somebody else's. */
static enum result
record_apart(struct live *live, const struct event *event,
             const struct event_person *as, uint16_t categories,
             struct text content, uint32_t occurrence)
{
    struct event apart = *event;
    enum result result;

    apart.persons[0] = *as;
    apart.person_count = 1;
    apart.categories = categories;
    core_hold(live->core);
    result = core_accept(live->core, &apart, content, occurrence);
    if (result == OK)
        result = core_let(live->core, false);
    for (size_t i = 0; i < live->core->held_count && result == OK; i++)
        result = live->core->held[i].kind == ROW_ORDER
                     ? OK
                     : contain_row(live->contain, &live->core->held[i]);
    return result;
}

static enum result
join(struct live *live, const struct event *event, const struct names *names,
     uint64_t name, uint64_t as)
{
    struct row row = {
        .kind = ROW_JOIN,
        .time_source_us = event->time_us,
        .time_received_us = event->time_us,
        .service = names->service,
        .controller = names->controller,
        .source = names->source,
    };
    enum result result = lookup_join(live->core->lookup, name, as);

    if (result != OK)
        return result;
    row.person = lookup_canonical(live->core->lookup, as);
    row.request = row.person == as ? name : as;
    return append(live, &row, 1);
}

static enum result
live_join(struct live *live, const struct ask_join *asked,
          const struct event *event, const struct names *names,
          struct text content, uint32_t occurrence)
{
    const struct ask_person person = {.name = asked->as,
                                      .identifier = asked->identifier,
                                      .categories = asked->categories};
    struct row rows[4];
    struct event_person as;
    struct alias name;
    uint64_t id, member;
    size_t row_count = 0, members = 0;
    bool global = false;
    enum result result = find_name(live, asked, names, &name, &global);

    if (result != OK) /* it was shown while core was away */
        return result == E_NOTFOUND ? OK : result;
    buffer_clear(&live->identifier);
    if (!live_person(&person, &live->identifier, &as))
        return OK;
    result = core_resolve_person(live->core, event, names, &as, rows,
                                 &row_count, &id);
    if (result == OK)
        result = append(live, rows, row_count);
    if (result == OK)
        result = lookup_members(live->core->lookup, name.canonical, &member, 1,
                                &members);
    if (result != OK || name.canonical == id)
        return result;
    if (!global && members > 1)
        return record_apart(live, event, &as, asked->categories, content,
                            occurrence);
    return join(live, event, names, name.canonical, id);
}

enum result
live_joins(struct live *live, const struct wire_ask *ask,
           const struct event *event, const struct names *names,
           struct text content)
{
    enum result result = OK;

    /* behind the occurrences of the window's own events */
    for (uint32_t i = 0; i < ask->join_count && result == OK; i++)
        result = live_join(live, &ask->joins[i], event, names, content,
                           2 * ASK_PERSONS_MAX + i);
    return result;
}
