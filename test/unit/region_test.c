/* SPDX-License-Identifier: EUPL-1.2 */
#include "demo/region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

struct run {
    struct region *region;
    uint8_t digest[HASH_BYTES]; /* of all lines */
    size_t lines;
    bool ordered;
    size_t longest, bytes;
};

/* Runs a region to its end. The digest is of honest lines; `without` leaves
 * out those of some accounts. */
static void
run_without(struct run *ret, const struct region_options *options,
            const bool *without)
{
    struct hash *hash = NULL;
    struct buffer line = {0};
    const struct region_event *events;
    size_t count;
    int64_t last = INT64_MIN;
    memset(ret, 0, sizeof(*ret));
    ret->ordered = true;
    assert_int_equal(hash_start(), OK);
    assert_int_equal(hash_new(&hash), OK);
    assert_int_equal(region_new(options, &ret->region), OK);
    while (region_day(ret->region, &events, &count) == OK) {
        for (size_t i = 0; i < count; i++) {
            ret->ordered = ret->ordered && events[i].time_us >= last;
            last = events[i].time_us;
            uint32_t account =
                region_session(ret->region, events[i].session)->professional;
            buffer_clear(&line);
            assert_int_equal(region_balp(ret->region, &events[i], &line), OK);
            if (!events[i].stolen && (without == NULL || !without[account]))
                hash_add(hash, line.bytes, line.length);
            ret->lines++;
            ret->bytes += line.length;
            if (line.length > ret->longest)
                ret->longest = line.length;
        }
    }
    hash_end(hash, ret->digest);
    hash_free(hash);
    buffer_free(&line);
}

static void
run(struct run *ret, const struct region_options *options)
{
    run_without(ret, options, NULL);
}

static struct region_options
small(void)
{
    struct region_options o;
    region_options_default(&o);
    o.professionals = 40;
    o.days = 9;
    return o;
}

static void
senseless_sizes_are_refused(void **state)
{
    struct region_options o = small();
    struct region *region = NULL;
    (void)state;
    o.days = 0;
    assert_int_equal(region_new(&o, &region), E_ARGUMENT);
    o = small();
    o.professionals = REGION_PROFESSIONALS_MAX + 1;
    assert_int_equal(region_new(&o, &region), E_ARGUMENT);
    assert_null(region);
    region_free(NULL);
}

static void
unknown_thieves_are_refused(void **state)
{
    enum region_thief thief = THIEF_NONE;
    (void)state;
    assert_int_equal(region_thief_parse(TEXT("nicht"), &thief), E_NOTFOUND);
    assert_int_equal(region_thief_parse(TEXT("none"), &thief), E_NOTFOUND);
    assert_int_equal(region_thief_parse(TEXT("quiet"), &thief), OK);
    assert_int_equal(thief, THIEF_QUIET);
}

static void
a_seed_gives_the_same_region_and_another_one_another(void **state)
{
    struct region_options o = small();
    struct run first, again, other;
    (void)state;
    run(&first, &o);
    run(&again, &o);
    o.seed = 2;
    run(&other, &o);
    assert_memory_equal(first.digest, again.digest, HASH_BYTES);
    assert_memory_not_equal(first.digest, other.digest, HASH_BYTES);
    region_free(first.region);
    region_free(again.region);
    region_free(other.region);
}

static void
events_come_in_time_order_and_in_lines_of_a_real_size(void **state)
{
    struct region_options o = small();
    struct run r;
    (void)state;
    o.thief_count = 3;
    for (unsigned i = 0; i < 3; i++)
        o.thieves[i] = (enum region_thief)(i + 1);
    run(&r, &o);
    assert_true(r.ordered);
    assert_true(r.lines > 5000);
    assert_in_range(r.bytes / r.lines, 1600, 2500);
    assert_in_range(r.longest, 1600, 4096);
    region_free(r.region);
}

static void
every_kind(struct region_options *o)
{
    o->thief_count = REGION_THIEF_KINDS - 1;
    for (unsigned k = 1; k < REGION_THIEF_KINDS; k++)
        o->thieves[k - 1] = (enum region_thief)k;
}

