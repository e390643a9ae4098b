/* SPDX-License-Identifier: EUPL-1.2 */
/* What outlives a killed core, and what a power cut: test/help/live_place.h
 * with the files changed as the disk would have them. */
#include "core/live.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "core/erasing.h"
#include "core/live_erase.h"
#include "test/help/live_place.h"

static int synced; /* calls of fdatasync */

static int
count_sync(int fd)
{
    synced++;
    return fdatasync(fd);
}

/* Asked and written, not synced. */
static void
show_written(struct place *place, unsigned first, unsigned count)
{
    uint8_t packet[WIRE_PACKET_BYTES_MAX];
    struct live_part part = {packet, 0};
    struct live_asked asked;

    place->now_us += TIME_SECOND_US;
    live_place_fill(first, count, 0);
    assert_int_equal(wire_ask_write(&live_place_ask, packet, &part.length), OK);
    assert_int_equal(live_ask(place->live, &part, 1, place->now_us, &asked),
                     OK);
    assert_int_equal(live_write(place->live), OK);
}

static off_t
length_of(const struct place *place, const char *name)
{
    struct stat status;
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", place->data, name);
    assert_int_equal(stat(path, &status), 0);
    return status.st_size;
}

static void
cut_to(const struct place *place, const char *name, off_t length)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", place->data, name);
    assert_int_equal(truncate(path, length), 0);
}

static void
start_again(struct place *place, const char *boot)
{
    live_free(place->live);
    place->options.boot = boot;
    live_place_open(place);
}

/* The first start, after a clean end. */
static void
begin(struct place *place, const char *boot)
{
    assert_int_equal(live_close(place->live), OK);
    start_again(place, boot);
}

/* Whether the person has an id, as a reader or core sees it. */
static bool
is_named(struct lookup *lookup, unsigned person)
{
    struct event_person named = {0};
    struct buffer key = {0};
    struct alias alias;
    uint16_t space;
    char name[32];
    enum result result;

    (void)snprintf(name, sizeof(name), "Patient/%u", person);
    named.reference = named.shown = text_of(name);
    assert_int_equal(
        lookup_number(lookup, NAME_SERVICE, TEXT("dossier"), &space), OK);
    assert_int_equal(event_person_key(&named, space, &key), OK);
    result = lookup_find(lookup, ALIAS_PERSON, buffer_as_text(&key), &alias);
    buffer_free(&key);
    assert_true(result == OK || result == E_NOTFOUND);
    return result == OK;
}

static void
a_killed_core_loses_nothing_written_and_tells_no_gap(void **state)
{
    struct place *place = *state;

    begin(place, "one");
    for (unsigned i = 0; i < 9; i++)
        show_written(place, i * 2, 2);
    start_again(place, "one");
    assert_int_equal(live_place_rows(place, ROW_GAP, 0, NULL), 0);
    assert_int_equal(live_place_rows(place, ROW_DISCLOSURE, 0, NULL), 18);
    for (unsigned i = 0; i < 18; i++)
        assert_true(is_named(core_lookup(live_core(place->live)), i));
}

static void
a_start_of_the_machine_after_no_clean_end_is_a_gap(void **state)
{
    struct place *place = *state;
    struct row gap;
    int64_t durable_us;

    begin(place, "one");
    (void)live_place_show(place, 1, 1, 0);
    durable_us = place->now_us;
    show_written(place, 2, 1);
    start_again(place, "two");
    assert_int_equal(live_place_rows(place, ROW_GAP, 0, &gap), 1);
    assert_true(gap.time_source_us <= durable_us);
    assert_int_equal(live_close(place->live), OK);
    start_again(place, "three");
    assert_int_equal(live_place_rows(place, ROW_GAP, 0, NULL), 1);
}

static void
a_sync_that_failed_is_a_gap_at_the_next_start(void **state)
{
    struct place *place = *state;

    begin(place, "one");
    show_written(place, 2, 1);
    live_sync_failed(place->live);
    start_again(place, "one");
    assert_int_equal(live_place_rows(place, ROW_GAP, 0, NULL), 1);
}

