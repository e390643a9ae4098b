/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What stands behind a syslog header, whatever the header was written in.
 * For syslog_audit.c and syslog_json.c; the context holds the header.
 */
#ifndef VIGIE_INGEST_SYSLOG_MESSAGE_H
#define VIGIE_INGEST_SYSLOG_MESSAGE_H

#include "ingest/form.h"

/* XML, JSON or a Keycloak line to its form; the rest is ignored as
 * "other-line". */
enum result syslog_message(struct form_context *context, struct text message,
                           uint64_t at) MUST_USE;

/* A line of a file that a syslog daemon wrote (no PRI) with XML or JSON
 * behind its header. E_NOTFOUND: it is none, and the sink was told nothing. */
enum result form_syslog_line(struct form_context *context, struct text line,
                             uint64_t at) MUST_USE;

/* One object of an ITI-82 answer. E_NOTFOUND: it is none, and the sink was
 * told nothing. syslog_json.c */
enum result form_syslog_json(struct form_context *context, struct text record,
                             uint64_t at) MUST_USE;

#endif
