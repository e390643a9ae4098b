/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Answers from a ledger of which something has rotted: every row that can
 * still be read is found without the index, and what cannot be read is noted
 * with its place, so that an answer can say what it lacks. A segment is lost
 * as a whole where its file, foot or directory is bad; else the blocks are
 * looked at one by one, each of 1,024 stored rows having its own checksum.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger_state.h"

void
ledger_go_on(struct ledger *ledger)
{
    ledger->goes_on = true;
}

const struct ledger_damage *
ledger_damages(const struct ledger *ledger, size_t *ret_count)
{
    *ret_count = ledger->damage_count;
    return ledger->damages;
}

bool
ledger_lost(const struct ledger *ledger, size_t i)
{
    const struct manifest_segment *entry = &ledger->manifest.segments[i];

    for (size_t d = 0; d < ledger->damage_count; d++) {
        if (ledger->damages[d].segment == entry->number)
            return ledger->damages[d].lost == entry->rows;
    }
    return false;
}

/* Each segment once; what is known later is never less. */
static enum result
note(struct ledger *ledger, const struct ledger_damage *damage)
{
    for (size_t d = 0; d < ledger->damage_count; d++) {
        if (ledger->damages[d].segment == damage->segment) {
            if (damage->lost > 0)
                ledger->damages[d] = *damage;
            return OK;
        }
    }
    if (ledger->damage_count == ledger->damage_room) {
        size_t room = ledger->damage_room * 2 + 8;
        void *grown =
            reallocarray(ledger->damages, room, sizeof(*ledger->damages));

        if (grown == NULL)
            return E_NOMEM;
        ledger->damages = grown;
        ledger->damage_room = room;
    }
    ledger->damages[ledger->damage_count++] = *damage;
    return OK;
}

static bool
times_of(struct ledger *ledger, size_t i, struct segment_times *ret_times)
{
    struct segment *segment = NULL;

    if (ledger_segment(ledger, i, &segment) != OK)
        return false;
    *ret_times = segment_times(segment);
    return true;
}

/* Time received never goes back: the neighbours enclose it. */
static void
enclose(struct ledger *ledger, size_t i, struct ledger_damage *damage)
{
    struct segment_times times;

    damage->from_us = INT64_MIN;
    damage->to_us = ledger->manifest.last_us;
    if (i > 0 && times_of(ledger, i - 1, &times))
        damage->from_us = times.received_to_us;
    if (i + 1 < ledger->manifest.segment_count &&
        times_of(ledger, i + 1, &times))
        damage->to_us = times.received_from_us;
}

static enum result
note_whole(struct ledger *ledger, size_t i, const char *part)
{
    const struct manifest_segment *entry = &ledger->manifest.segments[i];
    struct ledger_damage damage = {.segment = entry->number,
                                   .lost = entry->rows,
                                   .first = entry->first,
                                   .last = entry->first + entry->rows - 1};

    (void)snprintf(damage.part, sizeof(damage.part), "%s", part);
    enclose(ledger, i, &damage);
    return note(ledger, &damage);
}

/* Where the lost rows lie: between the first and the last of them, received
 * between the readable rows beside those. */
static void
place_lost(struct segment *segment, uint32_t rows, struct ledger_damage *damage)
{
    const uint64_t base = damage->first;
    int64_t before_us = damage->from_us;
    bool in_gap = false;
    struct row row;

    for (uint32_t p = 0; p < rows; p++) {
        if (segment_read(segment, p, &row) == OK) {
            if (in_gap)
                damage->to_us = row.time_received_us;
            in_gap = false;
            before_us = row.time_received_us;
            continue;
        }
        if (damage->lost++ == 0) {
            damage->first = base + p;
            damage->from_us = before_us;
        }
        damage->last = base + p;
        in_gap = true;
    }
    if (in_gap)
        damage->to_us = segment_times(segment).received_to_us;
}

static enum result
note_part(struct ledger *ledger, size_t i, struct segment *segment,
          const char *part)
{
    const struct manifest_segment *entry = &ledger->manifest.segments[i];
    const struct segment_times times = segment_times(segment);
    struct ledger_damage damage = {
        .segment = entry->number,
        .first = entry->first,
        .last = entry->first + entry->rows - 1,
        .from_us = times.received_from_us,
        .to_us = times.received_to_us,
        .events_known = true,
        .event_from_us = times.source_from_us,
        .event_to_us = times.source_to_us,
    };

    place_lost(segment, (uint32_t)entry->rows, &damage);
    (void)snprintf(damage.part, sizeof(damage.part), "%s",
                   damage.lost > 0 ? "rows" : part);
    return note(ledger, &damage);
}

static bool
is_noted(const struct ledger *ledger, uint64_t number)
{
    for (size_t d = 0; d < ledger->damage_count; d++) {
        if (ledger->damages[d].segment == number)
            return true;
    }
    return false;
}

/* The segment with its order, as far as it can be had; NULL where it is lost
 * as a whole, which is noted. */
static enum result
open_despite(struct ledger *ledger, size_t i, struct segment **ret_segment)
{
    const struct manifest_segment *entry = &ledger->manifest.segments[i];
    struct reason why = {.field = "file"};
    struct segment *segment = NULL;
    uint32_t lost = 0;
    enum result result = ledger_segment(ledger, i, &segment);

    if (result == E_CORRUPT && ledger->segments[i] != NULL)
        result =
            segment_check(ledger->segments[i], &ledger->manifest, entry, &why);
    if (result == E_CORRUPT) {
        *ret_segment = NULL;
        return note_whole(ledger, i, why.field);
    }
    if (result == OK) {
        ledger_note_order(ledger, i);
        result = segment_order_despite(segment, &lost);
    }
    if (result == OK)
        *ret_segment = segment;
    return result;
}

enum result
ledger_search_despite(struct ledger *ledger, size_t i, uint32_t from,
                      uint32_t end, const struct ledger_search *search)
{
    const struct manifest_segment *entry = &ledger->manifest.segments[i];
    struct segment *segment = NULL;
    enum result result = OK;

    if (ledger_lost(ledger, i))
        return OK;
    result = open_despite(ledger, i, &segment);
    if (result != OK || segment == NULL)
        return result;
    if (!is_noted(ledger, entry->number))
        result =
            note_part(ledger, i, segment,
                      search->every ? "rows" : segment_index_name(search->key));
    if (end > entry->rows)
        end = (uint32_t)entry->rows;
    for (uint32_t p = from; p < end && result == OK; p++) {
        struct row row;

        /* a visit may read elsewhere and have the order forgotten */
        if (segment_read(segment, p, &row) == OK &&
            (search->every || row_key(&row, search->key) == search->id))
            result = search->visit(search->context, entry->first + p, &row);
    }
    return result;
}
