/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What only the recomputed root finds: a segment exchanged for another one
 * that is whole in itself, with every digest made to fit. And what is told
 * when a part cannot be read.
 */
#include "ledger/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/checksum.h"
#include "ledger/manifest.h"
#include "ledger/segment_format.h"
#include "test/unit/ledger_rows.h"

static char first[64], second[64];

static int
make_folders(void **state)
{
    (void)state;
    (void)snprintf(first, sizeof(first), "/tmp/vigie-inspect-XXXXXX");
    (void)snprintf(second, sizeof(second), "/tmp/vigie-inspect-XXXXXX");
    return mkdtemp(first) == NULL || mkdtemp(second) == NULL;
}

static int
drop_folders(void **state)
{
    (void)state;
    return file_remove_tree(first) != OK || file_remove_tree(second) != OK;
}

static void
take(const char *folder, const char *name, struct buffer *bytes)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/ledger/%s", folder, name);
    assert_int_equal(file_load(path, 1 << 24, bytes), OK);
}

static void
put(const char *folder, const char *name, const struct buffer *bytes)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/ledger", folder);
    assert_int_equal(file_make_folder(path), OK);
    (void)snprintf(path, sizeof(path), "%s/ledger/%s", folder, name);
    assert_int_equal(file_replace(path, bytes->bytes, bytes->length, 0600), OK);
}

static void
fill(const char *folder, uint64_t seed, unsigned segments)
{
    struct ledger *ledger = NULL;

    assert_int_equal(ledger_open(folder, LEDGER_WRITE, NULL, NULL, &ledger),
                     OK);
    for (unsigned s = 0; s < segments; s++) {
        for (uint64_t i = 0; i < 300; i++) {
            struct row row = test_row(ledger_count(ledger));

            row.request += seed;
            assert_int_equal(ledger_append(ledger, &row, 1, NULL), OK);
        }
        assert_int_equal(ledger_seal(ledger), OK);
    }
    assert_int_equal(ledger_close(ledger), OK);
}

struct told {
    unsigned count;
    char file[32], rule[32], field[32];
};

static void
note(void *context, const char *file, const struct reason *reason)
{
    struct told *told = context;

    told->count++;
    (void)snprintf(told->file, sizeof(told->file), "%s", file);
    (void)snprintf(told->rule, sizeof(told->rule), "%s", reason->rule);
    (void)snprintf(told->field, sizeof(told->field), "%.31s", reason->field);
}

static struct inspection
inspect(const char *folder, struct told *told)
{
    struct inspection inspection = {0};

    memset(told, 0, sizeof(*told));
    assert_int_equal(ledger_inspect(folder, note, told, &inspection), OK);
    assert_int_equal(inspection.damages, told->count);
    return inspection;
}

static void
test_no_ledger(void **state)
{
    struct inspection inspection;
    struct told told;

    (void)state;
    assert_int_equal(ledger_inspect(first, note, &told, &inspection),
                     E_NOTFOUND);
}

static void
test_an_exchanged_segment_is_found_by_the_root(void **state)
{
    struct buffer bytes = {0}, text = {0};
    struct manifest manifest;
    struct ledger *ledger = NULL;
    struct told told;

    (void)state;
    /* one ledger, copied while it is empty, goes on in two ways */
    assert_int_equal(ledger_open(first, LEDGER_WRITE, NULL, NULL, &ledger), OK);
    assert_int_equal(ledger_close(ledger), OK);
    take(first, "MANIFEST", &bytes);
    put(second, "MANIFEST", &bytes);
    take(first, "open.rows", &bytes);
    put(second, "open.rows", &bytes);
    fill(first, 0, 1);
    fill(second, 1, 1);
    assert_int_equal(inspect(first, &told).damages, 0);
    assert_int_equal(inspect(second, &told).damages, 0);

    take(second, "00000001.seg", &bytes);
    put(first, "00000001.seg", &bytes);
    assert_true(inspect(first, &told).damages > 0); /* by its digest */
    take(first, "MANIFEST", &text);
    assert_int_equal(manifest_parse(buffer_as_text(&text), NULL, &manifest),
                     OK);
    manifest.segments[0].bytes = bytes.length;
    hash_sha256(bytes.bytes, bytes.length, manifest.segments[0].digest);
    buffer_clear(&text);
    assert_int_equal(manifest_write(&manifest, &text), OK);
    put(first, "MANIFEST", &text);
    assert_false(inspect(first, &told).root_known);
    assert_int_equal(told.count, 1);
    assert_string_equal(told.rule, "ledger-root");
    manifest_free(&manifest);
    buffer_free(&bytes);
    buffer_free(&text);
}

static void
test_the_rest_is_looked_at_when_a_segment_is_gone(void **state)
{
    char path[128];
    struct inspection inspection;
    struct told told;

    (void)state;
    fill(first, 0, 3);
    (void)snprintf(path, sizeof(path), "%s/ledger/00000002.seg", first);
    assert_int_equal(unlink(path), 0);
    inspection = inspect(first, &told);
    assert_false(inspection.root_known);
    assert_int_equal(inspection.statistics.rows, 900);
    assert_int_equal(told.count, 2); /* unreadable, and not there to map */
    assert_string_equal(told.file, "00000002.seg");
}

static void
test_a_rotten_index_is_named(void **state)
{
    struct buffer bytes = {0};
    const uint8_t *foot;
    struct told told;

    (void)state;
    fill(first, 0, 1);
    take(first, "00000001.seg", &bytes);
    foot = (const uint8_t *)bytes.bytes + bytes.length - SEGMENT_FOOT_BYTES;
    bytes.bytes[20 + le64_get(foot + SEGMENT_PARTS_AT +
                              SEGMENT_PART_BYTES *
                                  (PART_INDEX + LEDGER_BY_SESSION))] ^= 1;
    put(first, "00000001.seg", &bytes);
    (void)inspect(first, &told);
    assert_int_equal(told.count, 2); /* the file's digest, and the part */
    assert_string_equal(told.rule, "ledger-part");
    assert_string_equal(told.field, "index-session");
    buffer_free(&bytes);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, make_folders, drop_folders)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_no_ledger),
        CASE(test_an_exchanged_segment_is_found_by_the_root),
        CASE(test_the_rest_is_looked_at_when_a_segment_is_gone),
        CASE(test_a_rotten_index_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
