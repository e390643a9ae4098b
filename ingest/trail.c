/* SPDX-License-Identifier: EUPL-1.2 */
#include "ingest/trail_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The window holds one record and what stands just behind it. */
#define CARRY_BYTES_MAX (RECORD_BYTES_MAX + FORM_SNIFF_BYTES)

struct text
trail_clip(struct trail_window window)
{
    struct text clip = window.bytes;
    if (clip.length > RECORD_BYTES_MAX)
        clip.length = RECORD_BYTES_MAX;
    return clip;
}

bool
trail_over(struct trail_window window)
{
    return window.bytes.length > RECORD_BYTES_MAX;
}

enum result
trail_refuse(struct trail *trail, const char *rule, uint64_t at)
{
    struct reason why;
    (void)reason_set(&why, E_FORMAT, rule, "", at);
    return trail->sink.refused(trail->sink.context, &why);
}

enum result
trail_ignore(struct trail *trail, const char *kind, uint64_t at)
{
    return trail->sink.ignored(trail->sink.context, kind, at);
}

enum result
trail_broken(struct trail *trail, struct trail_window window, const char *rule,
             size_t limit, size_t *ret_used)
{
    struct text clip = trail_clip(window);
    bool final = window.final && !trail_over(window);
    bool by_line = !trail->framed && !trail->bundle_open &&
                   (trail->lines == LINES_LOG || trail->lines == LINES_TABLE);
    bool found = false;

    if (limit < clip.length && limit > 0 &&
        clip.length - limit > OPENING_BYTES_MAX) {
        clip.length = limit + OPENING_BYTES_MAX;
        final = false;
    }
    size_t at = clip.length;
    if (limit == TRAIL_FROM_END) {
        limit = 0;
    } else if (clip.length > 1 && by_line) {
        at = text_find_byte(clip, '\n');
        found = at < clip.length;
        at += found ? 1 : 0;
    } else if (clip.length > 1) {
        at = opening_next(clip, 1, clip.bytes[0], trail->framed,
                          trail->bundle_open, final, &found);
    }
    if (limit > 0 && at < limit && !found && !final && !trail_over(window)) {
        trail->hungry = true; /* what opens there is not yet known */
        return OK;
    }
    if (limit > 0 && at >= limit) {
        at = limit;
        found = true;
    }
    if (!found) {
        trail->skip = by_line ? SKIP_LINE : SKIP_RESTART;
        trail->skip_before = at > 0 ? clip.bytes[at - 1] : '\n';
        trail->skip_frames = trail->framed;
        trail->skip_entries = trail->bundle_open;
    }
    trail->xml_open = false;
    trail->scanned = 0;
    *ret_used = at;
    return trail_refuse(trail, rule, trail->offset);
}

static enum result
skip_step(struct trail *trail, struct trail_window window, size_t *ret_used)
{
    struct text bytes = window.bytes;
    bool found = false;
    size_t at = bytes.length;
    if (trail->skip == SKIP_LINE) {
        at = text_find_byte(bytes, '\n');
        found = at < bytes.length;
        at += found ? 1 : 0;
    } else if (trail->skip == SKIP_RESTART) {
        at = opening_next(bytes, 0, trail->skip_before, trail->skip_frames,
                          trail->skip_entries, window.final, &found);
    }
    if (at > 0)
        trail->skip_before = bytes.bytes[at - 1];
    if (found)
        trail->skip = SKIP_NOTHING;
    trail->hungry = !found;
    *ret_used = at;
    return OK;
}

static enum result
json_step(struct trail *trail, struct trail_window window, size_t *ret_used)
{
    struct text bytes = window.bytes;
    enum result result =
        json_frame_feed(trail->json, (const uint8_t *)bytes.bytes, bytes.length,
                        trail->offset, ret_used);
    /* between two texts the form is open again, whatever comes next */
    if (result == OK && json_frame_idle(trail->json))
        trail->json_open = false;
    return result;
}

/* UTF-16 and UTF-32 are not read; said once, not once a line. Without a mark
 * every second byte of their ASCII is zero. */
static bool
is_wide(struct text bytes)
{
    const char *b = bytes.bytes;
    if (bytes.length < 2)
        return false;
    return (b[0] == '\xff' && b[1] == '\xfe') ||
           (b[0] == '\xfe' && b[1] == '\xff') ||
           ((b[0] == '\0') != (b[1] == '\0'));
}

