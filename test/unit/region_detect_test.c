/* SPDX-License-Identifier: EUPL-1.2 */
/* Properties of the detector on small simulated regions. The seeds are not
 * those on which thresholds were chosen (docs/detection.md). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "demo/region_random.h"
#include "demo/region_rows.h"
#include "detect/detect.h"

struct watch {
    struct region *region;
    struct row *rows;
    uint32_t *sessions; /* of the region, by row */
    size_t count, room;
};

static void
watch_open(struct watch *w, uint64_t seed, unsigned days,
           unsigned professionals, unsigned thieves)
{
    struct region_options o;
    struct region_rows *maker;
    const struct region_event *events;
    size_t count, made;
    region_options_default(&o);
    o.seed = seed;
    o.days = days;
    o.professionals = professionals;
    o.thief_count = thieves;
    for (unsigned i = 0; i < thieves; i++)
        o.thieves[i] = (enum region_thief)(1 + i % 3);
    memset(w, 0, sizeof(*w));
    assert_int_equal(region_new(&o, &w->region), OK);
    assert_int_equal(region_rows_new(w->region, &maker), OK);
    while (region_day(w->region, &events, &count) == OK) {
        if (w->room < w->count + REGION_ROWS_MAX * count) {
            w->room = 2 * w->room + REGION_ROWS_MAX * count;
            w->rows = realloc(w->rows, w->room * sizeof(*w->rows));
            w->sessions = realloc(w->sessions, w->room * sizeof(uint32_t));
            assert_non_null(w->rows);
            assert_non_null(w->sessions);
        }
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(
                region_rows_make(maker, &events[i], &w->rows[w->count], &made),
                OK);
            for (size_t k = 0; k < made; k++)
                w->sessions[w->count++] = events[i].session;
        }
    }
    region_rows_free(maker);
}

static void
watch_close(struct watch *w)
{
    free(w->rows);
    free(w->sessions);
    region_free(w->region);
}

struct outcome {
    struct detect_statistics statistics;
    uint64_t digest; /* of all alerts, in order */
    unsigned step_ups, false_step_ups, watches;
    uint64_t stopped[64]; /* sessions with a step_up */
    unsigned stopped_count;
};

/* What was seen and what is usual at the worst moments: alerts alone would
 * not show all that a habit or the peers said. */
static uint64_t
suspects_digest(const struct detect *detect, uint64_t digest)
{
    struct suspect suspects[40];
    size_t count = detect_suspects(detect, suspects, 40);
    for (size_t i = 0; i < count; i++) {
        digest = chance_mix(digest, (uint32_t)suspects[i].score_centinats);
        for (uint32_t k = 0; k < suspects[i].sign_count; k++)
            digest = chance_mix(digest, suspects[i].signs[k].usual);
    }
    return digest;
}

/* `order` turns the ids: another import of the same events. */
static void
judge(const struct watch *w, uint64_t turn, struct outcome *ret)
{
    struct detect_options options;
    struct detect *detect;
    struct alert alert;
    detect_options_default(&options);
    memset(ret, 0, sizeof(*ret));
    assert_int_equal(detect_new(&options, &detect), OK);
    for (size_t i = 0; i < w->count; i++) {
        struct row row = w->rows[i];
        if (turn != 0) {
            row.session = chance_mix(row.session, turn) | 1;
            row.professional = chance_mix(row.professional, turn) | 1;
            if (row.person != 0) /* a search's row, a login's: nobody's */
                row.person = chance_mix(row.person, turn) | 1;
            row.request = chance_mix(row.request, turn) | 1;
            if (row.kind == ROW_SIGHTING) /* a network's number */
                row.detail = (uint32_t)chance_mix(row.detail, turn) | 1;
        }
        assert_int_equal(detect_row(detect, &row, 0, NULL, &alert), OK);
        if (alert.verdict == VERDICT_ALLOW)
            continue;
        ret->digest =
            chance_mix(ret->digest, (uint64_t)i << 2 | (uint64_t)alert.verdict);
        ret->digest = chance_mix(ret->digest, (uint32_t)alert.score_centinats);
        ret->watches += alert.verdict == VERDICT_WATCH;
        if (alert.verdict != VERDICT_STEP_UP)
            continue;
        ret->step_ups++;
        if (region_session(w->region, w->sessions[i])->thief == THIEF_NONE)
            ret->false_step_ups++;
        if (ret->stopped_count < 64)
            ret->stopped[ret->stopped_count++] = alert.session;
    }
    ret->digest = suspects_digest(detect, ret->digest);
    detect_statistics(detect, &ret->statistics);
    detect_free(detect);
}

