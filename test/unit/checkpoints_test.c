/* SPDX-License-Identifier: EUPL-1.2 */
/* Checkpoints of a small ledger: made, kept, proved from, and what becomes of
 * them when their files are changed. */
#include "ledger/checkpoints.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "ledger/inspect.h"
#include "ledger/ledger.h"
#include "ledger/proof_check.h"
#include "ledger/proof_read.h"
#include "ledger/proof_write.h"
#include "ledger/prover.h"
#include "ledger/tiles.h"
#include "test/unit/ledger_rows.h"

static char data[64], keys[80];
static char rule[64], file[64];

static void
open_write(struct ledger **ledger)
{
    assert_int_equal(ledger_open(data, LEDGER_WRITE, NULL, NULL, ledger), OK);
}

static void
append(struct ledger *ledger, uint64_t count)
{
    uint64_t from = ledger_count(ledger);

    for (uint64_t i = from; i < from + count; i++) {
        struct row row = test_row(i);

        assert_int_equal(ledger_append(ledger, &row, 1, NULL), OK);
    }
}

static enum result
checkpoint(struct ledger *ledger)
{
    struct reason why = {.rule = ""};
    enum result result = checkpoints_once(data, keys, ledger, &why);

    (void)snprintf(rule, sizeof(rule), "%s", why.rule);
    return result;
}

static void
note_damage(void *context, const char *name, const struct reason *reason)
{
    (void)context;
    if (file[0] != '\0')
        return; /* the first says most */
    (void)snprintf(rule, sizeof(rule), "%s", reason->rule);
    (void)snprintf(file, sizeof(file), "%s", name);
}

static uint64_t
damages(uint64_t *ret_checkpoints)
{
    struct inspection inspection;

    rule[0] = file[0] = '\0';
    assert_int_equal(ledger_inspect(data, note_damage, NULL, &inspection), OK);
    if (ret_checkpoints != NULL)
        *ret_checkpoints = inspection.checkpoints;
    return inspection.damages;
}

static void
path_of(const char *name, char path[160])
{
    (void)snprintf(path, 160, "%s/%s", data, name);
}

static void
load(const char *name, struct buffer *bytes)
{
    char path[160];

    path_of(name, path);
    buffer_clear(bytes);
    assert_int_equal(file_load(path, 1u << 20, bytes), OK);
}

static void
store(const char *name, const struct buffer *bytes, size_t length)
{
    char path[160];

    path_of(name, path);
    assert_int_equal(file_replace(path, bytes->bytes, length, 0600), OK);
}

static void
shell(const char *format)
{
    char command[512];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(command, sizeof(command), format, data, data);
#pragma GCC diagnostic pop
    assert_int_equal(system(command), 0);
}

static void
an_empty_ledger_has_no_checkpoint(void **state)
{
    struct ledger *ledger;

    (void)state;
    open_write(&ledger);
    assert_int_equal(checkpoint(ledger), OK);
    assert_int_equal(ledger_close(ledger), OK);
    assert_int_equal(damages(NULL), 0);
}

static void
each_checkpoint_is_the_root_at_its_size(void **state)
{
    struct ledger *ledger;
    uint64_t met = 0;

    (void)state;
    open_write(&ledger);
    for (unsigned i = 0; i < 5; i++) {
        append(ledger, 100 + 77 * i);
        assert_int_equal(checkpoint(ledger), OK);
        assert_int_equal(checkpoint(ledger), OK); /* no new rows: no second */
        if (i == 2)
            assert_int_equal(ledger_seal(ledger), OK);
    }
    assert_int_equal(ledger_close(ledger), OK);
    assert_int_equal(damages(&met), 0);
    assert_int_equal(met, 5);
}

