/* SPDX-License-Identifier: EUPL-1.2 */
/* Plain lines: a table (CSV, access log) where a mapping fits the first of
 * them, else a log in which Keycloak's lines are looked for. Once a table is
 * open it alone decides, so that no value in it can pass for another form. */
#include <string.h>

#include "ingest/syslog_message.h"
#include "ingest/trail_state.h"

static struct text
without_line_end(struct text line)
{
    if (line.length > 0 && line.bytes[line.length - 1] == '\n')
        line.length--;
    if (line.length > 0 && line.bytes[line.length - 1] == '\r')
        line.length--;
    return line;
}

static bool
holds_keycloak(struct text lines)
{
    struct text line;
    while (lines.length > 0) {
        (void)text_split(lines, '\n', &line, &lines);
        if (form_is_keycloak(without_line_end(line)))
            return true;
    }
    return false;
}

/* What the first FORM_SNIFF_BYTES from the first plain line on look like. */
static enum result
decide(struct trail *trail, struct text first)
{
    if (first.length >= FORM_SNIFF_BYTES) {
        const char *end = memrchr(first.bytes, '\n', first.length);
        if (end != NULL)
            first.length = (size_t)(end - first.bytes) + 1;
    }
    enum result result = table_open(trail->table, first);
    if (result == OK) {
        trail->lines = LINES_TABLE;
        /* an open quote does not end with its line: a table of CSV */
        trail->table_quotes = table_record_end(trail->table, TEXT("\"\n")) == 0;
        trail->found |= FOUND_TABLE;
        return OK;
    }
    if (result != E_NOTFOUND)
        return result;
    if (holds_keycloak(first)) {
        trail->lines = LINES_LOG;
        return OK;
    }
    trail->lines = LINES_UNKNOWN;
    buffer_clear(&trail->first);
    return buffer_text(&trail->first, first);
}

static enum result
refuse_line(struct trail *trail, const char *rule, size_t at)
{
    return trail_refuse(trail, rule, trail->offset + at);
}

/* Nothing fits. With --map, what its mapping missed first says more. */
static enum result
unknown_line(struct trail *trail)
{
    struct reason why;
    trail->found |= FOUND_UNKNOWN;
    if (!trail->options.mapping_forced ||
        table_failure(trail->table, &why) != OK)
        return refuse_line(trail, "form-unknown", 0);
    why.offset = trail->offset;
    return trail->sink.refused(trail->sink.context, &why);
}

static enum result
log_line(struct trail *trail, struct text line)
{
    line = text_after(line, opening_blank(line));
    if (line.length == 0)
        return OK;
    if (!form_is_keycloak(line)) {
        enum result result =
            form_syslog_line(&trail->context, line, trail->offset);
        if (result != E_NOTFOUND) {
            trail->found |= FOUND_SYSLOG;
            return result;
        }
        return trail->lines == LINES_LOG
                   ? trail_ignore(trail, "other-line", trail->offset)
                   : unknown_line(trail);
    }
    trail->lines = LINES_LOG;
    trail->found |= FOUND_KEYCLOAK;
    size_t bad = text_utf8_check(line);
    if (bad < line.length)
        return refuse_line(trail, "line-utf8", bad);
    return form_keycloak(&trail->context, line, trail->offset);
}

static enum result
line_whole(struct trail *trail, struct text line)
{
    line = without_line_end(line);
    trail->scanned = 0;
    if (line.length == 0)
        return OK; /* blank: no record */
    size_t nul = text_find_byte(line, '\0');
    if (nul < line.length)
        return refuse_line(trail, "line-nul", nul);
    if (trail->lines == LINES_TABLE)
        return table_record(trail->table, &trail->context, line, trail->offset);
    return log_line(trail, line);
}

/* To the end of the first line and no further: what an open quote holds
 * besides may be records. They are read line by line, or each could open a
 * quote that all the rest has to be searched for. */
static enum result
broken_quote(struct trail *trail, struct text clip, const char *rule,
             size_t *ret_used)
{
    size_t end = text_find_byte(clip, '\n');
    if (end < clip.length)
        end++;
    else
        trail->skip = SKIP_LINE;
    *ret_used = end;
    trail->retry_until = trail->offset + clip.length;
    return refuse_line(trail, rule, 0);
}

