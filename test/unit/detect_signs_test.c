/* SPDX-License-Identifier: EUPL-1.2 */
/* One sign at a time, on rows made by hand. */
#include "detect/detect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "model/category.h"
#include "model/resource.h"

#define START_US (INT64_C(20500) * TIME_DAY_US)

struct trail {
    struct detect *detect;
    const struct facts *facts; /* told of every row */
    struct alert last, stop; /* last alert; first step_up */
    unsigned rows, rows_to_stop;
};

struct hand {
    uint64_t professional, session, device, address;
    uint32_t network;
};

static void
trail_open(struct trail *t, const char *name, const char *value)
{
    struct detect_options options;
    memset(t, 0, sizeof(*t));
    detect_options_default(&options);
    if (name != NULL)
        assert_int_equal(
            detect_options_set(&options, text_of(name), text_of(value)), OK);
    assert_int_equal(detect_new(&options, &t->detect), OK);
}

static void
give(struct trail *t, const struct row *row)
{
    struct alert alert;
    assert_int_equal(detect_row(t->detect, row, 0, t->facts, &alert), OK);
    if (alert.verdict == VERDICT_ALLOW)
        return;
    t->last = alert;
    if (alert.verdict == VERDICT_STEP_UP && t->stop.id == 0) {
        t->stop = alert;
        t->rows_to_stop = t->rows;
    }
}

static void
come(struct trail *t, const struct hand *h, int64_t at)
{
    struct row row = {.kind = ROW_SIGHTING,
                      .time_source_us = at,
                      .session = h->session,
                      .professional = h->professional,
                      .person = h->address,
                      .request = h->device,
                      .detail = h->network};
    give(t, &row);
}

static void
open_person(struct trail *t, const struct hand *h, int64_t at, uint64_t person)
{
    struct row row = {.kind = ROW_DISCLOSURE,
                      .time_source_us = at,
                      .session = h->session,
                      .professional = h->professional,
                      .person = person,
                      .grade = 2,
                      .categories = CATEGORY_MEDICAL,
                      .detail = ROW_DETAIL(1, INTERACTION_READ, 2)};
    t->rows++;
    give(t, &row);
}

static int64_t
at(int day, int hour, int second)
{
    return START_US + day * TIME_DAY_US + hour * TIME_HOUR_US +
           second * TIME_SECOND_US;
}

/* Forty days of a holder: twelve persons a day, two of them new. */
static struct hand
holder(struct trail *t, uint64_t professional)
{
    struct hand h = {professional, 0, professional + 7000, professional + 8000,
                     (uint32_t)professional + 9000};
    for (int day = 0; day < 40; day++) {
        h.session = professional * 1000 + (uint64_t)day;
        come(t, &h, at(day, 9, 0));
        for (int i = 0; i < 12; i++)
            open_person(t, &h, at(day, 9, 60 + i * 280),
                        professional << 32 |
                            (uint64_t)(i % 6 < 5 ? i + day % 5 * 12
                                                 : 5000 + day * 12 + i));
    }
    t->rows = 0;
    return h;
}

/* The alert's sign of that code; a test that asks for it needs it. */
static struct sign
sign_of(const struct alert *alert, enum sign_code code)
{
    struct sign sign = {0};
    for (uint32_t i = 0; i < alert->sign_count; i++)
        if (alert->signs[i].code == code)
            sign = alert->signs[i];
    assert_int_equal(sign.code, code);
    return sign;
}

static unsigned
strangers_on_own_machine(struct trail *t, struct hand *h, bool known_between)
{
    h->session = 77;
    come(t, h, at(40, 9, 0));
    for (int i = 0; i < 13; i++) {
        open_person(t, h, at(40, 9, 60 + i * 600 + i * i * 9),
                    990000 + (uint64_t)i);
        if (known_between && i % 2 == 1)
            open_person(t, h, at(40, 9, 160 + i * 600 + i * i * 9),
                        h->professional << 32 | (uint64_t)(i % 5));
    }
    return t->rows_to_stop;
}

static void
strangers_in_a_row_are_seen_on_the_holders_own_machine(void **state)
{
    struct trail t;
    (void)state;
    trail_open(&t, NULL, NULL);
    struct hand h = holder(&t, 5);
    assert_in_range(strangers_on_own_machine(&t, &h, false), 5, 12);
    struct sign sign = sign_of(&t.stop, SIGN_STRANGERS);
    assert_in_range(sign.usual, 1, 3);
    assert_true(sign.observed > sign.usual);
    detect_free(t.detect);
}

