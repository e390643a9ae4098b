/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * BACKUP, line by line; every line ends in one LF, fields are separated by
 * one space, numbers are decimal without leading zeros, digests lower-case
 * hexadecimal:
 *
 *   vigie-backup 1
 *   ledger ID                   32 digits
 *   generation G
 *   taken T                     µs since 1970
 *   rows N
 *   root HASH                   RFC 9162 root over the N rows
 *   state NAME BYTES D          each file of state-G with its SHA-256
 *   end D                       SHA-256 of all bytes before "end"
 *
 * Sealed segments are named by state-G/manifest, with their digests.
 */
#include "ledger/backup_list.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define FIRST_LINE "vigie-backup 1\n"

/* What is left to read. */
struct lines {
    struct text left;
};

static bool
take(struct lines *lines, const char *literal)
{
    if (!text_starts(lines->left, literal))
        return false;
    lines->left = text_after(lines->left, strlen(literal));
    return true;
}

/* Up to `end`, which is passed over. */
static bool
take_word(struct lines *lines, char end, struct text *ret_word)
{
    struct text head, tail;

    if (!text_split(lines->left, end, &head, &tail) || head.length == 0)
        return false;
    *ret_word = head;
    lines->left = tail;
    return true;
}

static bool
take_number(struct lines *lines, char end, uint64_t *ret_number)
{
    struct text word;

    return take_word(lines, end, &word) &&
           (word.length == 1 || word.bytes[0] != '0') &&
           text_to_u64(word, INT64_MAX, ret_number) == OK;
}

static bool
take_hex(struct lines *lines, size_t length, uint8_t *ret_bytes)
{
    static const char digits[] = "0123456789abcdef";
    struct text word;

    if (!take_word(lines, '\n', &word) || word.length != 2 * length)
        return false;
    for (size_t i = 0; i < word.length; i++) {
        const char *digit = memchr(digits, word.bytes[i], 16);
        unsigned value;

        if (digit == NULL)
            return false;
        value = (unsigned)(digit - digits);
        ret_bytes[i / 2] =
            (uint8_t)(i % 2 == 0 ? value << 4 : ret_bytes[i / 2] | value);
    }
    return true;
}

static bool
take_state(struct lines *lines, struct backup_list *list)
{
    struct backup_state *state = &list->states[list->count];
    struct text name;

    if (list->count == BACKUP_STATES_MAX || !take_word(lines, ' ', &name) ||
        name.length >= sizeof(state->name) || name.bytes[0] == '.')
        return false;
    for (size_t i = 0; i < name.length; i++) {
        char byte = name.bytes[i];

        if (!((byte >= 'a' && byte <= 'z') || byte == '.'))
            return false;
    }
    memcpy(state->name, name.bytes, name.length);
    state->name[name.length] = '\0';
    if (backup_list_find(list, state->name) != NULL)
        return false;
    list->count++;
    return take_number(lines, ' ', &state->bytes) &&
           take_hex(lines, HASH_BYTES, state->digest);
}

static bool
parse(struct lines *lines, struct text text, struct backup_list *list)
{
    uint8_t told[HASH_BYTES], digest[HASH_BYTES];
    uint64_t taken = 0;

    if (!take(lines, FIRST_LINE "ledger ") ||
        !take_hex(lines, LEDGER_ID_BYTES, list->id) ||
        !take(lines, "generation ") ||
        !take_number(lines, '\n', &list->generation) ||
        !take(lines, "taken ") || !take_number(lines, '\n', &taken) ||
        !take(lines, "rows ") || !take_number(lines, '\n', &list->rows) ||
        !take(lines, "root ") || !take_hex(lines, HASH_BYTES, list->root))
        return false;
    list->taken_us = (int64_t)taken;
    while (take(lines, "state ")) {
        if (!take_state(lines, list))
            return false;
    }
    hash_sha256(text.bytes, text.length - lines->left.length, digest);
    return take(lines, "end ") && take_hex(lines, HASH_BYTES, told) &&
           memcmp(told, digest, HASH_BYTES) == 0 && lines->left.length == 0;
}

enum result
backup_list_parse(struct text text, struct reason *why,
                  struct backup_list *ret_list)
{
    struct backup_list list = {0};
    struct lines lines = {.left = text};

    if (!parse(&lines, text, &list))
        return reason_set(why, E_CORRUPT, "backup-list", "BACKUP",
                          text.length - lines.left.length);
    *ret_list = list;
    return OK;
}

const struct backup_state *
backup_list_find(const struct backup_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->states[i].name, name) == 0)
            return &list->states[i];
    }
    return NULL;
}

enum result
backup_list_write(const struct backup_list *list, struct buffer *out)
{
    char hex[2 * HASH_BYTES + 1], root[2 * HASH_BYTES + 1];
    uint8_t digest[HASH_BYTES];
    enum result result;

    hash_hex(list->id, LEDGER_ID_BYTES, hex);
    hash_hex(list->root, HASH_BYTES, root);
    result = buffer_format(
        out,
        FIRST_LINE "ledger %s\ngeneration %" PRIu64 "\ntaken %" PRId64
                   "\nrows %" PRIu64 "\nroot %s\n",
        hex, list->generation, list->taken_us, list->rows, root);
    for (size_t i = 0; i < list->count && result == OK; i++) {
        hash_hex(list->states[i].digest, HASH_BYTES, hex);
        result =
            buffer_format(out, "state %s %" PRIu64 " %s\n",
                          list->states[i].name, list->states[i].bytes, hex);
    }
    if (result != OK)
        return result;
    hash_sha256(out->bytes, out->length, digest);
    hash_hex(digest, HASH_BYTES, hex);
    return buffer_format(out, "end %s\n", hex);
}
