/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A ledger and a look-up in a temporary folder, and rows in a few words, for
 * the tests of scope/.
 */
#ifndef VIGIE_TEST_UNIT_LEDGER_FIXTURE_H
#define VIGIE_TEST_UNIT_LEDGER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/say.h"
#include "base/time.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"
#include "model/category.h"
#include "model/event.h"
#include "model/row.h"

struct fixture {
    char data[64], keys[80];
    struct ledger *ledger;
    struct lookup *lookup;
};

static inline void
fixture_open(struct fixture *fixture)
{
    *fixture = (struct fixture){.data = "/tmp/vigie-scope-XXXXXX"};
    assert_int_equal(hash_start(), OK);
    assert_non_null(mkdtemp(fixture->data));
    (void)snprintf(fixture->keys, sizeof(fixture->keys), "%s-keys",
                   fixture->data);
    assert_int_equal(
        ledger_open(fixture->data, LEDGER_WRITE, NULL, NULL, &fixture->ledger),
        OK);
    assert_int_equal(lookup_open(fixture->data, fixture->keys, LOOKUP_WRITE,
                                 NULL, &fixture->lookup),
                     OK);
}

static inline void
fixture_close(struct fixture *fixture)
{
    lookup_free(fixture->lookup);
    ledger_free(fixture->ledger);
    assert_int_equal(file_remove_tree(fixture->data), OK);
    assert_int_equal(file_remove_tree(fixture->keys), OK);
}

static inline int
fixture_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    say_start("en");
    assert_non_null(fixture);
    assert_int_equal(time_zone_set("Europe/Paris"), OK);
    fixture_open(fixture);
    *state = fixture;
    return 0;
}

static inline int
fixture_teardown(void **state)
{
    fixture_close(*state);
    free(*state);
    return 0;
}

/* A test with a ledger and a look-up of its own. */
#define FIXTURE_TEST(name) \
    cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

static inline uint64_t
fixture_name(struct fixture *fixture, enum alias_kind kind, const char *name)
{
    struct alias alias;

    assert_int_equal(lookup_add(fixture->lookup, kind, text_of(name),
                                text_of(name), 0, &alias, NULL),
                     OK);
    return alias.canonical;
}

static inline uint16_t
fixture_number(struct fixture *fixture, enum name_kind kind, const char *name)
{
    uint16_t number;

    assert_int_equal(
        lookup_number(fixture->lookup, kind, text_of(name), &number), OK);
    return number;
}

static inline void
fixture_row(struct fixture *fixture, const struct row *row)
{
    assert_int_equal(ledger_append(fixture->ledger, row, 1, NULL), OK);
}

/* Session and account are named alike: "a1" is a session of account "a". */
static inline struct row
fixture_of(struct fixture *fixture, const char *session, int minute)
{
    char account[2] = {session[0], '\0'};

    return (struct row){
        .kind = ROW_DISCLOSURE,
        .grade = GRADE_DECLARED,
        .categories = CATEGORY_IDENTITY,
        .session = fixture_name(fixture, ALIAS_SESSION, session),
        .professional = fixture_name(fixture, ALIAS_PROFESSIONAL, account),
        .time_source_us = minute * TIME_MINUTE_US,
    };
}

static inline void
fixture_see(struct fixture *fixture, const char *session, int minute,
            const char *person, uint16_t categories)
{
    struct row row = fixture_of(fixture, session, minute);

    row.person = fixture_name(fixture, ALIAS_PERSON, person);
    row.categories = categories;
    row.request = hash_random_u64();
    fixture_row(fixture, &row);
}

static inline void
fixture_sight(struct fixture *fixture, const char *session, int minute,
              const char *address, const char *device)
{
    struct row row = fixture_of(fixture, session, minute);

    row.kind = ROW_SIGHTING;
    row.grade = GRADE_NONE;
    row.categories = 0;
    row.person = fixture_name(fixture, ALIAS_ADDRESS, address);
    row.request = fixture_name(fixture, ALIAS_DEVICE, device);
    fixture_row(fixture, &row);
}

#endif
