/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/verify_files.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/say.h"
#include "base/time.h"
#include "ledger/proof_read.h"
#include "ledger/tiles.h"
#include "model/category.h"
#include "model/row.h"

/* Some thousands of proofs, as vigie prove prints them. */
#define FILE_BYTES_MAX (64u << 20)

/* {"kind":KIND,NAME:VALUE and what else belongs to it}: VALUE is somebody
 * else's. */
__attribute__((format(printf, 4, 5))) static void
print_object(const char *kind, const char *name, struct text value,
             const char *format, ...)
{
    struct buffer quoted = {0};
    va_list arguments;

    if (buffer_json_string(&quoted, value) == OK) {
        (void)printf("{\"kind\":\"%s\",\"%s\":%.*s", kind, name,
                     (int)quoted.length, quoted.bytes);
        va_start(arguments, format);
        (void)vprintf(format, arguments);
        va_end(arguments);
        (void)puts("}");
    }
    buffer_free(&quoted);
}

static void
print_wrong(const struct verify_files *files, const char *path,
            const struct reason *why)
{
    if (!files->json) {
        (void)printf(_("WRONG: %s: %s (%s, %llu)\n"), path, why->rule,
                     why->field, (unsigned long long)why->offset);
        return;
    }
    print_object("wrong", "file", text_of(path),
                 ",\"rule\":\"%s\",\"field\":\"%s\",\"offset\":%" PRIu64,
                 why->rule, why->field, why->offset);
}

static void
print_cosigners(const struct verify_files *files,
                const struct note_checked *checked)
{
    char time[TIME_TEXT_BYTES];

    for (size_t i = 0; i < files->keys.count; i++) {
        if ((checked->keys >> i & 1) == 0 ||
            files->keys.keys[i].type != NOTE_COSIGNATURE ||
            checked->seconds[i] > INT64_MAX / TIME_SECOND_US)
            continue;
        (void)time_format_utc((int64_t)checked->seconds[i] * TIME_SECOND_US,
                              time);
        if (files->json)
            print_object("cosigned", "by", text_of(files->keys.keys[i].name),
                         ",\"time\":\"%s\"", time);
        else
            (void)printf(_("  cosigned by %s at %s\n"),
                         files->keys.keys[i].name, time);
    }
}

static void
print_row(const struct verify_files *files, const struct proof_read *proof,
          const struct proof_checked *checked)
{
    char time[TIME_TEXT_BYTES];
    struct row row;

    if (row_decode(checked->entry, &row) != OK) {
        if (!files->json)
            (void)printf(_("  row %llu is of a kind that this version does "
                           "not know\n"),
                         (unsigned long long)proof->number);
        return;
    }
    (void)time_format_utc(row.time_source_us, time);
    if (files->json)
        (void)printf(
            "{\"kind\":\"row\",\"row\":%" PRIu64 ",\"what\":\"%s\","
            "\"time\":\"%s\",\"session\":\"%016" PRIx64
            "\",\"professional\":\"%016" PRIx64 "\",\"person\":\"%016" PRIx64
            "\",\"categories\":%u,\"grade\":%u,\"size\":%" PRIu64 "}\n",
            proof->number, row_kind_name(row.kind), time, row.session,
            row.professional, row.person, row.categories, row.grade,
            checked->checkpoint.size);
    else
        (void)printf(_("  row %llu: %s, %s, session %016llx, account %016llx, "
                       "person %016llx\n"),
                     (unsigned long long)proof->number, row_kind_name(row.kind),
                     time, (unsigned long long)row.session,
                     (unsigned long long)row.professional,
                     (unsigned long long)row.person);
}

static void
print_good(const struct verify_files *files, const char *path,
           const struct proof_read *proof, const struct proof_checked *checked)
{
    const unsigned long long size = checked->checkpoint.size;

    if (proof->kind == PROOF_INCLUSION) {
        if (!files->json)
            (void)printf(_("%s: the row is under the checkpoint of %llu "
                           "rows.\n"),
                         path, size);
        print_row(files, proof, checked);
    } else if (files->json) {
        (void)printf("{\"kind\":\"consistent\",\"old\":%" PRIu64
                     ",\"size\":%llu}\n",
                     checked->old.size, size);
    } else {
        (void)printf(_("%s: the checkpoint of %llu rows goes on from that of "
                       "%llu rows.\n"),
                     path, size, (unsigned long long)checked->old.size);
    }
    print_cosigners(files, &checked->signatures);
}

static enum result
check_proofs(struct verify_files *files, const char *path, struct text text)
{
    char *room = malloc(NOTE_BYTES_MAX);
    struct proof_checked *checked = calloc(1, sizeof(*checked));
    struct proof_read *proof = malloc(sizeof(*proof));
    enum result result =
        room == NULL || checked == NULL || proof == NULL ? E_NOMEM : OK;

    while (result == OK && text.length > 0) {
        struct reason why = {.rule = "proof"};
        struct text rest = {NULL, 0};

        result = proof_read(text, &why, proof, &rest);
        if (result == OK)
            result = proof_read_check(proof, files->keys.keys,
                                      files->keys.count, room, &why, checked);
        if (result == OK) {
            print_good(files, path, proof, checked);
        } else if (result != E_NOMEM) {
            files->wrong++;
            print_wrong(files, path, &why);
            result = OK;
        }
        text = rest;
    }
    free(room);
    free(checked);
    free(proof);
    return result;
}

