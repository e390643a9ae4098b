/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the first bytes of a record say of its form. Pure functions of the
 * bytes; know nothing of the trail around them.
 */
#ifndef VIGIE_INGEST_OPENING_H
#define VIGIE_INGEST_OPENING_H

#include <stdbool.h>

#include "base/text.h"

/* Never more is looked at to tell what opens: a tag with its prefix, white
 * space behind a bracket. */
#define OPENING_BYTES_MAX 512

enum opening {
    OPENING_MORE,   /* too few bytes to tell; never where `final` */
    OPENING_NONE,   /* a line of a log or a table, or junk */
    OPENING_JSON,   /* json_frame_starts() */
    OPENING_XML,    /* "<?xml ", <AuditMessage, <AuditEvent, <Bundle, with or
                       without a prefix */
    OPENING_MARKUP, /* other tags, comments, <!DOCTYPE */
    OPENING_SYSLOG, /* "<PRI>" */
    OPENING_FRAME,  /* RFC 5425: MSG-LEN SP "<PRI>" */
};

/* No white space before. `final`: the trail ends behind these bytes. */
enum opening opening_of(struct text bytes, bool final);

/* Bytes of white space, line ends and byte order marks in front. */
size_t opening_blank(struct text bytes);

/* The first place, from `from` on, where a record may start again after a
 * broken one: behind a newline anything but OPENING_NONE and OPENING_MARKUP;
 * with `frames`, anywhere OPENING_FRAME; with `entries` anywhere a tag with
 * the local name "entry". `before`: the byte in front of bytes[0].
 * Returns the place; *ret_found false where there is none up to there and
 * what stands before it need not be seen again. */
size_t opening_next(struct text bytes, size_t from, char before, bool frames,
                    bool entries, bool final, bool *ret_found);

#endif
