/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * inclusion    c2sp.org/tlog-proof@v1 LF  ["extra " base64 LF]
 *              "index " N LF  (base64(hash) LF)*  LF  checkpoint
 *              extra: the row's 64 bytes
 * consistency  vigie/consistency-proof@v1 LF  "extra " base64 LF
 *              "old " N LF    (base64(hash) LF)*  LF  checkpoint
 *              extra: the old checkpoint
 *
 * Several proofs may stand one behind the other: a checkpoint's last lines
 * begin with a dash, a proof's first does not.
 */
#include "ledger/proof_read.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"

static const char *const heads[] = {"c2sp.org/tlog-proof@v1\n",
                                    "vigie/consistency-proof@v1\n"};
static const char *const words[] = {"index", "old"};
#define ENTRY_BYTES 64

static size_t
begins_at(struct text text, size_t at)
{
    for (size_t i = 0; i < 2; i++) {
        if (text_starts(text_after(text, at), heads[i]))
            return i + 1;
    }
    return 0;
}

bool
proof_read_begins(struct text text)
{
    return begins_at(text, 0) != 0;
}

enum result
proof_read_number(struct text text, const char *word, size_t *at,
                  struct reason *why, uint64_t *ret_number)
{
    struct text left = text_after(text, *at), line, first, number;
    size_t end = text_find_byte(left, '\n');

    line = (struct text){left.bytes, end};
    if (end == left.length || !text_split(line, ' ', &first, &number) ||
        !text_is(first, word) ||
        (number.length > 1 && number.bytes[0] == '0') ||
        text_to_u64(number, INT64_MAX, ret_number) != OK)
        return reason_set(why, E_FORMAT, "proof-number", word, *at);
    *at += end + 1;
    return OK;
}

enum result
proof_read_hashes(struct text text, size_t *at, struct reason *why,
                  uint8_t ret_hash[PROOF_STEPS_MAX][HASH_BYTES],
                  size_t *ret_count)
{
    size_t count = 0;

    for (;;) {
        struct text left = text_after(text, *at);
        size_t end = text_find_byte(left, '\n'), length = 0;

        if (end == left.length)
            return reason_set(why, E_FORMAT, "proof-end", "hash", *at);
        if (end == 0)
            break;
        if (count == PROOF_STEPS_MAX)
            return reason_set(why, E_LIMIT, "proof-steps-max", "hash", *at);
        if (base64_read((struct text){left.bytes, end}, ret_hash[count],
                        HASH_BYTES, &length) != OK ||
            length != HASH_BYTES)
            return reason_set(why, E_FORMAT, "proof-hash", "hash", *at);
        count++;
        *at += end + 1;
    }
    *at += 1;
    *ret_count = count;
    return OK;
}

/* Where the next proof of the text begins, or its end. */
static size_t
next_proof(struct text text, size_t at)
{
    for (; at < text.length; at++) {
        if (text.bytes[at - 1] == '\n' && begins_at(text, at) != 0)
            break;
    }
    return at;
}

enum result
proof_read(struct text text, struct reason *why, struct proof_read *ret_proof,
           struct text *ret_rest)
{
    const size_t form = begins_at(text, 0);
    size_t at, end;
    enum result result;

    if (form == 0)
        return reason_set(why, E_FORMAT, "proof-head", "version", 0);
    at = strlen(heads[form - 1]);
    end = next_proof(text, at);
    if (end > PROOF_BYTES_MAX)
        return reason_set(why, E_LIMIT, "proof-bytes-max", "proof", end);
    *ret_rest = text_after(text, end);
    text.length = end;
    ret_proof->kind = form == 1 ? PROOF_INCLUSION : PROOF_CONSISTENCY;
    ret_proof->extra = (struct text){NULL, 0};
    if (text_starts(text_after(text, at), "extra ")) {
        struct text extra = text_after(text, at + 6);

        extra.length = text_find_byte(extra, '\n');
        ret_proof->extra = extra;
        at += 6 + extra.length + 1;
        if (at > text.length)
            at = text.length;
    }
    result =
        proof_read_number(text, words[form - 1], &at, why, &ret_proof->number);
    if (result == OK)
        result = proof_read_hashes(text, &at, why, ret_proof->hash,
                                   &ret_proof->count);
    if (result == OK)
        ret_proof->note = text_after(text, at);
    return result;
}

static enum result
check_note(struct text text, const struct note_key *keys, size_t key_count,
           struct reason *why, struct note *note, struct checkpoint *checkpoint,
           struct note_checked *checked)
{
    enum result result = note_parse(text, why, note);
    bool own = false;

    if (result == OK)
        result = checkpoint_parse(note->text, why, checkpoint);
    if (result == OK)
        result = note_check(note->text, note, keys, key_count, why, checked);
    if (result != OK)
        return result;
    /* a witness alone does not say whose log it is */
    for (size_t i = 0; i < key_count; i++)
        own = own ||
              ((checked->keys >> i & 1) != 0 && keys[i].type == NOTE_ED25519 &&
               text_is(checkpoint->origin, keys[i].name));
    return own ? OK
               : reason_set(why, E_DENIED, "checkpoint-no-log-key", "signature",
                            0);
}

static enum result
check_inclusion(const struct proof_read *proof, struct reason *why,
                struct proof_checked *checked)
{
    uint8_t leaf[HASH_BYTES];
    size_t length = 0;
    enum result result = base64_read(proof->extra, checked->entry,
                                     sizeof(checked->entry), &length);

    if (result != OK || length != ENTRY_BYTES)
        return reason_set(why, E_FORMAT, "proof-row", "extra", 0);
    result = proof_check_leaf(checked->entry, length, leaf);
    if (result == OK)
        result = proof_check_inclusion(proof->number, checked->checkpoint.size,
                                       leaf, proof->hash[0], proof->count,
                                       checked->checkpoint.root);
    return result == OK ? OK
                        : reason_set(why, E_CORRUPT, "proof-inclusion", "hash",
                                     proof->number);
}

static enum result
check_consistency(const struct proof_read *proof, const struct note_key *keys,
                  size_t key_count, char room[NOTE_BYTES_MAX],
                  struct reason *why, struct proof_checked *checked)
{
    struct note note;
    size_t length = 0;
    enum result result =
        base64_read(proof->extra, room, NOTE_BYTES_MAX, &length);

    if (result != OK)
        return reason_set(why, E_FORMAT, "proof-old", "extra", 0);
    result = check_note((struct text){room, length}, keys, key_count, why,
                        &note, &checked->old, &checked->old_signatures);
    if (result != OK)
        return result;
    if (checked->old.size != proof->number ||
        !text_equal(checked->old.origin, checked->checkpoint.origin))
        return reason_set(why, E_FORMAT, "proof-old", "old", 0);
    result = proof_check_consistency(
        checked->old.size, checked->checkpoint.size, checked->old.root,
        checked->checkpoint.root, proof->hash[0], proof->count);
    return result == OK ? OK
                        : reason_set(why, E_CORRUPT, "proof-consistency",
                                     "hash", proof->number);
}

enum result
proof_read_check(const struct proof_read *proof, const struct note_key *keys,
                 size_t key_count, char room[NOTE_BYTES_MAX],
                 struct reason *why, struct proof_checked *ret_checked)
{
    enum result result =
        check_note(proof->note, keys, key_count, why, &ret_checked->note,
                   &ret_checked->checkpoint, &ret_checked->signatures);

    if (result != OK)
        return result;
    return proof->kind == PROOF_INCLUSION
               ? check_inclusion(proof, why, ret_checked)
               : check_consistency(proof, keys, key_count, room, why,
                                   ret_checked);
}
