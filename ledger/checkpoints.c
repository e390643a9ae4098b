/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The order of the steps is what makes a crash harmless:
 *
 *   1  the rows are durable
 *   2  the record is appended to journal, and synced
 *   3  latest (rename): only from here on does anybody else see it
 *
 * So a bad tail of journal that latest does not know was never acknowledged,
 * and is cut; one that latest knows has rotted, and nothing is signed.
 */
#include "ledger/checkpoints.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ledger/journal_read.h"
#include "ledger/ledger_state.h"
#include "ledger/note.h"
#include "ledger/note_check.h"
#include "ledger/proof_check.h"
#include "ledger/prover.h"

struct checkpoints {
    const char *data_dir;
    struct ledger *ledger;
    struct note_signer *signer;
    int lock_fd, journal_fd;
    char dir[LEDGER_PATH_BYTES], folder[LEDGER_PATH_BYTES];
    char origin[64];
    bool failed; /* after an I/O error nothing is written any more */
    bool stale;  /* the file lacks what latest has: tried again */
    uint64_t end;
    uint8_t digest[HASH_BYTES];
    struct buffer key;    /* the last that journal has */
    struct buffer latest; /* as in the file */
    uint64_t size;        /* of the last note */
    uint8_t root[HASH_BYTES];
};

static enum result
path_of(const struct checkpoints *self, const char *name,
        char ret_path[LEDGER_PATH_BYTES])
{
    int length =
        snprintf(ret_path, LEDGER_PATH_BYTES, "%s/%s", self->folder, name);

    return length > 0 && length < LEDGER_PATH_BYTES ? OK : E_LIMIT;
}

static enum result
lock(struct checkpoints *self)
{
    char path[LEDGER_PATH_BYTES];
    enum result result = path_of(self, "LOCK", path);

    if (result == OK)
        result = file_make_folder(self->folder);
    if (result == OK)
        result = file_lock(path, &self->lock_fd);
    return result;
}

static enum result
replace(struct buffer *buffer, struct text text)
{
    buffer_clear(buffer);
    return buffer_text(buffer, text);
}

static enum result
take_record(struct checkpoints *self, const struct journal_record *record,
            struct reason *why)
{
    struct note note;
    struct checkpoint checkpoint;
    enum result result;

    switch (record->kind) {
    case JOURNAL_KEY:
        return replace(&self->key, record->bytes);
    case JOURNAL_NOTE:
        result = note_parse(record->bytes, why, &note);
        if (result == OK)
            result = checkpoint_parse(note.text, why, &checkpoint);
        if (result != OK)
            return E_CORRUPT;
        self->size = checkpoint.size;
        memcpy(self->root, checkpoint.root, HASH_BYTES);
        return replace(&self->latest, record->bytes);
    case JOURNAL_COSIGNATURE:
        return record->size == self->size
                   ? buffer_text(&self->latest, record->bytes)
                   : OK;
    default:
        return OK;
    }
}

/* The size of the checkpoint in `latest`, 0 where there is none. */
static enum result
size_told(const struct checkpoints *self, struct buffer *text,
          uint64_t *ret_size)
{
    char path[LEDGER_PATH_BYTES];
    struct checkpoint checkpoint = {0};
    struct note note;
    enum result result = path_of(self, "latest", path);

    if (result == OK)
        result = file_load(path, NOTE_BYTES_MAX, text);
    if (result == OK && note_parse(buffer_as_text(text), NULL, &note) == OK &&
        checkpoint_parse(note.text, NULL, &checkpoint) != OK)
        checkpoint.size = 0;
    *ret_size = checkpoint.size;
    return result == E_NOTFOUND ? OK : result;
}

static enum result
write_latest(struct checkpoints *self)
{
    char path[LEDGER_PATH_BYTES];
    enum result result = path_of(self, "latest", path);

    if (result == OK)
        result =
            file_replace(path, self->latest.bytes, self->latest.length, 0600);
    self->stale = result != OK;
    return result;
}

static enum result
make_journal(struct checkpoints *self)
{
    char path[LEDGER_PATH_BYTES], head[JOURNAL_HEAD_BYTES + 1];
    enum result result = path_of(self, "journal", path);

    journal_head(self->ledger->manifest.id, head);
    return result == OK ? file_replace(path, head, strlen(head), 0600) : result;
}

static enum result
read_journal(struct checkpoints *self, struct reason *why, bool *ret_torn)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    enum result result = journal_read_open(
        self->data_dir, self->ledger->manifest.id, why, &reader);

    while (result == OK) {
        result = journal_read_next(reader, why, &record);
        if (result != OK)
            break;
        result = take_record(self, &record, why);
        if (result == E_CORRUPT) /* whole, and yet no note: never a torn one */
            goto out;
    }
    *ret_torn = result == E_CORRUPT && reader != NULL;
    if (reader != NULL)
        self->end = journal_read_end(reader, self->digest);
    if (result == E_END || *ret_torn)
        result = OK;