/* By the definition, with the leaves alone. */
static void
every_row_is_proved_under_every_size(void **state)
{
    struct ledger *ledger;
    struct prover *prover;
    uint8_t root[HASH_BYTES], leaf[HASH_BYTES], bytes[ROW_BYTES];

    (void)state;
    shell("mkdir %s/checkpoints && test -d %s");
    open_write(&ledger);
    append(ledger, 1300);
    assert_int_equal(ledger_seal(ledger), OK);
    append(ledger, 400);
    assert_int_equal(prove_keep(data, ledger), OK);
    for (int kept = 0; kept < 2; kept++) {
        assert_int_equal(prover_new(data, ledger, kept == 1, &prover), OK);
        for (uint64_t size = 1; size <= 1700; size += 1 + size / 7) {
            assert_int_equal(prove_root(prover, 0, size, root), OK);
            for (uint64_t row = 0; row < size; row += 1 + row / 3) {
                struct proof proof;
                const struct row made = test_row(row);

                row_encode(&made, bytes);
                assert_int_equal(proof_check_leaf(bytes, ROW_BYTES, leaf), OK);
                assert_int_equal(prove_inclusion(prover, row, size, &proof),
                                 OK);
                assert_int_equal(proof_check_inclusion(row, size, leaf,
                                                       proof.hash[0],
                                                       proof.count, root),
                                 OK);
            }
        }
        prover_free(prover);
    }
    assert_int_equal(ledger_close(ledger), OK);
}

static void
two_sizes_are_proved_consistent_and_no_others(void **state)
{
    struct ledger *ledger;
    struct prover *prover;
    uint8_t old[HASH_BYTES], new[HASH_BYTES];
    struct proof proof;

    (void)state;
    open_write(&ledger);
    append(ledger, 1000);
    assert_int_equal(prover_new(data, ledger, false, &prover), OK);
    assert_int_equal(prove_consistency(prover, 0, 3, &proof), E_ARGUMENT);
    assert_int_equal(prove_consistency(prover, 4, 3, &proof), E_ARGUMENT);
    assert_int_equal(prove_consistency(prover, 4, 1001, &proof), E_ARGUMENT);
    for (uint64_t size2 = 1; size2 <= 1000; size2 += 1 + size2 / 5) {
        assert_int_equal(prove_root(prover, 0, size2, new), OK);
        for (uint64_t size1 = 1; size1 <= size2; size1 += 1 + size1 / 5) {
            assert_int_equal(prove_root(prover, 0, size1, old), OK);
            assert_int_equal(prove_consistency(prover, size1, size2, &proof),
                             OK);
            assert_int_equal(proof_check_consistency(size1, size2, old, new,
                                                     proof.hash[0],
                                                     proof.count),
                             OK);
            new[0] ^= 1;
            assert_int_not_equal(proof_check_consistency(size1, size2, old, new,
                                                         proof.hash[0],
                                                         proof.count),
                                 OK);
            new[0] ^= 1;
        }
    }
    prover_free(prover);
    assert_int_equal(ledger_close(ledger), OK);
}

/* A copy goes on with other rows: both are whole, and both are signed with
 * the same key. */
