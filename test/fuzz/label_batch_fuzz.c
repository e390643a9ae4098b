/* SPDX-License-Identifier: EUPL-1.2 */
/* What a hostile client sends to be taken for a batch: pieces of any size
 * give the same; what says GET and PUT of a Bundle is never one of both. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "label/label_batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static enum label_batch
run(struct label *label, const uint8_t *bytes, size_t length, size_t piece)
{
    label_batch_begin(label);
    for (size_t at = 0; at < length; at += piece) {
        const size_t n = length - at < piece ? length - at : piece;

        if (label_feed(label, bytes + at, n) != OK)
            break;
    }
    return label_batch_end(label);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct label *label;
    enum label_batch whole;

    if (label == NULL)
        label = aligned_alloc(64, label_bytes());
    if (label == NULL)
        return 0;
    whole = run(label, bytes, length, length + 1);
    assert(run(label, bytes, length, 1) == whole);
    assert(run(label, bytes, length, 7) == whole);
    /* a method is there for whatever is told apart from nothing */
    assert(whole == LABEL_BATCH_MIXED || whole == LABEL_BATCH_NONE ||
           memchr(bytes, ':', length) != NULL);
    return 0;
}
