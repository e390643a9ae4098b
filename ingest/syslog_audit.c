/* SPDX-License-Identifier: EUPL-1.2 */
/* What a syslog message carries, handed on by its first bytes. The header
 * says when and where, for comparison; it never replaces the record's own
 * words. */
#include <string.h>

#include "codec/syslog.h"
#include "ingest/form.h"

/* JSON that is neither FHIR nor Keycloak's is a log line like another. */
static enum result
json_message(struct form_context *context, struct text message, uint64_t at)
{
    enum result result = form_json(context, message, at);
    if (result != E_NOTFOUND)
        return result;
    return context->sink->ignored(context->sink->context, "other-line", at);
}

static enum result
hand_on(struct form_context *context, struct text message, uint64_t at)
{
    const struct trail_sink *sink = context->sink;
    struct reason why = {.rule = NULL};

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
form_syslog(struct form_context *context, struct text record, uint64_t at)
{
    const struct trail_sink *sink = context->sink;
    struct reason why = {.rule = NULL};
    struct syslog syslog;

    enum result result = syslog_parse(record, &why, &syslog);
    if (result != OK) {
        why.offset += at;
        return sink->refused(sink->context, &why);
    }
    struct text message = text_trim(syslog.message);
    if (message.length == 0)
        return sink->ignored(sink->context, "other-line", at);
    int64_t time_us;
    /* a header without a believable time is no reason to lose the record */
    if (syslog_time(&syslog, context->options->fallback_time_us, &time_us) ==
        OK)
        context->header_time_us = time_us;
    context->header_host = syslog.host;
    result = hand_on(context, message,
                     at + (uint64_t)(message.bytes - record.bytes));
    context->header_time_us = 0;
    context->header_host = (struct text){NULL, 0};
    return result;
}
