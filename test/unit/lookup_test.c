/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "ledger/lookup.h"

struct place {
    char root[64], data[96], keys[96];
    struct lookup *lookup;
    bool made_vault;
};

static void
reopen(struct place *place, enum lookup_mode mode)
{
    lookup_free(place->lookup);
    place->lookup = NULL;
    assert_int_equal(lookup_open(place->data, place->keys, mode,
                                 &place->made_vault, &place->lookup),
                     OK);
}

static int
setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    assert_non_null(place);
    assert_int_equal(hash_start(), OK);
    strcpy(place->root, "/tmp/vigie-lookup-XXXXXX");
    assert_non_null(mkdtemp(place->root));
    snprintf(place->data, sizeof(place->data), "%s/data", place->root);
    snprintf(place->keys, sizeof(place->keys), "%s/keys", place->root);
    *state = place;
    reopen(place, LOOKUP_WRITE);
    return 0;
}

static int
teardown(void **state)
{
    struct place *place = *state;

    lookup_free(place->lookup);
    assert_int_equal(file_remove_tree(place->root), OK);
    free(place);
    return 0;
}

static struct alias
add(struct place *place, enum alias_kind kind, const char *key,
    uint64_t canonical)
{
    struct alias alias = {0};

    assert_int_equal(lookup_add(place->lookup, kind, text_of(key), text_of(key),
                                canonical, &alias, NULL),
                     OK);
    return alias;
}

static struct alias
find(struct place *place, enum alias_kind kind, const char *key)
{
    struct alias alias = {0};

    assert_int_equal(lookup_find(place->lookup, kind, text_of(key), &alias),
                     OK);
    return alias;
}

static void
assert_value(struct place *place, uint64_t id, const char *value)
{
    struct buffer out = {0};

    assert_int_equal(lookup_value(place->lookup, id, &out), OK);
    assert_true(text_is(buffer_as_text(&out), value));
    buffer_free(&out);
}

static void
a_name_never_seen_is_not_found_and_a_reader_makes_none(void **state)
{
    struct place *place = *state;
    struct alias alias = {7, 8};
    struct buffer out = {0};
    enum alias_kind kind;
    uint16_t number;

    assert_int_equal(
        lookup_find(place->lookup, ALIAS_PERSON, TEXT("i|x|1"), &alias),
        E_NOTFOUND);
    assert_int_equal(alias.id, 7);
    assert_int_equal(alias.canonical, 8);
    assert_int_equal(lookup_value(place->lookup, 42, &out), E_NOTFOUND);
    assert_int_equal(lookup_kind(place->lookup, 42, &kind), E_NOTFOUND);
    assert_int_equal(
        lookup_find(place->lookup, (enum alias_kind)0, TEXT("x"), &alias),
        E_ARGUMENT);
    assert_int_equal(lookup_add(place->lookup, (enum alias_kind)9, TEXT("x"),
                                TEXT("x"), 0, &alias, NULL),
                     E_ARGUMENT);
    reopen(place, LOOKUP_READ);
    assert_int_equal(lookup_add(place->lookup, ALIAS_PERSON, TEXT("x"),
                                TEXT("x"), 0, &alias, NULL),
                     E_DENIED);
    assert_int_equal(
        lookup_number(place->lookup, NAME_SERVICE, TEXT("dmp"), &number),
        E_NOTFOUND);
    assert_int_equal(lookup_note(place->lookup, 1, 2, 3), E_DENIED);
    assert_int_equal(lookup_commit(place->lookup), E_DENIED);
}

static void
a_value_too_long_is_refused_and_the_longest_comes_back(void **state)
{
    struct place *place = *state;
    size_t most = EVENT_PACKED_BYTES_MAX;
    char *bytes = malloc(most + 1);
    struct buffer out = {0};
    struct alias alias;

    assert_non_null(bytes);
    memset(bytes, 'u', most + 1);
    assert_int_equal(lookup_add(place->lookup, ALIAS_DEVICE, TEXT("k"),
                                (struct text){bytes, most + 1}, 0, &alias,
                                NULL),
                     E_LIMIT);
    assert_int_equal(lookup_add(place->lookup, ALIAS_DEVICE,
                                (struct text){bytes, most},
                                (struct text){bytes, most}, 0, &alias, NULL),
                     OK);
    assert_int_equal(lookup_value(place->lookup, alias.id, &out), OK);
    assert_int_equal(out.length, most);
    assert_memory_equal(out.bytes, bytes, most);
    buffer_free(&out);
    free(bytes);
}

