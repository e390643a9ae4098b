/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Entries lie in one buffer as
 *
 *   0  u32 bytes of the packed event
 *   4  u32 file
 *   8  i64 time of the event, µs
 *  16  u64 tie: a plain hash of the packed event
 *  24  the packed event, filled up to a multiple of 8
 *
 * and go to the spool in the order (time, tie, content, file). Files in time
 * order make runs that continue each other; those are joined, so that a
 * sorted trail of any size is one run.
 */
#include "core/sorter.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "core/sorter_inside.h"
#include "core/spool.h"

/* Only for the order of events of one time, and to tell most of the unequal
 * ones apart at a glance: equality is always decided by the content. */
static uint64_t
tie_of(struct text packed)
{
    static const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t lanes[4] = {1, 2, 3, packed.length}, word = 0;
    const char *at = packed.bytes;
    size_t left = packed.length;

    for (; left >= 32; left -= 32, at += 32) {
        for (int i = 0; i < 4; i++) {
            memcpy(&word, at + 8 * i, 8);
            lanes[i] = (lanes[i] ^ word) * odd;
            lanes[i] ^= lanes[i] >> 29;
        }
    }
    for (int i = 0; left > 0; i = (i + 1) & 3) {
        size_t part = left < 8 ? left : 8;

        word = 0;
        memcpy(&word, at, part);
        lanes[i] = (lanes[i] ^ word) * odd;
        lanes[i] ^= lanes[i] >> 29;
        at += part;
        left -= part;
    }
    for (int i = 1; i < 4; i++)
        lanes[0] = (lanes[0] ^ lanes[i]) * odd ^ (lanes[0] >> 31);
    return lanes[0];
}

enum result
sorter_new(size_t buffer_bytes, struct sorter **ret_sorter)
{
    struct sorter *sorter = calloc(1, sizeof(*sorter));

    if (sorter == NULL)
        return E_NOMEM;
    sorter->buffer_bytes = buffer_bytes;
    if (sorter->buffer_bytes < 2 * (HEAD_BYTES + EVENT_PACKED_BYTES_MAX))
        sorter->buffer_bytes = 2 * (HEAD_BYTES + EVENT_PACKED_BYTES_MAX);
    sorter->in_order = true;
    sorter->buffer = malloc(sorter->buffer_bytes);
    if (sorter->buffer == NULL) {
        free(sorter);
        return E_NOMEM;
    }
    *ret_sorter = sorter;
    return OK;
}

void
sorter_free(struct sorter *sorter)
{
    if (sorter == NULL)
        return;
    for (size_t i = 0; i < sorter->run_count; i++)
        free(sorter->runs[i].window);
    /* clear names were here */
    if (sorter->buffer != NULL)
        hash_wipe(sorter->buffer, sorter->most_used);
    free(sorter->buffer);
    free(sorter->index);
    buffer_free(&sorter->packed);
    buffer_free(&sorter->group);
    spool_free(sorter->spool);
    free(sorter);
}

static int
compare_index(const void *a, const void *b, void *buffer)
{
    uint32_t x, y;

    memcpy(&x, a, 4);
    memcpy(&y, b, 4);
    return compare_entries((const uint8_t *)buffer + (size_t)x * 8,
                           (const uint8_t *)buffer + (size_t)y * 8);
}

/* Trails are nearly in order: ties of one time, a few milliseconds. Each
 * entry is carried back to its place while that is near; false where the
 * buffer is really unsorted. */
static bool
sort_near(struct sorter *sorter)
{
    size_t carried = 0, carried_max = 8 * sorter->index_count;

    for (size_t i = 1; i < sorter->index_count; i++) {
        uint32_t entry = sorter->index[i];
        size_t at = i;

        while (at > 0 &&
               compare_index(&sorter->index[at - 1], &entry,
                             sorter->buffer) > 0) {
            sorter->index[at] = sorter->index[at - 1];
            at--;
        }
        sorter->index[at] = entry;
        carried += i - at;
        if (carried > carried_max)
            return false;
    }
    return true;
}

