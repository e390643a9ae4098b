/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How a table's columns (or a log's fields, or NDJSON paths) become events:
 * the --map file. Syntax as vigie.conf (codec/conf.h); reference in
 * docs/mapping.md.
 */
#ifndef VIGIE_INGEST_MAPPING_H
#define VIGIE_INGEST_MAPPING_H

#include <stddef.h>

#include "base/result.h"
#include "base/text.h"

struct mapping;

/* Reads a mapping file's text. Errors name the line (why->offset) and the
 * directive (why->field). */
enum result mapping_parse(struct text text, const char *name,
                          struct reason *why,
                          struct mapping **ret_mapping) MUST_USE;
void mapping_free(struct mapping *mapping);
const char *mapping_name(const struct mapping *mapping);
/* The shipped ones, in the order in which they are tried. Owned by the
 * caller (free each). */
enum result mapping_shipped(struct mapping **ret_mappings, size_t room,
                            size_t *ret_count) MUST_USE;

#endif
