/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * See alert_print.h. A sign of weight 0 is shown with those against: the
 * ceilings decide by themselves and carry no likelihood ratio.
 */
#include "cli/alert_print.h"

#include <inttypes.h>

#include "base/say.h"
#include "base/time.h"

const char *
verdict_title(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_ALLOW:
        return _("nothing to say");
    case VERDICT_WATCH:
        return _("watch");
    case VERDICT_STEP_UP:
        return _("have the holder sign in again");
    case VERDICT_CUT:
        return _("cut");
    }
    return "?";
}

enum result
score_print(int32_t centinats, struct buffer *out)
{
    bool negative = centinats < 0;
    uint32_t size = negative ? 0u - (uint32_t)centinats : (uint32_t)centinats;

    return buffer_format(out, "%s%" PRIu32 ".%02" PRIu32, negative ? "-" : "",
                         size / 100, size % 100);
}

static enum result
reasons_json(const struct sign *signs, uint32_t count, int64_t time_us,
             struct buffer *out)
{
    struct buffer words = {0};
    enum result result = buffer_string(out, ",\"reasons\":[");
    bool first = true;

    for (uint32_t i = 0; result == OK && i < count; i++) {
        if (signs[i].weight_centinats < 0)
            continue;
        buffer_clear(&words);
        result =
            buffer_format(out, "%s{\"code\":\"%s\",\"text\":", first ? "" : ",",
                          sign_name(signs[i].code));
        if (result == OK)
            result = sign_text(&signs[i], time_us, &words);
        if (result == OK)
            result = buffer_json_string(out, buffer_as_text(&words));
        if (result == OK)
            result = buffer_byte(out, '}');
        first = false;
    }
    if (result == OK)
        result = buffer_string(out, "]}\n");
    buffer_free(&words);
    return result;
}

/* "professional":…,"session":…,"verdict":…,"score":… */
static enum result
account_json(struct lookup *lookup, uint64_t professional, uint64_t session,
             enum verdict verdict, int32_t score, struct buffer *out)
{
    enum result result = buffer_string(out, "\"professional\":");

    if (result == OK)
        result = alias_json(lookup, professional, out);
    if (result == OK)
        result = buffer_string(out, ",\"session\":");
    if (result == OK)
        result = alias_json(lookup, session, out);
    if (result == OK) {
        result = buffer_format(
            out, ",\"verdict\":\"%s\",\"score\":", verdict_name(verdict));
    }
    return result == OK ? score_print(score, out) : result;
}

static enum result
cut_back(struct buffer *out, size_t length, enum result result)
{
    if (result != OK)
        out->length = length;
    return result;
}

enum result
alert_json(struct lookup *lookup, const struct alert *alert, struct buffer *out)
{
    char time[TIME_TEXT_BYTES];
    size_t before = out->length;
    enum result result = buffer_format(
        out, "{\"kind\":\"alert\",\"id\":\"%016" PRIx64 "\",\"time\":\"%s\",",
        alert->id, time_format_utc(alert->time_us, time));

    if (result == OK) {
        result = account_json(lookup, alert->professional,
                              alert->session_alias != 0 ? alert->session_alias
                                                        : alert->session,
                              alert->verdict, alert->score_centinats, out);
    }
    if (result == OK)
        result = reasons_json(alert->signs, alert->sign_count, alert->time_us,
                              out);
    return cut_back(out, before, result);
}

enum result
suspect_json(struct lookup *lookup, const struct suspect *suspect,
             struct buffer *out)
{
    char time[TIME_TEXT_BYTES];
    size_t before = out->length;
    enum result result =
        buffer_format(out, "{\"kind\":\"suspect\",\"time\":\"%s\",",
                      time_format_utc(suspect->time_us, time));

    if (result == OK) {
        result = account_json(lookup, suspect->professional, suspect->session,
                              suspect->verdict, suspect->score_centinats, out);
    }
    if (result == OK) {
        result = buffer_format(
            out, ",\"persons\":%" PRIu32 ",\"new_persons\":%" PRIu32,
            suspect->persons, suspect->new_persons);
    }
    if (result == OK)
        result = reasons_json(suspect->signs, suspect->sign_count,
                              suspect->time_us, out);
    return cut_back(out, before, result);
}

static enum result
reasons_text(const struct sign *signs, uint32_t count, int64_t time_us,
             struct buffer *out)
{
    enum result result = OK;

    for (uint32_t i = 0; result == OK && i < count; i++) {
        if (signs[i].weight_centinats < 0)
            continue;
        result = buffer_string(out, "    - ");
        if (result == OK)
            result = sign_text(&signs[i], time_us, out);
        if (result == OK)
            result = buffer_byte(out, '\n');
    }
    return result;
}

/* The names come one by one, since translated sentences order them alike in
 * both languages and each name has to be looked up and cleaned. */
static enum result
account_text(struct lookup *lookup, uint64_t professional, uint64_t session,
             struct buffer *out)
{
    enum result result =
        buffer_format(out, "    %s ", ngettext("account", "accounts", 1));

    if (result == OK)
        result = alias_text(lookup, professional, out);
    if (result == OK)
        result =
            buffer_format(out, ", %s ", ngettext("session", "sessions", 1));
    if (result == OK)
        result = alias_text(lookup, session, out);
    return result == OK ? buffer_byte(out, '\n') : result;
}

enum result
alert_text(struct lookup *lookup, const struct alert *alert, struct buffer *out)
{
    char local[TIME_TEXT_BYTES];
    size_t before = out->length;
    enum result result = buffer_format(out, _("%s  alert %016llx: %s (score "),
                                       time_format_local(alert->time_us, local),
                                       (unsigned long long)alert->id,
                                       verdict_title(alert->verdict));

    if (result == OK)
        result = score_print(alert->score_centinats, out);
    if (result == OK)
        result = buffer_string(out, ")\n");
    if (result == OK) {
        result = account_text(lookup, alert->professional,
                              alert->session_alias != 0 ? alert->session_alias
                                                        : alert->session,
                              out);
    }
    if (result == OK)
        result = reasons_text(alert->signs, alert->sign_count, alert->time_us,
                              out);
    return cut_back(out, before, result);
}

enum result
suspect_text(struct lookup *lookup, const struct suspect *suspect,
             struct buffer *out)
{
    char local[TIME_TEXT_BYTES];
    size_t before = out->length;
    enum result result = buffer_format(
        out, _("%s  %u %s, of them new: %u; %s (score "),
        time_format_local(suspect->time_us, local), (unsigned)suspect->persons,
        ngettext("person", "persons", suspect->persons),
        (unsigned)suspect->new_persons, verdict_title(suspect->verdict));

    if (result == OK)
        result = score_print(suspect->score_centinats, out);
    if (result == OK)
        result = buffer_string(out, ")\n");
    if (result == OK) {
        result =
            account_text(lookup, suspect->professional, suspect->session, out);
    }
    if (result == OK)
        result = reasons_text(suspect->signs, suspect->sign_count,
                              suspect->time_us, out);
    return cut_back(out, before, result);
}
