/* SPDX-License-Identifier: EUPL-1.2 */
#include "detect/detect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "model/category.h"
#include "model/resource.h"

#define START_US (INT64_C(20500) * TIME_DAY_US)

/* A ledger's worth of rows made by hand, and what the detector said. */
struct bench {
    struct detect *detect;
    struct detect_options options;
    struct alert alerts[64];
    unsigned alert_count;
    uint64_t hash; /* of all alerts */
};

static void
bench_open(struct bench *b)
{
    memset(b, 0, sizeof(*b));
    detect_options_default(&b->options);
    assert_int_equal(detect_new(&b->options, &b->detect), OK);
}

static void
bench_close(struct bench *b)
{
    detect_free(b->detect);
}

static void
feed(struct bench *b, const struct row *row)
{
    struct alert alert;
    assert_int_equal(detect_row(b->detect, row, 0, NULL, &alert), OK);
    if (alert.verdict == VERDICT_ALLOW)
        return;
    b->hash = b->hash * 31 + alert.id + (uint64_t)alert.score_centinats;
    if (b->alert_count < 64)
        b->alerts[b->alert_count++] = alert;
}

struct who {
    uint64_t professional, session, device, address;
    uint32_t network;
};

static void
sight(struct bench *b, const struct who *w, int64_t at)
{
    struct row row = {.kind = ROW_SIGHTING,
                      .time_source_us = at,
                      .session = w->session,
                      .professional = w->professional,
                      .person = w->address,
                      .request = w->device,
                      .detail = w->network};
    feed(b, &row);
}

static void
look(struct bench *b, const struct who *w, int64_t at, uint64_t person)
{
    struct row row = {.kind = ROW_DISCLOSURE,
                      .time_source_us = at,
                      .session = w->session,
                      .professional = w->professional,
                      .person = person,
                      .grade = 2,
                      .categories = CATEGORY_MEDICAL,
                      .detail = ROW_DETAIL(1, INTERACTION_READ, 2)};
    feed(b, &row);
}

static int64_t
at(int day, int hour, int minute, int second)
{
    return START_US + day * TIME_DAY_US + hour * TIME_HOUR_US +
           minute * TIME_MINUTE_US + second * TIME_SECOND_US;
}

/* Weekdays of a holder: ten persons already followed, two new ones, from
 * the same machine. */
static void
holder_days(struct bench *b, uint64_t professional, int from, int to)
{
    for (int day = from; day < to; day++) {
        struct who w = {professional, 1000 * professional + (uint64_t)day,
                        professional + 70000, professional + 80000,
                        (uint32_t)professional + 90000};
        sight(b, &w, at(day, 9, 0, 0));
        for (int i = 0; i < 12; i++) {
            uint64_t person =
                i < 10 ? professional << 32 | (uint64_t)(i + day % 5 * 10)
                       : professional << 32 | (uint64_t)(1000 + day * 2 + i);
            look(b, &w, at(day, 9, 5 + i * 10 % 50, i * 7), person);
        }
    }
}

static void
an_empty_judge_says_nothing(void **state)
{
    struct bench b;
    struct suspect suspects[SUSPECTS_SHOWN];
    (void)state;
    bench_open(&b);
    struct row row = {.kind = ROW_DISCLOSURE, .person = 1};
    feed(&b, &row); /* neither session nor professional */
    assert_int_equal(b.alert_count, 0);
    assert_int_equal(detect_suspects(b.detect, suspects, SUSPECTS_SHOWN), 0);
    detect_free(NULL);
    bench_close(&b);
}

static void
a_steady_holder_is_never_asked(void **state)
{
    struct bench b;
    (void)state;
    bench_open(&b);
    holder_days(&b, 5, 0, 60);
    assert_int_equal(b.alert_count, 0);
    bench_close(&b);
}

static unsigned
thief(struct bench *b, int day, int count, int step_s, uint64_t session)
{
    struct who w = {5, session, 4242, 4343, 4444};
    sight(b, &w, at(day, 14, 0, 0));
    for (int i = 0; i < count; i++) {
        look(b, &w, at(day, 14, 0, 10 + i * step_s),
             UINT64_C(900000) + session * 1000 + (uint64_t)i);
        if (b->alert_count &&
            b->alerts[b->alert_count - 1].verdict == VERDICT_STEP_UP)
            return (unsigned)i + 1;
    }
    return 0;
}

