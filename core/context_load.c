/* SPDX-License-Identifier: EUPL-1.2 */
/* Folders, files, and what only the whole set can tell. */
#include "core/context_load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "core/context_load_inside.h"

#define PATH_BYTES 4096
#define DIGEST_PART (1u << 20)

struct reading_of {
    struct context_load *load;
    const struct context_kind *kind;
};

static enum result
on_line(void *context, const struct context_line *line, struct reason *why)
{
    const struct reading_of *reading = context;

    if (reading->load->lines == CONTEXT_LINES_MAX)
        return reason_set(why, E_LIMIT, "lines-too-many", "", 0);
    reading->load->lines++;
    return reading->kind->line(reading->load, line, why);
}

static void
hash_content(struct context_load *load, const char *name, struct text bytes)
{
    uint64_t length = bytes.length;

    hash_add(load->hash, name, strlen(name) + 1);
    hash_add(load->hash, &length, sizeof(length));
    hash_add(load->hash, bytes.bytes, bytes.length);
}

static enum result
note(struct context_load *load, enum result result)
{
    if (result == E_FORMAT || result == E_LIMIT)
        load->refused = true;
    return result == E_LIMIT ? E_FORMAT : result;
}

/* A file that is refused as a whole. */
static enum result
refuse_file(struct context_load *load, const char *path, const char *rule)
{
    struct reason why;

    (void)reason_set(&why, E_FORMAT, rule, "", 0);
    context_tell(&load->teller, path, &why, false);
    return note(load, E_FORMAT);
}

enum result
context_load_bytes(struct context_load *load, const char *name,
                   const char *path, struct text bytes)
{
    struct reading_of reading = {load, context_lines_kind(name)};
    const struct context_sink sink = {&reading, on_line};
    bool made;
    enum result result;

    if (reading.kind == NULL)
        return E_NOTFOUND;
    hash_content(load, name, bytes);
    result = context_names_add(&load->paths, text_of(path), &load->path, &made);
    if (result != OK)
        return result;
    return note(load, context_csv_read(bytes, path, &reading.kind->form, &sink,
                                       &load->teller));
}

static enum result
load_file(struct context_load *load, const char *name, const char *path)
{
    struct buffer bytes = {.ceiling = CONTEXT_FILE_BYTES_MAX};
    enum result result = file_load(path, CONTEXT_FILE_BYTES_MAX, &bytes);

    if (result == OK)
        result = context_load_bytes(load, name, path, buffer_as_text(&bytes));
    else if (result == E_LIMIT)
        result = refuse_file(load, path, "file-too-large");
    else if (result != E_NOMEM)
        result = refuse_file(load, path, "file-unreadable");
    buffer_free(&bytes);
    return result;
}

enum result
context_load_campaigns(struct context_load *load, const char *path)
{
    return load_file(load, "campaigns.csv", path);
}

enum result
context_load_lures(struct context_load *load, const char *path)
{
    return load_file(load, "lures.csv", path);
}

static enum result
hash_database(struct context_load *load, const char *path)
{
    uint8_t *part = malloc(DIGEST_PART);
    size_t length = 0;
    int fd = -1;
    enum result result = part == NULL ? E_NOMEM : OK;

    if (result == OK)
        result = file_open(path, O_RDONLY, 0, &fd);
    do {
        if (result == OK)
            result = file_read(fd, part, DIGEST_PART, &length);
        if (result == OK)
            hash_add(load->hash, part, length);
    } while (result == OK && length == DIGEST_PART);
    file_close(&fd);
    free(part);
    return result;
}

static enum result
load_database(struct context_load *load, const char *path)
{
    bool says = true;
    struct reason why;
    enum result result = address_facts_mmdb(load->addresses, path, &says);

    if (result == E_NOMEM)
        return result;
    if (result == E_LIMIT)
        return refuse_file(load, path, "mmdb-too-many-or-large");
    if (result == E_FORMAT)
        return refuse_file(load, path, "mmdb-malformed");
    if (result != OK)
        return refuse_file(load, path, "file-unreadable");
    if (!says) {
        (void)reason_set(&why, E_FORMAT, "mmdb-says-nothing", "", 0);
        context_tell(&load->teller, path, &why, true);
    }
    return hash_database(load, path);
}