static enum result
check_checkpoint(struct verify_files *files, const char *path)
{
    struct given_checkpoint *given = &files->checkpoints[files->point_count];
    struct note_checked checked;
    char root[2 * HASH_BYTES + 1];
    enum result result =
        key_files_checkpoint("verify", path, &files->keys, given);

    if (result == E_DENIED || result == E_FORMAT || result == E_LIMIT) {
        files->wrong++; /* why was said on stderr */
        if (files->json)
            print_object("wrong", "file", text_of(path),
                         ",\"rule\":\"checkpoint\",\"field\":\"\","
                         "\"offset\":%d",
                         0);
        return OK;
    }
    if (result != OK)
        return result;
    files->points[files->point_count++] =
        (struct inspect_point){given->checkpoint, path};
    hash_hex(given->checkpoint.root, HASH_BYTES, root);
    if (files->json)
        print_object("checkpoint", "origin", given->checkpoint.origin,
                     ",\"size\":%" PRIu64 ",\"root\":\"%s\"",
                     given->checkpoint.size, root);
    else
        (void)printf(_("%s: a checkpoint of %llu rows, signed by %.*s\n"), path,
                     (unsigned long long)given->checkpoint.size,
                     (int)given->checkpoint.origin.length,
                     given->checkpoint.origin.bytes);
    if (note_check(given->note.text, &given->note, files->keys.keys,
                   files->keys.count, NULL, &checked) == OK)
        print_cosigners(files, &checked);
    return OK;
}

static void
tell_tile(void *context, const char *path, const struct reason *reason)
{
    struct verify_files *files = context;

    files->wrong++;
    print_wrong(files, path, reason);
}

/* A folder of tiles: its checkpoint, then everything under it. */
static enum result
check_tiles(struct verify_files *files, const char *dir)
{
    char path[4096];
    const size_t before = files->point_count;
    const uint64_t wrong = files->wrong;
    enum result result;

    if (snprintf(path, sizeof(path), "%s/checkpoint", dir) >= (int)sizeof(path))
        return E_LIMIT;
    result = check_checkpoint(files, path);
    if (result != OK || files->point_count == before)
        return result;
    files->points[before].file = dir; /* path does not live on */
    result =
        tiles_check(dir, files->points[before].checkpoint.size,
                    files->points[before].checkpoint.root, tell_tile, files);
    if (result == OK && files->wrong == wrong && files->json)
        print_object("tiles", "file", text_of(dir), ",\"size\":%" PRIu64,
                     files->points[before].checkpoint.size);
    else if (result == OK && files->wrong == wrong)
        (void)printf(_("%s: all %llu entries are under it.\n"), dir,
                     (unsigned long long)files->points[before].checkpoint.size);
    return result;
}

static bool
is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Without the ledger: the same size must have the same root. */
static enum result
compare(struct verify_files *files)
{
    struct reason why;
    enum result result = OK;

    for (size_t i = 1; i < files->point_count; i++) {
        const struct checkpoint *a = &files->points[i - 1].checkpoint;
        const struct checkpoint *b = &files->points[i].checkpoint;

        if (!text_equal(a->origin, b->origin) || a->size != b->size) {
            say_error(files->points[i].file, "%s",
                      _("of another size, or of another ledger: the proof is "
                        "lacking (vigie prove --checkpoints), or --data DIR"));
            result = E_ARGUMENT;
        } else if (memcmp(a->root, b->root, HASH_BYTES) != 0) {
            (void)!reason_set(&why, E_CORRUPT, "checkpoint-split-view", "root",
                              a->size);
            print_wrong(files, files->points[i].file, &why);
            files->wrong++;
        }
    }
    return result;
}

enum result
verify_files(struct verify_files *files, bool alone)
{
    enum result result = OK;

    for (size_t i = 0; i < files->count && result == OK; i++) {
        struct buffer text = {0};

        if (is_folder(files->paths[i])) {
            result = check_tiles(files, files->paths[i]);
            if (result != OK)
                say_error(files->paths[i], "%s", _(result_name(result)));
            continue;
        }
        result = file_load(files->paths[i], FILE_BYTES_MAX, &text);
        if (result != OK)
            say_error(files->paths[i], "%s", _(result_name(result)));
        else if (proof_read_begins(buffer_as_text(&text)))
            result =
                check_proofs(files, files->paths[i], buffer_as_text(&text));
        else
            result = check_checkpoint(files, files->paths[i]);
        buffer_free(&text);
    }
    return result == OK && alone ? compare(files) : result;
}

void
verify_files_free(struct verify_files *files)
{
    for (size_t i = 0; i < files->point_count; i++)
        buffer_free(&files->checkpoints[i].text);
}
