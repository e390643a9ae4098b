/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The persons of the live demo's FHIR service and what it holds of each, all
 * of it invented from the person's number, the same each time: identity,
 * address, conditions, measurements, prescriptions, letters. Knows no HTTP.
 */
#ifndef VIGIE_DEMO_FHIR_BOOK_H
#define VIGIE_DEMO_FHIR_BOOK_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"

#define BOOK_DIGITS 12 /* of a person's number */

struct fhir_book {
    uint64_t *numbers; /* ascending */
    uint8_t *writes;   /* measurements that were written during the demo */
    uint32_t count;
};

/* Takes the numbers over, sorts them. */
enum result fhir_book_open(uint64_t *numbers, uint32_t count,
                           struct fhir_book *ret_book) MUST_USE;
void fhir_book_close(struct fhir_book *book);
/* The place of a number; E_NOTFOUND. */
enum result fhir_book_find(const struct fhir_book *book, uint64_t number,
                           uint32_t *ret_place) MUST_USE;

enum book_kind {
    BOOK_PATIENT = 0,
    BOOK_CONDITION,
    BOOK_OBSERVATION,
    BOOK_MEDICATION,
    BOOK_DOCUMENT,
    BOOK_KINDS,
};
const char *fhir_book_type(enum book_kind kind);
/* How many of a kind a person has. */
uint32_t fhir_book_count(const struct fhir_book *book, uint32_t place,
                         enum book_kind kind);
/* The nth of them as FHIR R4 JSON, appended. */
enum result fhir_book_put(const struct fhir_book *book, uint32_t place,
                          enum book_kind kind, uint32_t nth,
                          struct buffer *out) MUST_USE;

#endif
