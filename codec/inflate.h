/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * gzip and zstd streams, found by their magic, to plain bytes, with bounded
 * memory. Concatenated members and frames are one stream. Anything else
 * passes through as it is.
 */
#ifndef VIGIE_CODEC_INFLATE_H
#define VIGIE_CODEC_INFLATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

struct inflate;

typedef enum result inflate_sink(void *context, const uint8_t *bytes,
                                 size_t length);

enum result inflate_new(inflate_sink *sink, void *context,
                        struct inflate **ret_inflate) MUST_USE;
void inflate_free(struct inflate *inflate);
/* E_FORMAT with the reason ("gzip-damaged", "zstd-damaged"), or what the sink
 * returned. */
enum result inflate_feed(struct inflate *inflate, const uint8_t *bytes,
                         size_t length, struct reason *why) MUST_USE;
/* E_END with "gzip-truncated" or "zstd-truncated". */
enum result inflate_end(struct inflate *inflate, struct reason *why) MUST_USE;
/* "plain", "gzip", "zstd" */
const char *inflate_kind(const struct inflate *inflate);

#endif
