/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * add-checkpoint, from the specification:
 *   "old N" LF  (base64(hash) LF){0,63}  LF  checkpoint
 * 400 not of that form, or old > size     404 no log of that origin
 * 403 not signed by the log               409 old is not what was cosigned
 * 422 the proof does not hold
 *
 * The order is what makes it safe: checked, durable, and only then signed
 * away. One process (flock) and one request at a time.
 */
#include "ledger/witness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ledger/proof_check.h"
#include "ledger/proof_read.h"

#define PATH_BYTES 4096
#define HASHES_MAX 63

struct witness {
    char folder[PATH_BYTES - 128];
    int lock_fd;
    bool failed;
    const struct note_signer *signer;
    const struct note_key *logs;
    size_t log_count;
};

enum result
witness_open(const char *folder, const struct note_signer *signer,
             const struct note_key *logs, size_t log_count,
             struct witness **ret_witness)
{
    struct witness *self = calloc(1, sizeof(*self));
    char path[PATH_BYTES];
    enum result result = self == NULL ? E_NOMEM : OK;

    if (result != OK)
        return result;
    self->lock_fd = -1;
    self->signer = signer;
    self->logs = logs;
    self->log_count = log_count;
    if (snprintf(self->folder, sizeof(self->folder), "%s", folder) >=
        (int)sizeof(self->folder))
        result = E_LIMIT;
    (void)snprintf(path, sizeof(path), "%s/LOCK", self->folder);
    if (result == OK)
        result = file_make_folder(folder);
    if (result == OK)
        result = file_lock(path, &self->lock_fd);
    if (result != OK) {
        witness_free(self);
        return result;
    }
    *ret_witness = self;
    return OK;
}

void
witness_free(struct witness *self)
{
    if (self == NULL)
        return;
    file_close(&self->lock_fd);
    free(self);
}

static void
path_of(const struct witness *self, struct text origin, char path[PATH_BYTES])
{
    uint8_t digest[HASH_BYTES];
    char hex[2 * HASH_BYTES + 1];

    hash_sha256(origin.bytes, origin.length, digest);
    hash_hex(digest, HASH_BYTES, hex);
    (void)snprintf(path, PATH_BYTES, "%s/%s", self->folder, hex);
}

/* What was cosigned last; size 0 where nothing was. A file that is none is no
 * reason to begin again from nothing. */
static enum result
load_last(const struct witness *self, struct text origin, struct buffer *text,
          struct checkpoint *ret_last)
{
    char path[PATH_BYTES];
    struct note note;
    enum result result;

    path_of(self, origin, path);
    result = file_load(path, NOTE_BYTES_MAX, text);
    *ret_last = (struct checkpoint){.size = 0};
    if (result == E_NOTFOUND)
        return OK;
    if (result == OK && (note_parse(buffer_as_text(text), NULL, &note) != OK ||
                         checkpoint_parse(note.text, NULL, ret_last) != OK ||
                         !text_equal(ret_last->origin, origin)))
        result = E_CORRUPT;
    return result;
}

struct request {
    uint64_t old;
    uint8_t hash[PROOF_STEPS_MAX][HASH_BYTES];
    size_t count;
    struct note note;
    struct checkpoint checkpoint;
};

static enum result
parse(struct text body, struct request *request, struct reason *why)
{
    size_t at = 0;
    enum result result =
        proof_read_number(body, "old", &at, why, &request->old);

    if (result == OK)
        result =
            proof_read_hashes(body, &at, why, request->hash, &request->count);
    if (result == OK && request->count > HASHES_MAX)
        result = reason_set(why, E_LIMIT, "proof-steps-max", "hash", at);
    if (result == OK)
        result = note_parse(text_after(body, at), why, &request->note);
    if (result == OK)
        result =
            checkpoint_parse(request->note.text, why, &request->checkpoint);
    if (result == OK && request->old > request->checkpoint.size)
        result = reason_set(why, E_FORMAT, "witness-old", "old", 0);
    return result;
}

/* 0, or the status of a refusal. */
static unsigned
check_signature(const struct witness *self, const struct request *request,
                struct reason *why, uint64_t *ret_lines)
{
    struct note_key keys[NOTE_KEYS_MAX];
    struct note_checked checked;
    size_t count = 0;

    for (size_t i = 0; i < self->log_count && count < NOTE_KEYS_MAX; i++) {
        if (self->logs[i].type == NOTE_ED25519 &&
            text_is(request->checkpoint.origin, self->logs[i].name))
            keys[count++] = self->logs[i];
    }
    if (count == 0) {
        (void)!reason_set(why, E_NOTFOUND, "witness-unknown-log", "origin", 0);
        return 404;
    }
    if (note_check(request->note.text, &request->note, keys, count, why,
                   &checked) != OK)
        return 403;
    *ret_lines = checked.lines;
    return 0;
}

