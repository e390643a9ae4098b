/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/hash.h"
#include "ledger/vault_share.h"

static const struct vault_cost cheap = {1, 8192};
static const struct text holders[2] = {TEXT("A. Martin"), TEXT("B. Petit")};
static const struct text words[2] = {TEXT("four small red houses"),
                                     TEXT("the sea is not flat")};

static uint8_t private_key[KEY_BYTES];
static uint8_t shares[2][VAULT_SHARE_BYTES];

static int
setup(void **state)
{
    (void)state;
    assert_int_equal(hash_start(), OK);
    hash_random(private_key, sizeof(private_key));
    assert_int_equal(
        vault_share_make(private_key, holders, words, &cheap, shares), OK);
    return 0;
}

static void
names_and_passphrases_that_are_none_are_refused(void **state)
{
    uint8_t none[2][VAULT_SHARE_BYTES];
    const struct text same[2] = {TEXT("A"), TEXT("A")};
    const struct text empty[2] = {TEXT("A"), TEXT("")};
    const struct text weak[2] = {TEXT("four small red houses"),
                                 TEXT("elevenchars")};

    (void)state;
    assert_int_equal(vault_share_make(private_key, same, words, &cheap, none),
                     E_ARGUMENT);
    assert_int_equal(vault_share_make(private_key, empty, words, &cheap, none),
                     E_ARGUMENT);
    assert_int_equal(vault_share_make(private_key, holders, weak, &cheap, none),
                     E_ARGUMENT);
}

static void
every_flipped_bit_of_a_share_is_refused(void **state)
{
    uint8_t half[KEY_BYTES];

    (void)state;
    for (size_t bit = 0; bit < (size_t)8 * VAULT_SHARE_BYTES; bit++) {
        uint8_t bad[VAULT_SHARE_BYTES];
        enum result result;

        memcpy(bad, shares[0], sizeof(bad));
        bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
        /* a memory or count that was made large would only take long */
        if (bit / 8 >= 12 && bit / 8 < 24 && bad[bit / 8] > shares[0][bit / 8])
            continue;
        result = vault_share_open(bad, sizeof(bad), words[0], half);
        assert_true(result == E_FORMAT || result == E_DENIED);
    }
}

static void
a_share_of_another_length_or_beyond_the_limits_is_refused(void **state)
{
    uint8_t bad[VAULT_SHARE_BYTES];
    struct vault_share read;

    (void)state;
    for (size_t length = 0; length < VAULT_SHARE_BYTES; length++)
        assert_int_equal(vault_share_read(shares[0], length, &read), E_FORMAT);
    memcpy(bad, shares[0], sizeof(bad));
    bad[21] = 1; /* a terabyte of memory */
    assert_int_equal(vault_share_read(bad, sizeof(bad), &read), E_FORMAT);
    memcpy(bad, shares[0], sizeof(bad));
    bad[13] = 1; /* 257 operations */
    assert_int_equal(vault_share_read(bad, sizeof(bad), &read), E_FORMAT);
}

static void
one_holder_alone_opens_nothing(void **state)
{
    struct vault_share read;
    uint8_t half[KEY_BYTES], joined[KEY_BYTES];
    uint8_t zero[KEY_BYTES] = {0};

    (void)state;
    assert_int_equal(vault_share_read(shares[0], VAULT_SHARE_BYTES, &read), OK);
    assert_int_equal(
        vault_share_open(shares[0], VAULT_SHARE_BYTES, words[1], half),
        E_DENIED);
    assert_int_equal(
        vault_share_open(shares[0], VAULT_SHARE_BYTES, words[0], half), OK);
    assert_memory_not_equal(half, private_key, KEY_BYTES);
    assert_int_equal(vault_share_join(half, half, read.public_key, joined),
                     E_DENIED);
    assert_int_equal(vault_share_join(half, zero, read.public_key, joined),
                     E_DENIED);
}

static void
both_halves_make_the_key_in_either_order(void **state)
{
    struct vault_share read[2];
    uint8_t halves[2][KEY_BYTES], joined[KEY_BYTES];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            vault_share_read(shares[i], VAULT_SHARE_BYTES, &read[i]), OK);
        assert_int_equal(read[i].which, i + 1);
        assert_string_equal(read[i].holder, holders[i].bytes);
        assert_int_equal(
            vault_share_open(shares[i], VAULT_SHARE_BYTES, words[i], halves[i]),
            OK);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(vault_share_join(halves[i], halves[1 - i],
                                          read[i].public_key, joined),
                         OK);
        assert_memory_equal(joined, private_key, KEY_BYTES);
    }
}

static void
halves_of_two_splits_of_one_key_do_not_go_together(void **state)
{
    uint8_t again[2][VAULT_SHARE_BYTES];
    uint8_t first[KEY_BYTES], second[KEY_BYTES], joined[KEY_BYTES];
    struct vault_share read;

    (void)state;
    assert_int_equal(
        vault_share_make(private_key, holders, words, &cheap, again), OK);
    assert_int_equal(vault_share_read(again[0], VAULT_SHARE_BYTES, &read), OK);
    assert_int_equal(
        vault_share_open(shares[0], VAULT_SHARE_BYTES, words[0], first), OK);
    assert_int_equal(
        vault_share_open(again[1], VAULT_SHARE_BYTES, words[1], second), OK);
    assert_int_equal(vault_share_join(first, second, read.public_key, joined),
                     E_DENIED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_passphrases_that_are_none_are_refused),
        cmocka_unit_test(every_flipped_bit_of_a_share_is_refused),
        cmocka_unit_test(
            a_share_of_another_length_or_beyond_the_limits_is_refused),
        cmocka_unit_test(one_holder_alone_opens_nothing),
        cmocka_unit_test(both_halves_make_the_key_in_either_order),
        cmocka_unit_test(halves_of_two_splits_of_one_key_do_not_go_together),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
