/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * core: from events to rows. A real ledger, look-up and judge in a temporary
 * folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/time.h"
#include "core/core.h"

#define MINUTE TIME_MINUTE_US

struct place {
    char data[64], keys[80];
    struct core *core;
    int alerts;
};

static enum result
on_alert(void *context, const struct alert *alert)
{
    struct place *place = context;

    (void)alert;
    place->alerts++;
    return OK;
}

static void
place_open(struct place *place)
{
    struct core_options options = {
        .data_dir = place->data,
        .keys_dir = place->keys,
        .context = place,
        .alert = on_alert,
    };

    detect_options_default(&options.detect);
    assert_int_equal(core_open(&options, NULL, &place->core), OK);
    assert_int_equal(core_resume(place->core), OK);
}

static int
setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    assert_int_equal(hash_start(), OK);
    (void)snprintf(place->data, sizeof(place->data), "/tmp/vigie-core-XXXXXX");
    assert_non_null(mkdtemp(place->data));
    (void)snprintf(place->keys, sizeof(place->keys), "%s.keys", place->data);
    place_open(place);
    *state = place;
    return 0;
}

static int
teardown(void **state)
{
    struct place *place = *state;

    core_free(place->core);
    assert_int_equal(file_remove_tree(place->data), OK);
    assert_int_equal(file_remove_tree(place->keys), OK);
    free(place);
    return 0;
}

/* Drops what was not committed, as a crash does, and opens again. */
static void
place_reopen(struct place *place)
{
    core_free(place->core);
    place_open(place);
}

static struct event
event_of(int64_t minute, const char *professional, const char *session,
         const char *address, const char *person)
{
    struct event event = {
        .kind = EVENT_ACCESS,
        .grade = GRADE_DECLARED,
        .interaction = INTERACTION_READ,
        .side = SIDE_SERVER,
        .resource = resource_number(TEXT("Patient")),
        .time_us = time_days(2026, 3, 2) * TIME_DAY_US + minute * MINUTE,
        .professional = text_of(professional),
        .session = text_of(session),
        .session_kind = session == NULL ? SESSION_NONE : SESSION_TOKEN,
        .address = text_of(address),
        .device = TEXT("poste-1"),
        .service = TEXT("srv.example.fr"),
        .source = TEXT("srv"),
        .person_count = person == NULL ? 0 : 1,
    };

    event.categories = resource_categories(event.resource);
    event.persons[0] = (struct event_person){
        .shown = text_of(person),
        .system = TEXT(""),
        .value = TEXT(""),
        .reference = text_of(person),
    };
    return event;
}

static uint64_t digests = 1;

static void
accept(struct place *place, const struct event *event, uint64_t digest)
{
    struct text content = {(const char *)&digest, sizeof(digest)};

    assert_int_equal(core_accept(place->core, event, content, 1), OK);
}

static struct core_statistics
statistics(const struct place *place)
{
    struct core_statistics statistics;

    core_statistics(place->core, &statistics);
    return statistics;
}

static struct row
row_at(const struct place *place, uint64_t number)
{
    struct row row;

    assert_int_equal(ledger_read(core_ledger(place->core), number, 1, &row),
                     OK);
    return row;
}

static uint64_t
rows(const struct place *place)
{
    return ledger_count(core_ledger(place->core));
}

static void
the_first_row_of_a_session_says_where_it_is(void **state)
{
    struct place *place = *state;
    struct event event = event_of(0, "A", "j1", "192.0.2.1", "Patient/1");

    accept(place, &event, digests++);
    assert_int_equal(rows(place), 2);
    assert_int_equal(row_at(place, 0).kind, ROW_SIGHTING);
    assert_int_equal(row_at(place, 1).kind, ROW_DISCLOSURE);
    event = event_of(1, "A", "j1", "192.0.2.1", "Patient/2");
    accept(place, &event, digests++);
    assert_int_equal(rows(place), 3);
    event = event_of(2, "A", "j1", "192.0.2.99", "Patient/2");
    accept(place, &event, digests++);
    assert_int_equal(rows(place), 5);
    assert_int_equal(row_at(place, 3).kind, ROW_SIGHTING);
    assert_int_equal(statistics(place).persons, 2);
    assert_int_equal(statistics(place).sessions, 1);
}

