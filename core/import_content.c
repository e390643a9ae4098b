/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Which contents were read before: known by the fingerprint of all their
 * decompressed bytes, under any name or compression.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "codec/inflate.h"
#include "core/importer_inside.h"

/* The start of the content, as a name in the look-up's settings. */
static void
start_name(struct importer *importer, char name[33])
{
    uint8_t digest[HASH_BYTES];
    uint64_t bytes;

    fingerprint_reset(importer->start);
    fingerprint_add(importer->start, importer->start_bytes,
                    importer->start_length);
    fingerprint_end(importer->start, digest, &bytes);
    hash_hex(digest, 16, name);
}

static void
start_setting(const char name[33], char setting[64])
{
    (void)snprintf(setting, 64, "import.start.%s", name);
}

static enum result
find_content(struct importer *importer, const uint8_t digest[HASH_BYTES],
             struct import *ret_import)
{
    for (size_t i = 0; i < importer->content_count; i++) {
        if (memcmp(importer->contents[i].import.digest, digest, HASH_BYTES) ==
            0) {
            *ret_import = importer->contents[i].import;
            return OK;
        }
    }
    return lookup_import_find(core_lookup(importer->options.core), digest,
                              ret_import);
}

/* Has some content with this start been read before? Only then is it worth
 * to read the file twice. */
static enum result
start_known(struct importer *importer, int fd, bool *ret_known)
{
    struct buffer found = {0};
    char name[33], setting[64];
    struct inflate *inflate = NULL;
    struct reason why;
    size_t length = 0;
    enum result result;

    *ret_known = false;
    importer->start_length = 0;
    result = file_read(fd, importer->chunk, 65536, &length);
    if (result == OK)
        result = inflate_new(importer_bytes, importer, &inflate);
    if (result != OK)
        return result;
    result = inflate_feed(inflate, importer->chunk, length, &why);
    if (result == OK && length < 65536)
        result = inflate_end(inflate, &why);
    inflate_free(inflate);
    /* what does not decompress is refused when it is read for good */
    if (result == E_NOMEM)
        return result;
    if (lseek(fd, 0, SEEK_SET) != 0)
        return E_IO;
    start_name(importer, name);
    for (size_t i = 0; i < importer->content_count; i++)
        *ret_known |= strcmp(importer->contents[i].start, name) == 0;
    start_setting(name, setting);
    result = lookup_setting_get(core_lookup(importer->options.core), setting,
                                &found);
    *ret_known |= result == OK;
    buffer_free(&found);
    return result == E_NOTFOUND ? OK : result;
}

enum result
importer_read_before(struct importer *importer, int fd, int64_t *ret_before)
{
    uint8_t digest[HASH_BYTES];
    struct import import;
    uint64_t bytes;
    bool known;
    enum result result;

    *ret_before = 0;
    if (importer->options.again || lseek(fd, 0, SEEK_CUR) < 0)
        return OK;
    result = start_known(importer, fd, &known);
    if (result != OK || !known)
        return result;
    result = importer_read_all(importer, fd, false);
    if (result != OK)
        return result;
    fingerprint_end(importer->whole, digest, &bytes);
    if (lseek(fd, 0, SEEK_SET) != 0)
        return E_IO;
    result = find_content(importer, digest, &import);
    if (result == OK)
        *ret_before = import.time_us;
    return result == E_NOTFOUND ? OK : result;
}

enum result
importer_keep_content(struct importer *importer)
{
    struct read_content *contents =
        realloc(importer->contents,
                (importer->content_count + 1) * sizeof(contents[0]));
    struct read_content *content;

    if (contents == NULL)
        return E_NOMEM;
    importer->contents = contents;
    content = &contents[importer->content_count];
    memset(content, 0, sizeof(*content));
    fingerprint_end(importer->whole, content->import.digest,
                    &content->import.bytes);
    content->import.records = importer->file_events;
    content->import.time_us = time_now_us();
    content->refused = importer->file_refused;
    start_name(importer, content->start);
    importer->content_count++;
    return OK;
}

enum result
importer_note_refused(struct importer *importer)
{
    enum result result = OK;

    for (size_t i = 0; i < importer->content_count && result == OK; i++) {
        const struct read_content *content = &importer->contents[i];
        struct text digest = {(const char *)content->import.digest,
                              sizeof(content->import.digest)};

        if (content->refused > 0)
            result =
                core_refused(importer->options.core, content->refused, digest);
    }
    return result;
}

enum result
importer_note_contents(struct importer *importer)
{
    struct lookup *lookup = core_lookup(importer->options.core);
    enum result result = OK;

    for (size_t i = 0; i < importer->content_count && result == OK; i++) {
        const struct read_content *content = &importer->contents[i];
        char setting[64];

        start_setting(content->start, setting);
        result = lookup_setting_set(lookup, setting, TEXT("1"));
        if (result == OK)
            result = lookup_import_add(lookup, &content->import);
    }
    return result == OK ? core_commit(importer->options.core) : result;
}
