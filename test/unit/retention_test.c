/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"
#include "core/holds.h"
#include "core/retention.h"

#define DAY TIME_DAY_US
#define CUT (1000 * DAY)

struct place {
    char root[64];
    struct lookup *lookup;
    struct ledger *ledger;
    struct erasing data;
    uint64_t persons[8], sessions[8], account, address, device;
};

static enum result
append(void *context, const struct row *row)
{
    struct place *place = context;

    return ledger_append(place->ledger, row, 1, NULL);
}

static enum result
commit(void *context)
{
    struct place *place = context;
    enum result result = lookup_commit(place->lookup);

    return result == OK ? ledger_sync(place->ledger) : result;
}

static uint64_t
add(struct place *place, enum alias_kind kind, const char *name)
{
    struct alias alias = {0};

    assert_int_equal(lookup_add(place->lookup, kind, text_of(name),
                                text_of(name), 0, &alias, NULL),
                     OK);
    return alias.id;
}

static void
show(struct place *place, size_t person, size_t session, int64_t day)
{
    struct row row = {.kind = ROW_DISCLOSURE,
                      .grade = 1,
                      .time_received_us = day * DAY,
                      .time_source_us = day * DAY,
                      .professional = place->account,
                      .person = place->persons[person],
                      .session = place->sessions[session]};
    struct row seen = row;

    seen.kind = ROW_SIGHTING;
    seen.grade = 0;
    seen.person = place->address;
    seen.request = place->device;
    assert_int_equal(append(place, &seen), OK);
    assert_int_equal(append(place, &row), OK);
}

/* Persons 0 to 3 were last seen before the cut, 2 under a name that was
 * joined to 4 later; 4 and 5 behind it; 6 in no row; 7 before it, by an
 * account that nobody saw again. */
static int
setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    char name[32];

    assert_non_null(place);
    assert_int_equal(hash_start(), OK);
    strcpy(place->root, "/tmp/vigie-retention-XXXXXX");
    assert_non_null(mkdtemp(place->root));
    assert_int_equal(lookup_open(place->root, place->root, LOOKUP_WRITE, NULL,
                                 &place->lookup),
                     OK);
    assert_int_equal(
        ledger_open(place->root, LEDGER_WRITE, NULL, NULL, &place->ledger), OK);
    place->data =
        (struct erasing){place->lookup, place, append, commit, 2000 * DAY};
    for (size_t i = 0; i < 8; i++) {
        snprintf(name, sizeof(name), "person %zu", i);
        place->persons[i] = add(place, ALIAS_PERSON, name);
        snprintf(name, sizeof(name), "session %zu", i);
        place->sessions[i] = add(place, ALIAS_SESSION, name);
    }
    place->account = add(place, ALIAS_PROFESSIONAL, "account");
    place->address = add(place, ALIAS_ADDRESS, "192.0.2.1");
    place->device = add(place, ALIAS_DEVICE, "browser");
    show(place, 0, 0, 10);
    show(place, 1, 1, 20);
    show(place, 2, 2, 30);
    show(place, 3, 3, 999);
    place->account = add(place, ALIAS_PROFESSIONAL, "leaver");
    show(place, 7, 7, 999);
    place->account = add(place, ALIAS_PROFESSIONAL, "account");
    assert_int_equal(
        lookup_join(place->lookup, place->persons[2], place->persons[4]), OK);
    show(place, 4, 4, 1000);
    show(place, 5, 5, 1500);
    assert_int_equal(commit(place), OK);
    *state = place;
    return 0;
}

static int
teardown(void **state)
{
    struct place *place = *state;

    lookup_free(place->lookup);
    assert_int_equal(ledger_close(place->ledger), OK);
    assert_int_equal(file_remove_tree(place->root), OK);
    free(place);
    return 0;
}

static struct retention_found
run(struct place *place, bool dry)
{
    struct retention_found found = {0};

    assert_int_equal(
        retention_run(&place->data, place->ledger, CUT, 7, dry, &found), OK);
    return found;
}

static bool
is_named(struct place *place, uint64_t id)
{
    enum alias_kind kind;

    return lookup_kind(place->lookup, id, &kind) == OK;
}

static void
a_dry_run_counts_and_changes_nothing(void **state)
{
    struct place *place = *state;
    uint64_t rows = ledger_count(place->ledger);
    struct retention_found found = run(place, true);

    assert_int_equal(found.persons, 4);
    assert_int_equal(found.sessions, 5);
    assert_int_equal(found.professionals, 1);
    assert_int_equal(ledger_count(place->ledger), rows);
    assert_true(is_named(place, place->persons[0]));
}

