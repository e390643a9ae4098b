/* SPDX-License-Identifier: EUPL-1.2 */
#include "proc/intake_parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "codec/syslog.h"
#include "ingest/form.h"
#include "ingest/syslog_message.h"
#include "wire/record.h"

struct intake_parser {
    struct trail_options options;
    struct trail_sink sink;
    struct form_context context;
    struct event event;
    struct buffer scratch, events, packed;
    struct intake_parsed parsed;
};

enum result
intake_pack(const struct event *event, struct buffer *out)
{
    size_t before = out->length;
    enum result result = event_pack(event, out);

    if (result == OK && out->length - before > WIRE_RECORD_BYTES_MAX) {
        out->length = before;
        return E_LIMIT;
    }
    return result;
}

static enum result
on_refused(void *context, const struct reason *why)
{
    struct intake_parser *parser = context;

    if (parser->parsed.refused_count++ == 0)
        parser->parsed.why = *why;
    return OK;
}

static enum result
on_event(void *context, const struct event *event, uint64_t offset)
{
    struct intake_parser *parser = context;
    struct reason why = {.rule = "event-bytes-max", .offset = offset};
    uint32_t length;
    enum result result;

    buffer_clear(&parser->packed);
    result = intake_pack(event, &parser->packed);
    if (result == E_LIMIT)
        return on_refused(parser, &why);
    length = (uint32_t)parser->packed.length;
    if (result == OK)
        result = buffer_append(&parser->events, &length, sizeof(length));
    if (result == OK)
        result = buffer_text(&parser->events, buffer_as_text(&parser->packed));
    if (result == OK)
        parser->parsed.event_count++;
    return result;
}

static enum result
on_ignored(void *context, const char *kind, uint64_t offset)
{
    struct intake_parser *parser = context;

    (void)offset;
    parser->parsed.ignored = kind;
    return OK;
}

enum result
intake_parser_new(struct intake_parser **ret_parser)
{
    struct intake_parser *parser = calloc(1, sizeof(*parser));

    if (parser == NULL)
        return E_NOMEM;
    parser->sink =
        (struct trail_sink){parser, on_event, on_ignored, on_refused};
    parser->context = (struct form_context){
        .sink = &parser->sink,
        .options = &parser->options,
        .event = &parser->event,
        .scratch = &parser->scratch,
    };
    *ret_parser = parser;
    return OK;
}

void
intake_parser_free(struct intake_parser *parser)
{
    if (parser == NULL)
        return;
    buffer_free(&parser->scratch);
    buffer_free(&parser->events);
    buffer_free(&parser->packed);
    free(parser);
}

static enum result
read_line(struct intake_parser *parser, struct text line)
{
    struct form_context *context = &parser->context;
    enum result result;

    if (line.length > 0 && line.bytes[0] == '{')
        return form_json(context, line, 0);
    if (syslog_priority_length(line) > 0)
        return form_syslog(context, line, 0);
    if (line.length > 0 && line.bytes[0] == '<')
        return form_xml(context, line, 0);
    if (form_is_keycloak(line))
        return form_keycloak(context, line, 0);
    result = form_syslog_line(context, line, 0);
    return result == E_NOTFOUND ? on_ignored(parser, "other-line", 0) : result;
}

static enum result
read_form(struct intake_parser *parser, enum intake_form form,
          struct text bytes)
{
    switch (form) {
    case INTAKE_SYSLOG:
        return form_syslog(&parser->context, bytes, 0);
    case INTAKE_XML:
        return form_xml(&parser->context, bytes, 0);
    case INTAKE_LINE:
        return read_line(parser, bytes);
    default:
        return form_json(&parser->context, bytes, 0);
    }
}

enum result
intake_parse(struct intake_parser *parser, enum intake_form form,
             struct text bytes, int64_t now_us,
             struct intake_parsed *ret_parsed)
{
    struct reason why = {.rule = "json-not-audit"};
    enum result result;

    parser->options.fallback_time_us = now_us;
    parser->parsed = (struct intake_parsed){0};
    buffer_clear(&parser->events);
    result = read_form(parser, form, bytes);
    if (result == E_NOTFOUND)
        result = on_refused(parser, &why);
    if (result != OK)
        return result;
    parser->parsed.events = buffer_as_text(&parser->events);
    *ret_parsed = parser->parsed;
    return OK;
}

bool
intake_next_event(struct text *events, struct text *ret_event)
{
    uint32_t length;

    if (events->length < sizeof(length))
        return false;
    memcpy(&length, events->bytes, sizeof(length));
    *ret_event = (struct text){events->bytes + sizeof(length), length};
    *events = text_after(*events, sizeof(length) + length);
    return true;
}
