/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Where one XML document, or one element, ends in a stream: a scanner of tags
 * that goes on where it stopped. It does not judge the syntax (form_xml does,
 * with expat); it only has to agree with expat on documents that are
 * well-formed, and to notice where a broken one is followed by another.
 */
#ifndef VIGIE_INGEST_XML_FRAME_H
#define VIGIE_INGEST_XML_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum xml_frame_status {
    XML_FRAME_MORE,   /* the end is not within these bytes */
    XML_FRAME_END,    /* it ends before frame->at; also when asked again */
    XML_FRAME_BUNDLE, /* a Bundle's root tag ends before frame->at */
    XML_FRAME_BROKEN, /* what starts at frame->at cannot be part of it */
};

enum xml_frame_root {
    XML_ROOT_NONE,
    XML_ROOT_OTHER,
    XML_ROOT_MESSAGE, /* AuditMessage */
    XML_ROOT_EVENT,   /* AuditEvent */
    XML_ROOT_BUNDLE,
};

struct xml_frame {
    size_t at;    /* scanned so far, from the start of the record */
    size_t start; /* of the document */
    size_t mark;  /* where the construct under way starts */
    int state;
    uint32_t depth;
    char quote;
    bool element;    /* one element (of a Bundle), not a document */
    bool seen_event; /* the one AuditEvent that an entry may hold */
    bool doctype;
    bool ended, broken;
    uint32_t nested; /* '<' open in a declaration */
    enum xml_frame_root root;
    size_t root_name_at, root_name_length; /* with its prefix */
};

/* `at`: where the document starts in the bytes that xml_frame_scan gets. */
void xml_frame_start(struct xml_frame *frame, size_t at, bool element);
/* `bytes` start where the record starts and hold at least what the call
 * before saw. Stops once behind a Bundle's root tag (unless `element`). */
enum xml_frame_status xml_frame_scan(struct xml_frame *frame, struct text bytes,
                                     bool final);

#endif