static void
names_whose_last_row_is_too_old_go_and_rows_stay(void **state)
{
    struct place *place = *state;
    uint64_t rows = ledger_count(place->ledger);
    struct secrecy secrecy;
    struct alias alias;
    struct row row;

    (void)run(place, false);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(is_named(place, place->persons[i]),
                         i == 2 || i == 4 || i == 5 || i == 6);
    assert_true(is_named(place, place->account));
    assert_true(is_named(place, place->address));
    assert_true(is_named(place, place->device));
    assert_int_equal(
        lookup_find(place->lookup, ALIAS_PROFESSIONAL, TEXT("leaver"), &alias),
        E_NOTFOUND);
    assert_int_equal(ledger_count(place->ledger), rows + 1);
    assert_int_equal(ledger_read(place->ledger, rows, 1, &row), OK);
    assert_int_equal(secrecy_of_row(&row, &secrecy), OK);
    assert_int_equal(secrecy.act, SECRECY_RETENTION);
    assert_int_equal(secrecy.count, 10);
    assert_int_equal(row.time_source_us, CUT);
    assert_int_equal(run(place, false).persons, 0);
}

static void
an_account_that_an_order_was_given_on_stays_known(void **state)
{
    struct place *place = *state;
    struct retention_found found;
    struct alias leaver;
    struct row order = {.kind = ROW_ORDER};

    assert_int_equal(
        lookup_find(place->lookup, ALIAS_PROFESSIONAL, TEXT("leaver"), &leaver),
        OK);
    order.professional = leaver.id;
    order.time_received_us = order.time_source_us = 999 * DAY;
    assert_int_equal(append(place, &order), OK);
    /* all rows are too old */
    assert_int_equal(retention_run(&place->data, place->ledger, 3000 * DAY, 7,
                                   false, &found),
                     OK);
    assert_true(is_named(place, leaver.id));
    assert_false(is_named(place, place->account));
}

static void
a_hold_of_nothing_or_without_a_reason_is_refused(void **state)
{
    struct place *place = *state;
    struct hold hold = {.from_us = INT64_MIN, .to_us = INT64_MAX};

    assert_int_equal(holds_add(&place->data, &hold, TEXT("why")), E_ARGUMENT);
    hold.from_us = 10;
    assert_int_equal(holds_add(&place->data, &hold, TEXT("")), E_ARGUMENT);
    hold.to_us = 10;
    assert_int_equal(holds_add(&place->data, &hold, TEXT("why")), E_ARGUMENT);
    assert_int_equal(holds_end(&place->data, 5, 1, TEXT("why")), E_NOTFOUND);
}

static void
what_is_held_stays_until_the_hold_ends(void **state)
{
    struct place *place = *state;
    struct hold of_session = {.from_us = INT64_MIN,
                              .to_us = INT64_MAX,
                              .kind = ALIAS_SESSION,
                              .id = place->sessions[0]};
    struct hold of_days = {.from_us = 20 * DAY, .to_us = 21 * DAY};
    struct hold listed[HOLDS_MAX];
    size_t count = 0;

    assert_int_equal(holds_add(&place->data, &of_session, TEXT("incident 1")),
                     OK);
    assert_int_equal(holds_add(&place->data, &of_days, TEXT("incident 2")), OK);
    assert_int_equal(run(place, false).rows_held, 4);
    assert_true(is_named(place, place->persons[0]));
    assert_true(is_named(place, place->sessions[0]));
    assert_true(is_named(place, place->persons[1]));
    assert_false(is_named(place, place->persons[3]));
    assert_int_equal(
        holds_end(&place->data, of_session.number, 1, TEXT("closed")), OK);
    assert_int_equal(holds_list(place->lookup, listed, &count), OK);
    assert_int_equal(count, 1);
    assert_int_equal(run(place, false).persons, 1);
    assert_false(is_named(place, place->persons[0]));
    assert_true(is_named(place, place->persons[1]));
}

static void
twelve_months_are_a_year(void **state)
{
    (void)state;
    assert_int_equal(retention_before(TIME_DAY_US * 1461, 48), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_dry_run_counts_and_changes_nothing,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            names_whose_last_row_is_too_old_go_and_rows_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(
            an_account_that_an_order_was_given_on_stays_known, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_hold_of_nothing_or_without_a_reason_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_held_stays_until_the_hold_ends,
                                        setup, teardown),
        cmocka_unit_test(twelve_months_are_a_year),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