static enum result
quoted_end(struct trail *trail, struct text clip, size_t *ret_used)
{
    struct buffer *copy = &trail->entry;
    buffer_clear(copy);
    enum result result = buffer_text(copy, clip);
    if (result == OK)
        result = buffer_byte(copy, '\n');
    if (result != OK)
        return result;
    if (table_record_end(trail->table, buffer_as_text(copy)) <= clip.length)
        return broken_quote(trail, clip, "record-truncated", ret_used);
    *ret_used = clip.length;
    return line_whole(trail, clip);
}

static enum result
quoted_step(struct trail *trail, struct trail_window window, size_t *ret_used)
{
    struct text clip = trail_clip(window);
    size_t end = table_record_end(trail->table, clip);
    if (end > 0) {
        *ret_used = end;
        return line_whole(trail, (struct text){clip.bytes, end});
    }
    if (trail_over(window))
        return broken_quote(trail, clip, "record-bytes-max", ret_used);
    if (window.final)
        return quoted_end(trail, clip, ret_used);
    trail->hungry = true;
    /* the quotes are counted from the start each time: doubled, so that
     * this costs no more than twice the bytes */
    trail->wait_for = 2 * clip.length <= RECORD_BYTES_MAX
                          ? 2 * clip.length
                          : RECORD_BYTES_MAX + 1;
    return OK;
}

enum result
trail_line_step(struct trail *trail, struct trail_window window,
                size_t *ret_used)
{
    struct text clip = trail_clip(window);
    if (trail->lines == LINES_UNDECIDED) {
        if (clip.length < FORM_SNIFF_BYTES && !window.final) {
            trail->hungry = true;
            trail->wait_for = FORM_SNIFF_BYTES;
            return OK;
        }
        struct text first = clip;
        if (first.length > FORM_SNIFF_BYTES)
            first.length = FORM_SNIFF_BYTES;
        enum result result = decide(trail, first);
        if (result != OK)
            return result;
    }
    if (trail->table_quotes && trail->offset >= trail->retry_until)
        return quoted_step(trail, window, ret_used);
    size_t end =
        trail->scanned + text_find_byte(text_after(clip, trail->scanned), '\n');
    if (end < clip.length) {
        *ret_used = end + 1;
        return line_whole(trail, (struct text){clip.bytes, end + 1});
    }
    if (trail_over(window)) {
        trail->scanned = 0;
        trail->skip = SKIP_LINE;
        *ret_used = clip.length;
        return refuse_line(trail, "record-bytes-max", 0);
    }
    if (window.final) {
        *ret_used = clip.length;
        return line_whole(trail, clip);
    }
    trail->hungry = true;
    trail->scanned = clip.length;
    return OK;
}

/* FHIR says so in one of its first members, as a rule; form_json took the
 * record, so what is not FHIR is Keycloak's. */
static unsigned
json_found(struct text record)
{
    if (text_find(record, "\"resourceType\"") < record.length)
        return FOUND_JSON;
    return text_find(record, "\"realmId\"") < record.length ||
                   text_find(record, "eycloak") < record.length
               ? FOUND_KEYCLOAK
               : FOUND_JSON;
}

enum result
trail_json_record(void *context, struct text record, uint64_t at)
{
    struct trail *trail = context;
    struct reason why;
    enum result result = form_json(&trail->context, record, at);
    if (result != E_NOTFOUND) {
        trail->found |= json_found(record);
        return result;
    }
    result = table_json(trail->table, &trail->context, record, at);
    if (result != E_NOTFOUND) {
        trail->found |= FOUND_TABLE;
        return result;
    }
    result = form_syslog_json(&trail->context, record, at);
    if (result != E_NOTFOUND) {
        trail->found |= FOUND_SYSLOG;
        return result;
    }
    trail->found |= FOUND_UNKNOWN;
    if (trail->first.length == 0) {
        struct text first = record;
        if (first.length > FORM_SNIFF_BYTES)
            first.length = FORM_SNIFF_BYTES;
        result = buffer_text(&trail->first, first);
        if (result != OK)
            return result;
    }
    if (!trail->options.mapping_forced ||
        table_failure(trail->table, &why) != OK)
        return trail_refuse(trail, "form-unknown", at);
    why.offset = at;
    return trail->sink.refused(trail->sink.context, &why);
}
