/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Inside form_xml: the record under way, shared by the two dialects
 * (xml_fhir.c, xml_dicom.c). Nobody else includes it. Decides nothing of
 * what a record means: that is audit_report's.
 */
#ifndef VIGIE_INGEST_XML_AUDIT_H
#define VIGIE_INGEST_XML_AUDIT_H

#include "base/buffer.h"
#include "codec/xml.h"
#include "ingest/audit.h"

/* One byte an element, the innermost lowest: where a value stands below the
 * record's root. Deeper than eight levels nothing is read, and the ninth tag
 * keeps such a path from matching a short one. */
typedef uint64_t xml_path;

struct xml_record {
    struct audit *audit;
    struct buffer values; /* its room is taken beforehand: texts of the audit
                             point into it, so it never moves */
    uint64_t at;          /* of the document in the trail */

    uint32_t level;                /* open elements below the record's root */
    xml_path paths[XML_DEPTH_MAX]; /* by level */
    struct audit_code *code;       /* that system and code go to; may be NULL */
    struct text *text_slot;        /* that character data go to, or NULL */
    unsigned seen; /* of the values that are no texts; by dialect */

    /* set where the record cannot be taken as a whole; the rest of it is
     * passed over */
    struct reason refused;
};

/* Copies the value; the first one stays and a second is refused, so that
 * nobody chooses by position which one counts. */
enum result xml_record_set(struct xml_record *record, struct text *slot,
                           struct text value, const char *field,
                           uint64_t offset) MUST_USE;
void xml_record_refuse(struct xml_record *record, const char *rule,
                       const char *field, uint64_t offset);

/* Element and end below the root of a FHIR AuditEvent; the level is already
 * counted. */
enum result xml_fhir_start(struct xml_record *record,
                           const struct xml_element *element) MUST_USE;
/* The same for a DICOM AuditMessage; text for the three elements that hold
 * character data. */
enum result xml_dicom_start(struct xml_record *record,
                            const struct xml_element *element) MUST_USE;
enum result xml_dicom_text(struct xml_record *record,
                           struct text text) MUST_USE;

/* ETREAT, BTG and EMER of v3-ActReason, and the Swiss EMER. */
bool xml_code_is_emergency(struct text code);
/* '0', '4', '8', 'c' for 12; 0 where empty, and another byte for what is no
 * known outcome: whatever else stands there is no success. */
char xml_outcome(struct text value);

#endif
