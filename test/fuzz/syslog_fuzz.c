/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Syslog messages of any bytes: what the header gives lies inside the
 * message, and form_syslog makes exactly one call of what is no Bundle.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/syslog.h"
#include "ingest/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
require(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "syslog_fuzz: %s\n", what);
    abort();
}

static enum result
on_event(void *context, const struct event *event, uint64_t offset)
{
    (void)event;
    (void)offset;
    ++*(unsigned *)context;
    return OK;
}

static enum result
on_ignored(void *context, const char *kind, uint64_t offset)
{
    (void)kind;
    (void)offset;
    ++*(unsigned *)context;
    return OK;
}

static enum result
on_refused(void *context, const struct reason *why)
{
    require(why->rule != NULL, "a refusal without a rule");
    ++*(unsigned *)context;
    return OK;
}

static void
inside(struct text part, struct text whole)
{
    if (part.length == 0)
        return;
    require(part.bytes >= whole.bytes &&
                part.bytes + part.length <= whole.bytes + whole.length,
            "a field outside the message");
}

static void
header(struct text text)
{
    struct syslog syslog;
    struct reason why = {.rule = NULL};
    int64_t time_us;
    if (syslog_parse(text, &why, &syslog) != OK) {
        require(why.rule != NULL && why.offset <= text.length, "reason");
        return;
    }
    require(syslog.priority <= 191, "priority");
    inside(syslog.timestamp, text);
    inside(syslog.host, text);
    inside(syslog.application, text);
    inside(syslog.process, text);
    inside(syslog.message_id, text);
    inside(syslog.structured, text);
    inside(syslog.message, text);
    (void)!syslog_time(&syslog, INT64_C(1772442847000000), &time_us);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct text text = {(const char *)bytes, length};
    unsigned calls = 0;
    const struct trail_sink sink = {.context = &calls,
                                    .event = on_event,
                                    .ignored = on_ignored,
                                    .refused = on_refused};
    const struct trail_options options = {.fallback_time_us =
                                              INT64_C(1772442847000000)};
    static struct event event;
    struct buffer scratch = {.bytes = NULL};
    struct form_context context = {.sink = &sink,
                                   .options = &options,
                                   .event = &event,
                                   .scratch = &scratch};
    header(text);
    require(form_syslog(&context, text, 0) == OK, "form_syslog");
    require(calls > 0, "a message that nobody heard of");
    require(context.header_time_us == 0 && context.header_host.length == 0,
            "the header outlives its message");
    buffer_free(&scratch);
    return 0;
}
