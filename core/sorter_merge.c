/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The sorted runs of the spool given back as one: a heap of windows, each
 * with one whole entry in front.
 */
#include <stdlib.h>
#include <string.h>

#include "core/sorter_inside.h"

/* Makes one whole entry stand at the run's window_at; E_END behind the
 * last. */
static enum result
run_fill(struct sorter *sorter, struct run *run)
{
    size_t left = run->window_length - run->window_at;
    size_t want;
    enum result result;

    if (left >= HEAD_BYTES &&
        left >= entry_bytes(head_of(run->window + run->window_at).length))
        return OK;
    if (run->at == run->end)
        return left == 0 ? E_END : E_CORRUPT;
    if (left > 0)
        memmove(run->window, run->window + run->window_at, left);
    want = WINDOW_BYTES - left;
    if (want > run->end - run->at)
        want = (size_t)(run->end - run->at);
    result = spool_read(sorter->spool, run->at, run->window + left, want);
    if (result != OK)
        return result;
    run->at += want;
    run->window_at = 0;
    run->window_length = left + want;
    return OK;
}

static bool
run_before(const struct run *a, const struct run *b)
{
    return compare_entries(a->window + a->window_at, b->window + b->window_at) <
           0;
}

static void
heap_down(struct sorter *sorter, size_t at)
{
    for (;;) {
        size_t least = at;
        struct run *kept;

        for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
            if (child < sorter->heap_count &&
                run_before(sorter->heap[child], sorter->heap[least]))
                least = child;
        }
        if (least == at)
            return;
        kept = sorter->heap[at];
        sorter->heap[at] = sorter->heap[least];
        sorter->heap[least] = kept;
        at = least;
    }
}

enum result
sorter_merge_start(struct sorter *sorter)
{
    sorter->heap_count = 0;
    sorter->top_given = false;
    for (size_t i = 0; i < sorter->run_count; i++) {
        struct run *run = &sorter->runs[i];
        enum result result;

        run->window_at = run->window_length = 0;
        run->window = malloc(WINDOW_BYTES);
        if (run->window == NULL)
            return E_NOMEM;
        result = run_fill(sorter, run);
        if (result == OK)
            sorter->heap[sorter->heap_count++] = run;
        else if (result != E_END)
            return result;
    }
    for (size_t i = sorter->heap_count / 2; i-- > 0;)
        heap_down(sorter, i);
    return OK;
}

void
sorter_merge_stop(struct sorter *sorter)
{
    for (size_t i = 0; i < sorter->run_count; i++) {
        free(sorter->runs[i].window);
        sorter->runs[i].window = NULL;
    }
    sorter->heap_count = 0;
}

enum result
sorter_merge_next(struct sorter *sorter, const uint8_t **ret_entry)
{
    struct run *run;

    if (sorter->heap_count == 0)
        return E_END;
    run = sorter->heap[0];
    if (sorter->top_given) {
        enum result result;

        run->window_at +=
            entry_bytes(head_of(run->window + run->window_at).length);
        result = run_fill(sorter, run);
        if (result == E_END) {
            sorter->heap[0] = sorter->heap[--sorter->heap_count];
            if (sorter->heap_count == 0)
                return E_END;
        } else if (result != OK) {
            return result;
        }
        heap_down(sorter, 0);
        run = sorter->heap[0];
    }
    sorter->top_given = true;
    *ret_entry = run->window + run->window_at;
    return OK;
}
