/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The live demo's client: one request to the door on loopback, in the name of
 * a session, as the sign-on in front would pass it on. Bounded in time and
 * room. Must not know who is honest.
 */
#ifndef VIGIE_CLI_DEMO_HTTP_H
#define VIGIE_CLI_DEMO_HTTP_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"

struct demo_request {
    const char *method, *path, *body; /* body: NULL, or JSON */
    const char *professional, *session, *address, *device;
    int64_t auth_time; /* seconds since 1970 */
};

/* E_IO where there is no whole answer; the head is not in `body`. */
enum result demo_http_ask(uint16_t port, const struct demo_request *request,
                          struct buffer *body, unsigned *ret_status) MUST_USE;
/* A listening socket on a free port of loopback. */
enum result demo_http_listen(int *ret_fd, uint16_t *ret_port) MUST_USE;

#endif