static void
a_copy_that_went_on_elsewhere_is_found(void **state)
{
    struct ledger *ledger;
    struct inspect_point point = {.file = "held"};
    const struct inspect_options options = {
        .found = note_damage, .points = &point, .point_count = 1};
    struct inspection inspection;
    struct buffer held = {0};
    struct reason why;
    struct note note;

    (void)state;
    open_write(&ledger);
    append(ledger, 300);
    assert_int_equal(checkpoint(ledger), OK);
    assert_int_equal(ledger_close(ledger), OK);
    shell("cp -r %s %s-copy");
    open_write(&ledger);
    append(ledger, 300);
    assert_int_equal(checkpoint(ledger), OK);
    load("checkpoints/latest", &held);
    assert_int_equal(ledger_close(ledger), OK);
    shell("mv %s/ledger %s-elsewhere");
    shell("mv %s-copy/ledger %s/ledger");
    open_write(&ledger);
    for (uint64_t i = 0; i < 400; i++) {
        const struct row row = test_row(i + 5000);

        assert_int_equal(ledger_append(ledger, &row, 1, NULL), OK);
    }
    assert_int_equal(checkpoint(ledger), E_CORRUPT);
    assert_string_equal(rule, "checkpoint-inconsistent");
    assert_int_equal(ledger_close(ledger), OK);
    assert_true(damages(NULL) > 0);
    /* its own folder of checkpoints knows nothing; the one that left does */
    shell(
        "rm -rf %1$s/checkpoints && mv %2$s-copy/checkpoints %1$s/checkpoints");
    assert_int_equal(damages(NULL), 0);
    assert_int_equal(note_parse(buffer_as_text(&held), &why, &note), OK);
    assert_int_equal(checkpoint_parse(note.text, &why, &point.checkpoint), OK);
    rule[0] = file[0] = '\0';
    assert_int_equal(ledger_inspect_with(data, &options, &inspection), OK);
    assert_int_equal(inspection.damages, 1);
    assert_string_equal(rule, "checkpoint-root");
    assert_string_equal(file, "held");
    shell("rm -rf %s-copy %s-elsewhere");
    buffer_free(&held);
}

static void
rows_taken_back_are_found_and_nothing_is_signed_over_them(void **state)
{
    struct ledger *ledger;
    struct buffer open_rows = {0};

    (void)state;
    open_write(&ledger);
    append(ledger, 40);
    assert_int_equal(ledger_sync(ledger), OK);
    load("ledger/open.rows", &open_rows);
    append(ledger, 40);
    assert_int_equal(checkpoint(ledger), OK);
    assert_int_equal(ledger_close(ledger), OK);
    store("ledger/open.rows", &open_rows, open_rows.length);
    assert_int_equal(damages(NULL), 1);
    assert_string_equal(rule, "checkpoint-ahead");
    open_write(&ledger);
    assert_int_equal(checkpoint(ledger), E_CORRUPT);
    assert_string_equal(rule, "checkpoint-ahead");
    append(ledger, 50); /* the same rows come again */
    assert_int_equal(checkpoint(ledger), OK);
    assert_int_equal(ledger_close(ledger), OK);
    buffer_free(&open_rows);
}

static void
a_torn_record_is_cut_and_a_rotten_one_is_not(void **state)
{
    struct ledger *ledger;
    struct buffer journal = {0}, latest = {0};
    size_t first;

    (void)state;
    open_write(&ledger);
    append(ledger, 40);
    assert_int_equal(checkpoint(ledger), OK);
    load("checkpoints/journal", &journal);
    load("checkpoints/latest", &latest);
    first = journal.length;
    append(ledger, 40);
    assert_int_equal(checkpoint(ledger), OK);
    load("checkpoints/journal", &journal);
    /* latest knows the second: what is lacking has rotted */
    for (size_t length = first; length < journal.length; length += 13) {
        store("checkpoints/journal", &journal, length);
        assert_int_equal(checkpoint(ledger), E_CORRUPT);
        assert_string_equal(rule, "journal-rot");
        assert_true(damages(NULL) > 0);
    }
    /* latest is still the first: the second was never acknowledged */
    for (size_t length = first; length < journal.length; length += 13) {
        store("checkpoints/journal", &journal, length);
        store("checkpoints/latest", &latest, latest.length);
        assert_int_equal(checkpoint(ledger), OK);
        assert_int_equal(damages(NULL), 0);
    }
    assert_int_equal(ledger_close(ledger), OK);
    buffer_free(&journal);
    buffer_free(&latest);
}

