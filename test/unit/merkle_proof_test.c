/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The tree against the recursive definition of RFC 9162 §2.1.1, and the
 * verification of proofs against proofs made by §2.1.3.1 and §2.1.4.1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ledger/merkle.h"
#include "ledger/proof_check.h"
#include "test/unit/ledger_rows.h"

#define LEAVES 140

static uint8_t leaves[LEAVES][HASH_BYTES];

static uint64_t
split(uint64_t size)
{
    uint64_t k = 1;

    while (k * 2 < size)
        k *= 2;
    return k;
}

static void
root_of(uint64_t first, uint64_t size, uint8_t ret_root[HASH_BYTES])
{
    uint8_t left[HASH_BYTES], right[HASH_BYTES];
    uint64_t k;

    if (size == 1) {
        memcpy(ret_root, leaves[first], HASH_BYTES);
        return;
    }
    k = split(size);
    root_of(first, k, left);
    root_of(first + k, size - k, right);
    merkle_node(left, right, ret_root);
}

struct proof {
    uint8_t hash[64][HASH_BYTES];
    size_t count;
};

static void
path_to(uint64_t index, uint64_t first, uint64_t size, struct proof *proof)
{
    uint64_t k;

    if (size == 1)
        return;
    k = split(size);
    if (index < k) {
        path_to(index, first, k, proof);
        root_of(first + k, size - k, proof->hash[proof->count++]);
    } else {
        path_to(index - k, first + k, size - k, proof);
        root_of(first, k, proof->hash[proof->count++]);
    }
}

/* SUBPROOF of §2.1.4.1 */
static void
subproof(uint64_t m, uint64_t first, uint64_t size, bool whole,
         struct proof *proof)
{
    uint64_t k;

    if (m == size) {
        if (!whole)
            root_of(first, size, proof->hash[proof->count++]);
        return;
    }
    k = split(size);
    if (m <= k) {
        subproof(m, first, k, whole, proof);
        root_of(first + k, size - k, proof->hash[proof->count++]);
    } else {
        subproof(m - k, first + k, size - k, false, proof);
        root_of(first, k, proof->hash[proof->count++]);
    }
}

static int
make_leaves(void **state)
{
    (void)state;
    if (hash_start() != OK)
        return 1;
    for (uint64_t i = 0; i < LEAVES; i++) {
        struct row row = test_row(i);
        uint8_t bytes[ROW_BYTES];

        row_encode(&row, bytes);
        merkle_leaf(bytes, leaves[i]);
    }
    return 0;
}

static void
test_no_leaves_and_one(void **state)
{
    static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb924"
                                "27ae41e4649b934ca495991b7852b855";
    struct merkle merkle;
    uint8_t root[HASH_BYTES];
    char hex[2 * HASH_BYTES + 1];

    (void)state;
    merkle_start(&merkle);
    merkle_root(&merkle, root);
    hash_hex(root, HASH_BYTES, hex);
    assert_string_equal(hex, empty);
    merkle_add(&merkle, leaves[0]);
    merkle_root(&merkle, root);
    assert_memory_equal(root, leaves[0], HASH_BYTES);
}

static void
test_roots_as_defined(void **state)
{
    struct merkle merkle;
    uint8_t root[HASH_BYTES], defined[HASH_BYTES];

    (void)state;
    merkle_start(&merkle);
    for (uint64_t i = 0; i < LEAVES; i++) {
        merkle_add(&merkle, leaves[i]);
        merkle_root(&merkle, root);
        root_of(0, i + 1, defined);
        assert_memory_equal(root, defined, HASH_BYTES);
    }
}

static void
test_inclusion(void **state)
{
    uint8_t root[HASH_BYTES];

    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size += 1 + size / 9) {
        root_of(0, size, root);
        for (uint64_t index = 0; index < size; index++) {
            struct proof proof = {.count = 0};

            path_to(index, 0, size, &proof);
            assert_int_equal(proof_check_inclusion(index, size, leaves[index],
                                                   proof.hash[0], proof.count,
                                                   root),
                             OK);
            assert_int_not_equal(
                proof_check_inclusion(index, size, leaves[(index + 1) % LEAVES],
                                      proof.hash[0], proof.count, root),
                OK);
            assert_int_not_equal(
                proof_check_inclusion(index + 1, size, leaves[index],
                                      proof.hash[0], proof.count, root),
                OK);
            if (proof.count > 0)
                assert_int_not_equal(
                    proof_check_inclusion(index, size, leaves[index],
                                          proof.hash[0], proof.count - 1, root),
                    OK);
        }
    }
    assert_int_equal(proof_check_inclusion(0, 0, leaves[0], NULL, 0, root),
                     E_ARGUMENT);
}

static void
test_consistency(void **state)
{
    uint8_t old[HASH_BYTES], new[HASH_BYTES];

    (void)state;
    for (uint64_t size2 = 1; size2 <= LEAVES; size2 += 1 + size2 / 9) {
        root_of(0, size2, new);
        for (uint64_t size1 = 1; size1 <= size2; size1++) {
            struct proof proof = {.count = 0};

            root_of(0, size1, old);
            subproof(size1, 0, size2, true, &proof);
            assert_int_equal(proof_check_consistency(size1, size2, old, new,
                                                     proof.hash[0],
                                                     proof.count),
                             OK);
            if (proof.count == 0)
                continue;
            proof.hash[proof.count - 1][3] ^= 1;
            assert_int_not_equal(proof_check_consistency(size1, size2, old, new,
                                                         proof.hash[0],
                                                         proof.count),
                                 OK);
        }
    }
    assert_int_equal(proof_check_consistency(0, 1, old, new, NULL, 0),
                     E_ARGUMENT);
    assert_int_equal(proof_check_consistency(2, 1, old, new, NULL, 0),
                     E_ARGUMENT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_leaves_and_one),
        cmocka_unit_test(test_roots_as_defined),
        cmocka_unit_test(test_inclusion),
        cmocka_unit_test(test_consistency),
    };

    return cmocka_run_group_tests(tests, make_leaves, NULL);
}