static void
known_persons_between_break_the_row_and_an_off_sign_is_silent(void **state)
{
    struct trail t;
    (void)state;
    trail_open(&t, NULL, NULL);
    struct hand h = holder(&t, 5);
    assert_int_equal(strangers_on_own_machine(&t, &h, true), 0);
    detect_free(t.detect);
    trail_open(&t, "strangers-in-a-row", "off");
    h = holder(&t, 5);
    assert_int_equal(strangers_on_own_machine(&t, &h, false), 0);
    detect_free(t.detect);
}

/* The holder at work, and the same session from elsewhere between. */
static void
two_hands_on_one_session_are_seen(void **state)
{
    struct trail t;
    (void)state;
    trail_open(&t, NULL, NULL);
    struct hand h = holder(&t, 5);
    h.session = 77;
    struct hand thief = {5, 77, 4242, 4343, 4444};
    for (int i = 0; i < 30 && t.stop.id == 0; i++) {
        come(&t, &h, at(40, 9, i * 200));
        open_person(&t, &h, at(40, 9, i * 200 + 1),
                    UINT64_C(5) << 32 | (uint64_t)(i % 12));
        come(&t, &thief, at(40, 9, i * 200 + 100));
        open_person(&t, &thief, at(40, 9, i * 200 + 101), 990000 + (uint64_t)i);
    }
    struct sign sign = sign_of(&t.stop, SIGN_CONCURRENT);
    assert_true(sign.usual >= 2 && sign.weight_centinats >= 150);
    assert_true(t.rows_to_stop <= 42); /* half of them are the holder's */
    detect_free(t.detect);
}

/* What a thief goes on taking after the alert is not the holder's. */
static void
a_thief_who_was_asked_fills_no_cap_of_the_holder(void **state)
{
    struct trail t;
    (void)state;
    trail_open(&t, NULL, NULL);
    struct hand h = holder(&t, 5);
    struct hand thief = {5, 77, 4242, 4343, 4444};
    come(&t, &thief, at(40, 2, 0));
    for (int i = 0; i < 300; i++)
        open_person(&t, &thief, at(40, 2, 5 + i * 5), 990000 + (uint64_t)i);
    assert_int_equal(t.stop.session, 77);
    struct hand moved = {5, 78, 1111, 2222, 3333};
    come(&t, &moved, at(40, 9, 0));
    for (int i = 0; i < 5; i++)
        open_person(&t, &moved, at(40, 9, 60 + i * 280), 980000 + (uint64_t)i);
    assert_true(t.last.session == 77 || t.last.verdict == VERDICT_WATCH);
    (void)h;
    detect_free(t.detect);
}

/* Colleagues of one place: few persons a day each, for forty days. */
static void
place_works(struct trail *t, uint32_t network, uint64_t first, unsigned many)
{
    for (uint64_t p = first; p < first + many; p++) {
        struct hand h = {p, 0, p + 7000, p + 8000, network};
        for (int day = 0; day < 40; day++) {
            h.session = p * 1000 + (uint64_t)day;
            come(t, &h, at(day, 9, 0));
            for (int i = 0; i < 12; i++)
                open_person(t, &h, at(day, 9, 60 + i * 280),
                            p << 32 | (uint64_t)(i + day % 5 * 12));
        }
    }
}

static struct sign
young_account_in(struct trail *t, uint32_t network)
{
    struct hand young = {50000, 500, 5000, 6000, network};
    for (int day = 40; day < 42; day++) {
        young.session = 500 + (uint64_t)day;
        come(t, &young, at(day, 9, 0));
        for (int i = 0; i < (day == 40 ? 10 : 120); i++)
            open_person(t, &young, at(day, 9, 60 + i * 25),
                        UINT64_C(50000) << 32 | (uint64_t)(day * 1000 + i));
    }
    assert_int_equal(t->stop.professional, 50000);
    return sign_of(&t->stop, SIGN_PEERS);
}

/* A new account among colleagues who see few is compared with them, however
 * many other places there are and whatever their numbers. */
static void
an_account_without_habit_is_compared_with_its_place(void **state)
{
    (void)state;
    static const uint32_t strides[] = {1, 128, 65536, 2654435761u};
    for (unsigned turn = 0; turn < 4; turn++) {
        struct trail t;
        trail_open(&t, NULL, NULL);
        for (uint32_t place = 0; place < 6; place++)
            place_works(&t, 1 + place * strides[turn], 1000 + place * 8, 7);
        place_works(&t, 1 + 6 * strides[turn], 5, 6);
        struct sign sign = young_account_in(&t, 1 + 6 * strides[turn]);
        assert_true(sign.window & SIGN_WINDOW_PLACE);
        assert_in_range(sign.usual, 12, 16);
        detect_free(t.detect);
    }
}

