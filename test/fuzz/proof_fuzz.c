/* SPDX-License-Identifier: EUPL-1.2 */
/* Proofs that others hand us: read one behind the other, checked under a key
 * that never signs them. */
#include <stdlib.h>
#include <string.h>

#include "ledger/proof_read.h"

#define EXAMPLE_KEY \
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What follows a signature that held. */
static void
check_hashes(const struct proof_read *proof)
{
    static const uint8_t zero[HASH_BYTES];

    for (uint64_t size = proof->number; size < proof->number + 3; size++) {
        (void)!proof_check_inclusion(proof->number, size, zero, proof->hash[0],
                                     proof->count, zero);
        (void)!proof_check_consistency(proof->number, size, zero, zero,
                                       proof->hash[0], proof->count);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static char room[NOTE_BYTES_MAX];
    static struct proof_checked checked;
    static struct proof_read proof;
    struct text text = {(const char *)bytes, length};
    struct note_key key;
    struct reason why;

    if (hash_start() != OK ||
        note_key_parse(TEXT(EXAMPLE_KEY), &why, &key) != OK)
        abort();
    while (text.length > 0) {
        struct text rest = {NULL, 0};

        if (proof_read(text, &why, &proof, &rest) != OK)
            break;
        if (proof.count > PROOF_STEPS_MAX || rest.length >= text.length)
            abort();
        (void)!proof_read_check(&proof, &key, 1, room, &why, &checked);
        check_hashes(&proof);
        text = rest;
    }
    return 0;
}
