/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Names of ids, read from the look-up, for JSON, CSV and people. The only
 * place in scope/ where a name in clear passes.
 */
#ifndef VIGIE_SCOPE_ALIAS_PRINT_H
#define VIGIE_SCOPE_ALIAS_PRINT_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "ledger/lookup.h"

/* The value as given of an id as a JSON string; null for id 0, for a name
 * that was erased and for one whose key is not here. */
enum result alias_json(struct lookup *lookup, uint64_t id,
                       struct buffer *out) MUST_USE;
/* ,"name":value — a member that is not the first of its object. */
enum result alias_member(struct lookup *lookup, const char *name, uint64_t id,
                         struct buffer *out) MUST_USE;
/* The same for people: "-" where it cannot be told, "(erased)", "(vault
 * shut)". Control bytes become '?'. */
enum result alias_text(struct lookup *lookup, uint64_t id,
                       struct buffer *out) MUST_USE;

/* One CSV field (RFC 4180), quoted where needed. A spreadsheet would run a
 * field that starts with = + - @ tab or CR as a formula: an apostrophe goes
 * before it. */
enum result csv_field(struct buffer *out, struct text text) MUST_USE;
/* The value of an id as a CSV field; empty where it cannot be told. */
enum result alias_csv(struct lookup *lookup, uint64_t id,
                      struct buffer *out) MUST_USE;

/* The name of a small number as a JSON string, null for 0 and unknown. */
enum result number_json(struct lookup *lookup, enum name_kind kind,
                        uint16_t number, struct buffer *out) MUST_USE;
/* For people: "-" for 0 and unknown. */
enum result number_text(struct lookup *lookup, enum name_kind kind,
                        uint16_t number, struct buffer *out) MUST_USE;

#endif
