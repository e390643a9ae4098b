/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * note        text LF  ("— " name " " base64(id 4, signature) LF)+
 *             the text ends in LF; the last empty line ends it
 * checkpoint  origin LF  size LF  base64(root) LF  (extension LF)*
 * Ed25519     64 bytes over the text
 * cosignature seconds 8 (big-endian), 64 bytes over
 *             "cosignature/v1" LF "time " seconds LF text
 */
#include "ledger/note_check.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"

#define DASH "\xe2\x80\x94 "
#define ID_BYTES 4
#define SIGNATURE_BYTES crypto_sign_BYTES
#define SECONDS_BYTES 8
#define COSIGNATURE_BYTES (SECONDS_BYTES + SIGNATURE_BYTES)

static bool
is_unicode_space(uint32_t code)
{
    return code <= 0x20 || code == 0x7f || code == 0x85 || code == 0xa0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200a) ||
           code == 0x2028 || code == 0x2029 || code == 0x202f ||
           code == 0x205f || code == 0x3000;
}

/* The text is well-formed already. */
static bool
is_name(struct text name)
{
    const uint8_t *bytes = (const uint8_t *)name.bytes;

    if (name.length == 0 || name.length > NOTE_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.length;) {
        uint32_t code = bytes[i];
        size_t more = code < 0xc0 ? 0 : code < 0xe0 ? 1 : code < 0xf0 ? 2 : 3;

        if (more > 0)
            code &= 0x3fu >> more;
        for (i++; more > 0 && i < name.length; more--, i++)
            code = code << 6 | (bytes[i] & 0x3fu);
        if (code == '+' || is_unicode_space(code))
            return false;
    }
    return true;
}

