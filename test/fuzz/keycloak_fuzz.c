/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Keycloak lines and JSON. The input alone, and the input as the user name of
 * a genuine line in both line forms: there, whatever was typed, the address
 * must stay the genuine one or the line be refused.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "ingest/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct event event;
static unsigned told;

static enum result
on_event(void *context, const struct event *given, uint64_t offset)
{
    (void)offset;
    told++;
    if (context != NULL) {
        assert(text_is(given->address, "192.0.2.1"));
        assert(given->kind == EVENT_REFUSAL);
    }
    (void)text_utf8_check(given->professional);
    return OK;
}

static enum result
on_ignored(void *context, const char *kind, uint64_t offset)
{
    (void)offset;
    assert(context == NULL);
    told += kind[0] != '\0';
    return OK;
}

static enum result
on_refused(void *context, const struct reason *why)
{
    (void)context;
    told += why->rule[0] != '\0';
    return OK;
}

static void
try_line(struct text line, bool genuine)
{
    static int mark;
    const struct trail_options options = {.fallback_time_us =
                                              INT64_C(1772442847000000)};
    const struct trail_sink sink = {genuine ? &mark : NULL, on_event,
                                    on_ignored, on_refused};
    struct buffer scratch = {0};
    struct form_context context = {&sink,    &options, &event,
                                   &scratch, 0,        {"", 0}};

    told = 0;
    (void)form_is_keycloak(line);
    assert(form_keycloak(&context, line, 0) == OK);
    assert(told == 1);
    if (!genuine) {
        told = 0;
        const enum result result = form_keycloak_json(&context, line, 0);

        assert(result == E_NOTFOUND ? told == 0 : told == 1);
    }
    buffer_free(&scratch);
}

#define HEAD "2026-03-02 09:14:07,120 WARN  [org.keycloak.events] (e) "

/* As Keycloak writes what was typed: white space to blanks, a backslash
 * before a quote in the quoted form. */
static void
try_name(struct text name, bool quoted)
{
    struct buffer line = {0};
    enum result result = buffer_string(
        &line, quoted ? HEAD "type=\"LOGIN_ERROR\", realmId=\"r\", "
                             "clientId=\"c\", userId=\"null\", "
                             "ipAddress=\"192.0.2.1\", "
                             "error=\"user_not_found\", username=\""
                      : HEAD "type=LOGIN_ERROR, realmId=r, clientId=c, "
                             "userId=null, ipAddress=192.0.2.1, "
                             "error=user_not_found, username=");

    for (size_t i = 0; result == OK && i < name.length; i++) {
        const char byte = name.bytes[i];

        if (quoted && byte == '"') {
            result = buffer_byte(&line, '\\');
        }
        if (result == OK) {
            result = buffer_byte(
                &line,
                byte == '\n' || byte == '\r' || byte == '\t' ? ' ' : byte);
        }
    }
    if (result == OK) {
        result = buffer_string(&line, quoted ? "\", code_id=\"x\""
                                             : ", authSessionParentId=x");
    }
    assert(result == OK);
    try_line(buffer_as_text(&line), true);
    buffer_free(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct text text = {(const char *)bytes, length};

    assert(time_zone_set("Europe/Paris") == OK);
    try_line(text, false);
    try_name(text, true);
    try_name(text, false);
    return 0;
}