static void
a_name_keeps_its_id_and_its_value_over_reopening(void **state)
{
    struct place *place = *state;
    struct alias person = add(place, ALIAS_PERSON, "i|urn:oid:1|279", 0);
    struct alias account = add(place, ALIAS_PROFESSIONAL, "899700", 0);
    bool made = true;
    struct alias again;
    enum alias_kind kind;

    assert_true(person.id != 0 && person.id != account.id);
    assert_int_equal(person.canonical, person.id);
    assert_int_equal(lookup_add(place->lookup, ALIAS_PERSON,
                                TEXT("i|urn:oid:1|279"), TEXT("other"), 0,
                                &again, &made),
                     OK);
    assert_false(made);
    assert_int_equal(again.id, person.id);
    assert_value(place, person.id, "i|urn:oid:1|279");
    assert_int_equal(lookup_commit(place->lookup), OK);
    for (int mode = LOOKUP_READ; mode <= LOOKUP_WRITE; mode++) {
        reopen(place, (enum lookup_mode)mode);
        assert_false(place->made_vault);
        assert_int_equal(find(place, ALIAS_PERSON, "i|urn:oid:1|279").id,
                         person.id);
        assert_value(place, person.id, "i|urn:oid:1|279");
        assert_value(place, account.id, "899700");
        assert_int_equal(lookup_kind(place->lookup, account.id, &kind), OK);
        assert_int_equal(kind, ALIAS_PROFESSIONAL);
    }
}

static void
one_text_under_two_kinds_is_two_names(void **state)
{
    struct place *place = *state;
    uint16_t number;

    assert_int_not_equal(add(place, ALIAS_PERSON, "same", 0).id,
                         add(place, ALIAS_SESSION, "same", 0).id);
    assert_int_equal(
        lookup_number(place->lookup, NAME_SERVICE, TEXT("same"), &number), OK);
    assert_int_equal(number, 1);
}

static void
what_was_not_committed_is_gone(void **state)
{
    struct place *place = *state;
    struct alias alias;

    add(place, ALIAS_PERSON, "kept", 0);
    assert_int_equal(lookup_commit(place->lookup), OK);
    add(place, ALIAS_PERSON, "lost", 0);
    reopen(place, LOOKUP_WRITE);
    find(place, ALIAS_PERSON, "kept");
    assert_int_equal(
        lookup_find(place->lookup, ALIAS_PERSON, TEXT("lost"), &alias),
        E_NOTFOUND);
}

static void
a_reader_sees_each_commit_of_the_writer_beside_it(void **state)
{
    struct place *place = *state;
    struct lookup *reader = NULL;
    struct alias alias;
    char key[32];

    assert_int_equal(
        lookup_open(place->data, place->keys, LOOKUP_READ, NULL, &reader), OK);
    for (int i = 0; i < 20; i++) {
        snprintf(key, sizeof(key), "name %d", i);
        add(place, ALIAS_DEVICE, key, 0);
        assert_int_equal(
            lookup_find(reader, ALIAS_DEVICE, text_of(key), &alias),
            E_NOTFOUND);
        assert_int_equal(lookup_commit(place->lookup), OK);
        assert_int_equal(
            lookup_find(reader, ALIAS_DEVICE, text_of(key), &alias), OK);
    }
    lookup_free(reader);
}

static void
a_second_writer_is_refused(void **state)
{
    struct place *place = *state;
    struct lookup *second = NULL;

    assert_int_equal(
        lookup_open(place->data, place->keys, LOOKUP_WRITE, NULL, &second),
        E_DENIED);
    assert_null(second);
}

