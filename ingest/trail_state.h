/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Inside trail.c and its parts (trail_xml.c, trail_syslog.c, trail_line.c):
 * one step a record over the bytes that are known. Nobody else includes it.
 *
 * A step gets the window: the trail from the start of the record under way
 * (or of what is skipped) up to the last byte fed. It says how many bytes it
 * is done with; `hungry` where it needs more. A step decides by the bytes
 * alone, never by where a feed ended, and looks at no more than
 * RECORD_BYTES_MAX bytes of one record: that is what makes any split give
 * the same calls.
 */
#ifndef VIGIE_INGEST_TRAIL_STATE_H
#define VIGIE_INGEST_TRAIL_STATE_H

#include "ingest/form.h"
#include "ingest/json_frame.h"
#include "ingest/opening.h"
#include "ingest/xml_frame.h"

/* What plain lines of this trail are. */
enum trail_lines {
    LINES_UNDECIDED,
    LINES_LOG,     /* Keycloak's among others */
    LINES_TABLE,   /* a mapping fits */
    LINES_UNKNOWN, /* nothing fits */
};

enum trail_skip {
    SKIP_NOTHING,
    SKIP_LINE,    /* to the next newline */
    SKIP_RESTART, /* to where a record may start again */
    SKIP_ALL,
};

/* Bits of what was found, in the order in which trail_form names them. */
enum trail_found {
    FOUND_JSON = 1 << 0,
    FOUND_FHIR_XML = 1 << 1,
    FOUND_DICOM_XML = 1 << 2,
    FOUND_SYSLOG = 1 << 3,
    FOUND_KEYCLOAK = 1 << 4,
    FOUND_TABLE = 1 << 5,
    FOUND_UNKNOWN = 1 << 6,
};

struct trail {
    struct trail_options options;
    struct trail_sink sink;
    struct form_context context;
    struct event event;
    struct buffer scratch;

    struct buffer carry; /* the window's bytes of earlier feeds */
    uint64_t offset;     /* of the window in the trail */
    size_t wait_for;     /* window length under which a step need not run */
    bool started;        /* the first bytes were looked at */
    bool hungry;         /* the last step needs more bytes */
    enum result failed;  /* of the sink or memory: nothing goes on */

    struct json_frame_sink json_sink;
    struct json_frame *json;
    bool json_open;

    struct xml_frame xml; /* of the record under way */
    bool xml_open;
    bool xml_in_syslog; /* the document stands in a message without frame */
    bool bundle_open;
    bool bundle_told; /* some entry of it was handed on */
    bool bundle_cut;  /* that it is truncated was said */
    uint64_t bundle_at;
    struct buffer prefix;      /* prolog and root tag of the open Bundle */
    struct buffer bundle_name; /* of its root, with the prefix */
    struct buffer entry;       /* one entry as a document of its own */

    bool framed;    /* the record before was an RFC 5425 frame */
    size_t scanned; /* of a line: searched for its end so far */

    /* Up to here a record was looked for in vain as far as one may go. What
     * starts before is not given as much again: that bounds the work on
     * hostile bytes. */
    uint64_t retry_until;

    enum trail_lines lines;
    struct table *table;
    bool table_quotes;   /* a record of it may hold newlines */
    struct buffer first; /* lines, for the table and the proposal */

    enum trail_skip skip;
    char skip_before;
    bool skip_frames, skip_entries;

    unsigned found;
};

struct trail_window {
    struct text bytes;
    bool final;
};

/* The window is known up to here, as far as one record may go. */
struct text trail_clip(struct trail_window window);
/* True where the record that the clip does not hold is over the maximum. */
bool trail_over(struct trail_window window);

enum result trail_refuse(struct trail *trail, const char *rule,
                         uint64_t at) MUST_USE;
enum result trail_ignore(struct trail *trail, const char *kind,
                         uint64_t at) MUST_USE;

/* The record at the start of the window is broken: refused by `rule`, and
 * the window goes on at the next place where a record may start; at `limit`
 * at the latest, where that is not 0; TRAIL_FROM_END: behind all that one
 * record may hold. In a log or a table that is the next
 * line, so that no line can hide those behind it. */
#define TRAIL_FROM_END SIZE_MAX
enum result trail_broken(struct trail *trail, struct trail_window window,
                         const char *rule, size_t limit,
                         size_t *ret_used) MUST_USE;

enum result trail_xml_step(struct trail *trail, struct trail_window window,
                           size_t *ret_used) MUST_USE;
enum result trail_bundle_step(struct trail *trail, struct trail_window window,
                              size_t *ret_used) MUST_USE;
/* At the end of the trail, with no bytes left. */
enum result trail_bundle_end(struct trail *trail) MUST_USE;
enum result trail_syslog_step(struct trail *trail, struct trail_window window,
                              size_t *ret_used) MUST_USE;
enum result trail_frame_step(struct trail *trail, struct trail_window window,
                             size_t *ret_used) MUST_USE;
enum result trail_line_step(struct trail *trail, struct trail_window window,
                            size_t *ret_used) MUST_USE;
/* An unknown JSON record: the tables' mappings, else refused. */
enum result trail_json_record(void *trail, struct text record,
                              uint64_t at) MUST_USE;

#endif
