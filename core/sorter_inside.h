/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What sorter.c and sorter_merge.c share and nobody else sees.
 */
#ifndef VIGIE_CORE_SORTER_INSIDE_H
#define VIGIE_CORE_SORTER_INSIDE_H

#include <string.h>

#include "core/sorter.h"
#include "core/spool.h"

#define HEAD_BYTES 24
#define RUNS_MAX 128
#define WINDOW_BYTES (128u << 10)
#define FILES_OF_GROUP_MAX 64

struct head {
    uint32_t length;
    uint32_t file;
    int64_t time_us;
    uint64_t tie;
};

struct run {
    uint64_t at, end; /* in the spool */
    /* while merging */
    uint8_t *window;
    size_t window_length, window_at;
};

struct sorter {
    size_t buffer_bytes;
    uint8_t *buffer;
    size_t used, most_used;
    uint32_t *index; /* of entries, in units of 8 bytes */
    size_t index_count, index_room;
    bool in_order;
    struct head added; /* of the entry added last */
    struct buffer packed;
    struct spool *spool;
    struct run runs[RUNS_MAX];
    size_t run_count;
    struct head last; /* greatest of the last run written */
    struct run *heap[RUNS_MAX];
    size_t heap_count;
    bool top_given; /* the heap's first entry was handed out */
    size_t next;    /* of index, where all fits in memory */
    uint64_t count, repeated;
    /* the group of equal events that is being given back */
    struct buffer group;
    uint32_t group_files[FILES_OF_GROUP_MAX];
    uint32_t group_counts[FILES_OF_GROUP_MAX];
    size_t group_file_count;
    uint32_t group_given;
};

static inline size_t
entry_bytes(uint32_t packed_length)
{
    return HEAD_BYTES + ((size_t)packed_length + 7) / 8 * 8;
}

static inline struct head
head_of(const uint8_t *entry)
{
    struct head head;

    memcpy(&head.length, entry, 4);
    memcpy(&head.file, entry + 4, 4);
    memcpy(&head.time_us, entry + 8, 8);
    memcpy(&head.tie, entry + 16, 8);
    return head;
}

static inline int
compare_heads(const struct head *a, const struct head *b)
{
    if (a->time_us != b->time_us)
        return a->time_us < b->time_us ? -1 : 1;
    if (a->tie != b->tie)
        return a->tie < b->tie ? -1 : 1;
    return 0;
}

static inline int
compare_entries(const uint8_t *a, const uint8_t *b)
{
    struct head x = head_of(a), y = head_of(b);
    int order = compare_heads(&x, &y);

    if (order != 0)
        return order;
    order = text_compare((struct text){(const char *)a + HEAD_BYTES, x.length},
                         (struct text){(const char *)b + HEAD_BYTES, y.length});
    if (order != 0)
        return order;
    return (x.file > y.file) - (x.file < y.file);
}

/* The runs of the spool as one: start, take until E_END, stop (also after a
 * failure of start). */
enum result sorter_merge_start(struct sorter *sorter) MUST_USE;
/* The least entry; it holds until the next call, which moves its run on. */
enum result sorter_merge_next(struct sorter *sorter,
                              const uint8_t **ret_entry) MUST_USE;
void sorter_merge_stop(struct sorter *sorter);

#endif