static void
a_reader_of_no_data_finds_none(void **state)
{
    struct place *place = *state;
    struct lookup *none = NULL;
    char path[128];

    snprintf(path, sizeof(path), "%s/nothing", place->root);
    assert_int_equal(lookup_open(path, place->keys, LOOKUP_READ, NULL, &none),
                     E_NOTFOUND);
    assert_null(none);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void
tokens_of_a_session_stand_under_the_first(void **state)
{
    struct place *place = *state;
    struct alias first = add(place, ALIAS_SESSION, "jti-1", 0);
    struct alias second = add(place, ALIAS_SESSION, "jti-2", first.id);
    struct alias third = add(place, ALIAS_SESSION, "jti-3", second.id);
    uint64_t ids[3];
    size_t count = 0;

    assert_int_equal(second.canonical, first.id);
    assert_int_equal(third.canonical, first.id);
    assert_int_equal(lookup_canonical(place->lookup, third.id), first.id);
    assert_int_equal(lookup_members(place->lookup, first.id, ids, 3, &count),
                     OK);
    assert_int_equal(count, 3);
    assert_int_equal(ids[0], first.id);
    assert_int_equal(lookup_members(place->lookup, first.id, ids, 1, &count),
                     OK);
    assert_int_equal(count, 3);
    assert_int_equal(lookup_members(place->lookup, third.id, ids, 3, &count),
                     OK);
    assert_int_equal(count, 1);
}

static void
joined_persons_are_found_under_the_oldest(void **state)
{
    struct place *place = *state;
    struct alias a = add(place, ALIAS_PERSON, "a", 0);
    struct alias b = add(place, ALIAS_PERSON, "b", 0);
    struct alias c = add(place, ALIAS_PERSON, "c", 0);
    struct alias d = add(place, ALIAS_PERSON, "d", 0);
    struct alias account = add(place, ALIAS_PROFESSIONAL, "a", 0);
    uint64_t ids[8];
    size_t count = 0;

    assert_int_equal(lookup_join(place->lookup, a.id, account.id), E_ARGUMENT);
    assert_int_equal(lookup_join(place->lookup, a.id, 42), E_NOTFOUND);
    assert_int_equal(lookup_join(place->lookup, d.id, c.id), OK);
    assert_int_equal(find(place, ALIAS_PERSON, "d").canonical, c.id);
    assert_int_equal(lookup_join(place->lookup, b.id, a.id), OK);
    assert_int_equal(lookup_join(place->lookup, d.id, b.id), OK);
    assert_int_equal(lookup_join(place->lookup, a.id, c.id), OK);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(find(place, ALIAS_PERSON, "d").canonical, a.id);
        assert_int_equal(find(place, ALIAS_PERSON, "c").canonical, a.id);
        assert_int_equal(find(place, ALIAS_PERSON, "b").id, b.id);
        assert_int_equal(find(place, ALIAS_PERSON, "b").canonical, a.id);
        assert_int_equal(lookup_members(place->lookup, a.id, ids, 8, &count),
                         OK);
        assert_int_equal(count, 4);
        assert_int_equal(lookup_members(place->lookup, c.id, ids, 8, &count),
                         OK);
        assert_int_equal(count, 1);
        assert_int_equal(lookup_commit(place->lookup), OK);
        reopen(place, LOOKUP_WRITE);
    }
}

static void
more_joins_than_the_cache_remembers_are_all_found(void **state)
{
    struct place *place = *state;
    struct alias first = add(place, ALIAS_PERSON, "first", 0);
    char key[32];

    for (int i = 0; i < 3000; i++) {
        snprintf(key, sizeof(key), "p%d", i);
        assert_int_equal(lookup_join(place->lookup, first.id,
                                     add(place, ALIAS_PERSON, key, 0).id),
                         OK);
    }
    for (int i = 0; i < 3000; i++) {
        snprintf(key, sizeof(key), "p%d", i);
        assert_int_equal(find(place, ALIAS_PERSON, key).canonical, first.id);
    }
}

