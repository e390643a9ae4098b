/* SPDX-License-Identifier: EUPL-1.2 */
/* A journal of checkpoints as it may lie on a disk. First byte even: the rest
 * is the file. Odd: the rest is cut into records, summed as they should be,
 * and one byte of the file may be changed: what is read is what was written,
 * up to there. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "ledger/journal_read.h"

#define RECORDS 8

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const uint8_t id[JOURNAL_ID_BYTES] = {7};
static char folder[64], path[96];

static void
must(bool holds)
{
    if (!holds)
        abort();
}

static void
start(void)
{
    (void)snprintf(folder, sizeof(folder), "%s/vigie-jfuzz-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    must(hash_start() == OK && mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof(path), "%s/checkpoints", folder);
    must(file_make_folder(path) == OK);
    (void)snprintf(path, sizeof(path), "%s/checkpoints/journal", folder);
}

static void
store(const char *bytes, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    must(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
    (void)close(fd);
}

/* Reads to the end; of `end` bytes at most, and a reader that ended stays
 * there. Returns how many records there are. */
static size_t
read_all(size_t length, bool *ret_whole)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    uint8_t digest[HASH_BYTES];
    struct reason why = {0};
    size_t count = 0;
    enum result result = journal_read_open(folder, id, &why, &reader);

    *ret_whole = false;
    if (result != OK)
        return 0;
    while ((result = journal_read_next(reader, &why, &record)) == OK) {
        must(record.kind < JOURNAL_KINDS &&
             record.bytes.length <= JOURNAL_RECORD_MAX &&
             record.offset + record.bytes.length <= length);
        count++;
    }
    must(result == E_END || result == E_CORRUPT);
    must(journal_read_end(reader, digest) <= length);
    *ret_whole = result == E_END;
    journal_read_free(reader);
    return count;
}

/* Each record: a byte of kind, one of length, its bytes. */
static size_t
make(const uint8_t *bytes, size_t length, struct buffer *file,
     size_t ends[RECORDS + 1])
{
    char head[JOURNAL_HEAD_BYTES + 1], hex[2 * HASH_BYTES + 1];
    uint8_t digest[HASH_BYTES];
    size_t count = 0, at = 0;

    journal_head(id, head);
    must(buffer_string(file, head) == OK);
    hash_sha256(head, strlen(head), digest);
    for (; count < RECORDS && length - at >= 2; count++) {
        const enum journal_kind kind = bytes[at] % JOURNAL_KINDS;
        const size_t left = length - at - 2;
        const size_t size = bytes[at + 1] < left ? bytes[at + 1] : left;
        const struct text text = {(const char *)bytes + at + 2, size};

        ends[count] = file->length;
        must(journal_digest(digest, kind, at, text, digest) == OK);
        hash_hex(digest, HASH_BYTES, hex);
        must(buffer_format(file, "%s %zu %zu %s\n", journal_kind_name(kind), at,
                           size, hex) == OK &&
             buffer_text(file, text) == OK && buffer_byte(file, '\n') == OK);
        at += 2 + size;
    }
    ends[count] = file->length;
    return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct buffer file = {0};
    size_t ends[RECORDS + 1], count, changed;
    bool whole;

    if (folder[0] == '\0')
        start();
    if (length < 4)
        return 0;
    if (bytes[0] % 2 == 0) {
        store((const char *)bytes + 1, length - 1);
        (void)read_all(length - 1, &whole);
        return 0;
    }
    count = make(bytes + 4, length - 4, &file, ends);
    store(file.bytes, file.length);
    must(read_all(file.length, &whole) == count && whole);
    changed = (size_t)(bytes[1] << 8 | bytes[2]) % file.length;
    if (bytes[3] != 0) {
        size_t before = 0;

        file.bytes[changed] ^= (char)bytes[3];
        store(file.bytes, file.length);
        while (before < count && ends[before + 1] <= changed)
            before++;
        if (changed < ends[0])
            before = 0;
        must(read_all(file.length, &whole) == before && !whole);
    }
    buffer_free(&file);
    return 0;
}
