/* SPDX-License-Identifier: EUPL-1.2 */
/* The detector's numbers by name, and every sign turned off. */
#include "detect/detect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "demo/region_random.h"
#include "demo/region_rows.h"
#include "detect/scoring.h"

static enum result
set(struct detect_options *options, const char *name, const char *value)
{
    return detect_options_set(options, text_of(name), text_of(value));
}

static void
expect_text(const struct detect_options *options, const char *expected)
{
    struct buffer out = {0};

    assert_int_equal(detect_options_text(options, &out), OK);
    assert_int_equal(buffer_byte(&out, '\0'), OK);
    assert_string_equal(out.bytes, expected);
    buffer_free(&out);
}

static void
a_senseless_list_of_signs_changes_nothing(void **state)
{
    static const char *const wrong[] = {"",
                                        ",",
                                        "7,",
                                        ",7",
                                        "0",
                                        "99",
                                        "device",
                                        "7 ,8",
                                        "device-new;7",
                                        "none",
                                        "unknown",
                                        "-1",
                                        "18446744073709551616"};
    struct detect_options options;

    (void)state;
    detect_options_default(&options);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        assert_int_not_equal(set(&options, "sign-off", wrong[i]), OK);
    assert_int_equal(set(&options, "device-new", "7"), E_FORMAT);
    assert_int_equal(set(&options, "sign-offs", "7"), E_NOTFOUND);
    expect_text(&options, "");
}

static void
what_was_set_is_said_as_it_is_set(void **state)
{
    struct detect_options options;

    (void)state;
    detect_options_default(&options);
    assert_int_equal(set(&options, "pace-z", "2.5"), OK);
    assert_int_equal(set(&options, "warm-up-days", "21"), OK);
    assert_int_equal(set(&options, "sign-off", "regular-step,5"), OK);
    assert_int_equal(set(&options, "sign-off", "lure"), OK);
    expect_text(&options, "warm-up-days=21 pace-z=2.50 "
                          "sign-off=device-new,regular-step,lure");
    assert_int_equal(set(&options, "device-new", "on"), OK);
    assert_int_equal(set(&options, "warm-up-days", "10"), OK);
    assert_int_equal(set(&options, "pace-z", "2"), OK);
    expect_text(&options, "sign-off=regular-step,lure");
}

static void
every_sign_is_turned_off_by_name_and_by_number(void **state)
{
    (void)state;
    for (uint16_t code = 1; code <= SIGN_LAST; code++) {
        struct detect_options options;
        char number[8];

        detect_options_default(&options);
        assert_int_equal(set(&options, "sign-off", sign_name(code)), OK);
        assert_int_equal(options.signs_off, 1u << code);
        (void)snprintf(number, sizeof(number), "%u", (unsigned)code);
        detect_options_default(&options);
        assert_int_equal(set(&options, "sign-off", number), OK);
        assert_int_equal(options.signs_off, 1u << code);
        assert_int_equal(set(&options, sign_name(code), "on"), OK);
        assert_int_equal(options.signs_off, 0);
    }
}

/* All signs but those of refused logins come through here. */
static void
a_sign_that_is_off_adds_no_weight(void **state)
{
    (void)state;
    for (uint16_t code = 1; code <= SIGN_LAST; code++) {
        struct detect_options options;
        struct detect *detect;
        struct facts facts = {0};
        struct account account = {.first_day = 20500, .active_days = 9};
        struct judgement judgement = {0};
        struct scoring s = {
            .account = &account, .facts = &facts, .out = &judgement};

        detect_options_default(&options);
        assert_int_equal(set(&options, "sign-off", sign_name(code)), OK);
        assert_int_equal(detect_new(&options, &detect), OK);
        s.detect = detect;
        for (uint16_t other = 1; other <= SIGN_LAST; other++)
            if (other == code || other % 2 == 0)
                scoring_add(&s, other, 100, 1, 1, 0);
        assert_false(scoring_is_on(&s, code));
        assert_int_equal(judgement.score,
                         100 * (int)(SIGN_LAST / 2 - (code % 2 == 0)));
        for (uint32_t i = 0; i < judgement.sign_count; i++)
            assert_int_not_equal(judgement.signs[i].code, code);
        detect_free(detect);
    }
}

