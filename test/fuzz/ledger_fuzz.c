/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The files of a ledger as an attacker would leave them: a small valid ledger
 * with bytes changed, and (where the input asks for it) every checksum and
 * digest made right again, so that what lies behind them is reached. Opened,
 * read, searched, inspected, then opened for writing and written to: never a
 * crash, never an invariant broken.
 *
 * Input: one byte of flags, then patches of file (1), place (2), length (1),
 * bytes. Flag 1: mend the sums. Flag 2: the rest of the input is instead the
 * whole of the file that its first byte names.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/checksum.h"
#include "ledger/inspect.h"
#include "ledger/ledger.h"
#include "ledger/manifest.h"
#include "ledger/segment_format.h"
#include "test/unit/ledger_rows.h"

#define FILES 4
#define MEND 1
#define WHOLE 2

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char *const names[FILES] = {"MANIFEST", "open.rows",
                                         "00000001.seg", "00000002.seg"};
static char folder[64];
static struct buffer good[FILES], bad[FILES];

static void
must(bool good_so_far)
{
    if (!good_so_far)
        abort();
}

static void
path_of(const char *name, char ret_path[128])
{
    (void)snprintf(ret_path, 128, "%s/ledger/%s", folder, name);
}

static void
remove_folder(void)
{
    (void)!file_remove_tree(folder);
}