static void
a_thief_from_elsewhere_is_asked_at_the_cap_at_the_latest(void **state)
{
    struct bench b;
    (void)state;
    bench_open(&b);
    holder_days(&b, 5, 0, 40);
    unsigned lost = thief(&b, 40, 60, 450, 77);
    assert_in_range(lost, 1, b.options.unfamiliar_new_max + 1);
    assert_int_equal(b.alerts[b.alert_count - 1].session, 77);
    assert_int_equal(b.alerts[b.alert_count - 1].professional, 5);
    bench_close(&b);
}

static void
a_thief_who_changes_session_every_five_persons_is_asked_too(void **state)
{
    struct bench b;
    (void)state;
    bench_open(&b);
    holder_days(&b, 5, 0, 40);
    unsigned lost = 0, stopped = 0;
    for (unsigned s = 0; s < 10 && stopped == 0; s++) {
        lost += 5;
        stopped = thief(&b, 40 + (int)s, 5, 60, 100 + s);
    }
    assert_int_not_equal(stopped, 0);
    assert_true(lost <= 30);
    bench_close(&b);
}

static void
a_thief_on_the_holders_machine_meets_the_pace_cap(void **state)
{
    struct bench b;
    (void)state;
    bench_open(&b);
    holder_days(&b, 5, 0, 40);
    struct who w = {5, 99, 70005, 80005, 90005};
    sight(&b, &w, at(40, 20, 0, 0));
    unsigned lost = 0;
    for (unsigned i = 0; i < 60 && lost == 0; i++) {
        look(&b, &w, at(40, 20, 1, (int)i * 30), 700000 + i);
        for (unsigned k = 0; k < b.alert_count; k++)
            if (b.alerts[k].verdict == VERDICT_STEP_UP)
                lost = i + 1;
    }
    assert_in_range(lost, 5, 20);
    bench_close(&b);
}

static void
two_days_of_a_ledger_alert_by_ceilings_and_say_sans_habitude(void **state)
{
    struct bench b;
    (void)state;
    bench_open(&b);
    struct who w = {8, 99, 70005, 80005, 90005};
    sight(&b, &w, at(0, 2, 0, 0));
    for (unsigned i = 0; i < 150; i++)
        look(&b, &w, at(0, 2, 0, (int)i * 5), 700000 + i);
    assert_int_not_equal(b.alert_count, 0);
    const struct alert *a = &b.alerts[b.alert_count - 1];
    assert_int_equal(a->verdict, VERDICT_STEP_UP);
    bool cold = false;
    for (unsigned i = 0; i < a->sign_count; i++)
        cold = cold || (a->signs[i].code == SIGN_CEILING &&
                        (a->signs[i].window & SIGN_WINDOW_COLD));
    assert_true(cold);
    bench_close(&b);
}

static void
a_session_gets_one_alert_a_verdict_even_after_it_slept(void **state)
{
    struct bench b;
    (void)state;
    bench_open(&b);
    holder_days(&b, 5, 0, 40);
    for (int day = 40; day < 45; day++) {
        struct who w = {5, 77, 4242, 4343, 4444};
        sight(&b, &w, at(day, 14, 0, 0));
        for (int i = 0; i < 40; i++)
            look(&b, &w, at(day, 14, 0, 10 + i * 20),
                 UINT64_C(900000) + (uint64_t)(day * 1000 + i));
    }
    unsigned step_ups = 0;
    for (unsigned i = 0; i < b.alert_count; i++)
        step_ups += b.alerts[i].verdict == VERDICT_STEP_UP;
    assert_int_equal(step_ups, 1);
    assert_true(b.alert_count <= 2);
    bench_close(&b);
}

static void
a_new_machine_is_released_by_reading_known_persons(void **state)
{
    struct bench b;
    (void)state;
    bench_open(&b);
    holder_days(&b, 5, 0, 40);
    for (int day = 40; day < 50; day++) {
        struct who w = {5, 200 + (uint64_t)day, 1, 2, 3};
        sight(&b, &w, at(day, 9, 0, 0));
        for (int i = 0; i < 12; i++)
            look(&b, &w, at(day, 9, 5 + i, 0),
                 i % 2 ? UINT64_C(5) << 32 | (uint64_t)(i + day % 5 * 10)
                       : UINT64_C(5) << 32 | (uint64_t)(5000 + day * 20 + i));
    }
    assert_int_equal(b.alert_count, 0);
    bench_close(&b);
}