/* -- a region in which the operator told all there is to be told -- */

struct play {
    struct row *rows;
    size_t count, room;
};

static void
play_open(struct play *p)
{
    struct region_options o;
    struct region *region;
    struct region_rows *maker;
    const struct region_event *events;
    size_t count, made;

    region_options_default(&o);
    o.seed = 77;
    o.days = 18;
    o.professionals = 24;
    o.thief_count = 3;
    for (unsigned i = 0; i < 3; i++)
        o.thieves[i] = (enum region_thief)(1 + i);
    *p = (struct play){0};
    assert_int_equal(region_new(&o, &region), OK);
    assert_int_equal(region_rows_new(region, &maker), OK);
    while (region_day(region, &events, &count) == OK) {
        p->room = p->count + REGION_ROWS_MAX * count;
        p->rows = realloc(p->rows, p->room * sizeof(*p->rows) + 1);
        assert_non_null(p->rows);
        for (size_t i = 0; i < count; i++, p->count += made)
            assert_int_equal(
                region_rows_make(maker, &events[i], &p->rows[p->count], &made),
                OK);
    }
    region_rows_free(maker);
    region_free(region);
}

static uint32_t
seen_in(const struct sign *signs, uint32_t count)
{
    uint32_t seen = 0;

    for (uint32_t i = 0; i < count; i++) {
        seen |= 1u << signs[i].code;
        assert_in_range(signs[i].basis, BASIS_RULE, BASIS_LAST);
        if (signs[i].basis == BASIS_ACCOUNT) {
            assert_int_not_equal(signs[i].since_day, 0);
            assert_in_range(signs[i].known_days, 5, 400);
        }
    }
    return seen;
}

/* The signs that alerts and worst moments show. */
static uint32_t
signs_seen(const struct play *p, const char *off)
{
    struct detect_options options;
    struct detect *detect;
    struct suspect suspects[40];
    uint32_t seen = 0;

    detect_options_default(&options);
    if (off != NULL)
        assert_int_equal(set(&options, "sign-off", off), OK);
    assert_int_equal(detect_new(&options, &detect), OK);
    for (size_t i = 0; i < p->count; i++) {
        const struct row *row = &p->rows[i];
        struct facts facts = {.role = (uint16_t)(row->professional % 3),
                              .country = {'Z', 'Z'}};
        struct alert alert;

        if (chance_mix(row->session, 1) % 4 == 0)
            facts.bits = (uint32_t)chance_mix(row->session, 2) & 0x1fffu &
                         ~(uint32_t)FACT_LURE;
        if (chance_mix(i, 3) % 500 == 0)
            facts.bits |= FACT_LURE;
        assert_int_equal(detect_row(detect, row, 0, &facts, &alert), OK);
        if (alert.verdict == VERDICT_ALLOW)
            continue;
        assert_int_not_equal(alert.decided, 0);
        seen |= seen_in(alert.signs, alert.sign_count);
    }
    size_t count = detect_suspects(detect, suspects, 40);
    for (size_t i = 0; i < count; i++)
        seen |= seen_in(suspects[i].signs, suspects[i].sign_count);
    detect_free(detect);
    return seen;
}

static void
no_alert_quotes_a_sign_that_is_off(void **state)
{
    struct play p;
    unsigned tried = 0;

    (void)state;
    play_open(&p);
    uint32_t all = signs_seen(&p, NULL);
    for (uint16_t code = 1; code <= SIGN_LAST; code++) {
        if (!(all >> code & 1))
            continue;
        tried++;
        assert_int_equal(signs_seen(&p, sign_name(code)) >> code & 1, 0);
    }
    if (tried < 20)
        fail_msg("only %u signs were seen: %x", tried, (unsigned)all);
    free(p.rows);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_senseless_list_of_signs_changes_nothing),
        cmocka_unit_test(what_was_set_is_said_as_it_is_set),
        cmocka_unit_test(every_sign_is_turned_off_by_name_and_by_number),
        cmocka_unit_test(a_sign_that_is_off_adds_no_weight),
        cmocka_unit_test(no_alert_quotes_a_sign_that_is_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