static void
the_same_record_is_counted_once_also_after_reopening(void **state)
{
    uint64_t digest = 77;
    struct place *place = *state;
    struct event event = event_of(0, "A", "j1", "192.0.2.1", "Patient/1");

    accept(place, &event, 77);
    accept(place, &event, 77);
    assert_int_equal(rows(place), 2);
    assert_int_equal(statistics(place).duplicates, 1);
    assert_int_equal(core_commit(place->core), OK);
    place_reopen(place);
    accept(place, &event, 77);
    assert_int_equal(rows(place), 2);
    /* said twice by one file: two accesses */
    assert_int_equal(core_accept(place->core, &event,
                                 (struct text){(const char *)&digest, 8}, 2),
                     OK);
    assert_int_equal(rows(place), 3);
}

static void
both_sides_of_one_request_count_once(void **state)
{
    struct place *place = *state;
    struct event server = event_of(0, "A", "j1", "192.0.2.1", "Patient/1");
    struct event client = event_of(1, "A", "j1", "192.0.2.1", "Patient/1");

    server.request = client.request = TEXT("76d148b6");
    client.side = SIDE_CLIENT;
    accept(place, &server, digests++);
    accept(place, &client, digests++);
    assert_int_equal(statistics(place).disclosures, 1);
    assert_int_equal(rows(place), 2);
}

static void
a_request_id_used_again_and_again_hides_nothing(void **state)
{
    struct place *place = *state;

    for (int i = 0; i < 5; i++) {
        struct event event =
            event_of(i, "A", "j1", "192.0.2.1", "Patient/1");

        event.request = TEXT("1");
        accept(place, &event, digests++);
    }
    assert_int_equal(statistics(place).disclosures, 5);
    for (int i = 0; i < 5; i++) {
        struct event event = event_of(9, "A", "j1", "192.0.2.1", NULL);
        char person[16];

        (void)snprintf(person, sizeof(person), "Patient/%d", i + 10);
        event.person_count = 1;
        event.persons[0].reference = event.persons[0].shown = text_of(person);
        event.request = TEXT("1");
        accept(place, &event, digests++);
    }
    assert_int_equal(statistics(place).disclosures, 10);
    assert_int_equal(statistics(place).persons, 6);
}

static void
a_second_report_that_adds_a_session_is_kept_but_not_counted(void **state)
{
    struct place *place = *state;
    struct event client = event_of(0, "A", NULL, "192.0.2.1", "Patient/1");
    struct event server = event_of(0, "A", "j1", "192.0.2.1", "Patient/1");

    client.request = server.request = TEXT("r");
    client.side = SIDE_CLIENT;
    accept(place, &client, 5);
    accept(place, &server, 6);
    assert_int_equal(statistics(place).disclosures, 1);
    assert_int_equal(row_at(place, rows(place) - 1).flags & ROW_SAME_REQUEST,
                     ROW_SAME_REQUEST);
    {
        uint64_t before = rows(place);

        accept(place, &client, 5);
        accept(place, &server, 6);
        assert_int_equal(rows(place), before);
    }
}

static void
rotating_tokens_are_one_session_and_all_found(void **state)
{
    struct place *place = *state;
    struct alias first, later;
    struct event event = event_of(0, "A", "j1", "192.0.2.1", "Patient/1");

    accept(place, &event, digests++);
    event = event_of(2, "A", "j2", "192.0.2.1", "Patient/2");
    accept(place, &event, digests++);
    event = event_of(4, "A", "j3", "192.0.2.1", "Patient/3");
    accept(place, &event, digests++);
    assert_int_equal(statistics(place).sessions, 1);
    assert_int_equal(lookup_find(core_lookup(place->core), ALIAS_SESSION,
                                 TEXT("j1"), &first),
                     OK);
    assert_int_equal(lookup_find(core_lookup(place->core), ALIAS_SESSION,
                                 TEXT("j3"), &later),
                     OK);
    assert_true(first.canonical == later.canonical);
    /* another address, or 31 minutes later: another session */
    event = event_of(5, "A", "j4", "198.51.100.1", "Patient/3");
    accept(place, &event, digests++);
    event = event_of(36, "A", "j5", "192.0.2.1", "Patient/3");
    accept(place, &event, digests++);
    assert_int_equal(statistics(place).sessions, 3);
}

