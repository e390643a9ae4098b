/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What importer.c and import_content.c share and nobody else sees.
 */
#ifndef VIGIE_CORE_IMPORTER_INSIDE_H
#define VIGIE_CORE_IMPORTER_INSIDE_H

#include "core/fingerprint.h"
#include "core/importer.h"
#include "core/sorter.h"

#define READ_BYTES (128u << 10)
#define START_BYTES 512

/* A content that this run has read; it goes into the look-up when all of it
 * is committed. */
struct read_content {
    struct import import;
    uint64_t refused;
    char start[33];
};

struct importer {
    struct importer_options options;
    struct importer_statistics statistics;
    struct sorter *sorter;
    struct fingerprint *whole, *start;
    uint8_t *chunk;
    struct read_content *contents;
    size_t content_count;
    uint64_t announced, done;
    /* the file being read */
    const char *path;
    uint32_t file;
    struct trail *trail;
    uint64_t file_events, file_refused, file_bytes;
    bool failure_told;
    size_t start_length;
    uint8_t start_bytes[START_BYTES];
};

/* importer.c: decompressed bytes of the file being read. */
enum result importer_bytes(void *context, const uint8_t *bytes,
                           size_t length) MUST_USE;
/* The whole file through the decompressor to importer_bytes(). What damages
 * the compression is one more refused record. */
enum result importer_read_all(struct importer *importer, int fd,
                              bool counted) MUST_USE;

/* import_content.c: *ret_before is when the very same content was read, 0:
 * never. */
enum result importer_read_before(struct importer *importer, int fd,
                                 int64_t *ret_before) MUST_USE;
/* The content just read, for importer_note_contents(). */
enum result importer_keep_content(struct importer *importer) MUST_USE;
/* What was refused becomes rows. */
enum result importer_note_refused(struct importer *importer) MUST_USE;
/* Only when every row is durable is a content said to be read. */
enum result importer_note_contents(struct importer *importer) MUST_USE;

#endif