static void
every_flipped_bit_is_found(void **state)
{
    static const char *const names[] = {
        "checkpoints/journal", "checkpoints/latest", "checkpoints/tree.8"};
    struct ledger *ledger;
    struct buffer bytes = {0};

    (void)state;
    open_write(&ledger);
    append(ledger, 600);
    assert_int_equal(checkpoint(ledger), OK);
    append(ledger, 10);
    assert_int_equal(checkpoint(ledger), OK);
    assert_int_equal(ledger_close(ledger), OK);
    for (size_t i = 0; i < 3; i++) {
        char path[160];

        path_of(names[i], path);
        load(names[i], &bytes);
        for (size_t at = 0; at < bytes.length * 8; at++) {
            bytes.bytes[at / 8] ^= (char)(1 << at % 8);
            store(names[i], &bytes, bytes.length);
            bytes.bytes[at / 8] ^= (char)(1 << at % 8);
            if (damages(NULL) == 0)
                fail_msg("%s: bit %zu", names[i], at);
            assert_string_equal(file, names[i]);
        }
        store(names[i], &bytes, bytes.length);
    }
    assert_int_equal(damages(NULL), 0);
    buffer_free(&bytes);
}

/* The level above, of which one hash needs 65,536 rows: by default one bit of
 * each byte, with VIGIE_ALL=1 all of them. */
static void
every_flipped_bit_of_the_upper_tree_is_found(void **state)
{
    static struct row rows[4096];
    const size_t step = getenv("VIGIE_ALL") != NULL ? 1 : 8;
    struct buffer bytes = {0};
    struct ledger *ledger;

    (void)state;
    open_write(&ledger);
    for (uint64_t i = 0; i < 65536; i++) {
        rows[i % 4096] = test_row(i);
        if (i % 4096 == 4095)
            assert_int_equal(ledger_append(ledger, rows, 4096, NULL), OK);
    }
    append(ledger, 3);
    assert_int_equal(checkpoint(ledger), OK);
    assert_int_equal(ledger_close(ledger), OK);
    assert_int_equal(damages(NULL), 0);
    load("checkpoints/tree.16", &bytes);
    assert_int_equal(bytes.length, 32 + HASH_BYTES);
    for (size_t i = 0; i < bytes.length * 8; i += step) {
        const size_t at = i + (step > 1 ? i / 8 % 8 : 0);

        bytes.bytes[at / 8] ^= (char)(1 << at % 8);
        store("checkpoints/tree.16", &bytes, bytes.length);
        bytes.bytes[at / 8] ^= (char)(1 << at % 8);
        if (damages(NULL) == 0)
            fail_msg("tree.16: bit %zu", at);
        assert_string_equal(file, "checkpoints/tree.16");
    }
    buffer_free(&bytes);
}

static uint64_t found;

static void
count_found(void *context, const char *path, const struct reason *reason)
{
    (void)context;
    (void)path;
    (void)reason;
    found++;
}

static void
write_and_check(struct ledger *ledger, uint64_t size, uint64_t *ret_written)
{
    struct prover *prover;
    uint8_t root[HASH_BYTES];
    char tiles[96];

    (void)snprintf(tiles, sizeof(tiles), "%s/tiles", data);
    assert_int_equal(prover_new(data, ledger, false, &prover), OK);
    assert_int_equal(prove_root(prover, 0, size, root), OK);
    prover_free(prover);
    assert_int_equal(
        tiles_write(data, ledger, TEXT("note"), size, tiles, ret_written), OK);
    found = 0;
    assert_int_equal(tiles_check(tiles, size, root, count_found, NULL), OK);
    assert_int_equal(found, 0);
    root[0] ^= 1;
    assert_int_equal(tiles_check(tiles, size, root, count_found, NULL), OK);
    assert_int_equal(found, 1);
}

static void
tiles_of_every_width_lead_to_the_root(void **state)
{
    static const uint64_t sizes[] = {1,   2,   3,    255,  256,
                                     257, 511, 1111, 1279, 1500};
    struct ledger *ledger;
    uint64_t written = 0;

    (void)state;
    open_write(&ledger);
    append(ledger, 1500);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        write_and_check(ledger, sizes[i], &written);
    write_and_check(ledger, 1500, &written);
    assert_int_equal(written, 0);
    assert_int_equal(ledger_close(ledger), OK);
}