static bool
is_consistent(const struct request *request, const struct checkpoint *last)
{
    const struct checkpoint *new = &request->checkpoint;
    uint8_t empty[HASH_BYTES];

    hash_sha256("", 0, empty);
    if (new->size == 0 && memcmp(new->root, empty, HASH_BYTES) != 0)
        return false;
    if (request->old == 0)
        return request->count == 0;
    return proof_check_consistency(request->old, new->size, last->root,
                                   new->root, request->hash[0],
                                   request->count) == OK;
}

/* The log's own lines that were checked, then ours. */
static enum result
cosign(struct witness *self, const struct request *request, uint64_t lines,
       uint64_t seconds, struct buffer *body)
{
    struct buffer note = {0};
    char path[PATH_BYTES];
    enum result result =
        note_sign(self->signer, request->note.text, seconds, body);

    if (result == OK)
        result = buffer_text(&note, request->note.text);
    if (result == OK)
        result = buffer_byte(&note, '\n');
    for (size_t i = 0; i < request->note.signature_count && result == OK; i++) {
        if ((lines >> i & 1) != 0)
            result = buffer_text(&note, request->note.signatures[i].line);
    }
    if (result == OK)
        result = buffer_text(&note, buffer_as_text(body));
    path_of(self, request->checkpoint.origin, path);
    if (result == OK)
        result = file_replace(path, note.bytes, note.length, 0600);
    if (result != OK)
        buffer_clear(body); /* what is not kept is not given away */
    self->failed = result != OK && result != E_NOMEM;
    buffer_free(&note);
    return result;
}

static enum result
answer_of(struct witness *self, const struct request *request, uint64_t seconds,
          struct reason *why, struct witness_answer *answer)
{
    struct buffer text = {0};
    struct checkpoint last;
    uint64_t lines = 0;
    enum result result = OK;

    answer->status = check_signature(self, request, why, &lines);
    if (answer->status != 0)
        return OK;
    result = load_last(self, request->checkpoint.origin, &text, &last);
    if (result != OK) {
        self->failed = result != E_NOMEM;
    } else if (last.size != request->old) {
        (void)!reason_set(why, E_EXISTS, "witness-conflict", "old", 0);
        answer->status = 409;
        answer->type = "text/x.tlog.size";
        result = buffer_format(&answer->body, "%" PRIu64 "\n", last.size);
    } else if (!is_consistent(request, &last)) {
        (void)!reason_set(why, E_CORRUPT, "witness-inconsistent", "hash", 0);
        answer->status = 422;
    } else {
        answer->status = 200;
        result = cosign(self, request, lines, seconds, &answer->body);
    }
    buffer_free(&text);
    return result;
}

enum result
witness_add(struct witness *self, struct text body, uint64_t seconds,
            struct witness_answer *ret_answer)
{
    struct request *request = malloc(sizeof(*request));
    struct reason why = {0};
    enum result result = request == NULL ? E_NOMEM : OK;

    ret_answer->status = 400;
    ret_answer->type = "text/plain; charset=utf-8";
    ret_answer->rule = NULL;
    buffer_clear(&ret_answer->body);
    if (result == OK && self->failed)
        result = E_IO;
    if (result == OK && body.length > WITNESS_BODY_MAX)
        (void)!reason_set(&why, E_LIMIT, "witness-body-max", "body", 0);
    else if (result == OK && parse(body, request, &why) == OK)
        result = answer_of(self, request, seconds, &why, ret_answer);
    free(request);
    if (result != OK)
        return result;
    ret_answer->rule = why.rule;
    if (ret_answer->status != 200 && ret_answer->status != 409 &&
        why.rule != NULL)
        result = buffer_format(&ret_answer->body, "%s\n", why.rule);
    return result;
}

enum result
witness_get(struct witness *self, struct text hash,
            struct witness_answer *ret_answer)
{
    char path[PATH_BYTES];
    enum result result = OK;

    ret_answer->status = 404;
    ret_answer->type = "text/plain; charset=utf-8";
    ret_answer->rule = NULL;
    buffer_clear(&ret_answer->body);
    if (hash.length != 2 * (size_t)HASH_BYTES)
        return OK;
    for (size_t i = 0; i < hash.length; i++) {
        if (memchr("0123456789abcdef", hash.bytes[i], 16) == NULL)
            return OK;
    }
    (void)snprintf(path, sizeof(path), "%s/%.*s", self->folder,
                   (int)hash.length, hash.bytes);
    result = file_load(path, NOTE_BYTES_MAX, &ret_answer->body);
    if (result == OK)
        ret_answer->status = 200;
    return result == E_NOTFOUND ? OK : result;
}
