/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What each form's parser offers to trail.c: one whole record in, calls to
 * the sink out. `at` is the record's offset in the trail. Each returns OK
 * also for refused records (the sink was told), else E_NOMEM or the sink's
 * own result. `event` is scratch owned by trail.c, large, to be reset by
 * event_reset().
 */
#ifndef VIGIE_INGEST_FORM_H
#define VIGIE_INGEST_FORM_H

#include "base/buffer.h"
#include "ingest/trail.h"
#include "model/event.h"

struct form_context {
    const struct trail_sink *sink;
    const struct trail_options *options;
    struct event *event;    /* scratch */
    struct buffer *scratch; /* for unescaped or decoded values; the parser
                               may clear it at each record */
    int64_t header_time_us; /* of the syslog header around the record, 0 for
                               none; set and cleared by form_syslog */
    struct text header_host; /* of the syslog header, or empty */
};

static inline void
event_reset(struct event *event)
{
    /* everything but the persons array, which person_count bounds */
    *event = (struct event){.person_count = 0};
}

/* One JSON record as json_frame cuts it: AuditEvent, Bundle or one entry of a
 * Bundle, Keycloak's own JSON events (through form_keycloak_json); several
 * texts one behind the other are taken one by one. E_NOTFOUND: one valid
 * object that is neither, and the sink was told nothing (then table_json).
 * fhir_json.c */
enum result form_json(struct form_context *context, struct text record,
                      uint64_t at) MUST_USE;
/* One XML document: FHIR AuditEvent or Bundle, DICOM AuditMessage (both
 * dialects). xml_audit.c */
enum result form_xml(struct form_context *context, struct text record,
                     uint64_t at) MUST_USE;
/* One syslog message without its frame (RFC 5424 or 3164 header, BOM or
 * none): XML or JSON or Keycloak behind it. syslog_audit.c */
enum result form_syslog(struct form_context *context, struct text record,
                        uint64_t at) MUST_USE;
/* True where the line is a Keycloak event line; then form_keycloak. */
bool form_is_keycloak(struct text line);
enum result form_keycloak(struct form_context *context, struct text record,
                          uint64_t at) MUST_USE;
/* One JSON text that may be Keycloak's: an event of its REST interface, or a
 * log line (ECS, Quarkus) whose message holds one. E_NOTFOUND: it is not
 * Keycloak's, and the sink was told nothing. keycloak_json.c */
enum result form_keycloak_json(struct form_context *context,
                               struct text record, uint64_t at) MUST_USE;

/* Tables: state of one table through its lines. table.c */
struct table;
enum result table_new(const struct trail_options *options,
                      struct table **ret_table) MUST_USE;
void table_free(struct table *table);
/* Called with the first lines (header and some more) to choose a mapping.
 * E_NOTFOUND: none fits. */
enum result table_open(struct table *table, struct text first_lines) MUST_USE;
/* One record: a CSV record (may hold quoted newlines) or a log line. The
 * header line is given too, like any other: it is ignored as
 * "table-header". */
enum result table_record(struct table *table, struct form_context *context,
                         struct text record, uint64_t at) MUST_USE;
/* One JSON text that is neither FHIR nor Keycloak, by the first JSON mapping
 * whose conditions it meets; needs no table_open. E_NOTFOUND: none fits, and
 * the sink was told nothing. table_json.c */
enum result table_json(struct table *table, struct form_context *context,
                       struct text record, uint64_t at) MUST_USE;
/* Where the mapping that came nearest failed first: rule, the directive as
 * the mapping file writes it (`person column "IPP"`) and, as offset, the LINE
 * of the table, from 1. E_NOTFOUND where nothing failed: a mapping fits and
 * gave at least one event, or none was tried. */
enum result table_failure(const struct table *table,
                          struct reason *ret_why) MUST_USE;
/* Where the CSV record that starts `bytes` ends (after its newline), by
 * RFC 4180 quoting; 0: not within these bytes. */
size_t table_record_end(const struct table *table, struct text bytes);
const char *table_name(const struct table *table);
enum result table_propose(struct text first_lines, struct buffer *out) MUST_USE;

#endif