static uint32_t
big_endian_32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
           (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool
parse_hex_id(struct text hex, uint32_t *ret_id)
{
    uint32_t id = 0;

    if (hex.length != 2 * ID_BYTES)
        return false;
    for (size_t i = 0; i < hex.length; i++) {
        const char c = hex.bytes[i];

        if (c >= '0' && c <= '9')
            id = id << 4 | (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            id = id << 4 | (uint32_t)(c - 'a' + 10);
        else
            return false;
    }
    *ret_id = id;
    return true;
}

/* SHA-256(name ‖ LF ‖ type ‖ key), its first four bytes */
static uint32_t
id_of(const struct note_key *key)
{
    uint8_t message[NOTE_NAME_MAX + 2 + sizeof(key->public_key)];
    uint8_t digest[HASH_BYTES];
    size_t length = strlen(key->name);

    memcpy(message, key->name, length);
    message[length++] = '\n';
    message[length++] = (uint8_t)key->type;
    memcpy(message + length, key->public_key, sizeof(key->public_key));
    hash_sha256(message, length + sizeof(key->public_key), digest);
    return big_endian_32(digest);
}

enum result
note_key_parse(struct text vkey, struct reason *why, struct note_key *ret_key)
{
    struct note_key key = {{0}, 0, NOTE_ED25519, {0}};
    uint8_t material[1 + sizeof(key.public_key)];
    struct text name, rest, hex, base64;
    size_t length = 0;

    if (text_utf8_check(vkey) != vkey.length)
        return reason_set(why, E_FORMAT, "vkey-utf8", "key", 0);
    if (!text_split(vkey, '+', &name, &rest) || !is_name(name) ||
        memchr(name.bytes, '\0', name.length) != NULL)
        return reason_set(why, E_FORMAT, "vkey-name", "name", 0);
    if (!text_split(rest, '+', &hex, &base64) || !parse_hex_id(hex, &key.id))
        return reason_set(why, E_FORMAT, "vkey-id", "id", name.length + 1);
    if (base64_read(base64, material, sizeof(material), &length) != OK ||
        length != sizeof(material) ||
        (material[0] != NOTE_ED25519 && material[0] != NOTE_COSIGNATURE))
        return reason_set(why, E_FORMAT, "vkey-type", "key",
                          name.length + 2 + hex.length);
    memcpy(key.name, name.bytes, name.length);
    key.type = material[0];
    memcpy(key.public_key, material + 1, sizeof(key.public_key));
    if (id_of(&key) != key.id)
        return reason_set(why, E_FORMAT, "vkey-id", "id", name.length + 1);
    *ret_key = key;
    return OK;
}

/* One line without its newline. */
static enum result
parse_signature(struct text line, uint64_t offset, struct reason *why,
                struct note_signature *ret)
{
    uint8_t start[6];
    struct text rest;
    size_t length = 0;

    ret->line = (struct text){line.bytes, line.length + 1};
    if (!text_starts(line, DASH))
        return reason_set(why, E_FORMAT, "note-signature", "line", offset);
    line = text_after(line, sizeof(DASH) - 1);
    if (!text_split(line, ' ', &ret->name, &rest) || !is_name(ret->name))
        return reason_set(why, E_FORMAT, "note-name", "name", offset);
    ret->base64 = rest;
    /* eight characters are six bytes: the id, and that something follows */
    if (rest.length < 8 || rest.length % 4 != 0 ||
        base64_read((struct text){rest.bytes, 8}, start, sizeof(start),
                    &length) != OK ||
        length <= ID_BYTES)
        return reason_set(why, E_FORMAT, "note-base64", "signature", offset);
    ret->id = big_endian_32(start);
    return OK;
}

static enum result
parse_signatures(struct text left, uint64_t offset, struct reason *why,
                 struct note *note)
{
    note->signature_count = 0;
    while (left.length > 0) {
        size_t end = text_find_byte(left, '\n');
        enum result result;

        if (end == left.length)
            return reason_set(why, E_FORMAT, "note-end", "line", offset);
        if (note->signature_count == NOTE_SIGNATURES_MAX)
            return reason_set(why, E_LIMIT, "note-signatures-max", "line",
                              offset);
        result = parse_signature((struct text){left.bytes, end}, offset, why,
                                 &note->signatures[note->signature_count++]);
        if (result != OK)
            return result;
        left = text_after(left, end + 1);
        offset += end + 1;
    }
    return note->signature_count > 0
               ? OK
               : reason_set(why, E_FORMAT, "note-unsigned", "line", offset);
}

static enum result
check_characters(struct text text, struct reason *why)
{
    size_t bad;

    if (text.length > NOTE_BYTES_MAX)
        return reason_set(why, E_LIMIT, "note-bytes-max", "note", text.length);
    bad = text_utf8_check(text);
    if (bad != text.length)
        return reason_set(why, E_FORMAT, "note-utf8", "note", bad);
    for (size_t i = 0; i < text.length; i++) {
        if ((uint8_t)text.bytes[i] < 0x20 && text.bytes[i] != '\n')
            return reason_set(why, E_FORMAT, "note-control", "note", i);
    }
    return OK;
}

enum result
note_parse(struct text text, struct reason *why, struct note *ret_note)
{
    enum result result = check_characters(text, why);
    size_t end = 0;

    if (result != OK)
        return result;
    for (size_t i = text.length; i > 1 && end == 0; i--) {
        if (text.bytes[i - 1] == '\n' && text.bytes[i - 2] == '\n')
            end = i - 1; /* behind the newline of the text */
    }
    if (end == 0)
        return reason_set(why, E_FORMAT, "note-separator", "note", text.length);
    ret_note->text = (struct text){text.bytes, end};
    return parse_signatures(text_after(text, end + 1), end + 1, why, ret_note);
}

enum result
note_parse_signatures(struct text text, struct reason *why,
                      struct note *ret_note)
{
    enum result result = check_characters(text, why);

    ret_note->text = (struct text){NULL, 0};
    return result == OK ? parse_signatures(text, 0, why, ret_note) : result;
}

static bool
cosigned(struct text text, const uint8_t *bytes, const struct note_key *key,
         uint64_t *ret_seconds)
{
    char head[64];
    uint64_t seconds = (uint64_t)big_endian_32(bytes) << 32 |
                       big_endian_32(bytes + SECONDS_BYTES / 2);
    uint8_t *message;
    int length;
    bool good;

    if (seconds > INT64_MAX)
        return false;
    length = snprintf(head, sizeof(head), "cosignature/v1\ntime %" PRIu64 "\n",
                      seconds);
    message = malloc((size_t)length + text.length);
    if (message == NULL)
        return false;
    memcpy(message, head, (size_t)length);
    memcpy(message + length, text.bytes, text.length);
    good = crypto_sign_verify_detached(bytes + SECONDS_BYTES, message,
                                       (size_t)length + text.length,
                                       key->public_key) == 0;
    free(message);
    *ret_seconds = seconds;
    return good;
}

static bool
check_one(struct text text, const struct note_signature *signature,
          const struct note_key *key, uint64_t *ret_seconds)
{
    uint8_t bytes[ID_BYTES + COSIGNATURE_BYTES];
    size_t length = 0;

    *ret_seconds = 0;
    if (base64_read(signature->base64, bytes, sizeof(bytes), &length) != OK)
        return false;
    if (key->type == NOTE_COSIGNATURE)
        return length == ID_BYTES + COSIGNATURE_BYTES &&
               cosigned(text, bytes + ID_BYTES, key, ret_seconds);
    return length == ID_BYTES + SIGNATURE_BYTES &&
           crypto_sign_verify_detached(bytes + ID_BYTES,
                                       (const uint8_t *)text.bytes, text.length,
                                       key->public_key) == 0;
}

enum result
note_check(struct text text, const struct note *note,
           const struct note_key *keys, size_t key_count, struct reason *why,
           struct note_checked *ret_checked)
{
    struct note_checked checked = {0};

    if (key_count > NOTE_KEYS_MAX)
        return E_LIMIT;
    for (size_t i = 0; i < note->signature_count; i++) {
        const struct note_signature *signature = &note->signatures[i];

        for (size_t k = 0; k < key_count; k++) {
            if (signature->id != keys[k].id ||
                !text_is(signature->name, keys[k].name))
                continue;
            if (!check_one(text, signature, &keys[k], &checked.seconds[k]))
                return reason_set(why, E_DENIED, "note-wrong-signature",
                                  "signature", i);
            checked.keys |= UINT64_C(1) << k;
            checked.lines |= UINT64_C(1) << i;
        }
    }
    if (checked.keys == 0)
        return reason_set(why, E_DENIED, "note-no-known-key", "signature",
                          note->signature_count);
    *ret_checked = checked;
    return OK;
}

static bool
next_line(struct text *left, struct text *ret_line)
{
    return text_split(*left, '\n', ret_line, left) && ret_line->length > 0;
}

enum result
checkpoint_parse(struct text text, struct reason *why,
                 struct checkpoint *ret_checkpoint)
{
    struct checkpoint checkpoint;
    struct text left = text, line;
    size_t length = 0;

    if (!next_line(&left, &checkpoint.origin) ||
        checkpoint.origin.length > NOTE_NAME_MAX)
        return reason_set(why, E_FORMAT, "checkpoint-origin", "origin", 0);
    if (!next_line(&left, &line) || (line.length > 1 && line.bytes[0] == '0') ||
        text_to_u64(line, INT64_MAX, &checkpoint.size) != OK)
        return reason_set(why, E_FORMAT, "checkpoint-size", "size",
                          checkpoint.origin.length + 1);
    if (!next_line(&left, &line) ||
        base64_read(line, checkpoint.root, HASH_BYTES, &length) != OK ||
        length != HASH_BYTES)
        return reason_set(why, E_FORMAT, "checkpoint-root", "root",
                          (uint64_t)(text.length - left.length));
    while (left.length > 0) {
        if (!next_line(&left, &line))
            return reason_set(why, E_FORMAT, "checkpoint-extension",
                              "extension",
                              (uint64_t)(text.length - left.length));
    }
    *ret_checkpoint = checkpoint;
    return OK;
}
