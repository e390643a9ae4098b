/* SPDX-License-Identifier: EUPL-1.2 */
/* The bound that docs/detection.md gives: 300 bytes an active account and 24
 * a known (account, person) pair, at every moment, growing included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "detect/detect.h"

static uint64_t
resident(void)
{
    unsigned long size = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &size, &pages), 2);
    (void)fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t
id_of(uint64_t a, uint64_t b)
{
    uint64_t x = a * UINT64_C(0x9e3779b97f4a7c15) + b + 1;
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (x ^ x >> 31) | 1;
}

/* The worst case: every account has a live session, a device and a network
 * of its own, and sees persons whom nobody else sees. */
static void
grow(uint32_t accounts, uint32_t persons_each, uint64_t fixed)
{
    struct detect_options options;
    struct detect_statistics s;
    struct detect *detect;
    struct alert alert;
    uint64_t before = resident();
    detect_options_default(&options);
    assert_int_equal(detect_new(&options, &detect), OK);
    for (uint32_t i = 0; i < persons_each; i++) {
        for (uint32_t a = 0; a < accounts; a++) {
            struct row row = {.kind = ROW_SIGHTING,
                              .time_source_us = INT64_C(20500) * TIME_DAY_US +
                                                i * TIME_SECOND_US,
                              .session = id_of(a, 1),
                              .professional = id_of(a, 2),
                              .person = id_of(a, 3),
                              .request = id_of(a, 4),
                              .detail = (uint32_t)id_of(a, 5) | 1};
            if (i == 0)
                assert_int_equal(detect_row(detect, &row, 0, NULL, &alert), OK);
            row.kind = ROW_DISCLOSURE;
            row.person = id_of(a, 1000 + i);
            assert_int_equal(detect_row(detect, &row, 0, NULL, &alert), OK);
            if (a % 256 != 0)
                continue;
            detect_statistics(detect, &s);
            uint64_t bound = fixed + 300 * s.accounts + 24 * s.pairs;
            assert_true(s.bytes <= bound);
        }
    }
    detect_statistics(detect, &s);
    uint64_t held = resident() - before;
    print_message("%u accounts, %llu pairs: %llu bytes said, %llu resident; "
                  "beyond 24 a pair: %.1f an account\n",
                  accounts, (unsigned long long)s.pairs,
                  (unsigned long long)s.bytes, (unsigned long long)held,
                  ((double)held - 24.0 * (double)s.pairs) / accounts);
#ifndef __SANITIZE_ADDRESS__ /* its shadow would be counted */
    assert_true(held <= fixed + 300 * s.accounts + 24 * s.pairs);
#endif
    detect_free(detect);
}

static void
memory_stays_under_300_bytes_an_account_and_24_a_pair(void **state)
{
    (void)state;
    grow(5000, 20, 256u << 10);
    grow(40000, 20, 256u << 10);
    grow(200000, 1, 256u << 10);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_stays_under_300_bytes_an_account_and_24_a_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