static enum result
first_step(struct trail *trail, struct trail_window window, size_t *ret_used)
{
    (void)ret_used;
    if (window.bytes.length < 2 && !window.final) {
        trail->hungry = true;
        return OK;
    }
    trail->started = true;
    if (!is_wide(window.bytes))
        return OK;
    trail->skip = SKIP_ALL;
    trail->found |= FOUND_UNKNOWN;
    return trail_refuse(trail, "utf-16", 0);
}

/* Where a record starts: its form by its first bytes. */
static enum result
record_step(struct trail *trail, struct trail_window window, size_t *ret_used)
{
    enum opening opening = opening_of(window.bytes, window.final);
    bool plain = opening == OPENING_NONE ||
                 (opening == OPENING_MARKUP &&
                  (trail->framed || trail->lines == LINES_LOG ||
                   trail->lines == LINES_TABLE));
    if (opening == OPENING_MORE) {
        trail->hungry = true;
        return OK;
    }
    if (plain && trail->framed)
        return trail_broken(trail, window, "syslog-frame-length", 0, ret_used);
    if (plain)
        return trail_line_step(trail, window, ret_used);
    trail->framed = false;
    switch (opening) {
    case OPENING_JSON:
        trail->json_open = true;
        return json_step(trail, window, ret_used);
    case OPENING_SYSLOG:
        return trail_syslog_step(trail, window, ret_used);
    case OPENING_FRAME:
        return trail_frame_step(trail, window, ret_used);
    case OPENING_XML:
    case OPENING_MARKUP:
    case OPENING_NONE:
    case OPENING_MORE:
    default:
        return trail_xml_step(trail, window, ret_used);
    }
}

static size_t
line_ends(struct text bytes)
{
    size_t at = 0;
    while (at < bytes.length &&
           (bytes.bytes[at] == '\n' || bytes.bytes[at] == '\r'))
        at++;
    return at;
}

static enum result
step(struct trail *trail, struct trail_window window, size_t *ret_used)
{
    if (!trail->started)
        return first_step(trail, window, ret_used);
    if (trail->skip != SKIP_NOTHING)
        return skip_step(trail, window, ret_used);
    if (trail->json_open)
        return json_step(trail, window, ret_used);
    if (trail->bundle_open)
        return trail_bundle_step(trail, window, ret_used);
    if (trail->xml_open)
        return trail->xml_in_syslog ? trail_syslog_step(trail, window, ret_used)
                                    : trail_xml_step(trail, window, ret_used);
    if (trail->table_quotes)
        return trail_line_step(trail, window, ret_used);
    /* in a log or a table a record starts with its line: what looks like
     * another form behind blanks is none */
    bool by_line = trail->lines == LINES_LOG || trail->lines == LINES_TABLE;
    if (trail->scanned == 0)
        *ret_used =
            by_line ? line_ends(window.bytes) : opening_blank(window.bytes);
    return *ret_used > 0 ? OK : record_step(trail, window, ret_used);
}

/* As many records as the bytes hold; *ret_used is where the next one (or
 * what is not known yet) starts. */
static enum result
run(struct trail *trail, struct text bytes, bool final, size_t *ret_used)
{
    size_t at = 0;
    while (at < bytes.length) {
        struct trail_window window = {text_after(bytes, at), final};
        size_t used = 0;
        if (!final && window.bytes.length < trail->wait_for)
            break;
        trail->wait_for = 0;
        trail->hungry = false;
        trail->failed = step(trail, window, &used);
        if (trail->failed != OK)
            return trail->failed;
        at += used;
        trail->offset += used;
        if (trail->hungry)
            break;
    }
    *ret_used = at;
    return OK;
}

/* How much of the new bytes goes to the carry: to the end of the line where
 * that may do, so that what follows is read where it stands. */
static size_t
piece_length(const struct trail *trail, const uint8_t *bytes, size_t length)
{
    const uint8_t *end = memchr(bytes, '\n', length);
    size_t piece = end != NULL ? (size_t)(end - bytes) + 1 : length;
    size_t held = trail->carry.length;
    if (held + piece < trail->wait_for)
        piece = trail->wait_for - held;
    /* grows with what is held: a record of many lines is not tried at each
     * of them */
    if (piece < held / 8)
        piece = held / 8;
    if (piece > CARRY_BYTES_MAX - held)
        piece = CARRY_BYTES_MAX - held;
    return piece < length ? piece : length;
}