static void
sort_buffer(struct sorter *sorter)
{
    if (!sorter->in_order && !sort_near(sorter))
        qsort_r(sorter->index, sorter->index_count, sizeof(sorter->index[0]),
                compare_index, sorter->buffer);
    sorter->in_order = true;
}

/* Writes the entries of the buffer, in order, as one run or as the
 * continuation of the last one. */
static enum result
spool_entries(struct sorter *sorter)
{
    struct run *run = &sorter->runs[sorter->run_count];
    uint8_t *out = malloc(WINDOW_BYTES);
    uint64_t start = spool_bytes(sorter->spool);
    enum result result = OK;
    size_t filled = 0;

    if (out == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < sorter->index_count && result == OK; i++) {
        const uint8_t *entry = sorter->buffer + (size_t)sorter->index[i] * 8;
        size_t bytes = entry_bytes(head_of(entry).length);

        if (filled + bytes > WINDOW_BYTES) {
            result = spool_append(sorter->spool, out, filled);
            filled = 0;
        }
        memcpy(out + filled, entry, bytes);
        filled += bytes;
    }
    if (result == OK)
        result = spool_append(sorter->spool, out, filled);
    free(out);
    if (result != OK)
        return result;
    *run = (struct run){.at = start, .end = spool_bytes(sorter->spool)};
    return OK;
}

/* All runs into one, in a new spool: memory stays the same for any number
 * of runs. */
static enum result
merge_all(struct sorter *sorter)
{
    struct spool *merged = NULL;
    const uint8_t *entry;
    uint8_t *out = malloc(WINDOW_BYTES);
    size_t filled = 0;
    enum result result = out == NULL ? E_NOMEM : spool_new(&merged);

    if (result == OK)
        result = sorter_merge_start(sorter);
    while (result == OK && (result = sorter_merge_next(sorter, &entry)) == OK) {
        size_t bytes = entry_bytes(head_of(entry).length);

        if (filled + bytes > WINDOW_BYTES) {
            result = spool_append(merged, out, filled);
            filled = 0;
        }
        memcpy(out + filled, entry, bytes);
        filled += bytes;
        sorter->last = head_of(entry);
    }
    if (result == E_END)
        result = spool_append(merged, out, filled);
    sorter_merge_stop(sorter);
    free(out);
    if (result != OK) {
        spool_free(merged);
        return result;
    }
    spool_free(sorter->spool);
    sorter->spool = merged;
    sorter->run_count = 1;
    sorter->runs[0] = (struct run){.at = 0, .end = spool_bytes(merged)};
    return OK;
}

static enum result
spill(struct sorter *sorter)
{
    struct head first, last;
    bool joins;
    enum result result = OK;

    if (sorter->index_count == 0)
        return OK;
    sort_buffer(sorter);
    if (sorter->spool == NULL)
        result = spool_new(&sorter->spool);
    if (result == OK && sorter->run_count == RUNS_MAX)
        result = merge_all(sorter);
    if (result == OK)
        result = spool_entries(sorter);
    if (result != OK)
        return result;
    first = head_of(sorter->buffer + (size_t)sorter->index[0] * 8);
    last = head_of(sorter->buffer +
                   (size_t)sorter->index[sorter->index_count - 1] * 8);
    joins = sorter->run_count > 0 && compare_heads(&sorter->last, &first) < 0;
    if (joins)
        sorter->runs[sorter->run_count - 1].end =
            sorter->runs[sorter->run_count].end;
    else
        sorter->run_count++;
    sorter->last = last;
    sorter->used = 0;
    sorter->index_count = 0;
    sorter->in_order = true;
    return OK;
}

static enum result
index_room(struct sorter *sorter)
{
    size_t room = sorter->index_room == 0 ? 1024 : sorter->index_room * 2;
    uint32_t *index;

    if (sorter->index_count < sorter->index_room)
        return OK;
    index = realloc(sorter->index, room * sizeof(index[0]));
    if (index == NULL)
        return E_NOMEM;
    sorter->index = index;
    sorter->index_room = room;
    return OK;
}

