/* SPDX-License-Identifier: EUPL-1.2 */
#include "test/unit/ledger_fixture.h"

#include "scope/hunt_run.h"
#include "scope/rhythm.h"

static struct hunt
hunted(struct fixture *fixture, enum alias_kind kind, const char *name)
{
    struct walk_query start;
    struct id_list devices = {0};
    struct hunt hunt = {0};
    struct id_list *list = kind == ALIAS_SESSION        ? &start.sessions
                           : kind == ALIAS_PROFESSIONAL ? &start.professionals
                           : kind == ALIAS_ADDRESS      ? &start.addresses
                                                        : &devices;

    walk_query_start(&start);
    assert_int_equal(id_list_add(list, fixture_name(fixture, kind, name)), OK);
    assert_int_equal(
        hunt_run(fixture->ledger, fixture->lookup, &start, &devices, &hunt),
        OK);
    walk_query_free(&start);
    id_list_free(&devices);
    return hunt;
}

static const struct hunt_session *
session_of(struct fixture *fixture, const struct hunt *hunt, const char *name)
{
    uint64_t id = fixture_name(fixture, ALIAS_SESSION, name);

    for (size_t i = 0; i < hunt->session_count; i++)
        if (hunt->sessions[i].session == id)
            return &hunt->sessions[i];
    return NULL;
}

/* A session with accesses to `persons` persons, one a step. */
static void
work(struct fixture *fixture, const char *session, int minute,
     const char *address, const char *device, int persons, int step)
{
    char name[32];

    fixture_sight(fixture, session, minute, address, device);
    for (int i = 0; i < persons; i++) {
        (void)snprintf(name, sizeof(name), "%s-%d", session, i);
        fixture_see(fixture, session, minute + i * step, name,
                    CATEGORY_IDENTITY);
    }
}

static void
a_start_that_did_nothing_finds_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct hunt hunt;

    work(fixture, "b1", 1, "192.0.2.1", "D", 2, 1);
    hunt = hunted(fixture, ALIAS_SESSION, "a1");
    assert_int_equal(hunt.session_count, 0);
    assert_int_equal(hunt.line_count, 0);
    hunt_free(&hunt);
}

static void
sessions_from_the_same_address_are_found_and_others_are_not(void **state)
{
    struct fixture *fixture = *state;
    struct hunt hunt;

    work(fixture, "a1", 0, "192.0.2.1", "D1", 3, 2);
    work(fixture, "b1", 500, "192.0.2.1", "D2", 4, 1);
    work(fixture, "c1", 500, "192.0.2.9", "D3", 4, 1);
    hunt = hunted(fixture, ALIAS_SESSION, "a1");
    assert_int_equal(hunt.session_count, 2);
    assert_int_equal(hunt.sessions[0].reasons, HUNT_START);
    assert_int_equal(session_of(fixture, &hunt, "b1")->reasons, HUNT_ADDRESS);
    assert_int_equal(session_of(fixture, &hunt, "b1")->persons, 4);
    assert_null(session_of(fixture, &hunt, "c1"));
    assert_int_equal(hunt.account_count, 2);
    assert_int_equal(hunt.accounts[1].persons, 4);
    assert_int_equal(hunt.persons, 7);
    hunt_free(&hunt);
}

static void
a_device_is_found_without_an_index_and_may_be_the_start(void **state)
{
    struct fixture *fixture = *state;
    struct hunt hunt;

    work(fixture, "a1", 0, "192.0.2.1", "D1", 3, 2);
    work(fixture, "b1", 500, "192.0.2.2", "D1", 4, 1);
    hunt = hunted(fixture, ALIAS_SESSION, "a1");
    assert_int_equal(session_of(fixture, &hunt, "b1")->reasons, HUNT_DEVICE);
    hunt_free(&hunt);
    hunt = hunted(fixture, ALIAS_DEVICE, "D1");
    assert_int_equal(hunt.session_count, 2);
    assert_int_equal(hunt.sessions[0].reasons, HUNT_START);
    assert_int_equal(hunt.sessions[1].reasons, HUNT_START);
    hunt_free(&hunt);
}

static void
what_many_accounts_share_is_named_and_not_followed(void **state)
{
    struct fixture *fixture = *state;
    char session[3] = {'a', '1', '\0'};
    struct hunt hunt;

    for (; session[0] <= 'z'; session[0]++)
        work(fixture, session, session[0], "192.0.2.1", "portal", 1, 1);
    hunt = hunted(fixture, ALIAS_SESSION, "a1");
    assert_int_equal(hunt.session_count, 1);
    assert_int_equal(hunt.context_count, 2);
    assert_true(hunt.contexts[0].shared);
    assert_int_equal(hunt.contexts[0].accounts, 26);
    hunt_free(&hunt);
    hunt = hunted(fixture, ALIAS_ADDRESS, "192.0.2.1");
    assert_int_equal(hunt.session_count, 26);
    assert_true(hunt.contexts[0].asked);
    hunt_free(&hunt);
}

