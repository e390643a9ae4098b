/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * RFC 4648 §4, strictly: padded, no blanks, no bits behind the last byte, so
 * that each run of bytes has one form only. For what is lenient there is
 * hash_base64_decode.
 */
#ifndef VIGIE_BASE_BASE64_H
#define VIGIE_BASE_BASE64_H

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"

enum result base64_write(const void *bytes, size_t length,
                         struct buffer *out) MUST_USE;
/* E_FORMAT; E_LIMIT where it needs more than `room`. */
enum result base64_read(struct text text, void *ret_bytes, size_t room,
                        size_t *ret_length) MUST_USE;

#endif