static void
without_a_token_a_session_is_derived_and_ends_by_idleness(void **state)
{
    struct place *place = *state;
    struct event event = event_of(0, "A", NULL, "192.0.2.1", "Patient/1");
    struct buffer name = {0};

    accept(place, &event, digests++);
    event = event_of(29, "A", NULL, "192.0.2.1", "Patient/2");
    accept(place, &event, digests++);
    assert_int_equal(statistics(place).sessions, 1);
    event = event_of(60, "A", NULL, "192.0.2.1", "Patient/2");
    accept(place, &event, digests++);
    assert_int_equal(statistics(place).sessions, 2);
    assert_int_equal(lookup_value(core_lookup(place->core),
                                  row_at(place, 0).session, &name),
                     OK);
    assert_int_equal(name.bytes[0], '~');
    buffer_free(&name);
}

static void
an_ins_joins_the_reference_beside_it(void **state)
{
    struct place *place = *state;
    struct event event = event_of(0, "A", "j1", "192.0.2.1", "Patient/1");
    struct row row;

    accept(place, &event, digests++);
    event.time_us += MINUTE;
    event.persons[0].system = TEXT("urn:oid:1.2.250.1.213.1.4.8");
    event.persons[0].value = TEXT("279035121518989");
    accept(place, &event, digests++);
    assert_int_equal(statistics(place).persons, 2);
    row = row_at(place, rows(place) - 2);
    assert_int_equal(row.kind, ROW_JOIN);
    event = event_of(3, "A", "j1", "192.0.2.1", "Patient/1");
    accept(place, &event, digests++);
    assert_true(row_at(place, rows(place) - 1).person ==
                lookup_canonical(core_lookup(place->core),
                                 row_at(place, 1).person));
}

static void
a_search_without_named_hits_is_a_row_all_the_same(void **state)
{
    struct place *place = *state;
    struct event event = event_of(0, "A", "j1", "192.0.2.1", NULL);

    event.query = TEXT("Patient?family=X");
    event.grade = GRADE_REQUESTED;
    accept(place, &event, digests++);
    assert_int_equal(row_at(place, 1).kind, ROW_UNLABELLED);
    assert_int_equal(statistics(place).unlabelled, 1);
}

static void
a_refusal_is_never_a_disclosure(void **state)
{
    struct place *place = *state;
    struct event event = event_of(0, "A", "j1", "192.0.2.1", "Patient/1");

    event.kind = EVENT_REFUSAL;
    accept(place, &event, digests++);
    assert_int_equal(row_at(place, 1).kind, ROW_REFUSAL);
    assert_int_equal(row_at(place, 1).grade, GRADE_NONE);
    assert_int_equal(statistics(place).disclosures, 0);
}

/* A night script from nowhere, as `steps` events from the given one on. */
static void
feed_thief(struct place *place, int from, int to)
{
    for (int i = from; i < to; i++) {
        char person[32];
        struct event event;

        (void)snprintf(person, sizeof(person), "Patient/t%d", i);
        event = event_of(2000 + i / 4, "T", "night", "203.0.113.9", person);
        event.device = TEXT("script");
        accept(place, &event, 100000 + (uint64_t)i);
    }
}

static void
a_crash_and_a_second_reading_give_the_rows_of_one_clean_run(void **state)
{
    struct place *place = *state;
    uint64_t clean;
    int alerts;

    feed_thief(place, 0, 400);
    clean = rows(place);
    alerts = place->alerts;
    assert_true(alerts > 0);
    core_free(place->core);
    assert_int_equal(file_remove_tree(place->data), OK);
    assert_int_equal(file_remove_tree(place->keys), OK);
    place->alerts = 0;
    place_open(place);
    feed_thief(place, 0, 123);
    assert_int_equal(core_commit(place->core), OK);
    feed_thief(place, 123, 150);
    place_reopen(place);
    feed_thief(place, 0, 400);
    assert_int_equal(rows(place), clean);
    assert_int_equal(place->alerts, alerts);
    assert_int_equal(statistics(place).duplicates, 123);
}

static void
a_late_import_judges_the_union_again(void **state)
{
    struct place *place = *state;
    struct event event = event_of(9000, "B", "b", "192.0.2.7", "Patient/1");

    accept(place, &event, digests++);
    assert_int_equal(core_finish(place->core), OK);
    place_reopen(place);
    feed_thief(place, 0, 400);
    assert_int_equal(place->alerts, 0);
    assert_int_equal(core_finish(place->core), OK);
    assert_true(place->alerts > 0);
}

/* -- searches -- */

/* A search by the first letters, with two persons as BALP reports them: a
 * record each, one request id (NULL: none). */
