/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One trail: bytes in, events out. The form is found from the content; one
 * trail may hold several. No I/O: the caller reads, decompresses and feeds.
 * Every record becomes exactly one call: event(s), ignored, or refused.
 */
#ifndef VIGIE_INGEST_TRAIL_H
#define VIGIE_INGEST_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "model/event.h"

struct trail;
struct mapping; /* ingest/mapping.h */

struct trail_sink {
    void *context;
    /* One accepted event; texts hold until the call returns. `offset`: of
     * the record in the (decompressed) trail. */
    enum result (*event)(void *context, const struct event *event,
                         uint64_t offset);
    /* A valid record that is not an access; `kind` is a short static word
     * ("start-stop", "no-person", "other-resource", "other-line"). */
    enum result (*ignored)(void *context, const char *kind, uint64_t offset);
    /* A record refused; why->offset counts from the start of the trail. */
    enum result (*refused)(void *context, const struct reason *why);
};

struct trail_options {
    int64_t fallback_time_us; /* for records without a date: --date or the
                                 file's own time (day of it for times that
                                 lack only the date) */
    const struct mapping *const *mappings; /* --map first, then shipped */
    size_t mapping_count;
    bool mapping_forced; /* --map given: tables that it does not fit are
                            refused, not guessed */
};

enum result trail_new(const struct trail_options *options,
                      const struct trail_sink *sink,
                      struct trail **ret_trail) MUST_USE;
void trail_free(struct trail *trail);
/* Any split of the bytes gives the same calls. E_NOMEM, or what the sink
 * returned. */
enum result trail_feed(struct trail *trail, const uint8_t *bytes,
                       size_t length) MUST_USE;
/* The end: a truncated last record is refused ("record-truncated"). */
enum result trail_end(struct trail *trail) MUST_USE;
/* What was found: "fhir-json", "fhir-xml", "dicom-xml", "syslog",
 * "keycloak", "table:NAME", "unknown"; several are joined by '+'. Static
 * until the next call. */
const char *trail_form(const struct trail *trail);
/* For an unknown table: a mapping to edit, in the syntax of --map, written
 * from the header and the first lines; E_NOTFOUND where there is nothing to
 * propose. */
enum result trail_proposal(const struct trail *trail,
                           struct buffer *out) MUST_USE;
/* While no record of a table became an event: where its mapping (or with
 * --map, the one that came nearest) failed first, as table_failure says it;
 * why->offset is the LINE. E_NOTFOUND where nothing failed so. */
enum result trail_failure(const struct trail *trail,
                          struct reason *ret_why) MUST_USE;

#endif
