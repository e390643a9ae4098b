/* SPDX-License-Identifier: EUPL-1.2 */
/* Honest life that a detector has to bear: the sentences of docs/region.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "demo/region_state.h"
#include "test/help/tale.h"

#define SEED 4401

static struct region *
open_region(unsigned professionals, unsigned days)
{
    struct region_options o;
    struct region *region;

    region_options_default(&o);
    o.professionals = professionals;
    o.days = days;
    o.seed = SEED;
    assert_int_equal(region_new(&o, &region), OK);
    return region;
}

static void
thirteen_kinds_work_in_a_region_of_two_hundred(void **state)
{
    struct region *region = open_region(200, 1);
    unsigned of_kind[KIND_COUNT] = {0};
    (void)state;
    for (uint32_t p = 0; p < 200; p++)
        of_kind[region_kind(region, p)]++;
    assert_int_equal(KIND_COUNT, 13);
    for (unsigned k = 0; k < KIND_COUNT; k++)
        assert_true(of_kind[k] > 0);
    region_free(region);
}

/* 6 April 2026 is Easter Monday, 14 May Ascension, 25 May Whit Monday; 7 April
 * is none. */
static void
doctors_rest_on_sundays_and_on_holidays_and_the_ward_does_not(void **state)
{
    static const struct {
        unsigned day; /* since Monday 2 March 2026 */
        bool rests;
    } days[] = {{35, true}, {73, true}, {84, true},  {60, true},
                {67, true}, {6, true},  {36, false}, {74, false}};
    struct region *region = open_region(400, 100);
    (void)state;
    for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
        unsigned doctors = 0, ward = 0;
        for (uint32_t p = 0; p < 400; p++) {
            bool works = region_works(region, p, days[i].day);
            doctors += works && region_kind(region, p) == KIND_DOCTOR;
            ward += works && region_kind(region, p) == KIND_HOSPITAL;
        }
        if (days[i].rests)
            assert_int_equal(doctors, 0);
        else
            assert_true(doctors > 60);
        assert_true(ward > 5);
    }
    region_free(region);
}

static void
some_accounts_are_new_and_some_were_left(void **state)
{
    struct region *region = open_region(400, 28);
    unsigned new = 0, left = 0, away = 0;
    struct span span;
    (void)state;
    for (uint32_t p = 0; p < 400; p++) {
        new += region->holders[p].from > 0;
        left += region->holders[p].until < 28;
        away +=
            region_on_leave(region, p, 14, &span) && span.to - span.from >= 24;
    }
    assert_in_range(new, 6, 30);
    assert_in_range(left, 3, 20);
    assert_in_range(away, 3, 40);
    region_free(region);
}

static bool
is_at_hospital(const struct tale *t, uint32_t professional)
{
    unsigned kind = region_kind(t->region, professional);

    return kind == KIND_HOSPITAL || kind == KIND_EMERGENCY;
}

static void
a_hospitals_exit_moves_for_everybody_on_one_day(void **state)
{
    struct tale t;
    struct span leave;
    uint32_t before = 0, after = 0;
    int moved = -1;
    (void)state;
    tale_open(&t, THIEF_NONE, SEED);
    for (size_t i = 0; i < t.count; i++) {
        const struct region_session *s = tale_session(&t, &t.events[i]);
        /* duties of the night before end under yesterday's address */
        if (!is_at_hospital(&t, s->professional) ||
            region_on_leave(t.region, s->professional,
                            (unsigned)tale_day(&t.events[i]), &leave))
            continue;
        if (before == 0)
            before = s->address;
        if (s->address == before)
            continue;
        if (after == 0) {
            after = s->address;
            moved = tale_day(&t.events[i]);
        }
        assert_int_equal(s->address, after);
    }
    assert_true(after != 0);
    for (size_t i = 0; i < t.count; i++) {
        const struct region_session *s = tale_session(&t, &t.events[i]);
        bool night = tale_second(&t.events[i]) < 8 * 3600;
        if (s->address == before && is_at_hospital(&t, s->professional))
            assert_true(tale_day(&t.events[i]) < moved + night);
    }
    tale_close(&t);
}

static void
browsers_are_updated_on_one_day_for_most(void **state)
{
    struct tale t;
    unsigned count[28][2] = {{0}};
    int day = -1;
    (void)state;
    tale_open(&t, THIEF_NONE, SEED);
    for (size_t i = 0; i < t.count; i++) {
        const struct region_session *s = tale_session(&t, &t.events[i]);
        if (s->software == SOFTWARE_BROWSER && tale_day(&t.events[i]) < 28)
            count[tale_day(&t.events[i])][s->version > 147]++;
    }
    for (int d = 0; d < 28 && day < 0; d++)
        if (count[d][1] > count[d][0])
            day = d;
    assert_true(day > 0);
    for (int d = 0; d < day; d++)
        assert_int_equal(count[d][1], 0);
    tale_close(&t);
}

/* Sessions of three accounts of a reception at one machine; the number of
 * addresses that one token was used from. */
static void
machines_are_shared_and_telephones_move(void **state)
{
    struct tale t;
    unsigned together = 0, moved = 0;
    (void)state;
    tale_open(&t, THIEF_NONE, SEED);
    for (uint32_t s = 0; s < region_sessions(t.region); s++) {
        const struct region_session *session = region_session(t.region, s);
        moved += session->twin != s;
        for (uint32_t o = s + 1; o < s + 60 && o < region_sessions(t.region);
             o++) {
            const struct region_session *other = region_session(t.region, o);
            together += other->device == session->device &&
                        other->professional != session->professional;
        }
    }
    assert_true(together > 300);
    assert_true(moved > 300);
    tale_close(&t);
}

