/* SPDX-License-Identifier: EUPL-1.2 */
/* The header says when and where, for comparison; it never replaces the
 * record's own words. */
#include "codec/syslog.h"
#include "ingest/form.h"
#include "ingest/syslog_message.h"

enum result
form_syslog(struct form_context *context, struct text record, uint64_t at)
{
    const struct trail_sink *sink = context->sink;
    struct reason why = {.rule = NULL};
    struct syslog syslog;
    int64_t time_us;

    enum result result = syslog_parse(record, &why, &syslog);
    if (result != OK) {
        why.offset += at;
        return sink->refused(sink->context, &why);
    }
    /* a header without a believable time is no reason to lose the record */
    if (syslog_time(&syslog, context->options->fallback_time_us, &time_us) ==
        OK)
        context->header_time_us = time_us;
    context->header_host = syslog.host;
    struct text message = syslog.message;
    if (message.length == 0)
        message = (struct text){record.bytes, 0};
    result = syslog_message(context, message,
                            at + (uint64_t)(message.bytes - record.bytes));
    context->header_time_us = 0;
    context->header_host = (struct text){NULL, 0};
    return result;
}
