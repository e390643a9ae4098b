/* SPDX-License-Identifier: EUPL-1.2 */
/* A share that somebody made: what it says is in bounds, or it is refused.
 * Opening is not tried, since each try costs as much as its bytes say. */
#include <string.h>

#include "ledger/vault_share.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct vault_share share;

    if (vault_share_read(bytes, length, &share) != OK)
        return 0;
    if (share.which < 1 || share.which > VAULT_HOLDERS ||
        strlen(share.holder) < 1 ||
        strlen(share.holder) > VAULT_HOLDER_BYTES_MAX)
        __builtin_trap();
    return 0;
}
