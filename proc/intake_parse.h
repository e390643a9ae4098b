/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One message or body → packed events, all of them or what was wrong first.
 * The forms are ingest's; nothing is sent from here.
 */
#ifndef VIGIE_PROC_INTAKE_PARSE_H
#define VIGIE_PROC_INTAKE_PARSE_H

#include "base/buffer.h"
#include "ingest/trail.h"

/* INTAKE_LINE: a line of a file, by how it starts. */
enum intake_form { INTAKE_SYSLOG, INTAKE_JSON, INTAKE_XML, INTAKE_LINE };

struct intake_parser;

enum result intake_parser_new(struct intake_parser **ret_parser) MUST_USE;
void intake_parser_free(struct intake_parser *parser);

struct intake_parsed {  /* until the next call */
    struct text events; /* each behind four bytes of its length (ours) */
    uint32_t event_count, refused_count;
    struct reason why;   /* of the first refused one */
    const char *ignored; /* kind of the last record that says nothing, NULL */
};

enum result intake_parse(struct intake_parser *parser, enum intake_form form,
                         struct text bytes, int64_t now_us,
                         struct intake_parsed *ret_parsed) MUST_USE;
/* The next event of `events`; false behind the last. */
bool intake_next_event(struct text *events, struct text *ret_event);

/* Packs one event as core takes it. E_LIMIT: no packet holds it. */
enum result intake_pack(const struct event *event, struct buffer *out) MUST_USE;

#endif
