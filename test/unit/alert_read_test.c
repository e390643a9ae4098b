/* SPDX-License-Identifier: EUPL-1.2 */
/* Alerts from their rows: those of older versions, and what was added. */
#include "test/unit/ledger_fixture.h"

#include "scope/alert_read.h"

#define ALERT UINT64_C(0xabcdef)

static struct alert
read_back(struct fixture *fixture)
{
    struct walk_query everything;
    struct alert_list list = {0};
    struct alert alert;

    walk_query_start(&everything);
    assert_int_equal(alert_read(fixture->ledger, &everything, ALERT, &list),
                     OK);
    assert_int_equal(list.count, 1);
    alert = list.alerts[0];
    alert_list_free(&list);
    return alert;
}

static void
verdict(struct fixture *fixture, uint16_t decided, uint32_t off)
{
    struct row row = fixture_of(fixture, "a1", 5);

    row.kind = ROW_VERDICT;
    row.request = ALERT;
    row.grade = 0;
    row.categories = VERDICT_STEP_UP;
    row.detail = 940;
    row.source = decided;
    row.service = (uint16_t)off;
    row.controller = (uint16_t)(off >> 16);
    fixture_row(fixture, &row);
}

static void
sign(struct fixture *fixture, uint16_t since, uint16_t days, unsigned basis)
{
    struct row row = fixture_of(fixture, "a1", 5);

    row.kind = ROW_SIGN;
    row.request = ALERT;
    row.grade = 0;
    row.categories = SIGN_PACE_HOUR;
    row.service = (uint16_t)-120;
    row.person = UINT64_C(92) << 32 | 6;
    row.detail = 60;
    row.controller = since;
    row.source = (uint16_t)(days | basis << 13);
    fixture_row(fixture, &row);
}

static void
an_alert_of_an_older_version_says_nothing_of_since(void **state)
{
    struct fixture *fixture = *state;

    sign(fixture, 0, 0, 0);
    verdict(fixture, 0, 0);
    struct alert alert = read_back(fixture);
    assert_int_equal(alert.decided, 0);
    assert_int_equal(alert.signs_off, 0);
    assert_int_equal(alert.signs[0].basis, BASIS_UNSAID);
    assert_int_equal(alert.signs[0].since_day, 0);
    assert_int_equal(alert.signs[0].observed, 92);
    assert_int_equal(alert.signs[0].usual, 6);
    assert_int_equal(alert.signs[0].weight_centinats, -120);
}

static void
what_a_sign_was_compared_with_and_since_when_is_read_again(void **state)
{
    struct fixture *fixture = *state;

    sign(fixture, 20607, 21, BASIS_ACCOUNT);
    sign(fixture, 65535, SIGN_KNOWN_DAYS_MAX, BASIS_LAST);
    verdict(fixture, DECIDED_PACE | DECIDED_STRANGERS,
            1u << SIGN_REGULAR | 1u << SIGN_LAST);
    struct alert alert = read_back(fixture);
    assert_int_equal(alert.decided, DECIDED_PACE | DECIDED_STRANGERS);
    assert_int_equal(alert.signs_off, 1u << SIGN_REGULAR | 1u << SIGN_LAST);
    assert_int_equal(alert.signs[0].basis, BASIS_ACCOUNT);
    assert_int_equal(alert.signs[0].since_day, 20607);
    assert_int_equal(alert.signs[0].known_days, 21);
    assert_int_equal(alert.signs[1].basis, BASIS_LAST);
    assert_int_equal(alert.signs[1].since_day, 65535);
    assert_int_equal(alert.signs[1].known_days, SIGN_KNOWN_DAYS_MAX);
}

/* The network is older than the address, the device is new. */
static void
since_when_a_place_is_known_comes_from_the_sightings_before(void **state)
{
    struct fixture *fixture = *state;
    struct alert_past past;

    for (int i = 0; i < 3; i++) {
        char session[3] = {'a', (char)('1' + i), '\0'};
        char address[] = "192.0.2.1";
        struct row row = fixture_of(fixture, session, i * 60);

        address[8] = (char)('1' + (i > 0));
        row.kind = ROW_SIGHTING;
        row.grade = 0;
        row.person = fixture_name(fixture, ALIAS_ADDRESS, address);
        row.request = fixture_name(fixture, ALIAS_DEVICE, i < 2 ? "D1" : "D2");
        row.detail = 77;
        fixture_row(fixture, &row);
        fixture_see(fixture, session, i * 60 + 1, "P1", CATEGORY_IDENTITY);
    }
    struct row row = fixture_of(fixture, "a3", 125);
    struct alert alert = {.id = ALERT,
                          .session = row.session,
                          .professional = row.professional,
                          .time_us = row.time_source_us};
    assert_int_equal(alert_past(fixture->ledger, &alert, &past), OK);
    assert_int_equal(past.network, 77);
    assert_int_equal(past.network_since_us, 0);
    assert_int_equal(past.address_since_us, 60 * TIME_MINUTE_US);
    assert_true(past.device_since_us == INT64_MAX);
    assert_int_equal(past.session_persons, 1);
    assert_int_equal(past.session_new, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(an_alert_of_an_older_version_says_nothing_of_since),
        FIXTURE_TEST(
            what_a_sign_was_compared_with_and_since_when_is_read_again),
        FIXTURE_TEST(
            since_when_a_place_is_known_comes_from_the_sightings_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
