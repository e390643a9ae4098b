/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What json.c keeps out of its hot path. Only json*.c includes it.
 */
#ifndef VIGIE_CODEC_JSON_READER_H
#define VIGIE_CODEC_JSON_READER_H

#include "codec/json.h"

#define JSON_COLD __attribute__((cold, noinline))

/* Notes the first failure and where it is; returns the noted one. */
enum result json_fail(struct json_reader *reader, enum result code,
                      const char *rule, const uint8_t *at) JSON_COLD;
/* What stands at `at` is not what the grammar wants there: json-truncated at
 * the end, else json-syntax. */
enum result json_unexpected(struct json_reader *reader,
                            const uint8_t *at) JSON_COLD;
/* From the first byte to the one behind; NULL with the failure noted. */
const uint8_t *json_number_end(struct json_reader *reader, const uint8_t *p);
const uint8_t *json_literal_end(struct json_reader *reader, const uint8_t *p,
                                const char *literal);

#endif