static void
a_role_that_was_told_comes_before_the_place(void **state)
{
    static const struct facts facts = {.role = 3};
    struct trail t;
    (void)state;
    trail_open(&t, NULL, NULL);
    t.facts = &facts;
    for (uint32_t place = 0; place < 6; place++)
        place_works(&t, 1 + place, 1000 + place * 8, 1);
    struct sign sign = young_account_in(&t, 500);
    assert_true(sign.window & SIGN_WINDOW_ROLE);
    assert_in_range(sign.usual, 12, 16);
    detect_free(t.detect);
}

/* An account of its first day, in a ledger that knows the others. */
static unsigned
newcomer_opens(struct trail *t, int first_day, bool placed)
{
    const unsigned strangers = 60;
    struct hand h = {50000, 500, 5000, 6000, 7000};
    if (placed)
        come(t, &h, at(first_day, 9, 0));
    for (unsigned i = 0; i < strangers; i++)
        open_person(t, &h, at(first_day, 9, (int)i * 300), 990000 + i);
    return t->rows_to_stop;
}

static void
an_unknown_account_answers_for_a_row_once_the_ledger_is_warm(void **state)
{
    struct trail t;
    (void)state;
    trail_open(&t, NULL, NULL);
    assert_int_equal(newcomer_opens(&t, 0, true), 0);
    detect_free(t.detect);
    trail_open(&t, NULL, NULL);
    (void)holder(&t, 5);
    assert_int_equal(newcomer_opens(&t, 40, true), 26);
    struct sign sign = sign_of(&t.stop, SIGN_STRANGERS);
    assert_true(sign.window & SIGN_WINDOW_COLD);
    assert_int_equal(sign.usual, 25);
    detect_free(t.detect);
    trail_open(&t, NULL, NULL);
    (void)holder(&t, 5);
    /* a trail that names no place accuses less of it */
    assert_in_range(newcomer_opens(&t, 40, false), 38, 40);
    detect_free(t.detect);
    trail_open(&t, "cold-row-max", "40");
    (void)holder(&t, 5);
    assert_int_equal(newcomer_opens(&t, 40, true), 41);
    detect_free(t.detect);
}

static void
an_announced_campaign_excuses_a_row_at_home_and_nowhere_else(void **state)
{
    static const struct facts campaign = {.bits = FACT_CAMPAIGN};
    struct trail t;
    (void)state;
    trail_open(&t, NULL, NULL);
    struct hand h = holder(&t, 5);
    t.facts = &campaign;
    assert_int_equal(strangers_on_own_machine(&t, &h, false), 0);
    struct hand thief = {5, 78, 4242, 4343, 4444};
    come(&t, &thief, at(41, 9, 0));
    for (unsigned i = 0; i < 30; i++)
        open_person(&t, &thief, at(41, 9, 60 + (int)i * 90), 980000 + i);
    assert_int_equal(t.stop.session, 78);
    detect_free(t.detect);
}

/* Three of the holder's persons early on, as a thief from nearby meets them,
 * then strangers only: what the three bought is lost again. */
static void
a_place_that_some_known_persons_bought_is_lost_to_strangers(void **state)
{
    struct trail t;
    (void)state;
    trail_open(&t, "strangers-in-a-row", "off");
    (void)holder(&t, 5);
    struct hand thief = {5, 77, 4242, 4343, 4444};
    come(&t, &thief, at(40, 9, 0));
    for (unsigned i = 0; i < 4; i++)
        open_person(&t, &thief, at(40, 9, 60 + (int)i * 60),
                    UINT64_C(5) << 32 | i);
    for (unsigned i = 0; i < 40; i++)
        open_person(&t, &thief, at(40, 9, 600 + (int)i * 300), 990000 + i);
    struct sign sign = sign_of(&t.stop, SIGN_NEW_PERSONS_UNFAMILIAR);
    assert_true(sign.observed > 0);
    assert_in_range(t.rows_to_stop, 8, 30);
    detect_free(t.detect);
}

/* Persons of the network's, at a thief's who comes to it from a device of his
 * own: vouched for in a practice of six, not in a hospital of forty. */