static void
rows_whose_names_a_power_cut_took_are_covered_by_a_gap(void **state)
{
    struct place *place = *state;

    begin(place, "one");
    (void)live_place_show(place, 1, 1, 0);
    show_written(place, 2, 1);
    live_free(place->live);
    cut_to(place, "lookup/journal", 0);
    place->options.boot = "two";
    live_place_open(place);
    assert_int_equal(live_place_rows(place, ROW_GAP, 0, NULL), 1);
    assert_int_equal(live_place_rows(place, ROW_DISCLOSURE, 0, NULL), 2);
    assert_true(is_named(core_lookup(live_core(place->live)), 1));
    assert_false(is_named(core_lookup(live_core(place->live)), 2));
    /* and their names can be given anew */
    (void)live_place_show(place, 2, 1, 0);
    assert_true(is_named(core_lookup(live_core(place->live)), 2));
}

static void
a_power_cut_anywhere_in_the_unsynced_part_leaves_a_whole_record(void **state)
{
    struct place *place = *state;
    off_t rows_synced, rows_all, names_all;

    begin(place, "b");
    for (int i = 0; i < 40; i++) {
        char boot[16];
        off_t rows_left, names_left;
        unsigned before, after;

        (void)live_place_show(place, (unsigned)i * 10, 2, 0);
        before = live_place_rows(place, ROW_DISCLOSURE, 0, NULL);
        rows_synced = length_of(place, "ledger/open.rows");
        show_written(place, (unsigned)i * 10 + 2, 3);
        show_written(place, (unsigned)i * 10 + 5, 3);
        rows_all = length_of(place, "ledger/open.rows");
        names_all = length_of(place, "lookup/journal");
        live_free(place->live);
        rows_left = rows_synced + (rows_all - rows_synced) * (i % 7) / 6;
        names_left = names_all * (i % 5) / 4;
        cut_to(place, "ledger/open.rows", rows_left);
        cut_to(place, "lookup/journal", names_left);
        (void)snprintf(boot, sizeof(boot), "b%d", i);
        place->options.boot = boot;
        live_place_open(place);
        after = live_place_rows(place, ROW_DISCLOSURE, 0, NULL);
        assert_true(after >= before && after <= before + 6);
        assert_int_equal(live_place_rows(place, ROW_GAP, 0, NULL), i + 1);
        for (unsigned k = 0; k < 2; k++)
            assert_true(is_named(core_lookup(live_core(place->live)),
                                 (unsigned)i * 10 + k));
    }
}

static void
a_new_small_number_is_synced_before_a_row_uses_it(void **state)
{
    struct place *place = *state;
    const struct file_table real = file_table;

    (void)live_place_show(place, 1, 1, 0); /* the service has its number */
    synced = 0;
    file_table.fdatasync = count_sync;
    show_written(place, 2, 1);
    assert_int_equal(synced, 0);
    live_place_ask.service = TEXT("another");
    {
        uint16_t number;
        struct lookup *lookup = core_lookup(live_core(place->live));

        assert_int_equal(
            lookup_number(lookup, NAME_SERVICE, TEXT("another"), &number), OK);
        assert_int_equal(live_write(place->live), OK);
        assert_int_equal(synced, 1);
    }
    file_table = real;
}

/* How many of what a reader should see it does not. */
static int
missed_by_a_reader(const struct place *place)
{
    struct lookup *reader = NULL;
    struct buffer value = {0};
    struct alias alias;
    int missed = 0;

    if (lookup_open(place->data, place->keys, LOOKUP_READ, NULL, &reader) != OK)
        return 1;
    missed += !is_named(reader, 1);
    missed += !is_named(reader, 2);
    missed += is_named(reader, 3);
    missed += lookup_find(reader, ALIAS_SESSION, TEXT("s"), &alias) != OK ||
              lookup_value(reader, alias.id, &value) != OK ||
              !text_is(buffer_as_text(&value), "s");
    buffer_free(&value);
    lookup_free(reader);
    return missed;
}

/* In a process of its own: LMDB lets none open one file twice, and would make
 * the lock anew that core's transaction holds. */