static void
small_numbers_keep_their_names(void **state)
{
    struct place *place = *state;
    struct buffer out = {0};
    uint16_t number = 9;
    char name[32];

    assert_int_equal(lookup_number_name(place->lookup, NAME_SOURCE, 1, &out),
                     E_NOTFOUND);
    assert_int_equal(
        lookup_number(place->lookup, NAME_SOURCE, TEXT(""), &number), OK);
    assert_int_equal(number, 0);
    for (int again = 0; again < 2; again++) {
        for (int i = 1; i <= 100; i++) {
            snprintf(name, sizeof(name), "host %d", i);
            assert_int_equal(lookup_number(place->lookup, NAME_SOURCE,
                                           text_of(name), &number),
                             OK);
            assert_int_equal(number, i);
            buffer_clear(&out);
            assert_int_equal(
                lookup_number_name(place->lookup, NAME_SOURCE, number, &out),
                OK);
            assert_true(text_is(buffer_as_text(&out), name));
        }
        assert_int_equal(lookup_commit(place->lookup), OK);
        reopen(place, LOOKUP_WRITE);
    }
    buffer_free(&out);
}

static void
a_record_is_seen_only_on_its_day(void **state)
{
    struct place *place = *state;
    uint64_t row = 5;

    assert_int_equal(lookup_seen(place->lookup, -3, 77, &row), E_NOTFOUND);
    assert_int_equal(row, 5);
    assert_int_equal(lookup_note(place->lookup, -3, 77, 1000), OK);
    assert_int_equal(lookup_seen(place->lookup, 3, 77, &row), E_NOTFOUND);
    assert_int_equal(lookup_seen(place->lookup, -3, 76, &row), E_NOTFOUND);
    assert_int_equal(lookup_seen(place->lookup, -3, 78, &row), E_NOTFOUND);
    assert_int_equal(lookup_seen(place->lookup, -3, 77, &row), OK);
    assert_int_equal(row, 1000);
    /* the row was lost in a crash: the record gets another */
    assert_int_equal(lookup_note(place->lookup, -3, 77, 2000), OK);
    assert_int_equal(lookup_note(place->lookup, -3, UINT64_MAX, 3), OK);
    assert_int_equal(lookup_note(place->lookup, -3, 77, 1500), OK);
    assert_int_equal(lookup_commit(place->lookup), OK);
    reopen(place, LOOKUP_READ);
    assert_int_equal(lookup_seen(place->lookup, -3, 77, &row), OK);
    assert_int_equal(row, 1500);
    assert_int_equal(lookup_seen(place->lookup, -3, UINT64_MAX, &row), OK);
    assert_int_equal(lookup_seen(place->lookup, -2, 0, &row), E_NOTFOUND);
}

static void
many_records_over_days_are_all_seen_again(void **state)
{
    struct place *place = *state;
    uint64_t digest = 1, row = 0;

    for (uint64_t i = 0; i < 60000; i++) {
        digest = digest * UINT64_C(6364136223846793005) + 1442695040888963407;
        assert_int_equal(
            lookup_seen(place->lookup, (int32_t)(i / 20000), digest, &row),
            E_NOTFOUND);
        assert_int_equal(
            lookup_note(place->lookup, (int32_t)(i / 20000), digest, i), OK);
    }
    assert_int_equal(lookup_commit(place->lookup), OK);
    digest = 1;
    for (uint64_t i = 0; i < 60000; i++) {
        digest = digest * UINT64_C(6364136223846793005) + 1442695040888963407;
        assert_int_equal(
            lookup_seen(place->lookup, (int32_t)(i / 20000), digest, &row), OK);
        assert_int_equal(row, i);
    }
}