static void
the_first_suspect_is_the_thief_and_every_account_has_a_moment(void **state)
{
    struct bench b;
    struct suspect suspects[3];
    (void)state;
    bench_open(&b);
    for (uint64_t p = 5; p < 9; p++)
        holder_days(&b, p, 0, 40);
    thief(&b, 40, 60, 20, 77);
    assert_int_equal(detect_suspects(b.detect, suspects, 3), 3);
    assert_int_equal(suspects[0].professional, 5);
    assert_int_equal(suspects[0].session, 77);
    assert_int_not_equal(suspects[0].sign_count, 0);
    assert_int_not_equal(suspects[1].sign_count, 0);
    bench_close(&b);
}

static void
expect_hour(const char *zone, const char *words)
{
    struct buffer out = {0};
    struct sign sign = {.code = SIGN_HOUR_UNUSUAL, .observed = 22};
    assert_int_equal(time_zone_set(zone), OK);
    /* 20 March 2026, 22:30 UTC */
    assert_int_equal(sign_text(&sign, INT64_C(1774045800) * 1000000, &out), OK);
    assert_int_equal(strncmp(out.bytes, words, strlen(words)), 0);
    buffer_free(&out);
}

static void
hours_are_said_in_the_operators_zone(void **state)
{
    (void)state;
    expect_hour("Europe/Paris", "at 23 h;");
    expect_hour("Indian/Reunion", "at 2 h;");
    expect_hour("America/Guadeloupe", "at 18 h;");
    expect_hour("UTC", "at 22 h;");
}

static void
every_sign_has_a_name_and_a_sentence(void **state)
{
    struct buffer out = {0};
    (void)state;
    for (uint16_t code = 1; code <= SIGN_LAST; code++) {
        struct sign sign = {.code = code, .observed = 7, .usual = 3};
        buffer_clear(&out);
        assert_int_equal(sign_text(&sign, 0, &out), OK);
        assert_true(out.length > 10);
        assert_false(text_is(buffer_as_text(&out), sign_name(code)));
        assert_string_not_equal(sign_name(code), "unknown");
    }
    assert_string_equal(sign_name(999), "unknown");
    buffer_free(&out);
}

static void
an_option_is_set_by_name_and_a_senseless_one_refused(void **state)
{
    struct detect_options o, before;
    (void)state;
    detect_options_default(&o);
    before = o;
    assert_int_equal(detect_options_set(&o, TEXT("nothing"), TEXT("1")),
                     E_NOTFOUND);
    assert_int_equal(detect_options_set(&o, TEXT("pace-z"), TEXT("2.")),
                     E_FORMAT);
    assert_int_equal(detect_options_set(&o, TEXT("warm-up-days"), TEXT("-1")),
                     E_FORMAT);
    assert_int_equal(
        detect_options_set(&o, TEXT("warm-up-days"), TEXT("99999")), E_LIMIT);
    assert_int_equal(
        detect_options_set(&o, TEXT("identity-only"), TEXT("maybe")), E_FORMAT);
    assert_memory_equal(&o, &before, sizeof(o));
    assert_int_equal(detect_options_set(&o, TEXT("pace-z"), TEXT("2.5")), OK);
    assert_true(o.pace_z > 2.49 && o.pace_z < 2.51);
    assert_int_equal(
        detect_options_set(&o, TEXT("unfamiliar-new-max"), TEXT("30")), OK);
    assert_int_equal(o.unfamiliar_new_max, 30);
    assert_int_equal(detect_options_set(&o, TEXT("identity-only"), TEXT("off")),
                     OK);
    assert_int_equal(o.signs_off, 1u << SIGN_IDENTITY_ONLY);
}

static void
a_sign_that_is_off_neither_counts_nor_caps(void **state)
{
    struct bench b;
    (void)state;
    memset(&b, 0, sizeof(b));
    detect_options_default(&b.options);
    for (uint16_t code = 1; code <= SIGN_LAST; code++)
        b.options.signs_off |= 1u << code;
    assert_int_equal(detect_new(&b.options, &b.detect), OK);
    holder_days(&b, 5, 0, 40);
    thief(&b, 40, 60, 20, 77);
    assert_int_equal(b.alert_count, 0);
    bench_close(&b);
}

static void
a_wrong_clock_in_one_row_does_not_age_the_other_accounts(void **state)
{
    struct bench b;
    (void)state;
    bench_open(&b);
    holder_days(&b, 5, 0, 40);
    struct who lost = {6, 66, 1, 2, 3};
    sight(&b, &lost, at(20000, 3, 0, 0));
    look(&b, &lost, at(20000, 3, 0, 0), 1);
    unsigned taken = thief(&b, 40, 60, 450, 77);
    assert_in_range(taken, 1, b.options.unfamiliar_new_max + 1);
    assert_true(b.alerts[b.alert_count - 1].time_us < at(41, 0, 0, 0));
    bench_close(&b);
}

