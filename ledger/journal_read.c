/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * "vigie-checkpoints 1 " id in hex LF
 * then records: KIND " " SIZE " " LENGTH " " DIGEST LF  bytes  LF
 *
 * DIGEST is SHA-256 over the digest before it (of the first record: over the
 * head line), the words KIND, SIZE and LENGTH with the blanks between them,
 * and the bytes: a record that is changed, taken out or moved is seen.
 */
#include "ledger/journal_read.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"

#define HEAD_WORDS "vigie-checkpoints 1 "
#define LINE_BYTES_MAX 160
#define ROOM (2 * JOURNAL_RECORD_MAX)

static const char *const names[JOURNAL_KINDS] = {"key", "note", "cosignature",
                                                 "timestamp"};

struct journal_reader {
    int fd;
    uint64_t offset; /* of bytes[at] in the file */
    size_t at, length;
    uint8_t digest[HASH_BYTES];
    uint8_t bytes[ROOM];
};

const char *
journal_kind_name(enum journal_kind kind)
{
    return names[kind];
}

void
journal_head(const uint8_t id[JOURNAL_ID_BYTES],
             char ret_head[JOURNAL_HEAD_BYTES + 1])
{
    char hex[2 * JOURNAL_ID_BYTES + 1];

    hash_hex(id, JOURNAL_ID_BYTES, hex);
    (void)snprintf(ret_head, JOURNAL_HEAD_BYTES + 1, HEAD_WORDS "%s\n", hex);
}

enum result
journal_digest(const uint8_t before[HASH_BYTES], enum journal_kind kind,
               uint64_t size, struct text bytes, uint8_t ret_digest[HASH_BYTES])
{
    char words[LINE_BYTES_MAX];
    struct hash *hash = NULL;
    enum result result = hash_new(&hash);

    if (result != OK)
        return result;
    (void)snprintf(words, sizeof(words), "%s %" PRIu64 " %zu", names[kind],
                   size, bytes.length);
    hash_add(hash, before, HASH_BYTES);
    hash_add(hash, words, strlen(words));
    hash_add(hash, bytes.bytes, bytes.length);
    hash_end(hash, ret_digest);
    hash_free(hash);
    return OK;
}

/* As much as is there of `want` bytes from `at` on; false at the end. */
static enum result
fill(struct journal_reader *reader, size_t want, bool *ret_there)
{
    size_t got = 0;
    enum result result;

    if (reader->length - reader->at < want) {
        memmove(reader->bytes, reader->bytes + reader->at,
                reader->length - reader->at);
        reader->length -= reader->at;
        reader->at = 0;
        result = file_read(reader->fd, reader->bytes + reader->length,
                           ROOM - reader->length, &got);
        if (result != OK)
            return result;
        reader->length += got;
    }
    *ret_there = reader->length - reader->at >= want;
    return OK;
}

static void
take(struct journal_reader *reader, size_t length)
{
    reader->at += length;
    reader->offset += length;
}

enum result
journal_read_open(const char *data_dir, const uint8_t id[JOURNAL_ID_BYTES],
                  struct reason *why, struct journal_reader **ret_reader)
{
    struct journal_reader *reader = calloc(1, sizeof(*reader));
    char head[JOURNAL_HEAD_BYTES + 1], path[4096];
    bool there = false;
    enum result result = E_NOMEM;
    int length;

    if (reader == NULL)
        return E_NOMEM;
    reader->fd = -1;
    length = snprintf(path, sizeof(path), "%s/checkpoints/journal", data_dir);
    result = length > 0 && (size_t)length < sizeof(path)
                 ? file_open(path, O_RDONLY, 0, &reader->fd)
                 : E_LIMIT;
    if (result == OK)
        result = fill(reader, JOURNAL_HEAD_BYTES, &there);
    if (result != OK)
        goto out;
    journal_head(id, head);
    if (reader->length < strlen(head) ||
        memcmp(reader->bytes, head, strlen(head)) != 0) {
        result = reason_set(why, E_CORRUPT, "journal-head", "id", 0);
        goto out;
    }
    hash_sha256(head, strlen(head), reader->digest);
    take(reader, strlen(head));
    *ret_reader = reader;
    reader = NULL;
out:
    journal_read_free(reader);
    return result;
}

