/* SPDX-License-Identifier: EUPL-1.2 */
/* An entry bundle as a web server would give it. Input: one byte, the width
 * less one, then the bundle. */
#include <stdlib.h>

#include "ledger/tiles.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static uint8_t leaves[TILES_WIDTH][HASH_BYTES];
    struct reason why = {0};

    if (hash_start() != OK)
        abort();
    if (length < 1)
        return 0;
    if (tiles_check_bundle((struct text){(const char *)bytes + 1, length - 1},
                           bytes[0] + 1u, &why, leaves) != OK &&
        (why.rule == NULL || why.offset > length))
        abort();
    return 0;
}