static void
lists_and_names_show_many_persons_in_one_moment(void **state)
{
    struct tale t;
    unsigned lists = 0, wide = 0, pages = 0, hits = 0;
    (void)state;
    tale_open(&t, THIEF_NONE, SEED);
    for (size_t i = 0; i < t.count; i++) {
        const struct region_event *e = &t.events[i];
        if (e->action != ACTION_SEARCH)
            continue;
        hits = e->hit == 0 ? 1 : hits + 1;
        lists += hits == 15 && e->search == QUERY_NONE;
        wide += hits == 10 && e->search == QUERY_NAME;
        pages += e->hit == 0 && e->place.kind == QUERY_OFFSET;
    }
    assert_true(lists > 300);
    assert_true(wide > 100);
    assert_true(pages > 50);
    tale_close(&t);
}

static unsigned
persons_a_day(const struct tale *t, uint32_t professional, int day)
{
    static uint8_t seen[TALE_PERSONS];
    unsigned count = 0;

    memset(seen, 0, sizeof(seen));
    for (size_t i = 0; i < t->count; i++) {
        const struct region_event *e = &t->events[i];
        if (e->action == ACTION_LOGIN || tale_day(e) != day ||
            tale_session(t, e)->professional != professional)
            continue;
        count += !seen[e->person];
        seen[e->person] = 1;
    }
    return count;
}

static void
a_campaign_is_loud_and_two_of_three_are_announced(void **state)
{
    struct tale t;
    const struct region_campaign *campaigns;
    unsigned loud = 0, worked = 0, announced = 0, all = 0;
    (void)state;
    for (uint64_t seed = SEED; seed < SEED + 8; seed++) {
        tale_open(&t, THIEF_NONE, seed);
        size_t count = region_campaigns(t.region, &campaigns);
        for (size_t i = 0; i < count; i++) {
            int day = (int)((campaigns[i].from_us + 3600 * SECOND_US) / DAY_US -
                            20514);
            unsigned persons =
                persons_a_day(&t, campaigns[i].professional, day);
            worked += persons > 0;
            loud += persons > 45;
            announced += campaigns[i].announced;
        }
        all += (unsigned)count;
        tale_close(&t);
    }
    assert_true(worked > 5 && loud * 3 >= worked * 2);
    assert_in_range(announced * 100 / all, 45, 85);
}

/* A search may show one among others; a thief may open one. */
static void
no_holder_opens_a_lure(void **state)
{
    struct tale t;
    unsigned shown = 0, opened = 0;
    (void)state;
    for (uint64_t seed = SEED; seed < SEED + 4; seed++) {
        tale_open(&t, THIEF_NIGHT, seed);
        for (size_t i = 0; i < t.count; i++) {
            const struct region_event *e = &t.events[i];
            bool lure = e->action != ACTION_LOGIN &&
                        region_is_lure(t.region, e->person);
            assert_true(!lure || e->stolen ||
                        (e->action == ACTION_SEARCH &&
                         (e->hit > 0 || e->place.kind == QUERY_OFFSET)));
            shown += lure && !e->stolen;
            opened += lure && e->stolen && e->action == ACTION_READ;
        }
        tale_close(&t);
    }
    assert_true(shown > 20);
    assert_true(opened > 0);
}

/* The files are read by what reads an operator's: test/e2e/simulate_test.py.
 * Here: that they say nothing which only the generator knows. */
static void
what_an_operator_tells_does_not_depend_on_thieves(void **state)
{
    struct region *calm = open_region(80, 28), *worse;
    struct region_options o = calm->options;
    (void)state;
    for (unsigned k = 1; k < REGION_THIEF_KINDS; k++)
        if (k != THIEF_DORMANT && k != THIEF_NEWCOMER)
            o.thieves[o.thief_count++] = (enum region_thief)k;
    assert_int_equal(region_new(&o, &worse), OK);
    for (unsigned f = 0; f < REGION_FILES; f++) {
        struct buffer a = {0}, b = {0};
        assert_int_equal(region_context(calm, (enum region_context)f, &a), OK);
        assert_int_equal(region_context(worse, (enum region_context)f, &b), OK);
        assert_int_equal(a.length, b.length);
        assert_memory_equal(a.bytes, b.bytes, a.length);
        assert_true(a.length > 0 && a.bytes[a.length - 1] == '\n');
        buffer_free(&a);
        buffer_free(&b);
    }
    region_free(calm);
    region_free(worse);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thirteen_kinds_work_in_a_region_of_two_hundred),
        cmocka_unit_test(
            doctors_rest_on_sundays_and_on_holidays_and_the_ward_does_not),
        cmocka_unit_test(some_accounts_are_new_and_some_were_left),
        cmocka_unit_test(a_hospitals_exit_moves_for_everybody_on_one_day),
        cmocka_unit_test(browsers_are_updated_on_one_day_for_most),
        cmocka_unit_test(machines_are_shared_and_telephones_move),
        cmocka_unit_test(lists_and_names_show_many_persons_in_one_moment),
        cmocka_unit_test(a_campaign_is_loud_and_two_of_three_are_announced),
        cmocka_unit_test(no_holder_opens_a_lure),
        cmocka_unit_test(what_an_operator_tells_does_not_depend_on_thieves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