/* More thieves than accounts, and no time for them. */
static void
a_region_of_any_size_bears_thieves_of_every_kind(void **state)
{
    static const unsigned sizes[] = {1, 2, 39, 41}, days[] = {1, 2, 9, 31};
    (void)state;
    for (unsigned i = 0; i < 16; i++) {
        struct region_options o = small();
        struct run r;
        o.professionals = sizes[i / 4];
        o.days = days[i % 4];
        o.seed = i;
        o.first_theft_day = i % 3;
        o.thief_count = REGION_THIEVES_MAX;
        for (unsigned t = 0; t < REGION_THIEVES_MAX; t++)
            o.thieves[t] =
                (enum region_thief)(1 + t % (REGION_THIEF_KINDS - 1));
        run(&r, &o);
        assert_true(r.ordered);
        region_free(r.region);
    }
}

/* But for one who needs an account that the region does not have: new, or
 * left by its holder. */
static void
thieves_change_no_honest_event(void **state)
{
    struct region_options o = small();
    struct run with, none;
    const struct region_theft *thefts;
    bool made[80] = {false};
    (void)state;
    o.days = 28;
    o.professionals = 80;
    every_kind(&o);
    run(&with, &o);
    size_t count = region_thefts(with.region, &thefts);
    assert_true(count >= REGION_THIEF_KINDS - 1);
    for (size_t i = 0; i < count; i++)
        if (thefts[i].thief == THIEF_NEWCOMER ||
            thefts[i].thief == THIEF_DORMANT)
            made[region_session(with.region, thefts[i].session)->professional] =
                true;
    region_free(with.region);
    run_without(&with, &o, made);
    o.thief_count = 0;
    run_without(&none, &o, made);
    assert_memory_equal(with.digest, none.digest, HASH_BYTES);
    assert_int_equal(region_thefts(none.region, &thefts), 0);
    region_free(with.region);
    region_free(none.region);
}

static void
professionals_have_a_national_number_with_a_right_key(void **state)
{
    struct region_options o = small();
    struct region *region;
    char name[REGION_NAME_BYTES];
    (void)state;
    assert_int_equal(region_new(&o, &region), OK);
    for (uint32_t p = 0; p < o.professionals; p++) {
        unsigned sum = 0;
        region_professional_name(region, p, name);
        assert_int_equal(strlen(name), 12);
        assert_int_equal(name[0], '8');
        for (unsigned i = 0; i < 11; i++) {
            unsigned d = (unsigned)(name[11 - i] - '0');
            if (i % 2 == 1)
                d = d * 2 > 9 ? d * 2 - 9 : d * 2;
            sum += d;
        }
        assert_int_equal(sum % 10, 0);
    }
    region_free(region);
}

static void
the_truth_names_every_theft_with_its_persons(void **state)
{
    struct region_options o = small();
    struct run r;
    struct buffer out = {0};
    (void)state;
    o.thief_count = 2;
    o.thieves[0] = THIEF_PAGED;
    o.thieves[1] = THIEF_QUIET;
    run(&r, &o);
    assert_int_equal(region_truth(r.region, &out), OK);
    assert_int_equal(buffer_byte(&out, '\0'), OK);
    assert_non_null(strstr(out.bytes, "\"thief\":\"paged\""));
    assert_non_null(strstr(out.bytes, "\"thief\":\"quiet\""));
    assert_non_null(strstr(out.bytes, "\"persons\":[\"Patient/"));
    buffer_free(&out);
    region_free(r.region);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(senseless_sizes_are_refused),
        cmocka_unit_test(unknown_thieves_are_refused),
        cmocka_unit_test(a_seed_gives_the_same_region_and_another_one_another),
        cmocka_unit_test(events_come_in_time_order_and_in_lines_of_a_real_size),
        cmocka_unit_test(a_region_of_any_size_bears_thieves_of_every_kind),
        cmocka_unit_test(thieves_change_no_honest_event),
        cmocka_unit_test(professionals_have_a_national_number_with_a_right_key),
        cmocka_unit_test(the_truth_names_every_theft_with_its_persons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
