/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * RFC 3161 timestamps of a checkpoint's text: what is asked of an authority,
 * and whether what came back is a timestamp of it. The answer is outside
 * bytes, read by OpenSSL: not in core.
 */
#ifndef VIGIE_LEDGER_TIMESTAMP_H
#define VIGIE_LEDGER_TIMESTAMP_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"

/* With the certificates of the authority. */
#define TIMESTAMP_BYTES_MAX (32u << 10)

/* TimeStampReq over SHA-256(text), with certificates asked for and a random
 * nonce. */
enum result timestamp_request(struct text text,
                              struct buffer *ret_der) MUST_USE;
/* TimeStampResp: granted, over that text, signed under a certificate that
 * `ca_file` (PEM) vouches for; of `request`, unless that is empty. E_FORMAT,
 * E_DENIED (not granted, or not signed so), E_CORRUPT (of another text),
 * E_NOTFOUND (no CA file). *ret_seconds since 1970. */
enum result timestamp_check(struct text text, struct text response,
                            struct text request, const char *ca_file,
                            struct reason *why, int64_t *ret_seconds) MUST_USE;

#endif