void
journal_read_free(struct journal_reader *reader)
{
    if (reader == NULL)
        return;
    file_close(&reader->fd);
    free(reader);
}

/* Canonical: what is read, written again, is the same line. */
static bool
parse_line(struct text line, enum journal_kind *ret_kind, uint64_t *ret_size,
           uint64_t *ret_length, char ret_hex[2 * HASH_BYTES + 1])
{
    struct text word[3], rest = line;
    char again[LINE_BYTES_MAX];
    unsigned kind = 0;

    for (unsigned i = 0; i < 3; i++) {
        if (!text_split(rest, ' ', &word[i], &rest))
            return false;
    }
    while (kind < JOURNAL_KINDS && !text_is(word[0], names[kind]))
        kind++;
    if (kind == JOURNAL_KINDS || rest.length != 2 * (size_t)HASH_BYTES ||
        text_to_u64(word[1], INT64_MAX, ret_size) != OK ||
        text_to_u64(word[2], JOURNAL_RECORD_MAX, ret_length) != OK)
        return false;
    *ret_kind = kind;
    memcpy(ret_hex, rest.bytes, rest.length);
    ret_hex[rest.length] = '\0';
    (void)snprintf(again, sizeof(again), "%s %" PRIu64 " %" PRIu64 " %s",
                   names[kind], *ret_size, *ret_length, ret_hex);
    return text_is(line, again);
}

static enum result
read_record(struct journal_reader *reader, struct reason *why,
            struct journal_record *ret_record, bool *ret_good)
{
    char told[2 * HASH_BYTES + 1], hex[2 * HASH_BYTES + 1];
    uint8_t digest[HASH_BYTES];
    struct text line;
    uint64_t length = 0;
    bool there;
    const char *end;
    size_t line_bytes;
    enum result result = fill(reader, LINE_BYTES_MAX, &there);

    *ret_good = false;
    (void)why;
    if (result != OK)
        return result;
    line_bytes = reader->length - reader->at;
    if (line_bytes > LINE_BYTES_MAX)
        line_bytes = LINE_BYTES_MAX;
    end = memchr(reader->bytes + reader->at, '\n', line_bytes);
    if (end == NULL)
        return OK;
    line = (struct text){(const char *)reader->bytes + reader->at, 0};
    line.length = (size_t)(end - line.bytes);
    if (!parse_line(line, &ret_record->kind, &ret_record->size, &length, told))
        return OK;
    line_bytes = line.length + 1;
    result = fill(reader, line_bytes + length + 1, &there);
    if (result != OK || !there)
        return result;
    ret_record->bytes = (struct text){
        (const char *)reader->bytes + reader->at + line_bytes, length};
    result = journal_digest(reader->digest, ret_record->kind, ret_record->size,
                            ret_record->bytes, digest);
    if (result != OK)
        return result;
    hash_hex(digest, HASH_BYTES, hex);
    if (strcmp(hex, told) != 0 || ret_record->bytes.bytes[length] != '\n')
        return OK;
    ret_record->offset = reader->offset;
    memcpy(reader->digest, digest, HASH_BYTES);
    take(reader, line_bytes + length + 1);
    *ret_good = true;
    return OK;
}

enum result
journal_read_next(struct journal_reader *reader, struct reason *why,
                  struct journal_record *ret_record)
{
    bool there = false, good = false;
    enum result result = fill(reader, 1, &there);

    if (result == OK && !there)
        return E_END;
    if (result == OK)
        result = read_record(reader, why, ret_record, &good);
    if (result == OK && !good)
        return reason_set(why, E_CORRUPT, "journal-record", "offset",
                          reader->offset);
    return result;
}

uint64_t
journal_read_end(const struct journal_reader *reader,
                 uint8_t ret_digest[HASH_BYTES])
{
    memcpy(ret_digest, reader->digest, HASH_BYTES);
    return reader->offset;
}
