/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A finished tally as JSON and CSV, by the contracts of docs/design.md. Each
 * appends to `out`, one line an object or record.
 */
#ifndef VIGIE_SCOPE_SCOPE_PRINT_H
#define VIGIE_SCOPE_SCOPE_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "ledger/lookup.h"
#include "scope/tally.h"

/* Which controller a line is about; NULL where not grouped. */
struct scope_label {
    uint16_t controller;
};

/* {"patients":N,…}. `unknown_values`: asked for and not in this ledger. */
enum result scope_summary_json(struct lookup *lookup, const struct tally *tally,
                               const struct scope_label *label,
                               uint64_t unknown_values,
                               struct buffer *out) MUST_USE;
/* {"patient":…,"service":…,…} */
enum result scope_person_json(struct lookup *lookup, const struct tally *tally,
                              const struct tally_person *person,
                              const struct scope_label *label,
                              struct buffer *out) MUST_USE;
/* The header record, with a controller column where `labelled`. */
enum result scope_header_csv(bool labelled, struct buffer *out) MUST_USE;
enum result scope_person_csv(struct lookup *lookup, const struct tally *tally,
                             const struct tally_person *person,
                             const struct scope_label *label,
                             struct buffer *out) MUST_USE;

/* Names of all services of a person, joined by `separator`. */
enum result scope_services(struct lookup *lookup, const struct tally *tally,
                           const struct tally_person *person,
                           const char *separator, struct buffer *out) MUST_USE;
/* "identity contact": words of the low 8 bits joined by `separator`. */
enum result scope_words(uint8_t set, const char *separator,
                        struct buffer *out) MUST_USE;
const char *grade_name(enum grade grade);             /* "sent", … */
const char *grade_title(enum grade grade);            /* translated */
const char *medical_name(enum tally_medical medical); /* "none", … */
const char *medical_title(enum tally_medical medical);
/* Code and sentence of one bit of enum tally_doubt. */
const char *doubt_name(unsigned doubt);
const char *doubt_title(unsigned doubt);
#define DOUBT_LAST DOUBT_DAMAGE

#endif