static enum result
load_entry(struct context_load *load, const char *folder, const char *name)
{
    char path[PATH_BYTES];
    struct reason why;

    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
        (int)sizeof(path))
        return refuse_file(load, folder, "path-too-long");
    if (text_ends(text_of(name), ".mmdb"))
        return load_database(load, path);
    if (context_lines_kind(name) != NULL)
        return load_file(load, name, path);
    (void)reason_set(&why, E_FORMAT, "file-unknown", "", 0);
    context_tell(&load->teller, path, &why, true);
    return OK;
}

/* Names in the order of their bytes, whatever the system's. */
static int
entry_order(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

enum result
context_load_folder(struct context_load *load, const char *path)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, entry_order);
    enum result result = OK;

    if (count < 0)
        return errno == ENOMEM ? E_NOMEM
                               : refuse_file(load, path, "folder-unreadable");
    if (count > CONTEXT_FILES_MAX)
        result = refuse_file(load, path, "files-too-many");
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;

        if ((result == OK || result == E_FORMAT) &&
            count <= CONTEXT_FILES_MAX && strcmp(name, ".") != 0 &&
            strcmp(name, "..") != 0) {
            enum result one = load_entry(load, path, name);

            result = one == OK ? result : one;
        }
        free(entries[i]);
    }
    free(entries);
    return result;
}

static void
judge_pending(struct context_load *load, const struct context_pending *pending)
{
    bool of_role = strcmp(pending->column, "role") == 0;
    const uint8_t *known = of_role ? load->role_known : load->site_known;
    size_t room = of_role ? load->role_room : load->site_room;
    char path[PATH_BYTES];
    struct text name = context_names_at(&load->paths, pending->path);
    struct reason why;

    if ((of_role && !load->roles_given) ||
        (pending->number < room && known[pending->number]))
        return;
    (void)snprintf(path, sizeof(path), "%.*s", (int)name.length, name.bytes);
    (void)reason_set(&why, E_FORMAT, pending->rule, pending->column,
                     pending->line);
    context_tell(&load->teller, path, &why, false);
    load->refused = true;
}

enum result
context_load_finish(struct context_load *load)
{
    for (size_t i = 0; i < load->pending_count; i++)
        judge_pending(load, &load->pending[i]);
    if (load->refused)
        return E_FORMAT;
    context_told_finish(load->told);
    address_facts_finish(load->addresses);
    hash_end(load->hash, load->digest);
    return OK;
}

enum result
context_load_new(const struct context_teller *teller,
                 struct context_load **ret_load)
{
    struct context_load *load = calloc(1, sizeof(*load));
    enum result result = load == NULL ? E_NOMEM : OK;

    if (result == OK)
        result = context_told_new(&load->told);
    if (result == OK)
        result = address_facts_new(&load->addresses);
    if (result == OK)
        result = hash_new(&load->hash);
    if (result != OK) {
        context_load_free(load);
        return result;
    }
    if (teller != NULL)
        load->teller = *teller;
    *ret_load = load;
    return OK;
}

void
context_load_free(struct context_load *load)
{
    if (load == NULL)
        return;
    context_told_free(load->told);
    address_facts_free(load->addresses);
    context_names_free(&load->paths);
    context_names_free(&load->lure_names);
    hash_free(load->hash);
    free(load->lures);
    free(load->pending);
    free(load->site_known);
    free(load->role_known);
    free(load);
}

const struct context_told *
context_load_told(const struct context_load *load)
{
    return load->told;
}

struct address_facts *
context_load_addresses(const struct context_load *load)
{
    return load->addresses;
}

size_t
context_load_lure_count(const struct context_load *load)
{
    return load->lure_count;
}

void
context_load_lure(const struct context_load *load, size_t index,
                  struct context_lure *ret_lure)
{
    const struct context_lure_names *lure = &load->lures[index];

    ret_lure->person = context_names_at(&load->lure_names, lure->person);
    ret_lure->service =
        lure->service == 0 ? TEXT("")
                           : context_names_at(&load->lure_names, lure->service);
}

const uint8_t *
context_load_digest(const struct context_load *load)
{
    return load->digest;
}
