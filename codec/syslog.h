/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The header of one syslog message: RFC 5424 strictly but for what ATNA
 * senders are known to leave out, RFC 3164 leniently. Knows nothing of what
 * the message says, nor how it was framed.
 */
#ifndef VIGIE_CODEC_SYSLOG_H
#define VIGIE_CODEC_SYSLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

/* Texts borrow the message; empty where NILVALUE or absent. */
struct syslog {
    uint32_t priority; /* 0 to 191 */
    bool rfc5424;
    struct text timestamp;
    struct text host;
    struct text application;
    struct text process;
    struct text message_id;
    struct text structured; /* all of STRUCTURED-DATA, brackets included */
    struct text message;    /* MSG, without its BOM */
};

/* E_FORMAT with rules "syslog-priority", "syslog-header",
 * "syslog-structured-data". */
enum result syslog_parse(struct text message, struct reason *why,
                         struct syslog *ret_syslog) MUST_USE;

/* A line as syslog daemons write it to files: without PRI, with a time, a
 * host and a tag (RFC 3164, or an ISO time). E_NOTFOUND where no time stands
 * at its start. */
enum result syslog_parse_line(struct text line,
                              struct syslog *ret_syslog) MUST_USE;

/* The header's time in UTC. RFC 3164 has neither year nor zone: the local
 * zone, and the year that puts it last before `near_us` (a day of grace).
 * E_NOTFOUND where there is none, E_FORMAT, E_LIMIT. */
enum result syslog_time(const struct syslog *syslog, int64_t near_us,
                        int64_t *ret_time_us) MUST_USE;

/* Length of "<PRI>" at the start of the bytes: 3 to 5, or 0. */
size_t syslog_priority_length(struct text bytes);

#endif
