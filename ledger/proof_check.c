/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/proof_check.h"

#include <stdbool.h>
#include <string.h>

#define ENTRY_BYTES_MAX 4096

enum result
proof_check_leaf(const void *entry, size_t length, uint8_t ret_leaf[HASH_BYTES])
{
    uint8_t message[1 + ENTRY_BYTES_MAX] = {0x00};

    if (length > ENTRY_BYTES_MAX)
        return E_LIMIT;
    memcpy(message + 1, entry, length);
    hash_sha256(message, 1 + length, ret_leaf);
    return OK;
}

/* SHA-256(0x01 ‖ left ‖ right), §2.1.1 */
static void
node_of(const uint8_t left[HASH_BYTES], const uint8_t right[HASH_BYTES],
        uint8_t ret_node[HASH_BYTES])
{
    uint8_t message[1 + 2 * HASH_BYTES] = {0x01};

    memcpy(message + 1, left, HASH_BYTES);
    memcpy(message + 1 + HASH_BYTES, right, HASH_BYTES);
    hash_sha256(message, sizeof(message), ret_node);
}

enum result
proof_check_inclusion(uint64_t index, uint64_t size,
                      const uint8_t leaf[HASH_BYTES], const uint8_t *proof,
                      size_t count, const uint8_t root[HASH_BYTES])
{
    uint64_t fn = index;
    uint64_t sn = size - 1;
    uint8_t hash[HASH_BYTES];

    if (index >= size)
        return E_ARGUMENT;
    memcpy(hash, leaf, HASH_BYTES);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *step = proof + i * HASH_BYTES;

        if (sn == 0)
            return E_CORRUPT;
        if ((fn & 1) != 0 || fn == sn) {
            node_of(step, hash, hash);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            node_of(hash, step, hash);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && memcmp(hash, root, HASH_BYTES) == 0 ? OK : E_CORRUPT;
}

/* The steps of §2.1.4.2 (4): both roots are built from one path. */
static bool
consistency_steps(uint64_t fn, uint64_t sn, const uint8_t *proof, size_t count,
                  uint8_t *fr, uint8_t *sr)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *step = proof + i * HASH_BYTES;

        if (sn == 0)
            return false;
        if ((fn & 1) != 0 || fn == sn) {
            node_of(step, fr, fr);
            node_of(step, sr, sr);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            node_of(sr, step, sr);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0;
}

enum result
proof_check_consistency(uint64_t size1, uint64_t size2,
                        const uint8_t root1[HASH_BYTES],
                        const uint8_t root2[HASH_BYTES], const uint8_t *proof,
                        size_t count)
{
    uint64_t fn = size1 - 1;
    uint64_t sn = size2 - 1;
    uint8_t fr[HASH_BYTES];
    uint8_t sr[HASH_BYTES];

    if (size1 == 0 || size1 > size2)
        return E_ARGUMENT;
    if (size1 == size2) {
        return count == 0 && memcmp(root1, root2, HASH_BYTES) == 0 ? OK
                                                                   : E_CORRUPT;
    }
    if (count == 0)
        return E_CORRUPT;
    while ((fn & 1) != 0) {
        fn >>= 1;
        sn >>= 1;
    }
    /* a first size that is a power of two is its own first step */
    if ((size1 & (size1 - 1)) == 0) {
        memcpy(fr, root1, HASH_BYTES);
    } else {
        memcpy(fr, proof, HASH_BYTES);
        proof += HASH_BYTES;
        count--;
    }
    memcpy(sr, fr, HASH_BYTES);
    if (!consistency_steps(fn, sn, proof, count, fr, sr))
        return E_CORRUPT;
    return memcmp(fr, root1, HASH_BYTES) == 0 &&
                   memcmp(sr, root2, HASH_BYTES) == 0
               ? OK
               : E_CORRUPT;
}