static void
names_of_tiles_are_those_of_the_specification(void **state)
{
    char path[TILES_PATH_BYTES];

    (void)state;
    assert_int_equal(tiles_path("d", 0, 1234067, 256, path), OK);
    assert_string_equal(path, "d/tile/0/x001/x234/067");
    assert_int_equal(tiles_path("d", TILES_ENTRIES, 999, 112, path), OK);
    assert_string_equal(path, "d/tile/entries/999.p/112");
    assert_int_equal(tiles_path("d", 2, 1000, 1, path), OK);
    assert_string_equal(path, "d/tile/2/x001/000.p/1");
}

static void
every_changed_byte_of_a_tile_is_found(void **state)
{
    static const char *const names[] = {
        "tiles/tile/entries/000", "tiles/tile/entries/001.p/44",
        "tiles/tile/0/000", "tiles/tile/0/001.p/44", "tiles/tile/1/000.p/1"};
    struct ledger *ledger;
    struct buffer bytes = {0};
    uint8_t root[HASH_BYTES];
    uint64_t written;
    char tiles[96];

    (void)state;
    open_write(&ledger);
    append(ledger, 300);
    write_and_check(ledger, 300, &written);
    assert_int_equal(ledger_root(ledger, root), OK);
    assert_int_equal(ledger_close(ledger), OK);
    (void)snprintf(tiles, sizeof(tiles), "%s/tiles", data);
    for (size_t i = 0; i < 5; i++) {
        load(names[i], &bytes);
        for (size_t at = 0; at < bytes.length; at += 1 + i % 2) {
            bytes.bytes[at] ^= (char)(1 << at % 8);
            store(names[i], &bytes, bytes.length);
            bytes.bytes[at] ^= (char)(1 << at % 8);
            found = 0;
            assert_int_equal(tiles_check(tiles, 300, root, count_found, NULL),
                             OK);
            if (found == 0)
                fail_msg("%s: byte %zu", names[i], at);
        }
        store(names[i], &bytes, bytes.length - 1);
        found = 0;
        assert_int_equal(tiles_check(tiles, 300, root, count_found, NULL), OK);
        assert_true(found > 0);
        store(names[i], &bytes, bytes.length);
    }
    buffer_free(&bytes);
}

static int
setup(void **state)
{
    (void)state;
    (void)snprintf(data, sizeof(data), "%s/vigie-cp-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(data) == NULL)
        return 1;
    (void)snprintf(keys, sizeof(keys), "%s-keys", data);
    return hash_start() != OK;
}

static int
teardown(void **state)
{
    (void)state;
    return file_remove_tree(data) != OK || file_remove_tree(keys) != OK;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int
setup_without_keys(void **state)
{
    return setup(state) != 0 || file_make_folder(keys) != OK;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_ledger_has_no_checkpoint),
        TEST(each_checkpoint_is_the_root_at_its_size),
        cmocka_unit_test_setup_teardown(every_row_is_proved_under_every_size,
                                        setup_without_keys, teardown),
        cmocka_unit_test_setup_teardown(
            two_sizes_are_proved_consistent_and_no_others, setup_without_keys,
            teardown),
        TEST(a_copy_that_went_on_elsewhere_is_found),
        TEST(rows_taken_back_are_found_and_nothing_is_signed_over_them),
        TEST(a_torn_record_is_cut_and_a_rotten_one_is_not),
        TEST(every_flipped_bit_is_found),
        TEST(every_flipped_bit_of_the_upper_tree_is_found),
        cmocka_unit_test(names_of_tiles_are_those_of_the_specification),
        cmocka_unit_test_setup_teardown(tiles_of_every_width_lead_to_the_root,
                                        setup_without_keys, teardown),
        cmocka_unit_test_setup_teardown(every_changed_byte_of_a_tile_is_found,
                                        setup_without_keys, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
