/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * TLS of the syslog stream (RFC 5425): our certificate, theirs where a CA is
 * given; 1.2 at least, no session kept, nothing renegotiated. The one file of
 * proc/ that knows OpenSSL.
 */
#ifndef VIGIE_PROC_INTAKE_TLS_H
#define VIGIE_PROC_INTAKE_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"

struct intake_tls;
struct intake_tls_stream;

/* `ca` NULL: clients are not asked for a certificate; `required`: without a
 * good one there is no connection. E_DENIED, E_FORMAT: a file cannot be read,
 * or the key is not the certificate's; *ret_what names it. */
enum result intake_tls_new(const char *certificate, const char *key,
                           const char *ca, bool required, const char **ret_what,
                           struct intake_tls **ret_tls) MUST_USE;
void intake_tls_free(struct intake_tls *tls);

enum result intake_tls_accept(struct intake_tls *tls, int fd,
                              struct intake_tls_stream **ret_stream) MUST_USE;
void intake_tls_close(struct intake_tls_stream *stream);
/* E_NOTFOUND: nothing is there yet; E_END: the end, clean or not. */
enum result intake_tls_read(struct intake_tls_stream *stream, void *bytes,
                            size_t room, size_t *ret_length) MUST_USE;
/* The handshake waits for room to write. */
bool intake_tls_wants_write(const struct intake_tls_stream *stream);
bool intake_tls_ready(const struct intake_tls_stream *stream);
/* The client showed a certificate of our CA. */
bool intake_tls_vouched(const struct intake_tls_stream *stream);

#endif
