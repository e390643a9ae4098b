/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Proofs of 10,000 random trees, half of them corrupted in one of many ways,
 * judged by ledger/proof_check.c and by second_verifier.py: both must say the
 * same of each, and a proof that nobody corrupted holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/merkle.h"
#include "ledger/proof_check.h"
#include "test/unit/ledger_rows.h"

#define CASES 10000
#define LEAVES 600

struct tried {
    bool inclusion;
    uint64_t first, second; /* index and size, or two sizes */
    uint8_t a[HASH_BYTES], b[HASH_BYTES];
    uint8_t proof[64][HASH_BYTES];
    size_t count;
    bool corrupted;
};

static uint8_t leaves[LEAVES][HASH_BYTES];
static uint64_t state = 20261125;

static uint64_t
below(uint64_t most)
{
    return test_random(state++) % most;
}

static uint64_t
half_of(uint64_t size)
{
    uint64_t k = 1;

    while (k * 2 < size)
        k *= 2;
    return k;
}

/* By the definitions of §2.1.1, §2.1.3.1 and §2.1.4.1. */
static void
root_of(uint64_t first, uint64_t size, uint8_t ret[HASH_BYTES])
{
    uint8_t left[HASH_BYTES], right[HASH_BYTES];
    uint64_t k;

    if (size == 1) {
        memcpy(ret, leaves[first], HASH_BYTES);
        return;
    }
    k = half_of(size);
    root_of(first, k, left);
    root_of(first + k, size - k, right);
    merkle_node(left, right, ret);
}

static void
path_of(uint64_t index, uint64_t first, uint64_t size, struct tried *tried)
{
    uint64_t k;

    if (size == 1)
        return;
    k = half_of(size);
    if (index < k) {
        path_of(index, first, k, tried);
        root_of(first + k, size - k, tried->proof[tried->count++]);
    } else {
        path_of(index - k, first + k, size - k, tried);
        root_of(first, k, tried->proof[tried->count++]);
    }
}

static void
subproof(uint64_t old, uint64_t first, uint64_t size, bool whole,
         struct tried *tried)
{
    uint64_t k;

    if (old == size) {
        if (!whole)
            root_of(first, size, tried->proof[tried->count++]);
        return;
    }
    k = half_of(size);
    if (old <= k) {
        subproof(old, first, k, whole, tried);
        root_of(first + k, size - k, tried->proof[tried->count++]);
    } else {
        subproof(old - k, first + k, size - k, false, tried);
        root_of(first, k, tried->proof[tried->count++]);
    }
}

static void
corrupt(struct tried *tried)
{
    uint8_t *hash =
        tried->count > 0 ? tried->proof[below(tried->count)] : tried->a;

    tried->corrupted = true;
    switch (below(9)) {
    case 0:
        hash[below(HASH_BYTES)] ^= (uint8_t)(1 << below(8));
        break;
    case 1:
        tried->a[below(HASH_BYTES)] ^= (uint8_t)(1 << below(8));
        break;
    case 2:
        tried->b[below(HASH_BYTES)] ^= (uint8_t)(1 << below(8));
        break;
    case 3:
        tried->count -= tried->count > 0 ? 1 : 0;
        break;
    case 4:
        memcpy(tried->proof[tried->count++], tried->b, HASH_BYTES);
        break;
    case 5:
        tried->first += 1 + below(3);
        break;
    case 6:
        tried->second += 1 + below(3);
        break;
    case 7:
        tried->first -= tried->first > 0 ? 1 : 0;
        break;
    default:
        if (tried->count > 1)
            memcpy(tried->proof[0], tried->proof[tried->count - 1], HASH_BYTES);
        break;
    }
}

static void
make(struct tried *tried)
{
    uint64_t size = 1 + below(below(2) == 0 ? 16 : LEAVES);

    memset(tried, 0, sizeof(*tried));
    for (unsigned i = 0; i < 4; i++)
        hash_sha256(&state, sizeof(state), leaves[below(LEAVES)]);
    tried->inclusion = below(2) == 0;
    tried->second = size;
    root_of(0, size, tried->b);
    if (tried->inclusion) {
        tried->first = below(size);
        memcpy(tried->a, leaves[tried->first], HASH_BYTES);
        path_of(tried->first, 0, size, tried);
    } else {
        tried->first = 1 + below(size);
        root_of(0, tried->first, tried->a);
        subproof(tried->first, 0, size, true, tried);
    }
    if (below(2) == 0)
        corrupt(tried);
}

static void
print_hash(FILE *out, const uint8_t hash[HASH_BYTES])
{
    char hex[2 * HASH_BYTES + 1];

    hash_hex(hash, HASH_BYTES, hex);
    (void)fprintf(out, " %s", hex);
}

static void
print(FILE *out, const struct tried *tried)
{
    (void)fprintf(out, "%s %" PRIu64 " %" PRIu64,
                  tried->inclusion ? "inclusion" : "consistency", tried->first,
                  tried->second);
    print_hash(out, tried->a);
    print_hash(out, tried->b);
    for (size_t i = 0; i < tried->count; i++)
        print_hash(out, tried->proof[i]);
    (void)fputc('\n', out);
}

static bool
holds(const struct tried *tried)
{
    return (tried->inclusion
                ? proof_check_inclusion(tried->first, tried->second, tried->a,
                                        tried->proof[0], tried->count, tried->b)
                : proof_check_consistency(tried->first, tried->second, tried->a,
                                          tried->b, tried->proof[0],
                                          tried->count)) == OK;
}

static void
both_verifiers_say_the_same_of_10000_trees(void **unused)
{
    static struct tried tried[CASES];
    char name[] = "/tmp/vigie-second-XXXXXX", command[256], line[8];
    int fd = mkstemp(name);
    unsigned held = 0, refused = 0;
    FILE *out, *in;

    (void)unused;
    assert_true(fd >= 0);
    assert_int_equal(hash_start(), OK);
    out = fdopen(fd, "w");
    assert_non_null(out);
    for (size_t i = 0; i < LEAVES; i++)
        hash_sha256(&i, sizeof(i), leaves[i]);
    for (size_t i = 0; i < CASES; i++) {
        make(&tried[i]);
        print(out, &tried[i]);
    }
    assert_int_equal(fclose(out), 0);
    (void)snprintf(command, sizeof(command),
                   "python3 -B test/vectors/second_verifier.py <%s", name);
    in = popen(command, "r");
    assert_non_null(in);
    for (size_t i = 0; i < CASES; i++) {
        const bool good = holds(&tried[i]);

        assert_non_null(fgets(line, sizeof(line), in));
        if ((line[0] == '1') != good)
            fail_msg("case %zu: %d and %s", i, good, line);
        if (!tried[i].corrupted)
            assert_true(good);
        held += good ? 1 : 0;
        refused += good ? 0 : 1;
    }
    assert_int_equal(pclose(in), 0);
    (void)unlink(name);
    assert_true(held > CASES / 3 && refused > CASES / 3);
    print_message("%u hold, %u do not\n", held, refused);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_verifiers_say_the_same_of_10000_trees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