/* One piece to the carry; *ret_taken of the new bytes are done with. */
static enum result
feed_carry(struct trail *trail, const uint8_t *bytes, size_t length,
           size_t *ret_taken)
{
    struct buffer *carry = &trail->carry;
    size_t held = carry->length, used;
    assert(held < CARRY_BYTES_MAX);
    size_t piece = piece_length(trail, bytes, length);
    enum result result = buffer_append(carry, bytes, piece);
    if (result == OK)
        result = run(trail, buffer_as_text(carry), false, &used);
    if (result != OK)
        return result;
    if (used >= held) {
        buffer_clear(carry);
        *ret_taken = used - held;
        return OK;
    }
    memmove(carry->bytes, carry->bytes + used, carry->length - used);
    carry->length -= used;
    *ret_taken = piece;
    return OK;
}

enum result
trail_feed(struct trail *trail, const uint8_t *bytes, size_t length)
{
    size_t used = 0;
    while (trail->failed == OK && trail->carry.length > 0 && length > 0) {
        trail->failed = feed_carry(trail, bytes, length, &used);
        if (trail->failed == OK) {
            bytes += used;
            length -= used;
        }
    }
    if (trail->failed != OK || length == 0)
        return trail->failed;
    struct text text = {(const char *)bytes, length};
    trail->failed = run(trail, text, false, &used);
    if (trail->failed == OK)
        trail->failed = buffer_text(&trail->carry, text_after(text, used));
    return trail->failed;
}

enum result
trail_end(struct trail *trail)
{
    size_t used = 0;
    if (trail->failed != OK)
        return trail->failed;
    trail->failed = run(trail, buffer_as_text(&trail->carry), true, &used);
    buffer_clear(&trail->carry);
    if (trail->failed == OK && trail->json_open)
        trail->failed = json_frame_end(trail->json);
    if (trail->failed == OK && trail->bundle_open)
        trail->failed = trail_bundle_end(trail);
    return trail->failed;
}

static enum result
json_refused(void *context, const struct reason *why)
{
    struct trail *trail = context;
    trail->found |= FOUND_JSON;
    return trail->sink.refused(trail->sink.context, why);
}

enum result
trail_new(const struct trail_options *options, const struct trail_sink *sink,
          struct trail **ret_trail)
{
    struct trail *trail = calloc(1, sizeof *trail);
    if (trail == NULL)
        return E_NOMEM;
    trail->options = *options;
    trail->sink = *sink;
    trail->context = (struct form_context){.sink = &trail->sink,
                                           .options = &trail->options,
                                           .event = &trail->event,
                                           .scratch = &trail->scratch};
    trail->json_sink = (struct json_frame_sink){
        .context = trail, .record = trail_json_record, .refused = json_refused};
    enum result result = json_frame_new(&trail->json_sink, &trail->json);
    if (result == OK)
        result = table_new(&trail->options, &trail->table);
    if (result != OK) {
        trail_free(trail);
        return result;
    }
    *ret_trail = trail;
    return OK;
}

void
trail_free(struct trail *trail)
{
    if (trail == NULL)
        return;
    json_frame_free(trail->json);
    table_free(trail->table);
    buffer_free(&trail->scratch);
    buffer_free(&trail->carry);
    buffer_free(&trail->prefix);
    buffer_free(&trail->bundle_name);
    buffer_free(&trail->entry);
    buffer_free(&trail->first);
    free(trail);
}

const char *
trail_form(const struct trail *trail)
{
    static const char *const names[] = {
        "fhir-json", "fhir-xml", "dicom-xml", "syslog",
        "keycloak",  "table:",   "unknown"};
    static char form[160];
    size_t length = 0;
    unsigned found = trail->found != 0 ? trail->found : FOUND_UNKNOWN;
    form[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((found & 1u << i) == 0)
            continue;
        const char *table = "";
        if (1u << i == FOUND_TABLE && table_name(trail->table) != NULL)
            table = table_name(trail->table);
        int wrote = snprintf(form + length, sizeof form - length, "%s%s%.80s",
                             length > 0 ? "+" : "", names[i], table);
        length += wrote > 0 ? (size_t)wrote : 0;
        if (length >= sizeof form)
            break;
    }
    return form;
}

enum result
trail_proposal(const struct trail *trail, struct buffer *out)
{
    if (trail->first.length == 0)
        return E_NOTFOUND;
    return table_propose(buffer_as_text(&trail->first), out);
}

enum result
trail_failure(const struct trail *trail, struct reason *ret_why)
{
    if (trail->lines != LINES_TABLE && !trail->options.mapping_forced)
        return E_NOTFOUND;
    return table_failure(trail->table, ret_why);
}