out:
    journal_read_free(reader);
    return result;
}

static enum result
recover(struct checkpoints *self, struct reason *why)
{
    char path[LEDGER_PATH_BYTES];
    struct buffer told = {0};
    uint64_t size = 0;
    bool torn = false;
    enum result result = size_told(self, &told, &size);

    if (result == OK)
        result = read_journal(self, why, &torn);
    if (result == E_NOTFOUND && size == 0) {
        result = make_journal(self);
        if (result == OK)
            result = read_journal(self, why, &torn);
    }
    if (result == E_NOTFOUND)
        result = reason_set(why, E_CORRUPT, "journal-missing", "journal", 0);
    if (result == OK && size > self->size)
        result =
            reason_set(why, E_CORRUPT, "journal-rot", "journal", self->end);
    if (result == OK)
        result = path_of(self, "journal", path);
    if (result == OK)
        result = file_open(path, O_WRONLY, 0, &self->journal_fd);
    if (result == OK && torn)
        result = file_truncate(self->journal_fd, self->end);
    if (result == OK && torn)
        result = file_sync_data(self->journal_fd);
    if (result == OK && self->latest.length > 0 &&
        !text_equal(buffer_as_text(&told), buffer_as_text(&self->latest)))
        result = write_latest(self);
    buffer_free(&told);
    return result;
}

static enum result
append(struct checkpoints *self, enum journal_kind kind, uint64_t size,
       struct text bytes)
{
    struct buffer record = {0};
    uint8_t digest[HASH_BYTES];
    char hex[2 * HASH_BYTES + 1];
    enum result result = OK;

    if (self->failed)
        return E_IO;
    if (bytes.length > JOURNAL_RECORD_MAX)
        return E_LIMIT;
    result = journal_digest(self->digest, kind, size, bytes, digest);
    hash_hex(digest, HASH_BYTES, hex);
    if (result == OK)
        result =
            buffer_format(&record, "%s %" PRIu64 " %zu %s\n",
                          journal_kind_name(kind), size, bytes.length, hex);
    if (result == OK)
        result = buffer_text(&record, bytes);
    if (result == OK)
        result = buffer_byte(&record, '\n');
    if (result != OK)
        goto out;
    result =
        file_write_at(self->journal_fd, record.bytes, record.length, self->end);
    if (result == OK)
        result = file_sync_data(self->journal_fd);
    self->failed = result != OK;
    if (result == OK) {
        self->end += record.length;
        memcpy(self->digest, digest, HASH_BYTES);
    }
out:
    buffer_free(&record);
    return result;
}

/* The key that signs is in the journal before what it signs. */
static enum result
note_key(struct checkpoints *self)
{
    struct buffer key = {0};
    enum result result = note_signer_key(self->signer, &key);

    if (result == OK &&
        !text_equal(buffer_as_text(&key), buffer_as_text(&self->key))) {
        result = append(self, JOURNAL_KEY, 0, buffer_as_text(&key));
        if (result == OK)
            result = replace(&self->key, buffer_as_text(&key));
    }
    buffer_free(&key);
    return result;
}

enum result
checkpoints_open(const char *data_dir, const char *keys_dir,
                 struct ledger *ledger, bool make, struct reason *why,
                 struct checkpoints **ret_checkpoints)
{
    struct checkpoints *self = calloc(1, sizeof(*self));
    char hex[2 * LEDGER_ID_BYTES + 1];
    enum result result = self == NULL ? E_NOMEM : OK;

    if (result != OK)
        return result;
    self->ledger = ledger;
    self->lock_fd = self->journal_fd = -1;
    self->data_dir = self->dir;
    if (snprintf(self->dir, sizeof(self->dir), "%s", data_dir) >=
            (int)sizeof(self->dir) - 16 ||
        snprintf(self->folder, sizeof(self->folder), "%s/checkpoints",
                 data_dir) >= (int)sizeof(self->folder))
        result = E_LIMIT;
    hash_hex(ledger->manifest.id, LEDGER_ID_BYTES, hex);
    (void)snprintf(self->origin, sizeof(self->origin), "vigie/%s", hex);
    if (result == OK)
        result = note_signer_open(keys_dir, CHECKPOINT_KEY_FILE, self->origin,
                                  false, make, &self->signer);
    if (result == OK)
        result = lock(self);
    if (result == OK)
        result = recover(self, why);
    if (result != OK) {
        checkpoints_free(self);
        return result;
    }
    *ret_checkpoints = self;
    return OK;
}