static void
a_script_with_the_same_step_elsewhere_is_found(void **state)
{
    struct fixture *fixture = *state;
    struct hunt hunt;

    work(fixture, "a1", 0, "192.0.2.1", "D1", 20, 2);
    work(fixture, "b1", 100, "192.0.2.2", "D2", 20, 2);
    work(fixture, "c1", 100, "192.0.2.3", "D3", 20, 5);
    hunt = hunted(fixture, ALIAS_SESSION, "a1");
    assert_int_equal(session_of(fixture, &hunt, "b1")->reasons, HUNT_RHYTHM);
    assert_int_equal(session_of(fixture, &hunt, "b1")->step_us,
                     2 * TIME_MINUTE_US);
    assert_null(session_of(fixture, &hunt, "c1"));
    hunt_free(&hunt);
}

static void
one_account_behind_the_other_from_one_address_alternates(void **state)
{
    struct fixture *fixture = *state;
    struct hunt hunt;

    work(fixture, "a1", 0, "192.0.2.1", "D1", 3, 2);
    work(fixture, "b1", 10, "192.0.2.1", "D2", 3, 2);
    hunt = hunted(fixture, ALIAS_SESSION, "a1");
    assert_int_equal(session_of(fixture, &hunt, "b1")->reasons,
                     HUNT_ADDRESS | HUNT_ALTERNATES);
    hunt_free(&hunt);
}

static void
the_usual_place_of_an_account_weighs_little(void **state)
{
    struct fixture *fixture = *state;
    char session[3] = "a0";
    struct hunt hunt;

    for (; session[1] < '9'; session[1]++)
        work(fixture, session, 1000 * (session[1] - '0'), "192.0.2.1", "D1", 1,
             1);
    work(fixture, "a9", 12000, "192.0.2.66", "D66", 3, 1);
    work(fixture, "b1", 1500, "192.0.2.1", "D2", 1, 1);
    work(fixture, "c1", 12500, "192.0.2.66", "D3", 1, 1);
    hunt = hunted(fixture, ALIAS_PROFESSIONAL, "a");
    assert_true(session_of(fixture, &hunt, "b1")->reasons & HUNT_HABITUAL);
    assert_true(session_of(fixture, &hunt, "c1")->strength >
                session_of(fixture, &hunt, "b1")->strength);
    hunt_free(&hunt);
}

static void
the_timeline_has_a_line_an_hour_and_a_place(void **state)
{
    struct fixture *fixture = *state;
    struct hunt hunt;

    work(fixture, "a1", 50, "192.0.2.1", "D1", 20, 1); /* 10 min in hour 0 */
    fixture_sight(fixture, "a1", 80, "192.0.2.2", "D1");
    fixture_see(fixture, "a1", 81, "P", CATEGORY_CONTACT);
    hunt = hunted(fixture, ALIAS_SESSION, "a1");
    assert_int_equal(hunt.line_count, 3);
    assert_int_equal(hunt.lines[0].persons, 10);
    assert_int_equal(hunt.lines[1].persons, 10);
    assert_int_equal(hunt.lines[2].persons, 1);
    assert_int_equal(hunt.lines[2].categories, CATEGORY_CONTACT);
    assert_int_equal(hunt.lines[2].first_us, 81 * TIME_MINUTE_US);
    hunt_free(&hunt);
}

static void
too_few_steps_have_no_rhythm(void **state)
{
    int64_t times[RHYTHM_STEPS_MIN];
    uint32_t share = 9;

    (void)state;
    for (size_t i = 0; i < RHYTHM_STEPS_MIN; i++)
        times[i] = (int64_t)i * TIME_SECOND_US;
    assert_int_equal(rhythm_median(times, RHYTHM_STEPS_MIN, &share), 0);
    assert_int_equal(share, 0);
}

static void
rows_of_one_request_are_one_step_and_order_does_not_matter(void **state)
{
    int64_t times[60];
    uint32_t share = 0;

    (void)state;
    for (size_t i = 0; i < 60; i++)
        times[i] = (int64_t)((59 - i) / 3) * 7 * TIME_SECOND_US +
                   (int64_t)(i % 3) * 1000;
    assert_int_equal(rhythm_median(times, 60, &share) / 10000,
                     7 * TIME_SECOND_US / 10000);
    assert_int_equal(share, 100);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_start_that_did_nothing_finds_nothing),
        FIXTURE_TEST(
            sessions_from_the_same_address_are_found_and_others_are_not),
        FIXTURE_TEST(a_device_is_found_without_an_index_and_may_be_the_start),
        FIXTURE_TEST(what_many_accounts_share_is_named_and_not_followed),
        FIXTURE_TEST(a_script_with_the_same_step_elsewhere_is_found),
        FIXTURE_TEST(one_account_behind_the_other_from_one_address_alternates),
        FIXTURE_TEST(the_usual_place_of_an_account_weighs_little),
        FIXTURE_TEST(the_timeline_has_a_line_an_hour_and_a_place),
        cmocka_unit_test(too_few_steps_have_no_rhythm),
        cmocka_unit_test(
            rows_of_one_request_are_one_step_and_order_does_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
