/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Events of any number of files, in any order, given back in the order of
 * their own time, with bounded memory: what does not fit goes to an unlinked
 * temporary file, enciphered under a key that lives only in this process.
 * Events of the same time come in an order that only their content decides.
 */
#ifndef VIGIE_CORE_SORTER_H
#define VIGIE_CORE_SORTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "model/event.h"

struct sorter;

/* buffer_bytes: memory before a run goes to disk (SORT_BUFFER_BYTES). */
enum result sorter_new(size_t buffer_bytes, struct sorter **ret_sorter)
    MUST_USE;
void sorter_free(struct sorter *sorter);
/* `file`: number of the file that the event came from. */
enum result sorter_add(struct sorter *sorter, const struct event *event,
                       uint32_t file) MUST_USE;
/* No more events: the giving back starts. */
enum result sorter_finish(struct sorter *sorter) MUST_USE;

struct sorted_event {
    struct event event;  /* texts hold until the next call */
    struct text content; /* packed; holds until the next call */
    uint32_t occurrence; /* 1, or 2… where the same file says the same thing
                            again and the records have no id of their own */
    uint32_t file;
};
/* E_END behind the last one. An event that another file already gave is
 * passed over and counted by sorter_repeated(). */
enum result sorter_next(struct sorter *sorter,
                        struct sorted_event *ret_sorted) MUST_USE;
uint64_t sorter_count(const struct sorter *sorter);
uint64_t sorter_repeated(const struct sorter *sorter);

#endif
