/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the body of a response discloses: which persons, in which categories
 * (docs/labels.md). One pass over bytes that come in pieces of any size; no
 * tree, no heap, no recursion, no I/O. Knows no nginx, no session, no ledger.
 *
 * Use: memory of label_bytes() for a struct label and label_prepare, once;
 * for every body label_begin, for every piece label_feed (and label_window,
 * where what was fed is released before the rest has come), label_end,
 * label_window.
 */
#ifndef VIGIE_LABEL_LABEL_H
#define VIGIE_LABEL_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/result.h"
#include "base/text.h"
#include "label/label_rules.h"

struct label;

enum label_body {
    LABEL_FHIR,       /* application/fhir+json: one resource */
    LABEL_FHIR_LINES, /* application/fhir+ndjson: one a line */
    LABEL_JSON,       /* other JSON, by declared rules */
};

/* One person of what was disclosed. Texts hold until the next call. */
struct label_person {
    struct text name;       /* as the body named it; empty: not nameable */
    struct text identifier; /* "system|value" of an INS, or empty */
    uint16_t categories;    /* seen, and possible (model/category.h) */
    uint16_t third_persons; /* relatives shown with it: Patient.contact */
};

/* Any of them may be NULL. `name` was told before as a person of its own and
 * turned out to be `as`, who has all categories that were told of both. A
 * result other than OK ends the telling. */
struct label_sink {
    void *context;
    enum result (*person)(void *context, const struct label_person *person);
    enum result (*join)(void *context, struct text name,
                        const struct label_person *as);
};

/* What label_window tells. */
enum label_reach {
    LABEL_SETTLED, /* resources that are complete */
    LABEL_ALL,     /* also what has been seen of one that is not */
};

/* Bytes of a struct label; it has to be aligned to 64. */
size_t label_bytes(void);

/* Once, before the first label_begin. What is kept from one body to the next
 * is how entries are built (no value of one): it changes nothing but the
 * time. */
void label_prepare(struct label *label);

/* `rules` may be NULL, and is borrowed until the end. Costs the same however
 * large label_bytes is: most of it is left as it is. */
void label_begin(struct label *label, enum label_body type,
                 const struct label_rules *rules);

/* The next bytes. E_FORMAT: not JSON, or a decisive member twice; E_LIMIT: a
 * limit of base/limits.h. From the first failure on the answer is unlabelled:
 * every later call fails the same. */
enum result label_feed(struct label *label, const void *bytes,
                       size_t length) MUST_USE;
/* No more bytes: E_END where the JSON is not complete. */
enum result label_end(struct label *label) MUST_USE;

/* Persons with the categories that were not told before, then joins. In no
 * promised order. What is told of a failed answer is not all of it. */
enum result label_window(struct label *label, enum label_reach reach,
                         const struct label_sink *sink) MUST_USE;
/* True where it is time for a window: a table is half full. */
bool label_pressed(const struct label *label);
/* Bytes from the start up to the last end of a resource outside a Bundle, or
 * of an entry of one: LABEL_SETTLED tells all of these. */
uint64_t label_settled(const struct label *label);

/* Why it failed; holds until label_begin. */
const struct reason *label_reason(const struct label *label);

/* For tests and benches: which scanner reads the bytes. LABEL_SCAN_BEST is
 * what label_begin chooses; false where this processor lacks it. */
enum label_scan {
    LABEL_SCAN_PLAIN,
    LABEL_SCAN_AVX2,
    LABEL_SCAN_AVX512,
    LABEL_SCAN_BEST,
};
bool label_scan_choose(struct label *label, enum label_scan scan);

#endif