static void
imports_and_settings_come_back(void **state)
{
    struct place *place = *state;
    struct import import = {.bytes = 10, .records = 3, .time_us = -4};
    struct import found = {0};
    struct buffer out = {0};

    memset(import.digest, 0xab, sizeof(import.digest));
    assert_int_equal(lookup_import_find(place->lookup, import.digest, &found),
                     E_NOTFOUND);
    assert_int_equal(lookup_import_add(place->lookup, &import), OK);
    assert_int_equal(lookup_setting_set(place->lookup, ".births", TEXT("1")),
                     E_ARGUMENT);
    assert_int_equal(lookup_setting_set(place->lookup, "", TEXT("1")),
                     E_ARGUMENT);
    assert_int_equal(lookup_setting_get(place->lookup, "core.x", &out),
                     E_NOTFOUND);
    assert_int_equal(lookup_setting_set(place->lookup, "core.x", TEXT("1")),
                     OK);
    assert_int_equal(lookup_setting_set(place->lookup, "core.x", TEXT("22")),
                     OK);
    assert_int_equal(lookup_commit(place->lookup), OK);
    reopen(place, LOOKUP_READ);
    assert_int_equal(lookup_import_find(place->lookup, import.digest, &found),
                     OK);
    assert_memory_equal(&found, &import, sizeof(found));
    assert_int_equal(lookup_setting_get(place->lookup, "core.x", &out), OK);
    assert_true(text_is(buffer_as_text(&out), "22"));
    buffer_free(&out);
}

static void
another_ledgers_key_is_refused_at_opening(void **state)
{
    struct place *place = *state;
    struct lookup *other = NULL;
    char data[128], keys[128], from[160], to[160];

    add(place, ALIAS_PERSON, "someone", 0);
    assert_int_equal(lookup_commit(place->lookup), OK);
    snprintf(data, sizeof(data), "%s/data2", place->root);
    snprintf(keys, sizeof(keys), "%s/keys2", place->root);
    assert_int_equal(lookup_open(data, keys, LOOKUP_WRITE, NULL, &other), OK);
    lookup_free(other);
    lookup_free(place->lookup);
    place->lookup = NULL;
    other = NULL;
    for (int mode = LOOKUP_READ; mode <= LOOKUP_WRITE; mode++) {
        assert_int_equal(lookup_open(place->data, keys, (enum lookup_mode)mode,
                                     NULL, &other),
                         E_DENIED);
        /* nor are keys made for data that have lost theirs */
        snprintf(to, sizeof(to), "%s/keys3", place->root);
        assert_int_equal(
            lookup_open(place->data, to, (enum lookup_mode)mode, NULL, &other),
            E_DENIED);
        assert_int_not_equal(access(to, F_OK), 0);
    }
    snprintf(from, sizeof(from), "%s/machine.key", place->keys);
    snprintf(to, sizeof(to), "%s/machine.key", keys);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(
        lookup_open(place->data, keys, LOOKUP_READ, NULL, &place->lookup), OK);
}

static void
without_the_vaults_key_only_persons_are_unreadable(void **state)
{
    struct place *place = *state;
    struct alias person = add(place, ALIAS_PERSON, "someone", 0);
    struct alias account = add(place, ALIAS_PROFESSIONAL, "account", 0);
    struct buffer out = {0};
    char path[160];

    assert_true(place->made_vault);
    assert_value(place, person.id, "someone");
    assert_int_equal(lookup_commit(place->lookup), OK);
    snprintf(path, sizeof(path), "%s/vault.key", place->keys);
    assert_int_equal(unlink(path), 0);
    reopen(place, LOOKUP_WRITE);
    assert_false(place->made_vault);
    assert_int_equal(lookup_value(place->lookup, person.id, &out), E_DENIED);
    assert_value(place, account.id, "account");
    find(place, ALIAS_PERSON, "someone");
    /* and new persons are still written */
    person = add(place, ALIAS_PERSON, "someone else", 0);
    assert_int_equal(lookup_value(place->lookup, person.id, &out), E_DENIED);
    assert_int_equal(out.length, 0);
    buffer_free(&out);
}

/* ------------------------------------------------- nothing lies in clear */

static const char *const known[] = {
    "279035121518989", "810004242",      "jti-5f1c0b7e", "192.0.2.10",
    "Mozilla/5.0",     "dmp.example.fr", "core.secret",  "750712184",
};
static unsigned found_in_clear;
static size_t bytes_scanned;