static void
search(struct place *place, int64_t minute, const char *letters,
       const char *request)
{
    struct event event = event_of(minute, "A", "j1", "192.0.2.1", NULL);

    event.interaction = INTERACTION_SEARCH;
    event.request = text_of(request);
    event.place.kind = QUERY_NAME;
    for (size_t i = 0; i < 8; i++)
        event.place.at = event.place.at << 8 |
                         (i < strlen(letters) ? (uint8_t)letters[i] : 0u);
    for (int i = 0; i < 2; i++) {
        char person[32];

        (void)snprintf(person, sizeof(person), "Patient/%s-%d", letters, i);
        event.person_count = 1;
        event.persons[0].reference = event.persons[0].shown = text_of(person);
        accept(place, &event, (uint64_t)minute * 1000 + (uint64_t)i);
    }
}

/* The steps of all query rows, in the order of the log. */
static void
expect_steps(const struct place *place, const char *expected)
{
    static const char marks[] = "f=+-x";
    char found[64] = "";
    size_t count = 0;

    for (uint64_t i = 0; i < rows(place); i++) {
        struct row row = row_at(place, i);

        if (row.kind != ROW_QUERY)
            continue;
        assert_true(count < sizeof(found) - 1);
        found[count++] = marks[QUERY_DETAIL_STEP(row.detail)];
        assert_int_equal(QUERY_DETAIL_KIND(row.detail), QUERY_NAME);
        assert_int_equal(row.person, 0);
        assert_int_equal(row_at(place, i + 1).request, row.request);
    }
    assert_string_equal(found, expected);
}

static void
a_search_is_one_row_however_many_persons_it_shows(void **state)
{
    struct place *place = *state;

    search(place, 0, "abadie", "r1");
    search(place, 1, "abel", "r2");
    search(place, 2, "abe", "r3"); /* the same name, shortened */
    search(place, 3, "moreau", "r4");
    search(place, 4, "martin", NULL);
    search(place, 4, "martin", NULL);
    expect_steps(place, "f+x-");
    assert_int_equal(statistics(place).disclosures, 10);
    search(place, 130, "meyer", "r5"); /* two hours later */
    expect_steps(place, "f+x-f");
}

static void
one_request_id_for_ever_does_not_hide_the_order(void **state)
{
    struct place *place = *state;

    search(place, 0, "aa", "r");
    search(place, 1, "ab", "r");
    search(place, 2, "ac", "r");
    expect_steps(place, "f++");
}

static void
searches_go_on_after_a_restart_as_if_there_had_been_none(void **state)
{
    struct place *place = *state;

    search(place, 0, "aa", "r1");
    search(place, 1, "ab", "r2");
    assert_int_equal(core_commit(place->core), OK);
    search(place, 2, "ac", "r3");
    place_reopen(place); /* the last one is lost */
    expect_steps(place, "f+");
    search(place, 0, "aa", "r1");
    search(place, 1, "ab", "r2");
    search(place, 2, "ac", "r3");
    expect_steps(place, "f++");
    assert_int_equal(core_commit(place->core), OK);
    place_reopen(place);
    /* another import, of what came next */
    search(place, 3, "ad", "r4");
    expect_steps(place, "f+++");
}

static void
an_import_run_again_from_its_start_says_no_step_twice(void **state)
{
    struct place *place = *state;

    for (int again = 0; again < 3; again++) {
        search(place, 0, "aa", "r1");
        search(place, 1, "ab", "r2");
        search(place, 2, "aa", "r3");
        expect_steps(place, "f+-");
        assert_int_equal(core_commit(place->core), OK);
        place_reopen(place);
    }
}

int
main(void)
{
#define T(function)                                                           \
    cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(the_first_row_of_a_session_says_where_it_is),
        T(the_same_record_is_counted_once_also_after_reopening),
        T(both_sides_of_one_request_count_once),
        T(a_request_id_used_again_and_again_hides_nothing),
        T(a_second_report_that_adds_a_session_is_kept_but_not_counted),
        T(rotating_tokens_are_one_session_and_all_found),
        T(without_a_token_a_session_is_derived_and_ends_by_idleness),
        T(an_ins_joins_the_reference_beside_it),
        T(a_search_without_named_hits_is_a_row_all_the_same),
        T(a_refusal_is_never_a_disclosure),
        T(a_crash_and_a_second_reading_give_the_rows_of_one_clean_run),
        T(a_late_import_judges_the_union_again),
        T(a_search_is_one_row_however_many_persons_it_shows),
        T(one_request_id_for_ever_does_not_hide_the_order),
        T(searches_go_on_after_a_restart_as_if_there_had_been_none),
        T(an_import_run_again_from_its_start_says_no_step_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
