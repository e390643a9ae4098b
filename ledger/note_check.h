/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Reads and checks what others hand us: signed notes (C2SP signed-note),
 * checkpoints (tlog-checkpoint), cosignatures (tlog-cosignature, Ed25519) and
 * verifier keys. Outside bytes. Signs nothing, knows no file, shares nothing
 * with what signs but the libraries below it.
 */
#ifndef VIGIE_LEDGER_NOTE_CHECK_H
#define VIGIE_LEDGER_NOTE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/result.h"
#include "base/text.h"

/* A post-quantum signature has nearly 5 kB, and 16 of them must be taken. */
#define NOTE_BYTES_MAX (128u << 10)
#define NOTE_SIGNATURES_MAX 64
#define NOTE_NAME_MAX 200
#define NOTE_KEYS_MAX 64

enum note_key_type {
    NOTE_ED25519 = 0x01,     /* over the text: the log's own */
    NOTE_COSIGNATURE = 0x04, /* over time and text: a witness's */
};

struct note_key {
    char name[NOTE_NAME_MAX + 1];
    uint32_t id;
    enum note_key_type type;
    uint8_t public_key[32];
};

/* "name+hex+base64". E_FORMAT, also for types that we do not check. */
enum result note_key_parse(struct text vkey, struct reason *why,
                           struct note_key *ret_key) MUST_USE;

struct note_signature {
    struct text line; /* with its newline */
    struct text name;
    uint32_t id;
    struct text base64; /* of id and signature */
};

struct note {         /* borrows what was parsed */
    struct text text; /* what is signed, with its last newline */
    struct note_signature signatures[NOTE_SIGNATURES_MAX];
    size_t signature_count;
};

/* E_FORMAT, E_LIMIT with rule and offset. */
enum result note_parse(struct text text, struct reason *why,
                       struct note *ret_note) MUST_USE;
/* Signature lines alone, as a witness answers; one at least. */
enum result note_parse_signatures(struct text text, struct reason *why,
                                  struct note *ret_note) MUST_USE;

struct note_checked {
    uint64_t keys;                   /* bit i: keys[i] has signed */
    uint64_t lines;                  /* bit i: signature i is one of them */
    uint64_t seconds[NOTE_KEYS_MAX]; /* of a cosignature */
};

/* `text` is what is signed. Signatures of unknown keys are passed over;
 * E_DENIED where one of a known key is wrong, or none is there. */
enum result note_check(struct text text, const struct note *note,
                       const struct note_key *keys, size_t key_count,
                       struct reason *why,
                       struct note_checked *ret_checked) MUST_USE;

struct checkpoint {
    struct text origin; /* borrows the note */
    uint64_t size;
    uint8_t root[HASH_BYTES];
};

/* The text of a note as a checkpoint. E_FORMAT. */
enum result checkpoint_parse(struct text text, struct reason *why,
                             struct checkpoint *ret_checkpoint) MUST_USE;

#endif