void
checkpoints_free(struct checkpoints *self)
{
    if (self == NULL)
        return;
    note_signer_free(self->signer);
    file_close(&self->journal_fd);
    file_close(&self->lock_fd);
    buffer_free(&self->key);
    buffer_free(&self->latest);
    free(self);
}

/* Rows that a power cut could take are not signed. */
static enum result
make_durable(const struct checkpoints *self)
{
    return self->ledger->mode == LEDGER_WRITE ? ledger_sync(self->ledger)
                                              : ledger_sync_open(self->ledger);
}

static enum result
is_continued(const struct checkpoints *self, uint64_t size,
             const uint8_t root[HASH_BYTES], bool kept)
{
    struct prover *prover = NULL;
    struct proof proof;
    enum result result =
        prover_new(self->data_dir, self->ledger, kept, &prover);

    if (result == OK)
        result = prove_consistency(prover, self->size, size, &proof);
    if (result == OK)
        result = proof_check_consistency(self->size, size, self->root, root,
                                         proof.hash[0], proof.count);
    prover_free(prover);
    return result;
}

static enum result
check_continued(const struct checkpoints *self, uint64_t size,
                const uint8_t root[HASH_BYTES], struct reason *why)
{
    enum result result;

    if (self->size == 0)
        return OK;
    if (self->size > size)
        return reason_set(why, E_CORRUPT, "checkpoint-ahead", "rows", size);
    result = is_continued(self, size, root, true);
    if (result == E_CORRUPT)
        result = is_continued(self, size, root, false);
    return result == E_CORRUPT
               ? reason_set(why, result, "checkpoint-inconsistent", "size",
                            self->size)
               : result;
}

static enum result
sign(struct checkpoints *self, uint64_t size, const uint8_t root[HASH_BYTES])
{
    struct buffer note = {0};
    struct text text;
    enum result result = note_key(self);

    if (result == OK)
        result = note_write_checkpoint(self->origin, size, root, &note);
    text = buffer_as_text(&note);
    if (result == OK)
        result = buffer_byte(&note, '\n');
    text.bytes = note.bytes; /* it may have moved */
    if (result == OK)
        result = note_sign(self->signer, text, 0, &note);
    if (result == OK)
        result = append(self, JOURNAL_NOTE, size, buffer_as_text(&note));
    if (result == OK) {
        self->size = size;
        memcpy(self->root, root, HASH_BYTES);
        result = replace(&self->latest, buffer_as_text(&note));
    }
    if (result == OK)
        result = write_latest(self);
    buffer_free(&note);
    return result;
}

enum result
checkpoints_make(struct checkpoints *self, struct reason *why, bool *ret_made)
{
    uint8_t root[HASH_BYTES];
    const uint64_t size = ledger_count(self->ledger);
    enum result result;

    *ret_made = false;
    if (self->failed)
        return E_IO;
    if (size == 0 && self->size == 0)
        return OK;
    result = make_durable(self);
    if (result == OK)
        result = ledger_root(self->ledger, root);
    if (result == OK)
        result = check_continued(self, size, root, why);
    if (result == OK && size == self->size && self->stale)
        result = write_latest(self);
    if (result != OK || size == self->size)
        return result;
    result = sign(self, size, root);
    if (result == OK) {
        *ret_made = true;
        result = prove_keep(self->data_dir, self->ledger);
    }
    return result;
}

struct text
checkpoints_latest(const struct checkpoints *self, uint64_t *ret_size)
{
    *ret_size = self->size;
    return buffer_as_text(&self->latest);
}

const char *
checkpoints_origin(const struct checkpoints *self)
{
    return self->origin;
}

enum result
checkpoints_key(const struct checkpoints *self, struct buffer *out)
{
    return note_signer_key(self->signer, out);
}

enum result
checkpoints_cosigned(struct checkpoints *self, uint64_t size, struct text lines)
{
    enum result result = append(self, JOURNAL_COSIGNATURE, size, lines);

    if (result == OK && size == self->size) {
        result = buffer_text(&self->latest, lines);
        if (result == OK)
            result = write_latest(self);
    }
    return result;
}

enum result
checkpoints_timestamped(struct checkpoints *self, uint64_t size,
                        struct text response)
{
    return append(self, JOURNAL_TIMESTAMP, size, response);
}

enum result
checkpoints_once(const char *data_dir, const char *keys_dir,
                 struct ledger *ledger, struct reason *why)
{
    struct checkpoints *self = NULL;
    bool made = false;
    enum result result =
        checkpoints_open(data_dir, keys_dir, ledger, true, why, &self);

    if (result == OK)
        result = checkpoints_make(self, why, &made);
    checkpoints_free(self);
    return result;
}
