/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * form_xml on any bytes: at least one call, never one about a place outside.
 * And the frame must agree with expat on where a document ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/xml.h"
#include "ingest/audit.h"
#include "ingest/xml_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct calls {
    unsigned count;
    uint64_t length;
};

static void
require(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "xml_fuzz: %s\n", what);
    abort();
}

static enum result
on_event(void *context, const struct event *event, uint64_t offset)
{
    struct calls *calls = context;
    require(event->person_count <= EVENT_PERSONS_MAX, "persons");
    require(offset <= calls->length, "offset of an event");
    calls->count++;
    return OK;
}

static enum result
on_ignored(void *context, const char *kind, uint64_t offset)
{
    struct calls *calls = context;
    require(kind != NULL && offset <= calls->length, "ignored");
    calls->count++;
    return OK;
}

static enum result
on_refused(void *context, const struct reason *why)
{
    struct calls *calls = context;
    require(why->rule != NULL && why->offset <= calls->length, "refused");
    calls->count++;
    return OK;
}

static enum result
on_start(void *context, const struct xml_element *element, struct reason *why)
{
    (void)context;
    (void)element;
    (void)why;
    return OK;
}

static enum result
on_end(void *context, uint64_t offset, struct reason *why)
{
    (void)context;
    (void)offset;
    (void)why;
    return OK;
}

/* What the frame takes for another record by design, or does not read. */
static bool
is_special(struct text text)
{
    static const char *const words[] = {"Audit", "Bundle", "<?xml", "\n<"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (text_find(text_after(text, 1), words[i]) + 1 < text.length)
            return true;
    }
    return text_find_byte(text, '\0') < text.length;
}

static void
frame_agrees(struct text text)
{
    const struct xml_handler handler = {.start = on_start, .end = on_end};
    struct xml_frame frame;
    if (text.length == 0 || text.bytes[0] != '<' || is_special(text))
        return;
    xml_frame_start(&frame, 0, false);
    enum xml_frame_status status = xml_frame_scan(&frame, text, true);
    if (xml_parse(text, &handler, NULL) == OK) {
        require(status == XML_FRAME_END, "the frame found no end");
        struct text head = {text.bytes, frame.at};
        require(xml_parse(head, &handler, NULL) == OK, "the end is not there");
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct text text = {(const char *)bytes, length};
    struct calls calls = {.length = length};
    const struct trail_sink sink = {.context = &calls,
                                    .event = on_event,
                                    .ignored = on_ignored,
                                    .refused = on_refused};
    const struct trail_options options = {.fallback_time_us = 1};
    static struct event event;
    struct buffer scratch = {.bytes = NULL};
    struct form_context context = {.sink = &sink,
                                   .options = &options,
                                   .event = &event,
                                   .scratch = &scratch};
    require(form_xml(&context, text, 0) == OK, "form_xml");
    require(calls.count > 0, "a document that nobody heard of");
    buffer_free(&scratch);
    frame_agrees(text);
    return 0;
}