enum result
sorter_add(struct sorter *sorter, const struct event *event, uint32_t file)
{
    struct text packed;
    struct head head = {.file = file, .time_us = event->time_us};
    uint8_t *entry;
    enum result result;

    buffer_clear(&sorter->packed);
    result = event_pack(event, &sorter->packed);
    if (result != OK)
        return result;
    packed = buffer_as_text(&sorter->packed);
    head.length = (uint32_t)packed.length;
    head.tie = tie_of(packed);
    if (sorter->used + entry_bytes(head.length) > sorter->buffer_bytes)
        result = spill(sorter);
    if (result == OK)
        result = index_room(sorter);
    if (result != OK)
        return result;
    entry = sorter->buffer + sorter->used;
    memcpy(entry, &head.length, 4);
    memcpy(entry + 4, &head.file, 4);
    memcpy(entry + 8, &head.time_us, 8);
    memcpy(entry + 16, &head.tie, 8);
    memcpy(entry + HEAD_BYTES, packed.bytes, packed.length);
    /* of the same time and tie, content decides: rare enough to sort for */
    if (sorter->index_count > 0 && compare_heads(&sorter->added, &head) >= 0)
        sorter->in_order = false;
    sorter->added = head;
    sorter->index[sorter->index_count++] = (uint32_t)(sorter->used / 8);
    sorter->used += entry_bytes(head.length);
    if (sorter->used > sorter->most_used)
        sorter->most_used = sorter->used;
    sorter->count++;
    return OK;
}

enum result
sorter_finish(struct sorter *sorter)
{
    enum result result;

    if (sorter->spool == NULL) {
        sort_buffer(sorter);
        return OK;
    }
    result = spill(sorter);
    if (result != OK)
        return result;
    /* the merge needs windows of its own: give the buffer back first */
    hash_wipe(sorter->buffer, sorter->most_used);
    free(sorter->buffer);
    sorter->buffer = NULL;
    return sorter_merge_start(sorter);
}

static enum result
next_entry(struct sorter *sorter, const uint8_t **ret_entry)
{
    if (sorter->spool != NULL)
        return sorter_merge_next(sorter, ret_entry);
    if (sorter->next == sorter->index_count)
        return E_END;
    *ret_entry = sorter->buffer + (size_t)sorter->index[sorter->next++] * 8;
    return OK;
}

/* How often this file has said what the group says, this time included. */
static uint32_t
group_count(struct sorter *sorter, uint32_t file)
{
    size_t i = 0;

    while (i < sorter->group_file_count && sorter->group_files[i] != file)
        i++;
    if (i == FILES_OF_GROUP_MAX)
        return 1;
    if (i == sorter->group_file_count) {
        sorter->group_files[i] = file;
        sorter->group_counts[i] = 0;
        sorter->group_file_count++;
    }
    return ++sorter->group_counts[i];
}

enum result
sorter_next(struct sorter *sorter, struct sorted_event *ret_sorted)
{
    for (;;) {
        const uint8_t *entry = NULL;
        enum result result = next_entry(sorter, &entry);
        struct head head;
        struct text packed;
        uint32_t said;

        if (result != OK)
            return result;
        head = head_of(entry);
        packed = (struct text){(const char *)entry + HEAD_BYTES, head.length};
        if (!text_equal(packed, buffer_as_text(&sorter->group))) {
            buffer_clear(&sorter->group);
            result = buffer_text(&sorter->group, packed);
            if (result != OK)
                return result;
            sorter->group_file_count = 0;
            sorter->group_given = 0;
        }
        result = event_unpack(buffer_as_text(&sorter->group),
                              &ret_sorted->event);
        if (result != OK)
            return result;
        said = group_count(sorter, head.file);
        if (said <= sorter->group_given ||
            (sorter->group_given == 1 &&
             (ret_sorted->event.record.length > 0 ||
              ret_sorted->event.request.length > 0))) {
            sorter->repeated++;
            continue;
        }
        sorter->group_given = said;
        ret_sorted->content = buffer_as_text(&sorter->group);
        ret_sorted->occurrence = said;
        ret_sorted->file = head.file;
        return OK;
    }
}

uint64_t
sorter_count(const struct sorter *sorter)
{
    return sorter->count;
}

uint64_t
sorter_repeated(const struct sorter *sorter)
{
    return sorter->repeated;
}
