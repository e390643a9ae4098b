/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The look-up written anew beside itself, then in its own place in one step:
 * the only way to be sure that no byte of what was taken out stays in a page
 * of LMDB's, free, half used or between two branches. Knows what is left out
 * and which keys come, not why.
 *
 *   DIR/lookup       the one in use
 *   DIR/lookup.next  the one being written; after the step: the old one,
 *                    written over and removed. A crash leaves it, and the
 *                    next writer removes it.
 */
#ifndef VIGIE_LEDGER_LOOKUP_REWRITE_H
#define VIGIE_LEDGER_LOOKUP_REWRITE_H

#include "ledger/lookup.h"
#include "ledger/lookup_cipher.h"

#define LOOKUP_NEXT ".next"

struct lookup_change {
    /* Ids whose names go: sorted. Which of them are one stays known. */
    const uint64_t *erased;
    size_t erased_count;
    /* New keys; NULL: the same. */
    struct keys *keys;
};

/* Commits, writes anew, changes places and goes on with what is there then.
 * On failure before that step nothing has changed; after it the look-up says
 * E_IO until it is opened again. */
enum result lookup_rewrite(struct lookup *lookup,
                           const struct lookup_change *change) MUST_USE;
/* A crash may have left one: a writer, before it opens. */
enum result lookup_rewrite_clean(const char *folder) MUST_USE;

#endif
