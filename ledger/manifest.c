/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * MANIFEST, line by line; every line ends in one LF, fields are separated by
 * one space, numbers are decimal without leading zeros, digests lower-case
 * hexadecimal:
 *
 *   vigie-ledger 1                      the version of the folder's format
 *   id ID                               32 digits
 *   rows N                              sealed rows
 *   last T                              time received of row N-1 in µs plus
 *                                       2^63; 0 where there is none
 *   node LEVEL HASH                     the frontier, one line for each bit
 *                                       of N, lowest level first
 *   root HASH                           RFC 9162 root over the N rows
 *   segment NUMBER FIRST ROWS BYTES D   in the order of the log; D is the
 *                                       SHA-256 of NNNNNNNN.seg
 *   file KIND NAME BYTES D              further files, any number
 *   end D                               SHA-256 of all bytes before "end"
 *
 * It is replaced as a whole (file_replace), so there is always one, old or
 * new; what it names was complete and synced before.
 */
#include "ledger/manifest.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/invariant.h"

#define VERSION_LINE "vigie-ledger 1"
#define TIME_BIAS (UINT64_C(1) << 63)

struct lines {
    struct text left;
    struct text line; /* what is left of the line at hand */
    uint64_t offset;  /* of the line at hand */
    uint64_t length;
};

static bool
line_next(struct lines *lines)
{
    struct text head, tail;

    lines->offset = lines->length - lines->left.length;
    if (!text_split(lines->left, '\n', &head, &tail))
        return false;
    lines->line = head;
    lines->left = tail;
    return true;
}

static bool
word(struct lines *lines, struct text *ret_word)
{
    struct text head, tail;

    (void)text_split(lines->line, ' ', &head, &tail);
    if (head.length == 0)
        return false;
    *ret_word = head;
    lines->line = tail;
    return true;
}

static bool
word_is(struct lines *lines, const char *name)
{
    struct lines before = *lines;
    struct text head;

    if (word(lines, &head) && text_is(head, name))
        return true;
    *lines = before;
    return false;
}

static bool
word_number(struct lines *lines, uint64_t *ret_number)
{
    struct text head;

    return word(lines, &head) && (head.length == 1 || head.bytes[0] != '0') &&
           text_to_u64(head, UINT64_MAX, ret_number) == OK;
}

static bool
word_hex(struct lines *lines, size_t length, uint8_t *ret_bytes)
{
    struct text head;

    if (!word(lines, &head) || head.length != 2 * length)
        return false;
    for (size_t i = 0; i < head.length; i++) {
        char digit = head.bytes[i];
        unsigned value;

        if (digit >= '0' && digit <= '9')
            value = (unsigned)(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            value = (unsigned)(digit - 'a') + 10;
        else
            return false;
        ret_bytes[i / 2] =
            (uint8_t)(i % 2 == 0 ? value << 4 : ret_bytes[i / 2] | value);
    }
    return true;
}

static bool
at_end(const struct lines *lines)
{
    return lines->line.length == 0;
}

/* id, rows, last, the frontier and its root */
static bool
parse_tree(struct lines *lines, struct manifest *manifest)
{
    struct merkle *tree = &manifest->tree;
    uint8_t root[HASH_BYTES];
    uint64_t biased = 0;
    uint64_t level;

    if (!line_next(lines) || !word_is(lines, "id") ||
        !word_hex(lines, LEDGER_ID_BYTES, manifest->id) || !at_end(lines) ||
        !line_next(lines) || !word_is(lines, "rows") ||
        !word_number(lines, &tree->count) || tree->count > INT64_MAX ||
        !at_end(lines) || !line_next(lines) || !word_is(lines, "last") ||
        !word_number(lines, &biased) || !at_end(lines))
        return false;
    manifest->last_us = (int64_t)(biased - TIME_BIAS);
    for (unsigned i = 0; i < MERKLE_LEVELS; i++) {
        if ((tree->count >> i & 1) == 0)
            continue;
        if (!line_next(lines) || !word_is(lines, "node") ||
            !word_number(lines, &level) || level != i ||
            !word_hex(lines, HASH_BYTES, tree->node[i]) || !at_end(lines))
            return false;
    }
    merkle_root(tree, root);
    return line_next(lines) && word_is(lines, "root") &&
           word_hex(lines, HASH_BYTES, manifest->root) && at_end(lines) &&
           memcmp(root, manifest->root, HASH_BYTES) == 0;
}

static enum result
parse_segment(struct lines *lines, uint64_t *rows, struct manifest *manifest)
{
    struct manifest_segment segment = {0};

    if (!word_number(lines, &segment.number) ||
        !word_number(lines, &segment.first) ||
        !word_number(lines, &segment.rows) ||
        !word_number(lines, &segment.bytes) ||
        !word_hex(lines, HASH_BYTES, segment.digest) || !at_end(lines))
        return E_CORRUPT;
    if (segment.number == 0 || segment.number > 99999999 ||
        segment.first != *rows || segment.rows == 0 ||
        segment.rows > manifest->tree.count - *rows ||
        segment.bytes > INT64_MAX || manifest->file_count > 0)
        return E_CORRUPT;
    *rows += segment.rows;
    return manifest_add(manifest, &segment);
}

static bool
word_name(struct lines *lines, char *ret_name, size_t room)
{
    struct text head;

    if (!word(lines, &head) || head.length >= room || head.bytes[0] == '.')
        return false;
    for (size_t i = 0; i < head.length; i++) {
        char byte = head.bytes[i];

        if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
              byte == '.' || byte == '-'))
            return false;
    }
    memcpy(ret_name, head.bytes, head.length);
    ret_name[head.length] = '\0';
    return true;
}

