/* SPDX-License-Identifier: EUPL-1.2 */
/* What is told, through core: a lure counts from its first showing, also
 * where it becomes known by another name, and a rebuilt state says the same. */
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
#include "core/context_facts.h"
#include "core/core.h"

#define INS_SYSTEM "urn:oid:1.2.250.1.213.1.4.8"

struct place {
    char data[64], keys[80];
    struct context_load *load;
    struct core *core;
    uint32_t signs_off;
    int watches, step_ups;
    uint16_t last_code;
};

static enum result
on_alert(void *context, const struct alert *alert)
{
    struct place *place = context;

    place->watches += alert->verdict == VERDICT_WATCH;
    place->step_ups += alert->verdict == VERDICT_STEP_UP;
    place->last_code = alert->sign_count > 0 ? alert->signs[0].code : 0;
    return OK;
}

static void
place_open(struct place *place)
{
    struct core_options options = {
        .data_dir = place->data,
        .keys_dir = place->keys,
        .told = place->load,
        .context = place,
        .alert = on_alert,
    };

    detect_options_default(&options.detect);
    options.detect.signs_off = place->signs_off;
    assert_int_equal(core_open(&options, NULL, &place->core), OK);
    assert_int_equal(core_resume(place->core), OK);
}

/* NULL: nothing is told from here on. */
static void
tell(struct place *place, const char *name, const char *text)
{
    core_free(place->core);
    context_load_free(place->load);
    place->core = NULL;
    place->load = NULL;
    if (name != NULL) {
        assert_int_equal(context_load_new(NULL, &place->load), OK);
        assert_int_equal(
            context_load_bytes(place->load, name, name, text_of(text)), OK);
        assert_int_equal(context_load_finish(place->load), OK);
    }
    place_open(place);
}

static int
setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    assert_int_equal(hash_start(), OK);
    (void)snprintf(place->data, sizeof(place->data), "/tmp/vigie-told-XXXXXX");
    assert_non_null(mkdtemp(place->data));
    (void)snprintf(place->keys, sizeof(place->keys), "%s.keys", place->data);
    *state = place;
    return 0;
}

static int
teardown(void **state)
{
    struct place *place = *state;

    core_free(place->core);
    context_load_free(place->load);
    assert_int_equal(file_remove_tree(place->data), OK);
    assert_int_equal(file_remove_tree(place->keys), OK);
    free(place);
    return 0;
}

static void
show(struct place *place, int minute, const char *reference, const char *ins,
     uint32_t flags)
{
    static uint64_t digest = 1;
    struct text content = {(const char *)&digest, sizeof(digest)};
    struct event event = {
        .kind = EVENT_ACCESS,
        .grade = GRADE_DECLARED,
        .interaction = INTERACTION_READ,
        .side = SIDE_SERVER,
        .resource = resource_number(TEXT("Patient")),
        .flags = flags,
        .time_us =
            time_days(2026, 3, 2) * TIME_DAY_US + minute * TIME_MINUTE_US,
        .professional = TEXT("810100050075"),
        .session = TEXT("j1"),
        .session_kind = SESSION_TOKEN,
        .address = TEXT("192.0.2.1"),
        .device = TEXT("poste-1"),
        .source = TEXT("srv"),
        .person_count = 1,
    };

    event.categories = resource_categories(event.resource);
    event.persons[0] = (struct event_person){
        .shown = text_of(reference != NULL ? reference : ins),
        .system = ins != NULL ? TEXT(INS_SYSTEM) : TEXT(""),
        .value = text_of(ins),
        .reference = text_of(reference),
    };
    assert_int_equal(core_accept(place->core, &event, content, 1), OK);
    digest++;
}

static unsigned
configurations(const struct place *place)
{
    uint64_t count = ledger_count(core_ledger(place->core));
    unsigned found = 0;

    for (uint64_t i = 0; i < count; i++) {
        struct row row;

        assert_int_equal(ledger_read(core_ledger(place->core), i, 1, &row), OK);
        found += row.kind == ROW_CONFIGURATION;
    }
    return found;
}

/* The last verdict's row. */
static struct row
verdict_of(const struct place *place)
{
    uint64_t count = ledger_count(core_ledger(place->core));
    struct row found = {0};

    for (uint64_t i = 0; i < count; i++) {
        struct row row;

        assert_int_equal(ledger_read(core_ledger(place->core), i, 1, &row), OK);
        if (row.kind == ROW_VERDICT)
            found = row;
    }
    assert_int_equal(found.kind, ROW_VERDICT);
    return found;
}

