/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The witness as a small HTTP/1.1 server behind nginx: one request a
 * connection, one at a time. Treats who asks as hostile.
 */
#ifndef VIGIE_PROC_WITNESS_PROCESS_H
#define VIGIE_PROC_WITNESS_PROCESS_H

#include <stddef.h>

#include "base/result.h"
#include "base/text.h"
#include "ledger/witness.h"

#define WITNESS_HEAD_MAX 8192

struct witness_request {
    bool post;
    struct text path;
    size_t head_bytes; /* with the empty line */
    size_t body_bytes;
};

/* Of what came so far. E_END: more is needed; E_FORMAT, E_LIMIT: refused. */
enum result witness_request_parse(struct text text, struct reason *why,
                                  struct witness_request *ret) MUST_USE;

/* "unix:PATH" or "127.0.0.1:PORT", "[::1]:PORT". E_ARGUMENT, E_IO. */
enum result witness_listen(const char *where, int *ret_fd) MUST_USE;
/* Until SIGTERM or SIGINT; enters the sandbox first. */
enum result witness_process_run(int listener, struct witness *witness,
                                const char *folder) MUST_USE;

#endif