static int
scan(const char *path, const struct stat *status, int type, struct FTW *at)
{
    struct buffer bytes = {0};

    (void)status;
    (void)at;
    if (type != FTW_F)
        return 0;
    assert_int_equal(file_load(path, 256u << 20, &bytes), OK);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (memmem(bytes.bytes, bytes.length, known[i], strlen(known[i])) !=
            NULL)
            found_in_clear++;
    bytes_scanned += bytes.length;
    buffer_free(&bytes);
    return 0;
}

static void
no_value_lies_in_clear_in_the_data_folder(void **state)
{
    struct place *place = *state;
    uint16_t number;

    for (size_t i = 0; i < 5; i++)
        add(place,
            (enum alias_kind[]){ALIAS_PERSON, ALIAS_PROFESSIONAL, ALIAS_SESSION,
                                ALIAS_ADDRESS, ALIAS_DEVICE}[i],
            known[i], 0);
    assert_int_equal(
        lookup_number(place->lookup, NAME_SERVICE, text_of(known[5]), &number),
        OK);
    assert_int_equal(
        lookup_setting_set(place->lookup, "core.x", text_of(known[6])), OK);
    assert_int_equal(lookup_number(place->lookup, NAME_CONTROLLER,
                                   text_of(known[7]), &number),
                     OK);
    assert_int_equal(lookup_commit(place->lookup), OK);
    found_in_clear = 0;
    bytes_scanned = 0;
    assert_int_equal(nftw(place->data, scan, 8, FTW_PHYS), 0);
    assert_int_equal(found_in_clear, 0);
    assert_true(bytes_scanned > 4096);
}

static void
the_digest_is_keyed_stable_and_never_zero(void **state)
{
    struct place *place = *state;
    uint64_t digest = lookup_digest(place->lookup, "record", 6);

    assert_true(digest != 0);
    assert_true(digest != lookup_digest(place->lookup, "recorD", 6));
    reopen(place, LOOKUP_READ);
    assert_true(digest == lookup_digest(place->lookup, "record", 6));
}

static void
a_long_import_is_committed_early_and_stays_whole(void **state)
{
    struct place *place = *state;
    enum { MANY = 90000 };
    char key[32];
    struct alias alias;

    for (int i = 0; i < MANY; i++) {
        int length = snprintf(key, sizeof(key), "person %d", i);
        struct text text = {key, (size_t)length};

        assert_int_equal(lookup_add(place->lookup, ALIAS_PERSON, text, text, 0,
                                    &alias, NULL),
                         OK);
    }
    assert_int_equal(lookup_commit(place->lookup), OK);
    reopen(place, LOOKUP_READ);
    for (int i = 0; i < MANY; i += 7) {
        snprintf(key, sizeof(key), "person %d", i);
        assert_value(place, find(place, ALIAS_PERSON, key).id, key);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_name_never_seen_is_not_found_and_a_reader_makes_none),
        CASE(a_value_too_long_is_refused_and_the_longest_comes_back),
        CASE(a_second_writer_is_refused),
        CASE(a_reader_of_no_data_finds_none),
        CASE(another_ledgers_key_is_refused_at_opening),
        CASE(a_name_keeps_its_id_and_its_value_over_reopening),
        CASE(one_text_under_two_kinds_is_two_names),
        CASE(what_was_not_committed_is_gone),
        CASE(a_reader_sees_each_commit_of_the_writer_beside_it),
        CASE(tokens_of_a_session_stand_under_the_first),
        CASE(joined_persons_are_found_under_the_oldest),
        CASE(more_joins_than_the_cache_remembers_are_all_found),
        CASE(small_numbers_keep_their_names),
        CASE(a_record_is_seen_only_on_its_day),
        CASE(many_records_over_days_are_all_seen_again),
        CASE(imports_and_settings_come_back),
        CASE(without_the_vaults_key_only_persons_are_unreadable),
        CASE(no_value_lies_in_clear_in_the_data_folder),
        CASE(the_digest_is_keyed_stable_and_never_zero),
        CASE(a_long_import_is_committed_early_and_stays_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