static void
others_persons_vouch_in_a_practice_and_not_in_a_hospital(void **state)
{
    (void)state;
    for (unsigned many = 6; many <= 40; many += 34) {
        struct trail t;
        trail_open(&t, "pace-hour", "off");
        place_works(&t, 400, 1000, many);
        (void)holder(&t, 5);
        struct hand guest = {5, 77, 4242, 4343, 400};
        come(&t, &guest, at(40, 9, 0));
        for (unsigned i = 0; i < 12; i++)
            open_person(&t, &guest, at(40, 9, 60 + (int)i * 300),
                        UINT64_C(1000) << 32 | (i + i % 5 * 12));
        for (unsigned i = 0; i < 20; i++)
            open_person(&t, &guest, at(40, 11, 60 + (int)i * 150), 990000 + i);
        bool unknown = false;
        for (uint32_t k = 0; k < t.stop.sign_count; k++)
            unknown = unknown ||
                      t.stop.signs[k].code == SIGN_NEW_PERSONS_UNFAMILIAR;
        assert_true(unknown == (many == 40));
        detect_free(t.detect);
    }
}

/* Who dispenses to newcomers all day writes what it gave. */
static void
care_written_for_strangers_makes_the_row_shorter(void **state)
{
    struct trail t;
    (void)state;
    trail_open(&t, NULL, NULL);
    (void)holder(&t, 5);
    struct hand h = {50000, 500, 5000, 6000, 7000};
    come(&t, &h, at(40, 9, 0));
    for (unsigned i = 0; i < 40; i++) {
        open_person(&t, &h, at(40, 9, (int)i * 300), 990000 + i);
        struct row written = {.kind = ROW_DISCLOSURE,
                              .time_source_us = at(40, 9, (int)i * 300 + 60),
                              .session = h.session,
                              .professional = h.professional,
                              .person = 990000 + i,
                              .grade = 2,
                              .flags = ROW_WRITE,
                              .categories = CATEGORY_MEDICAL,
                              .detail = ROW_DETAIL(1, INTERACTION_CREATE, 2)};
        give(&t, &written);
    }
    assert_int_equal(t.stop.id, 0);
    detect_free(t.detect);
}

/* A page of fifty strangers is asked where the account usually sees less in an
 * hour, at home too; a page of fifty persons whom it follows is not. */
static void
a_page_of_strangers_over_the_pace_is_asked(void **state)
{
    (void)state;
    for (unsigned turn = 0; turn < 3; turn++) {
        struct trail t;
        trail_open(&t, NULL, NULL);
        struct hand h = holder(&t, 5);
        h.session = 77;
        if (turn == 0) /* neither a device nor a line of the account's: told none */
            h = (struct hand){.professional = 5, .session = 77};
        come(&t, &h, at(40, 9, 0));
        for (unsigned i = 0; i < 50; i++)
            open_person(&t, &h, at(40, 9, 60),
                        turn < 2 ? 990000 + i
                                 : UINT64_C(5) << 32 |
                                       (i % 10 + i / 10 * 12));
        assert_true((t.stop.id != 0) == (turn < 2));
        detect_free(t.detect);
    }
}

/* Three persons a session, each with a token of its own. */
static void
a_row_goes_on_over_sessions_of_one_place_only(void **state)
{
    (void)state;
    for (unsigned elsewhere = 0; elsewhere < 2; elsewhere++) {
        struct trail t;
        trail_open(&t, NULL, NULL);
        struct hand h = holder(&t, 5);
        for (unsigned i = 0; i < 14; i++) {
            h.session = 77 + i / 3;
            /* the account's own device, on lines that change */
            h.network = 9005 + elsewhere * (i / 3);
            if (i % 3 == 0)
                come(&t, &h, at(40, 9, (int)i * 600));
            open_person(&t, &h, at(40, 9, (int)i * 600 + 60), 990000 + i);
        }
        if (elsewhere == 0)
            assert_true(sign_of(&t.stop, SIGN_STRANGERS).observed > 3);
        for (uint32_t s = 0; elsewhere == 1 && s < t.stop.sign_count; s++)
            assert_true(t.stop.signs[s].code != SIGN_STRANGERS ||
                        t.stop.signs[s].observed <= 3);
        detect_free(t.detect);
    }
}

