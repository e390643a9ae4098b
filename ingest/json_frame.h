/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Cuts a stream of JSON texts into single records with bounded memory:
 * NDJSON, texts one behind the other, pretty-printed documents, arrays of
 * records, a Bundle of any size. Elements of a top-level array and of the
 * member "entry" of a top-level object are records of their own. Any split
 * of the bytes gives the same calls. Knows nothing of what a record means.
 *
 * How a caller that meets several forms uses it: where a record may start and
 * json_frame_starts() says so, feed; go on feeding what comes until
 * *ret_used stops short of the length, which is where between two texts
 * something stands that is no JSON; that byte on, the caller decides again.
 */
#ifndef VIGIE_INGEST_JSON_FRAME_H
#define VIGIE_INGEST_JSON_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/result.h"
#include "base/text.h"

struct json_frame;

struct json_frame_sink {
    void *context;
    /* One record (at most RECORD_BYTES_MAX bytes) and the offset of its
     * first byte in the trail. Its syntax is not yet checked: a line that
     * merely looks whole is given as it is. The text holds until the call
     * returns. Usually one JSON text; a line may hold several, one behind
     * the other. */
    enum result (*record)(void *context, struct text record, uint64_t offset);
    /* Rules: record-bytes-max (offset: of the record), record-truncated
     * (offset: of the record), json-depth-max, json-syntax and
     * json-string-control (offset: the byte that offends). After the last
     * three the frame goes on at the next line that starts with '{' or '['
     * behind the start of the broken record. */
    enum result (*refused)(void *context, const struct reason *why);
};

/* The sink is borrowed. */
enum result json_frame_new(const struct json_frame_sink *sink,
                           struct json_frame **ret_frame) MUST_USE;
void json_frame_free(struct json_frame *frame); /* safe on NULL */

/* True where these bytes (a trail where a record may start, no white space
 * before) look like the start of a JSON text: '{' with a key, a closing
 * brace or a line's end behind it; '[' with '{', '[', ']' or a line's end.
 * *ret_more: more bytes are needed to tell. Not true for "[2026-03-02 …". */
bool json_frame_starts(struct text bytes, bool *ret_more);

/* `offset`: of bytes[0] in the trail; each call goes on where the one before
 * stopped. *ret_used < length only where the frame is idle and the next byte
 * is neither white space nor '{' nor '['. E_NOMEM, or what the sink
 * returned. */
enum result json_frame_feed(struct json_frame *frame, const uint8_t *bytes,
                            size_t length, uint64_t offset,
                            size_t *ret_used) MUST_USE;
/* True between two texts: nothing is held back. */
bool json_frame_idle(const struct json_frame *frame);
/* The end of the trail: what is held is given or refused. The frame is then
 * idle and may be fed again. */
enum result json_frame_end(struct json_frame *frame) MUST_USE;

#endif
