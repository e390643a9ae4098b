/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Where one syslog message ends in a stream: RFC 5425 §4.3 and RFC 6587
 * §3.4.1 (octet counting), RFC 6587 §3.4.2 (a newline behind each). Knows
 * nothing of what the message says.
 */
#ifndef VIGIE_CODEC_SYSLOG_FRAME_H
#define VIGIE_CODEC_SYSLOG_FRAME_H

#include <stdbool.h>

#include "base/result.h"
#include "base/text.h"

struct syslog_frame {
    struct text message; /* borrows the window; may be empty */
    size_t used;         /* bytes of the window, frame included */
};

/* The first frame of the window. E_END: it is not all there. E_FORMAT
 * (syslog-frame), E_LIMIT (syslog-frame-max): the stream cannot be read on.
 * `lines`: a message that no count precedes ends with its newline; a CR or NUL
 * before it is no part of it. */
enum result syslog_frame_read(struct text window, bool lines,
                              struct reason *why,
                              struct syslog_frame *ret_frame) MUST_USE;

#endif
