/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The files of --context, --campaigns and --lures (docs/context.md), read as
 * one set: a line that cannot be used refuses all of it, since nobody must
 * believe in a roster that was half read. No value is told or logged.
 */
#ifndef VIGIE_CORE_CONTEXT_LOAD_H
#define VIGIE_CORE_CONTEXT_LOAD_H

#include "base/hash.h"
#include "core/address_facts.h"
#include "core/context_csv.h"
#include "core/context_told.h"

struct context_load;

struct context_lure { /* borrowed from the load */
    struct text person, service;
};

enum result context_load_new(const struct context_teller *teller,
                             struct context_load **ret_load) MUST_USE;
void context_load_free(struct context_load *load);

/* E_FORMAT where something was refused (and told); the rest is still read, so
 * that one run tells all. */
enum result context_load_folder(struct context_load *load,
                                const char *path) MUST_USE;
enum result context_load_campaigns(struct context_load *load,
                                   const char *path) MUST_USE;
enum result context_load_lures(struct context_load *load,
                               const char *path) MUST_USE;
/* The same from bytes: `name` is that of the file in a folder
 * ("roster.csv", "lures.csv"). E_NOTFOUND for another. */
enum result context_load_bytes(struct context_load *load, const char *name,
                               const char *path, struct text bytes) MUST_USE;
/* Behind the last file: what only the whole set can tell. E_FORMAT as above,
 * also where a file before was refused. */
enum result context_load_finish(struct context_load *load) MUST_USE;

const struct context_told *context_load_told(const struct context_load *load);
struct address_facts *context_load_addresses(const struct context_load *load);
size_t context_load_lure_count(const struct context_load *load);
void context_load_lure(const struct context_load *load, size_t index,
                       struct context_lure *ret_lure);
/* Over names and contents of all files, in the order of reading. */
const uint8_t *context_load_digest(const struct context_load *load);

#endif
