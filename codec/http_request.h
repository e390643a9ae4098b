/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The head of one HTTP/1 request (RFC 9112), as a proxy of ours sends it:
 * strict, since what two readers understand differently is an attack. A body
 * has a Content-Length, or there is none.
 */
#ifndef VIGIE_CODEC_HTTP_REQUEST_H
#define VIGIE_CODEC_HTTP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

struct http_request { /* texts borrow the window */
    struct text method, target, content_type;
    uint64_t body_bytes;
    bool keep_alive, expects_continue;
    size_t head_bytes; /* the body starts there */
};

/* E_END: the head is not all there. E_FORMAT: http-request-line, http-field,
 * http-version, http-length, http-transfer-encoding; E_LIMIT: http-head-max,
 * http-body-max. */
enum result http_request_read(struct text window, struct reason *why,
                              struct http_request *ret_request) MUST_USE;

#endif