static void
signs_that_are_off_are_noted_once_and_with_each_alert(void **state)
{
    struct place *place = *state;

    place->signs_off = 1u << SIGN_NEW_SHARE | 1u << SIGN_LAST;
    tell(place, NULL, NULL);
    assert_int_equal(configurations(place), 0);
    show(place, 0, "Patient/1", NULL, 0);
    assert_int_equal(core_commit(place->core), OK);
    tell(place, NULL, NULL);
    assert_int_equal(configurations(place), 1);
    assert_int_equal(core_commit(place->core), OK);
    tell(place, "lures.csv", "Patient/7\n");
    assert_int_equal(configurations(place), 2);
    show(place, 1, "Patient/7", NULL, 0);
    assert_int_equal(place->step_ups, 1);
    struct row row = verdict_of(place);
    assert_int_equal(row.service | (uint32_t)row.controller << 16,
                     place->signs_off);
    assert_int_equal(row.source, DECIDED_LURE);
    assert_int_equal(core_commit(place->core), OK);
    place->signs_off = 0;
    tell(place, NULL, NULL);
    assert_int_equal(configurations(place), 3);
}

static void
a_lure_counts_from_its_first_showing(void **state)
{
    struct place *place = *state;

    tell(place, "lures.csv", "Patient/7\n");
    show(place, 0, "Patient/1", NULL, 0);
    assert_int_equal(place->step_ups, 0);
    show(place, 1, "Patient/7", NULL, 0);
    assert_int_equal(place->step_ups, 1);
    assert_int_equal(place->last_code, SIGN_LURE);
    show(place, 2, "Patient/77", NULL, 0);
    assert_int_equal(place->step_ups, 1);
}

static void
a_lure_told_by_its_bare_ins_is_found_and_joins(void **state)
{
    struct place *place = *state;

    tell(place, "lures.csv", "279035121518989\n");
    show(place, 0, "Patient/7", NULL, 0);
    assert_int_equal(place->step_ups, 0);
    show(place, 1, "Patient/7", "279035121518989", 0);
    assert_int_equal(place->step_ups, 1);
}

static void
a_lure_among_the_results_of_a_search_was_not_opened(void **state)
{
    struct place *place = *state;

    tell(place, "lures.csv", "Patient/7\n");
    show(place, 0, "Patient/7", NULL, EVENT_SEARCH);
    assert_int_equal(place->step_ups, 0);
    show(place, 1, "Patient/7", NULL, 0);
    assert_int_equal(place->step_ups, 1);
}

static void
a_rebuilt_state_says_the_same_and_tells_it_once(void **state)
{
    struct place *place = *state;

    tell(place, "lures.csv", "Patient/7\n");
    show(place, 0, "Patient/1", NULL, 0);
    show(place, 1, "Patient/7", NULL, 0);
    assert_int_equal(place->step_ups, 1);
    assert_int_equal(core_commit(place->core), OK);
    tell(place, "lures.csv", "Patient/7\n");
    assert_int_equal(place->step_ups, 1);
    assert_int_equal(configurations(place), 1);
    /* a lure that is told only now is found in what was read before */
    tell(place, "lures.csv", "Patient/1\n");
    assert_int_equal(configurations(place), 2);
}

static void
an_import_judged_before_finds_lures_told_later(void **state)
{
    struct place *place = *state;

    tell(place, NULL, NULL);
    show(place, 0, "Patient/1", NULL, 0);
    show(place, 1, "Patient/7", NULL, 0);
    assert_int_equal(place->step_ups, 0);
    assert_int_equal(configurations(place), 0);
    assert_int_equal(core_commit(place->core), OK);
    tell(place, "lures.csv", "Patient/7\n");
    assert_int_equal(place->step_ups, 1);
    assert_int_equal(configurations(place), 1);
    assert_int_equal(core_commit(place->core), OK);
    tell(place, NULL, NULL);
    assert_int_equal(configurations(place), 2);
}

static void
a_departed_holder_is_watched_at_once_and_asked_at_the_third(void **state)
{
    struct place *place = *state;
    struct context_statistics statistics;

    tell(place, "absences.csv",
         "professional,from,to\nRPPS|10100050075,2026-01-01,\nX,2026-01-01,\n");
    show(place, 0, "Patient/1", NULL, 0);
    assert_int_equal(place->watches, 1);
    show(place, 1, "Patient/2", NULL, 0);
    assert_int_equal(place->step_ups, 0);
    show(place, 2, "Patient/3", NULL, 0);
    assert_int_equal(place->step_ups, 1);
    core_context_statistics(place->core, &statistics);
    assert_int_equal(statistics.professionals_told, 2);
    assert_int_equal(statistics.professionals_seen, 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(signs_that_are_off_are_noted_once_and_with_each_alert),
        TEST(a_lure_counts_from_its_first_showing),
        TEST(a_lure_told_by_its_bare_ins_is_found_and_joins),
        TEST(a_lure_among_the_results_of_a_search_was_not_opened),
        TEST(a_rebuilt_state_says_the_same_and_tells_it_once),
        TEST(an_import_judged_before_finds_lures_told_later),
        TEST(a_departed_holder_is_watched_at_once_and_asked_at_the_third),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