static void
make_good(void)
{
    static const uint64_t steps[] = {150, 40, 20, 5};
    struct ledger *ledger = NULL;
    char path[128];

    (void)snprintf(folder, sizeof(folder), "%s/vigie-fuzz-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    must(mkdtemp(folder) != NULL);
    (void)atexit(remove_folder);
    must(ledger_open(folder, LEDGER_WRITE, NULL, NULL, &ledger) == OK);
    for (size_t i = 0; i < 4; i++) {
        for (uint64_t j = 0; j < steps[i]; j++) {
            struct row row = test_row(ledger_count(ledger));

            must(ledger_append(ledger, &row, 1, NULL) == OK);
        }
        must((i < 2 ? ledger_seal(ledger) : ledger_sync(ledger)) == OK);
    }
    must(ledger_close(ledger) == OK);
    for (size_t i = 0; i < FILES; i++) {
        path_of(names[i], path);
        must(file_load(path, 1 << 20, &good[i]) == OK);
    }
}

/* ——— sums made right ——— */

static void
mend_open(struct buffer *file)
{
    uint8_t *bytes = (uint8_t *)file->bytes;
    uint64_t id;

    if (file->length < 64)
        return;
    id = le64_get(bytes + 16);
    le64_put(bytes + 56, checksum64(bytes, 56, 0));
    for (size_t at = 64; at + 64 <= file->length;) {
        size_t rows = le32_get(bytes + at + 4);
        uint64_t sum = id;

        if (rows > (file->length - at - 64) / 64)
            return;
        for (size_t i = 0; i < rows; i += 1024) {
            size_t n = rows - i < 1024 ? rows - i : 1024;

            sum = checksum64(bytes + at + 64 + 64 * i, 64 * n, sum);
        }
        le64_put(bytes + at + 56, checksum64(bytes + at, 56, sum));
        at += 64 + 64 * rows;
    }
}

struct span {
    uint8_t *bytes;
    size_t length;
};

static struct span
part_of(const struct buffer *file, unsigned part)
{
    uint8_t *head = (uint8_t *)file->bytes;
    const uint8_t *at = head + file->length - SEGMENT_FOOT_BYTES +
                        SEGMENT_PARTS_AT + SEGMENT_PART_BYTES * part;
    uint64_t offset = le64_get(at), length = le64_get(at + 8);

    if (offset > file->length || length > file->length - offset)
        return (struct span){head, 0};
    return (struct span){head + offset, (size_t)length};
}

static void
mend_blocks(const struct buffer *file, unsigned part, struct span entries)
{
    struct span blocks = part_of(file, part);

    for (size_t i = 0; 16 * (i + 1) <= entries.length; i++) {
        uint8_t *entry = entries.bytes + 16 * i;
        size_t offset = le32_get(entry), length = le32_get(entry + 4);

        if (offset <= blocks.length && length <= blocks.length - offset)
            le64_put(entry + 8, checksum64(blocks.bytes + offset, length, i));
    }
}

static size_t
mend_index(const struct buffer *file, unsigned key, struct span directory)
{
    const uint8_t *foot =
        (const uint8_t *)file->bytes + file->length - SEGMENT_FOOT_BYTES;
    struct span index = part_of(file, PART_INDEX + key);
    size_t pages =
        index_pages(le32_get(foot + SEGMENT_SHAPES_AT + 8 * key + 4));

    for (size_t i = 0; i < pages && 4 * (i + 2) <= directory.length; i++) {
        size_t from = le32_get(directory.bytes + 4 * i);
        size_t to = le32_get(directory.bytes + 4 * i + 4);

        if (from + 8 <= to && to <= index.length)
            le64_put(index.bytes + from,
                     checksum64(index.bytes + from + 8, to - from - 8, i));
    }
    return 4 * (pages + 1);
}

static void
mend_segment(const struct buffer *file)
{
    struct span directory, rest;
    uint8_t *foot;
    size_t blocks;

    if (file->length < SEGMENT_FOOT_BYTES)
        return;
    foot = (uint8_t *)file->bytes + file->length - SEGMENT_FOOT_BYTES;
    directory = part_of(file, PART_DIRECTORY);
    blocks = ((size_t)le32_get(foot + 12) + 1023) / 1024 * 16;
    if (2 * blocks <= directory.length) {
        mend_blocks(file, PART_ROWS, (struct span){directory.bytes, blocks});
        rest = (struct span){directory.bytes + 2 * blocks,
                             directory.length - 2 * blocks};
        for (unsigned key = 0; key < LEDGER_KEYS; key++) {
            size_t took = mend_index(file, key, rest);

            if (took > rest.length)
                break;
            rest.bytes += took;
            rest.length -= took;
        }
    }
    le64_put(foot + SEGMENT_DIRECTORY_SUM_AT,
             checksum64(directory.bytes, directory.length, 0));
    for (unsigned part = 0; part < PART_COUNT; part++) {
        struct span span = part_of(file, part);

        hash_sha256(span.bytes, span.length,
                    foot + SEGMENT_PARTS_AT + SEGMENT_PART_BYTES * part + 16);
    }
    le64_put(foot + SEGMENT_FOOT_SUM_AT,
             checksum64(foot, SEGMENT_FOOT_SUM_AT, 0));
}

/* MANIFEST's own digest, and those of the segments where they stand. */
static void
mend_manifest(void)
{
    static const char line[] = "\nsegment ";
    char *bytes = bad[0].bytes;
    uint8_t digest[HASH_BYTES];
    char hex[2 * HASH_BYTES + 1];
    size_t length = bad[0].length, segment = 2;

    for (size_t at = 0; at + 200 < length && segment < FILES; at++) {
        char *end;

        if (memcmp(bytes + at, line, sizeof(line) - 1) != 0)
            continue;
        end = memchr(bytes + at + 1, '\n', length - at - 1);
        if (end == NULL || (size_t)(end - bytes) < at + 80)
            continue;
        hash_sha256(bad[segment].bytes, bad[segment].length, digest);
        hash_hex(digest, HASH_BYTES, hex);
        memcpy(end - 64, hex, 64);
        segment++;
    }
    if (length < 70)
        return;
    hash_sha256(bytes, length - 69, digest);
    hash_hex(digest, HASH_BYTES, hex);
    memcpy(bytes + length - 65, hex, 64);
}

/* ——— one input ——— */

static void
patch(const uint8_t *bytes, size_t length)
{
    while (length > 4) {
        struct buffer *file = &bad[bytes[0] % FILES];
        size_t place = le16_get(bytes + 1);
        size_t n = bytes[3];

        bytes += 4;
        length -= 4;
        n = n < length ? n : length;
        for (size_t i = 0; i < n; i++) {
            /* places count from the end too: heads and tails are near */
            size_t at = place < 0x8000 ? place + i
                                       : file->length - (0x10000 - place) + i;

            if (at < file->length)
                file->bytes[at] = (char)bytes[i];
        }
        bytes += n;
        length -= n;
    }
}

static enum result
look(void *context, uint64_t number, const struct row *row)
{
    (void)context;
    must(row_kind_name(row->kind)[0] != '\0');
    must(number < UINT64_MAX);
    return OK;
}

static void
read_everything(void)
{
    struct ledger *ledger = NULL;
    uint8_t root[HASH_BYTES];
    struct row row;

    if (ledger_open(folder, LEDGER_READ, NULL, NULL, &ledger) != OK)
        return;
    for (uint64_t i = 0; i < ledger_count(ledger) && i < 2000; i += 3)
        (void)!ledger_read(ledger, i, 1, &row);
    for (unsigned key = 0; key < LEDGER_KEYS; key++) {
        for (uint64_t i = 0; i < 200; i += 41) {
            struct row wanted = test_row(i);

            (void)!ledger_find(ledger, key, row_key(&wanted, key), look, NULL);
        }
    }
    (void)!ledger_root(ledger, root);
    ledger_free(ledger);
}

static void
write_something(void)
{
    struct ledger *ledger = NULL;
    struct row row = test_row(0);

    if (ledger_open(folder, LEDGER_WRITE, NULL, NULL, &ledger) != OK)
        return;
    (void)!ledger_append(ledger, &row, 1, NULL);
    (void)!ledger_sync(ledger);
    (void)!ledger_append(ledger, &row, 1, NULL);
    (void)!ledger_seal(ledger);
    ledger_free(ledger);
}

static void
nothing(void *context, const char *file, const struct reason *reason)
{
    (void)context;
    must(file != NULL && reason->rule != NULL);
}

static void
put_files(void)
{
    for (size_t i = 0; i < FILES; i++) {
        char path[128];
        int fd;

        path_of(names[i], path);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        must(fd >= 0);
        must(write(fd, bad[i].bytes, bad[i].length) == (ssize_t)bad[i].length);
        (void)close(fd);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct inspection inspection;

    must(hash_start() == OK);
    if (folder[0] == '\0')
        make_good();
    if (length < 2)
        return 0;
    for (size_t i = 0; i < FILES; i++) {
        buffer_clear(&bad[i]);
        must(buffer_append(&bad[i], good[i].bytes, good[i].length) == OK);
    }
    if ((bytes[0] & WHOLE) != 0) {
        struct buffer *file = &bad[bytes[1] % FILES];

        buffer_clear(file);
        must(buffer_append(file, bytes + 2, length - 2) == OK);
    } else {
        patch(bytes + 1, length - 1);
    }
    if ((bytes[0] & MEND) != 0) {
        mend_open(&bad[1]);
        mend_segment(&bad[2]);
        mend_segment(&bad[3]);
        mend_manifest();
    }
    put_files();
    read_everything();
    (void)!ledger_inspect(folder, nothing, NULL, &inspection);
    write_something();
    return 0;
}