static void
a_thief_buys_no_trust_by_opening_his_own_strangers_again(void **state)
{
    struct bench b;
    unsigned day = 40, step_ups = 0;
    (void)state;
    bench_open(&b);
    holder_days(&b, 5, 0, 40);
    for (; day < 60 && step_ups == 0; day++) {
        struct who w = {5, 300 + day, 4242, 4343, 4444};
        sight(&b, &w, at((int)day, 14, 0, 0));
        for (unsigned i = 0; i < (day - 39) * 3; i++)
            look(&b, &w, at((int)day, 14, (int)i, 0), 800000 + i);
        for (unsigned i = 0; i < b.alert_count; i++)
            step_ups += b.alerts[i].verdict == VERDICT_STEP_UP;
    }
    assert_int_not_equal(step_ups, 0);
    bench_close(&b);
}

static void
a_row_that_goes_back_in_time_begins_no_new_day(void **state)
{
    struct bench b;
    struct detect_statistics s;
    (void)state;
    bench_open(&b);
    struct who w = {5, 1, 2, 3, 4};
    sight(&b, &w, at(5, 9, 0, 0));
    for (int i = 0; i < 10; i++)
        look(&b, &w, at(5 - i % 2 * 3, 9, i, 0), (uint64_t)i + 1);
    detect_statistics(b.detect, &s);
    assert_int_equal(s.professional_days, 1);
    bench_close(&b);
}

static void
refuse(struct bench *b, const struct who *w, int64_t time_us)
{
    struct row row = {.kind = ROW_REFUSAL,
                      .time_source_us = time_us,
                      .session = w->session,
                      .professional = w->professional};
    feed(b, &row);
}

static void
passwords_guessed_from_one_address_are_watched_once(void **state)
{
    struct bench b;
    (void)state;
    bench_open(&b);
    for (unsigned i = 0; i < 20; i++) {
        struct who w = {20 + i, 400, 5, 6, 7};
        sight(&b, &w, at(3, 10, 0, (int)i));
        refuse(&b, &w, at(3, 10, 0, (int)i));
    }
    assert_int_equal(b.alert_count, 1);
    assert_int_equal(b.alerts[0].verdict, VERDICT_WATCH);
    assert_int_equal(b.alerts[0].signs[0].code, SIGN_LOGIN_FAILURES);
    assert_int_equal(b.alerts[0].signs[0].usual, 5);
    bench_close(&b);
}

static void
some_forgotten_passwords_of_a_day_are_nothing(void **state)
{
    struct bench b;
    (void)state;
    bench_open(&b);
    for (unsigned i = 0; i < 20; i++) {
        struct who w = {20 + i % 7, 400, 5, 6, 7};
        sight(&b, &w, at(3, 10, (int)i * 3, 0));
        refuse(&b, &w, at(3, 10, (int)i * 3, 0));
    }
    assert_int_equal(b.alert_count, 0);
    bench_close(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_judge_says_nothing),
        cmocka_unit_test(a_steady_holder_is_never_asked),
        cmocka_unit_test(
            a_thief_from_elsewhere_is_asked_at_the_cap_at_the_latest),
        cmocka_unit_test(
            a_thief_who_changes_session_every_five_persons_is_asked_too),
        cmocka_unit_test(a_thief_on_the_holders_machine_meets_the_pace_cap),
        cmocka_unit_test(
            two_days_of_a_ledger_alert_by_ceilings_and_say_sans_habitude),
        cmocka_unit_test(
            a_session_gets_one_alert_a_verdict_even_after_it_slept),
        cmocka_unit_test(a_new_machine_is_released_by_reading_known_persons),
        cmocka_unit_test(
            the_first_suspect_is_the_thief_and_every_account_has_a_moment),
        cmocka_unit_test(hours_are_said_in_the_operators_zone),
        cmocka_unit_test(every_sign_has_a_name_and_a_sentence),
        cmocka_unit_test(an_option_is_set_by_name_and_a_senseless_one_refused),
        cmocka_unit_test(a_sign_that_is_off_neither_counts_nor_caps),
        cmocka_unit_test(passwords_guessed_from_one_address_are_watched_once),
        cmocka_unit_test(some_forgotten_passwords_of_a_day_are_nothing),
        cmocka_unit_test(
            a_thief_buys_no_trust_by_opening_his_own_strangers_again),
        cmocka_unit_test(a_row_that_goes_back_in_time_begins_no_new_day),
        cmocka_unit_test(
            a_wrong_clock_in_one_row_does_not_age_the_other_accounts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
