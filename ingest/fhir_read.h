/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * FHIR JSON by tables of keys: objects, and the datatypes that AuditEvent is
 * made of. Knows no resource. What is not in a table is passed over, checked.
 */
#ifndef VIGIE_INGEST_FHIR_READ_H
#define VIGIE_INGEST_FHIR_READ_H

#include "base/buffer.h"
#include "codec/json.h"
#include "ingest/audit.h"

struct fhir {
    struct json_reader json;
    struct buffer *scratch; /* empty at the start; for unescaped texts */
    struct text text;       /* all of it */
    const char *field;      /* where we are, for a refusal */
    struct reason why;      /* of a refusal that is not the reader's */
};

#define FHIR_KEY(literal)              \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

/* Consumes the value of the key-th key of the table. */
typedef enum result fhir_member(struct fhir *fhir, void *into, size_t key);

enum result fhir_refuse(struct fhir *fhir, enum result code, const char *rule)
    __attribute__((cold));
/* An object: each member whose key is in the table (32 at most) goes to
 * `read`. A key of the table that stands twice: rule json-duplicate-key. */
enum result fhir_read_object(struct fhir *fhir, const struct text *keys,
                             size_t count, fhir_member *read,
                             void *into) MUST_USE;
/* A string; null leaves *ret_text as it is. */
enum result fhir_read_text(struct fhir *fhir, struct text *ret_text) MUST_USE;

struct fhir_codes {
    struct audit_code *codes; /* room for AUDIT_CODES_MAX; more are passed
                                 over */
    uint32_t *count;
};

enum result fhir_read_coding(struct fhir *fhir,
                             struct audit_code *ret_code) MUST_USE;
enum result fhir_read_codings(struct fhir *fhir,
                              struct fhir_codes codes) MUST_USE;
/* CodeableConcept, and an array of them into one list. */
enum result fhir_read_concept(struct fhir *fhir,
                              struct fhir_codes codes) MUST_USE;
enum result fhir_read_concepts(struct fhir *fhir,
                               struct fhir_codes codes) MUST_USE;
/* An array of CodeableConcept: *emergency becomes true where one says so. */
enum result fhir_read_purpose(struct fhir *fhir, bool *emergency) MUST_USE;

/* Reference and its Identifier: where each text goes. */
struct fhir_reference {
    struct text *reference, *system, *value, *display; /* display or NULL */
};

enum result fhir_read_reference(struct fhir *fhir,
                                struct fhir_reference reference) MUST_USE;

#endif
