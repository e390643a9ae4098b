/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A lure is written as the trail writes a person, yet a bare value may stand
 * under several systems, and "Type/id" under its service: each gets all the
 * keys that it may have. A person never bears two of them by chance.
 */
#include "core/context_lures.h"

#include <stdlib.h>
#include <string.h>

#include "core/context_names.h"
#include "core/core_inside.h"
#include "model/event.h"

struct context_lures {
    struct lookup *lookup;
    struct context_names keys;
    uint32_t *lure_of; /* by key number */
    size_t key_room;
    uint8_t *seen; /* by lure */
    size_t lure_count;
    struct id_set ids;
    struct buffer key;
    uint64_t *members;
    size_t member_room;
};

static enum result
add_key(struct context_lures *lures, uint32_t lure,
        const struct event_person *person, uint16_t space)
{
    uint32_t number;
    bool made;
    enum result result = event_person_key(person, space, &lures->key);

    if (result == E_FORMAT)
        return OK;
    if (result == OK)
        result = context_names_add(&lures->keys, buffer_as_text(&lures->key),
                                   &number, &made);
    if (result != OK || !made)
        return result;
    if (number >= lures->key_room) {
        size_t room = lures->key_room == 0 ? 64 : lures->key_room * 2;
        uint32_t *items = realloc(lures->lure_of, room * sizeof(*items));

        if (items == NULL)
            return E_NOMEM;
        lures->lure_of = items;
        lures->key_room = room;
    }
    lures->lure_of[number] = lure;
    return OK;
}

static enum result
add_lure(struct context_lures *lures, uint32_t lure, struct text given,
         uint16_t space)
{
    struct event_person person = {.shown = given};
    struct buffer scratch = {0};
    enum result result =
        event_identifier_parse(given, &scratch, &person.system, &person.value);

    if (result == OK && person.system.length > 0) {
        result = add_key(lures, lure, &person, space);
        buffer_free(&scratch);
        return result;
    }
    buffer_free(&scratch);
    if (result == E_NOMEM)
        return result;
    result = OK;
    for (size_t i = 0; result == OK && event_value_is_ins(given) &&
                       event_ins_system(i) != NULL;
         i++) {
        person = (struct event_person){.shown = given,
                                       .system = text_of(event_ins_system(i)),
                                       .value = given};
        result = add_key(lures, lure, &person, space);
    }
    person = (struct event_person){.shown = given, .reference = given};
    if (result == OK)
        result = add_key(lures, lure, &person, space);
    person = (struct event_person){.shown = given, .value = given};
    return result == OK ? add_key(lures, lure, &person, space) : result;
}

static enum result
add_all(struct context_lures *lures, const struct context_load *load,
        uint16_t default_space)
{
    enum result result = OK;

    for (size_t i = 0; i < lures->lure_count && result == OK; i++) {
        struct context_lure lure;
        uint16_t space = default_space;

        context_load_lure(load, i, &lure);
        if (lure.service.length > 0)
            result = lookup_number(lures->lookup, NAME_SERVICE, lure.service,
                                   &space);
        if (result == OK)
            result = add_lure(lures, (uint32_t)i, lure.person, space);
    }
    return result;
}

enum result
context_lures_new(const struct context_load *load, struct lookup *lookup,
                  uint16_t space, struct context_lures **ret_lures)
{
    struct context_lures *lures = calloc(1, sizeof(*lures));
    enum result result = lures == NULL ? E_NOMEM : OK;

    if (result == OK) {
        lures->lookup = lookup;
        lures->lure_count = context_load_lure_count(load);
        lures->seen = calloc(lures->lure_count + 1, 1);
        result = lures->seen == NULL ? E_NOMEM : OK;
    }
    if (result == OK)
        result = add_all(lures, load, space);
    if (result != OK) {
        context_lures_free(lures);
        return result;
    }
    *ret_lures = lures;
    return OK;
}

void
context_lures_free(struct context_lures *lures)
{
    if (lures == NULL)
        return;
    context_names_free(&lures->keys);
    free(lures->lure_of);
    free(lures->seen);
    id_set_free(&lures->ids);
    buffer_free(&lures->key);
    free(lures->members);
    free(lures);
}

/* Rows bear the id under which the person stood when they were written: any
 * that stands under the same one today. */
static enum result
add_members(struct context_lures *lures, uint64_t canonical)
{
    size_t count = 0;
    bool made;
    enum result result = lookup_members(
        lures->lookup, canonical, lures->members, lures->member_room, &count);

    if (result == OK && count > lures->member_room) {
        uint64_t *members = realloc(lures->members, count * sizeof(*members));

        if (members == NULL)
            return E_NOMEM;
        lures->members = members;
        lures->member_room = count;
        result =
            lookup_members(lures->lookup, canonical, members, count, &count);
    }
    for (size_t i = 0; i < count && result == OK; i++)
        result = id_set_add(&lures->ids, lures->members[i], &made);
    return result == OK ? id_set_add(&lures->ids, canonical, &made) : result;
}

enum result
context_lures_restart(struct context_lures *lures)
{
    enum result result = OK;

    id_set_free(&lures->ids);
    for (uint32_t key = 1; key <= lures->keys.count && result == OK; key++) {
        struct alias alias;

        result = lookup_find(lures->lookup, ALIAS_PERSON,
                             context_names_at(&lures->keys, key), &alias);
        if (result == OK) {
            lures->seen[lures->lure_of[key]] = 1;
            result = add_members(lures, alias.canonical);
        } else if (result == E_NOTFOUND) {
            result = OK;
        }
    }
    return result;
}

enum result
context_lures_made(struct context_lures *lures, struct text key,
                   uint64_t canonical)
{
    uint32_t number = context_names_find(&lures->keys, key);
    bool made;

    if (number == 0)
        return OK;
    lures->seen[lures->lure_of[number]] = 1;
    return id_set_add(&lures->ids, canonical, &made);
}

enum result
context_lures_join(struct context_lures *lures, uint64_t a, uint64_t b)
{
    bool made;
    enum result result;

    if (!context_lures_has(lures, a) && !context_lures_has(lures, b))
        return OK;
    result = id_set_add(&lures->ids, a, &made);
    return result == OK ? id_set_add(&lures->ids, b, &made) : result;
}

bool
context_lures_has(const struct context_lures *lures, uint64_t person)
{
    return person != 0 && id_set_has(&lures->ids, person);
}

uint32_t
context_lures_seen(const struct context_lures *lures)
{
    uint32_t seen = 0;

    for (size_t i = 0; i < lures->lure_count; i++)
        seen += lures->seen[i];
    return seen;
}