static void
readers_see_names_that_are_written_and_not_committed(void **state)
{
    struct place *place = *state;
    int status = -1;
    pid_t child;

    (void)live_place_show(place, 1, 1, 0);
    show_written(place, 2, 1);
    assert_true(live_journal_bytes(place->live) > 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(missed_by_a_reader(place));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Whether any file below the folder has them. */
static bool
has_bytes(const char *folder, const void *bytes, size_t length)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    bool found = false;

    assert_non_null(directory);
    while (!found && (entry = readdir(directory)) != NULL) {
        struct buffer file = {0};
        char path[512];

        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            found = has_bytes(path, bytes, length);
        if (entry->d_type != DT_REG)
            continue;
        assert_int_equal(file_load(path, 1u << 30, &file), OK);
        found = memmem(file.bytes, file.length, bytes, length) != NULL;
        buffer_free(&file);
    }
    (void)closedir(directory);
    return found;
}

static void
erase(struct place *place, unsigned person)
{
    struct event_person named = {0};
    struct buffer key = {0};
    struct erasing erasing;
    struct alias alias;
    uint16_t space;
    size_t names = 0;
    char name[32];

    (void)snprintf(name, sizeof(name), "Patient/%u", person);
    named.reference = named.shown = text_of(name);
    assert_int_equal(live_erasing(place->live, place->now_us, &erasing), OK);
    assert_int_equal(
        lookup_number(erasing.lookup, NAME_SERVICE, TEXT("dossier"), &space),
        OK);
    assert_int_equal(event_person_key(&named, space, &key), OK);
    assert_int_equal(
        lookup_find(erasing.lookup, ALIAS_PERSON, buffer_as_text(&key), &alias),
        OK);
    assert_int_equal(
        erasing_do(&erasing, alias.canonical, 1, 2, TEXT("asked"), &names), OK);
    assert_int_equal(names, 1);
    buffer_free(&key);
}

/* Its last turn is of one person: value, id and name lie behind the head. */
static void
a_person_whom_only_the_journal_names_is_erased_from_it(void **state)
{
    struct place *place = *state;
    uint8_t name[4096];
    off_t from, to;
    char path[128];
    int fd = -1;

    begin(place, "one");
    show_written(place, 1, 1);
    from = length_of(place, "lookup/journal");
    show_written(place, 2, 1);
    to = length_of(place, "lookup/journal");
    assert_true(to - from > 96 && to - from < (off_t)sizeof(name));
    (void)snprintf(path, sizeof(path), "%s/lookup/journal", place->data);
    assert_int_equal(file_open(path, O_RDONLY, 0, &fd), OK);
    assert_int_equal(
        file_read_at(fd, name, (size_t)(to - from), (uint64_t)from), OK);
    file_close(&fd);
    assert_true(has_bytes(place->data, name + 40, 40));
    erase(place, 2);
    for (size_t at = 24; at + 24 < (size_t)(to - from); at += 24)
        assert_false(has_bytes(place->data, name + at, 24));
    assert_true(is_named(core_lookup(live_core(place->live)), 1));
    assert_false(is_named(core_lookup(live_core(place->live)), 2));
    /* the journal of the new look-up is at work: killed, nothing is lost */
    show_written(place, 3, 1);
    start_again(place, "one");
    assert_true(is_named(core_lookup(live_core(place->live)), 1));
    assert_false(is_named(core_lookup(live_core(place->live)), 2));
    assert_true(is_named(core_lookup(live_core(place->live)), 3));
    assert_int_equal(live_place_rows(place, ROW_DISCLOSURE, 0, NULL), 3);
    assert_int_equal(live_place_rows(place, ROW_GAP, 0, NULL), 0);
}

static void
an_ask_of_a_durable_location_is_told_to_wait(void **state)
{
    struct place *place = *state;

    assert_false(live_place_show(place, 1, 1, 0).durable);
    assert_true(live_place_show(place, 1, 1, ASK_DURABLE).durable);
}

int
main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, live_place_setup, live_place_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_killed_core_loses_nothing_written_and_tells_no_gap),
        TEST(a_start_of_the_machine_after_no_clean_end_is_a_gap),
        TEST(a_sync_that_failed_is_a_gap_at_the_next_start),
        TEST(rows_whose_names_a_power_cut_took_are_covered_by_a_gap),
        TEST(a_power_cut_anywhere_in_the_unsynced_part_leaves_a_whole_record),
        TEST(a_new_small_number_is_synced_before_a_row_uses_it),
        TEST(readers_see_names_that_are_written_and_not_committed),
        TEST(a_person_whom_only_the_journal_names_is_erased_from_it),
        TEST(an_ask_of_a_durable_location_is_told_to_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
