/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One FHIR R4 AuditEvent in JSON to struct audit, in one pass. Knows the
 * elements' names and shapes, not what they mean. Used by fhir_json.c.
 */
#ifndef VIGIE_INGEST_FHIR_AUDIT_H
#define VIGIE_INGEST_FHIR_AUDIT_H

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"
#include "ingest/audit.h"

/* Reads the object that `text` starts with; *ret_used counts its bytes (more
 * text may follow). The texts of *ret_audit borrow `text` and, where they
 * were escaped, `scratch`, which is cleared. E_FORMAT, E_LIMIT, E_END with
 * *why filled (offset from text's start), or E_NOMEM. Keys that stand twice
 * where they are read: rule json-duplicate-key. Codes, subtypes past
 * AUDIT_CODES_MAX are passed over. */
enum result fhir_audit_read(struct text text, struct buffer *scratch,
                            struct audit *ret_audit, size_t *ret_used,
                            struct reason *why) MUST_USE;

/* True where a meta.profile is BALP's for an event that concerns no patient.
 * Also for the XML form. */
bool fhir_audit_no_patient(struct text profile);

#endif
