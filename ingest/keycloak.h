/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What keycloak.c (lines) and keycloak_json.c (JSON around or inside them)
 * share: one event by its keys, and its report. For these two files and
 * their tests.
 */
#ifndef VIGIE_INGEST_KEYCLOAK_H
#define VIGIE_INGEST_KEYCLOAK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "ingest/form.h"

enum keycloak_key {
    KEYCLOAK_TYPE,
    KEYCLOAK_REALM_ID,
    KEYCLOAK_REALM_NAME,
    KEYCLOAK_CLIENT,
    KEYCLOAK_USER_ID,
    KEYCLOAK_SESSION, /* sessionId */
    KEYCLOAK_ADDRESS,
    KEYCLOAK_ERROR, /* the last that Keycloak writes by itself */
    KEYCLOAK_USERNAME,
    KEYCLOAK_SESSION_STATE,
    KEYCLOAK_PARENT, /* authSessionParentId */
    KEYCLOAK_CODE,   /* code_id */
    KEYCLOAK_ID,     /* the event's own id, JSON only */
    KEYCLOAK_KEYS,
};

struct keycloak_event {
    struct text values[KEYCLOAK_KEYS];
    uint32_t seen; /* bit by enum keycloak_key */
    bool tampered; /* a key that Keycloak writes once stands twice, or a
                      late one before its place: details are not believed */
    int64_t time_us;
    uint32_t flags;
};

/* Number of a key, KEYCLOAK_KEYS for others. */
enum keycloak_key keycloak_key_of(struct text name);
/* First occurrence wins; a second one marks the event as tampered. */
void keycloak_put(struct keycloak_event *event, enum keycloak_key key,
                  struct text value);
/* "type=LOGIN, realmId=…" quoted or not, from "type" on. E_FORMAT with rule
 * "keycloak-ambiguous" (offset within the message) where two readings give
 * two addresses; "keycloak-type" where no type stands. */
enum result keycloak_message(struct text message, struct reason *why,
                             struct keycloak_event *event) MUST_USE;
/* Offset of such a message in a line, or its length. */
size_t keycloak_message_at(struct text line);
/* A line of the server's log to its message and its time as written; false
 * where the line is none. */
bool keycloak_line(struct text line, struct text *ret_message,
                   struct text *ret_time);
/* One JSON object of a listener or of the REST interface; details nested or
 * flat. */
enum result keycloak_object(struct text object, struct buffer *scratch,
                            int64_t fallback_us, struct reason *why,
                            struct keycloak_event *event) MUST_USE;
/* Event, ignored or refused, to the sink. `at` is the record's offset. */
enum result keycloak_report(struct form_context *context,
                            const struct keycloak_event *event,
                            uint64_t at) MUST_USE;

#endif