static enum result
parse_file(struct lines *lines, struct manifest *manifest)
{
    struct manifest_file file = {0};
    struct manifest_file *grown;

    if (!word_name(lines, file.kind, sizeof(file.kind)) ||
        !word_name(lines, file.name, sizeof(file.name)) ||
        !word_number(lines, &file.bytes) || file.bytes > INT64_MAX ||
        !word_hex(lines, HASH_BYTES, file.digest) || !at_end(lines))
        return E_CORRUPT;
    grown =
        realloc(manifest->files, (manifest->file_count + 1) * sizeof(*grown));
    if (grown == NULL)
        return E_NOMEM;
    manifest->files = grown;
    manifest->files[manifest->file_count++] = file;
    return OK;
}

static enum result
parse_lines(struct lines *lines, struct text text, struct manifest *manifest)
{
    uint8_t told[HASH_BYTES], digest[HASH_BYTES];
    enum result result = OK;
    uint64_t rows = 0;

    if (!line_next(lines) || !text_equal(lines->line, TEXT(VERSION_LINE)) ||
        !parse_tree(lines, manifest))
        return E_CORRUPT;
    while (result == OK) {
        if (!line_next(lines))
            return E_CORRUPT;
        if (word_is(lines, "end"))
            break;
        if (word_is(lines, "segment"))
            result = parse_segment(lines, &rows, manifest);
        else if (word_is(lines, "file"))
            result = parse_file(lines, manifest);
        else
            result = E_CORRUPT;
    }
    if (result != OK)
        return result;
    hash_sha256(text.bytes, lines->offset, digest);
    if (!word_hex(lines, HASH_BYTES, told) || !at_end(lines) ||
        memcmp(told, digest, HASH_BYTES) != 0 || lines->left.length != 0 ||
        rows != manifest->tree.count)
        return E_CORRUPT;
    return OK;
}

enum result
manifest_parse(struct text text, struct reason *why,
               struct manifest *ret_manifest)
{
    struct manifest manifest = {0};
    struct lines lines = {.left = text, .length = text.length};
    enum result result = parse_lines(&lines, text, &manifest);

    if (result != OK) {
        manifest_free(&manifest);
        if (result == E_CORRUPT)
            return reason_set(why, E_CORRUPT, "ledger-manifest", "MANIFEST",
                              lines.offset);
        return result;
    }
    *ret_manifest = manifest;
    return OK;
}

void
manifest_free(struct manifest *manifest)
{
    free(manifest->segments);
    free(manifest->files);
    memset(manifest, 0, sizeof(*manifest));
}

static enum result
write_tree(const struct manifest *manifest, struct buffer *out)
{
    const struct merkle *tree = &manifest->tree;
    char hex[2 * HASH_BYTES + 1];
    enum result result;

    hash_hex(manifest->id, LEDGER_ID_BYTES, hex);
    result = buffer_format(
        out, VERSION_LINE "\nid %s\nrows %" PRIu64 "\nlast %" PRIu64 "\n", hex,
        tree->count, (uint64_t)manifest->last_us + TIME_BIAS);
    for (unsigned i = 0; i < MERKLE_LEVELS && result == OK; i++) {
        if ((tree->count >> i & 1) == 0)
            continue;
        hash_hex(tree->node[i], HASH_BYTES, hex);
        result = buffer_format(out, "node %u %s\n", i, hex);
    }
    if (result != OK)
        return result;
    hash_hex(manifest->root, HASH_BYTES, hex);
    return buffer_format(out, "root %s\n", hex);
}

enum result
manifest_write(const struct manifest *manifest, struct buffer *out)
{
    char hex[2 * HASH_BYTES + 1];
    uint8_t digest[HASH_BYTES];
    enum result result = write_tree(manifest, out);

    for (size_t i = 0; i < manifest->segment_count && result == OK; i++) {
        const struct manifest_segment *segment = &manifest->segments[i];

        hash_hex(segment->digest, HASH_BYTES, hex);
        result = buffer_format(
            out, "segment %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n",
            segment->number, segment->first, segment->rows, segment->bytes,
            hex);
    }
    for (size_t i = 0; i < manifest->file_count && result == OK; i++) {
        const struct manifest_file *file = &manifest->files[i];

        hash_hex(file->digest, HASH_BYTES, hex);
        result = buffer_format(out, "file %s %s %" PRIu64 " %s\n", file->kind,
                               file->name, file->bytes, hex);
    }
    if (result != OK)
        return result;
    hash_sha256(out->bytes, out->length, digest);
    hash_hex(digest, HASH_BYTES, hex);
    return buffer_format(out, "end %s\n", hex);
}

enum result
manifest_add(struct manifest *manifest, const struct manifest_segment *segment)
{
    if (manifest->segment_count == manifest->segment_room) {
        size_t room = manifest->segment_room * 2 + 16;
        struct manifest_segment *grown =
            realloc(manifest->segments, room * sizeof(*grown));

        if (grown == NULL)
            return E_NOMEM;
        manifest->segments = grown;
        manifest->segment_room = room;
    }
    if (manifest->segment_count > 0) {
        const struct manifest_segment *last =
            &manifest->segments[manifest->segment_count - 1];

        /* the parser checks it of outside bytes before it calls */
        INVARIANT(1, last->first + last->rows == segment->first);
    } else {
        INVARIANT(1, segment->first == 0);
    }
    manifest->segments[manifest->segment_count++] = *segment;
    return OK;
}
