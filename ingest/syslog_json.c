/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Syslog messages as JSON objects, as IHE ITI-82 (Retrieve Syslog Event)
 * answers: one array, an object a message, its header in members of their
 * own. What Msg holds is handed on as behind any syslog header.
 */
#include "base/time.h"
#include "codec/json.h"
#include "ingest/form.h"
#include "ingest/syslog_message.h"

struct members {
    struct text message, timestamp, host;
    bool has_message;
};

/* The names are written in more than one case. */
static struct text *
member_of(struct members *members, struct text key)
{
    if (text_is_nocase(key, "Msg")) {
        members->has_message = true;
        return &members->message;
    }
    if (text_is_nocase(key, "Timestamp"))
        return &members->timestamp;
    return text_is_nocase(key, "Hostname") ? &members->host : NULL;
}

/* E_NOTFOUND where the object is none of these; twice the same is none. */
static enum result
read_members(struct text record, struct buffer *values,
             struct members *ret_members)
{
    struct json_reader json;
    struct json_string key, string;
    enum json_type type;
    bool more = true;
    json_start(&json, record);
    enum result result = json_enter_object(&json);
    while (result == OK) {
        result = json_next_member(&json, &key, &more);
        if (result != OK || !more)
            break;
        struct text *member = member_of(ret_members, key.raw);
        if (json_peek(&json, &type) != OK)
            return E_NOTFOUND;
        if (member == NULL || type != JSON_STRING) {
            result = json_skip(&json);
            continue;
        }
        if (member->bytes != NULL)
            return E_NOTFOUND;
        result = json_read_string(&json, &string);
        if (result == OK)
            result = json_unescape(string, values, member);
    }
    if (result == E_NOMEM)
        return result;
    return result == OK && ret_members->has_message &&
                   ret_members->message.length > 0
               ? OK
               : E_NOTFOUND;
}

enum result
form_syslog_json(struct form_context *context, struct text record, uint64_t at)
{
    struct members members = {.has_message = false};
    struct buffer values = {.bytes = NULL};
    int64_t time_us;
    bool zoned;
    /* unescaped is never longer: the texts stay where they are */
    enum result result = buffer_reserve(&values, record.length);
    if (result == OK)
        result = read_members(record, &values, &members);
    if (result != OK)
        goto out;
    if (time_parse(members.timestamp, &time_us, &zoned) == OK)
        context->header_time_us = time_us;
    context->header_host = members.host;
    result = syslog_message(context, members.message, at);
    context->header_time_us = 0;
    context->header_host = (struct text){NULL, 0};
out:
    buffer_free(&values);
    return result;
}
