/* SPDX-License-Identifier: EUPL-1.2 */
#include "ingest/syslog_message.h"

#include "codec/syslog.h"
#include "ingest/opening.h"

/* JSON that is neither FHIR nor Keycloak's is a log line like another. */
static enum result
json_message(struct form_context *context, struct text message, uint64_t at)
{
    enum result result = form_json(context, message, at);
    if (result != E_NOTFOUND)
        return result;
    return context->sink->ignored(context->sink->context, "other-line", at);
}

enum result
syslog_message(struct form_context *context, struct text message, uint64_t at)
{
    static const char bom[] = "\xef\xbb\xbf";
    const struct trail_sink *sink = context->sink;
    struct reason why = {.rule = NULL};
    struct text body = text_trim(message);
    if (text_starts(body, bom))
        body = text_trim(text_after(body, sizeof bom - 1));
    if (body.length == 0)
        return sink->ignored(sink->context, "other-line", at);
    at += (uint64_t)(body.bytes - message.bytes);
    message = body;
    if (text_starts(message, "<"))
        return form_xml(context, message, at);
    if (text_starts(message, "{") || text_starts(message, "[{"))
        return json_message(context, message, at);
    size_t bad = text_find_byte(message, '\0');
    if (bad < message.length) {
        (void)reason_set(&why, E_FORMAT, "line-nul", "", at + bad);
        return sink->refused(sink->context, &why);
    }
    if (form_is_keycloak(message))
        return form_keycloak(context, message, at);
    return sink->ignored(sink->context, "other-line", at);
}

enum result
form_syslog_line(struct form_context *context, struct text line, uint64_t at)
{
    struct syslog syslog;
    int64_t time_us;
    enum result result = syslog_parse_line(line, &syslog);
    if (result != OK)
        return result;
    struct text message =
        text_after(syslog.message, opening_blank(syslog.message));
    enum opening opening = opening_of(message, true);
    if (opening != OPENING_XML && opening != OPENING_JSON)
        return E_NOTFOUND;
    if (syslog_time(&syslog, context->options->fallback_time_us, &time_us) ==
        OK)
        context->header_time_us = time_us;
    context->header_host = syslog.host;
    result = syslog_message(context, message,
                            at + (uint64_t)(message.bytes - line.bytes));
    context->header_time_us = 0;
    context->header_host = (struct text){NULL, 0};
    return result;
}
