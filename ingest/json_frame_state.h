/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What json_frame.c (lines, what goes on between texts) and
 * json_frame_document.c (the byte machine) share. Only they include it.
 *
 * Invariant: the bytes of the record so far are `held`, then
 * [cursor->from, cursor->p); its first byte lies at `start` in the trail.
 */
#ifndef VIGIE_INGEST_JSON_FRAME_STATE_H
#define VIGIE_INGEST_JSON_FRAME_STATE_H

#include "base/buffer.h"
#include "ingest/json_frame.h"

enum frame_mode {
    FRAME_IDLE,     /* between two texts */
    FRAME_LINE,     /* in a text that may end with its line */
    FRAME_WAIT,     /* behind such a line: does the text go on? */
    FRAME_DOCUMENT, /* in a text of several lines: byte by byte */
    FRAME_RESYNC,   /* behind a broken text */
};

/* What the grammar allows next (RFC 8259 §2). */
enum frame_want {
    WANT_VALUE,
    WANT_VALUE_OR_END, /* behind '[' */
    WANT_KEY,
    WANT_KEY_OR_END, /* behind '{' */
    WANT_COLON,
    WANT_COMMA, /* or the end of the level */
};

struct frame_word { /* a key or short value at the top of the document */
    char bytes[16];
    uint32_t length; /* over sizeof bytes: some other, longer word */
};

struct frame_document {
    enum frame_want want;
    bool in_string, in_escape, in_scalar;
    bool keep;          /* the string goes into `word` */
    bool loose;         /* inside an element: brackets and strings only */
    bool entry;         /* in the array "entry" of the top-level object */
    bool typed, bundle; /* "resourceType" was seen; it says Bundle */
    bool cut;           /* elements are records: the rest is none */
    bool in_record;     /* a record is being collected */
    uint64_t text_start;
    struct frame_word word, key;
    uint32_t depth;
    uint8_t open[JSON_DEPTH_MAX]; /* the closing bracket of each level */
};

struct json_frame {
    struct json_frame_sink sink;
    enum frame_mode mode;
    uint64_t start;
    struct buffer held, replay;
    size_t line_length;   /* FRAME_WAIT: of the line in `held` */
    uint64_t quiet_until; /* before this offset no caller can take over: the
                             bytes were seen before */
    bool quiet_told;      /* they belong to a record already refused */
    bool resync_any;      /* FRAME_RESYNC ends at any line */
    bool resync_newline;  /* FRAME_RESYNC: the byte before was a newline */
    uint64_t rescanned;
    struct frame_document document;
};

/* One source of bytes: what was fed, or what is read again. */
struct frame_cursor {
    const uint8_t *begin, *p, *end, *from;
    const uint8_t *trusted; /* here the caller saw a text start */
    uint64_t offset;        /* of begin in the trail */
    bool stop;              /* the caller decides about *p */
    bool again;             /* frame->replay comes first */
    uint64_t again_offset;
};

static inline uint64_t
frame_offset(const struct frame_cursor *cursor, const uint8_t *p)
{
    return cursor->offset + (uint64_t)(p - cursor->begin);
}

/* Bytes of the record so far, held or not. */
static inline uint64_t
frame_record_bytes(const struct json_frame *frame,
                   const struct frame_cursor *cursor)
{
    return frame_offset(cursor, cursor->p) - frame->start;
}

/* Prepares for the text whose first byte is at `start`. */
void frame_document_start(struct json_frame *frame, uint8_t first);
/* Runs to the end of the text, of the source, or to a failure. */
enum result frame_document_step(struct json_frame *frame,
                                struct frame_cursor *cursor) MUST_USE;
/* Gives the record that ends before cursor->p, or refuses it for its size. */
enum result frame_emit(struct json_frame *frame,
                       struct frame_cursor *cursor) MUST_USE;
enum result frame_refuse(struct json_frame *frame, const char *rule,
                         uint64_t offset) MUST_USE;
/* The next byte read is the record's k-th. */
void frame_go_back(struct json_frame *frame, struct frame_cursor *cursor,
                   size_t k);
/* Refuses the record at hand because of the byte at cursor->p (for
 * record-truncated: as a whole) and goes back to where the next one may
 * start. */
enum result frame_fail(struct json_frame *frame, struct frame_cursor *cursor,
                       const char *rule) MUST_USE;

#endif