/* Who moved is asked there once; who goes on far beyond, again. */
static void
where_somebody_was_asked_the_cap_is_four_times_as_high(void **state)
{
    struct trail t;
    (void)state;
    trail_open(&t, "strangers-in-a-row", "off");
    (void)holder(&t, 5);
    struct hand moved = {5, 0, 4242, 4343, 4444};
    unsigned asked[3] = {0}, count = 0, opened = 0;
    for (unsigned day = 40; day < 60 && count < 3; day++) {
        moved.session = day;
        come(&t, &moved, at((int)day, 9, 0));
        for (unsigned i = 0; i < 5 && count < 3; i++) {
            uint64_t before = t.last.id;
            open_person(&t, &moved, at((int)day, 9, 60 + (int)i * 1200),
                        990000 + opened++);
            if (t.last.id != before && t.last.verdict == VERDICT_STEP_UP)
                asked[count++] = opened;
        }
    }
    assert_in_range(asked[0], 1, 20);
    assert_true(asked[1] == 0 || asked[1] > asked[0] + 30);
    detect_free(t.detect);
}

/* The holder meets rows of up to ten strangers by day; a row of fourteen in
 * the night, on the same machine, is asked before it reaches the limit. */
static void
a_row_at_an_hour_not_the_accounts_is_short(void **state)
{
    (void)state;
    unsigned asked[2];
    for (unsigned night = 0; night < 2; night++) {
        struct trail t;
        trail_open(&t, NULL, NULL);
        struct hand h = holder(&t, 5);
        for (int day = 40; day < 56; day++) {
            h.session = 5000 + (uint64_t)day;
            come(&t, &h, at(day, 9, 0));
            for (int i = 0; i < 12; i++)
                open_person(&t, &h, at(day, 9, 60 + i * 290 + i * i),
                            i < 10 ? 5000000 + (uint64_t)(day * 100 + i)
                                   : UINT64_C(5) << 32 | (uint64_t)i);
        }
        memset(&t.stop, 0, sizeof(t.stop));
        t.rows = t.rows_to_stop = 0;
        h.session = 77;
        come(&t, &h, at(56, night ? 2 : 9, 0));
        for (int i = 0; i < 40; i++)
            open_person(&t, &h, at(56, night ? 2 : 9, 60 + i * 290 + i * i),
                        990000 + (uint64_t)i);
        asked[night] = t.rows_to_stop;
        if (night)
            assert_true(sign_of(&t.stop, SIGN_STRANGERS).window &
                        SIGN_WINDOW_ODD_WAY);
        detect_free(t.detect);
    }
    assert_in_range(asked[1], 12, 14);
    assert_true(asked[0] > asked[1]);
}

/* Thirty new patients among known ones, on the holder's own machine. */
static void
a_busy_day_at_home_is_looked_at_and_not_stopped(void **state)
{
    struct trail t;
    (void)state;
    trail_open(&t, NULL, NULL);
    struct hand h = holder(&t, 5);
    h.session = 77;
    come(&t, &h, at(40, 9, 0));
    for (int i = 0; i < 48; i++)
        open_person(&t, &h, at(40, 9, 60 + i * 400 + i * i),
                    i % 2 == 0 ? UINT64_C(5) << 32 | (uint64_t)(i % 60)
                               : 990000 + (uint64_t)i);
    assert_int_equal(t.stop.id, 0);
    assert_int_equal(t.last.verdict, VERDICT_WATCH);
    detect_free(t.detect);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            known_persons_between_break_the_row_and_an_off_sign_is_silent),
        cmocka_unit_test(
            strangers_in_a_row_are_seen_on_the_holders_own_machine),
        cmocka_unit_test(two_hands_on_one_session_are_seen),
        cmocka_unit_test(a_thief_who_was_asked_fills_no_cap_of_the_holder),
        cmocka_unit_test(an_account_without_habit_is_compared_with_its_place),
        cmocka_unit_test(a_role_that_was_told_comes_before_the_place),
        cmocka_unit_test(
            an_unknown_account_answers_for_a_row_once_the_ledger_is_warm),
        cmocka_unit_test(a_row_goes_on_over_sessions_of_one_place_only),
        cmocka_unit_test(
            an_announced_campaign_excuses_a_row_at_home_and_nowhere_else),
        cmocka_unit_test(
            a_place_that_some_known_persons_bought_is_lost_to_strangers),
        cmocka_unit_test(
            others_persons_vouch_in_a_practice_and_not_in_a_hospital),
        cmocka_unit_test(care_written_for_strangers_makes_the_row_shorter),
        cmocka_unit_test(
            a_page_of_strangers_over_the_pace_is_asked),
        cmocka_unit_test(
            where_somebody_was_asked_the_cap_is_four_times_as_high),
        cmocka_unit_test(a_row_at_an_hour_not_the_accounts_is_short),
        cmocka_unit_test(a_busy_day_at_home_is_looked_at_and_not_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