static void
all_three_kinds_of_thieves_are_stopped_early(void **state)
{
    (void)state;
    for (uint64_t seed = 201; seed < 204; seed++) {
        struct watch w;
        struct outcome o;
        const struct region_theft *thefts;
        watch_open(&w, seed, 28, 200, 3);
        judge(&w, 0, &o);
        size_t count = region_thefts(w.region, &thefts);
        assert_true(count >= 3);
        bool stopped[4] = {false};
        for (size_t t = 0; t < count; t++)
            for (unsigned s = 0; s < o.stopped_count; s++)
                if (o.stopped[s] == region_rows_session(region_session(
                                        w.region, thefts[t].session)))
                    stopped[thefts[t].thief] = true;
        assert_true(stopped[THIEF_NIGHT]);
        assert_true(stopped[THIEF_PAGED]);
        assert_true(stopped[THIEF_QUIET]);
        watch_close(&w);
    }
}

static void
few_are_asked_in_a_region_without_thieves(void **state)
{
    struct watch w;
    struct outcome o;
    (void)state;
    watch_open(&w, 211, 28, 400, 0);
    judge(&w, 0, &o);
    assert_true(o.statistics.professional_days > 6000);
    /* Eight for each 1,000: the bound of a small sample, not the figure. */
    assert_true(o.step_ups * 1000 < 8 * o.statistics.professional_days);
    watch_close(&w);
}

static void
other_ids_change_nothing(uint64_t seed, unsigned days)
{
    struct watch w;
    struct outcome first, again, other;
    watch_open(&w, seed, days, 400, 9);
    judge(&w, 0, &first);
    judge(&w, 0, &again);
    assert_int_not_equal(first.step_ups, 0);
    assert_true(first.digest == again.digest);
    assert_int_equal(first.statistics.bytes, again.statistics.bytes);
    for (uint64_t turn = 1; turn < 6; turn++) {
        judge(&w, turn * UINT64_C(0x123456789abcdef), &other);
        assert_true(first.digest == other.digest);
    }
    watch_close(&w);
}

/* Twelve days: accounts sans habitude, beside peers who are known. */
static void
the_same_rows_give_the_same_alerts_whatever_the_ids_are(void **state)
{
    (void)state;
    other_ids_change_nothing(221, 28);
    other_ids_change_nothing(222, 12);
}

/* A detector fed half, thrown away and fed again from the start says of the
 * second half what the one that never stopped said. */
static void
a_state_rebuilt_from_the_rows_goes_on_as_if_it_had_never_stopped(void **state)
{
    struct watch w;
    struct detect_options options;
    struct detect *whole, *part;
    struct alert a, b;
    (void)state;
    watch_open(&w, 231, 28, 80, 3);
    detect_options_default(&options);
    assert_int_equal(detect_new(&options, &whole), OK);
    assert_int_equal(detect_new(&options, &part), OK);
    size_t half = w.count * 7 / 8;
    for (size_t i = 0; i < half; i++)
        assert_int_equal(detect_row(part, &w.rows[i], 0, NULL, &a), OK);
    detect_free(part);
    assert_int_equal(detect_new(&options, &part), OK);
    for (size_t i = 0; i < half; i++)
        assert_int_equal(detect_row(part, &w.rows[i], 0, NULL, &a), OK);
    for (size_t i = 0; i < w.count; i++) {
        assert_int_equal(detect_row(whole, &w.rows[i], 0, NULL, &a), OK);
        if (i < half)
            continue;
        assert_int_equal(detect_row(part, &w.rows[i], 0, NULL, &b), OK);
        assert_memory_equal(&a, &b, sizeof(a));
    }
    detect_free(whole);
    detect_free(part);
    watch_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_three_kinds_of_thieves_are_stopped_early),
        cmocka_unit_test(few_are_asked_in_a_region_without_thieves),
        cmocka_unit_test(
            the_same_rows_give_the_same_alerts_whatever_the_ids_are),
        cmocka_unit_test(
            a_state_rebuilt_from_the_rows_goes_on_as_if_it_had_never_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
