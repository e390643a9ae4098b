/* SPDX-License-Identifier: EUPL-1.2 */
/* An alert explained for programs: times and days are UTC, `zone` is the one
 * of the hours in the sentences. */
#include <inttypes.h>

#include "base/time.h"
#include "cli/alert_print.h"
#include "cli/explain_ask.h"
#include "cli/explain_print.h"
#include "cli/explain_words.h"
#include "detect/detect.h"
#include "scope/step.h"

/* Absent times are null: never seen, or not known. */
static enum result
time_member(const char *name, int64_t time_us, struct buffer *out)
{
    char text[TIME_TEXT_BYTES];

    if (time_us == INT64_MAX)
        return buffer_format(out, ",\"%s\":null", name);
    return buffer_format(out, ",\"%s\":\"%s\"", name,
                         time_format_utc(time_us, text));
}

static enum result
basis_json(const struct sign *sign, struct buffer *out)
{
    const char *basis = explain_basis_name(sign->basis);
    char text[TIME_TEXT_BYTES];
    enum result result = OK;

    if (basis == NULL)
        return buffer_string(
            out, ",\"basis\":null,\"since\":null,\"known_days\":null");
    STEP(buffer_format(out, ",\"basis\":\"%s\"", basis));
    if (sign->since_day == 0)
        STEP(buffer_string(out, ",\"since\":null,\"known_days\":null"));
    else
        STEP(buffer_format(out, ",\"since\":\"%.10s\",\"known_days\":%u",
                           time_format_utc(sign->since_day * TIME_DAY_US, text),
                           (unsigned)sign->known_days));
    return result;
}

static enum result
sign_json(const struct sign *sign, int64_t time_us, struct buffer *out)
{
    struct buffer words = {0};
    enum result result =
        buffer_format(out, "{\"code\":\"%s\",\"text\":", sign_name(sign->code));

    STEP(sign_text(sign, time_us, &words));
    STEP(buffer_json_string(out, buffer_as_text(&words)));
    STEP(buffer_string(out, ",\"weight\":"));
    STEP(score_print(sign->weight_centinats, out));
    STEP(buffer_format(out,
                       ",\"observed\":%" PRIu32 ",\"usual\":%" PRIu32
                       ",\"window\":%" PRIu32,
                       sign->observed, sign->usual, sign->window));
    STEP(basis_json(sign, out));
    STEP(buffer_byte(out, '}'));
    buffer_free(&words);
    return result;
}

static enum result
past_json(const struct alert_past *past, struct buffer *out)
{
    enum result result = buffer_format(
        out,
        ",\"session_persons\":%" PRIu32 ",\"session_new_persons\":%" PRIu32
        ",\"habit\":{\"days\":%" PRIu32 ",\"persons\":%" PRIu32,
        past->session_persons, past->session_new, past->days, past->persons);

    STEP(time_member("since", past->account_since_us, out));
    STEP(time_member("address_since", past->address_since_us, out));
    STEP(time_member("network_since", past->network_since_us, out));
    STEP(time_member("device_since", past->device_since_us, out));
    STEP(buffer_byte(out, '}'));
    return result;
}

static enum result
words_json(const struct alert *alert, struct buffer *out)
{
    const char *questions[EXPLAIN_QUESTIONS_MAX];
    size_t count = explain_ask(alert, questions);
    const char *comma = "";
    enum result result = buffer_string(out, ",\"decided_by\":[");

    for (size_t i = 0; i < EXPLAIN_DECISIONS; i++) {
        if (!(alert->decided >> i & 1))
            continue;
        STEP(buffer_format(out, "%s\"%s\"", comma, explain_decision_name(i)));
        comma = ",";
    }
    STEP(buffer_string(out, "],\"signs_off\":["));
    comma = "";
    for (unsigned code = 1; code <= SIGN_LAST; code++) {
        if (!(alert->signs_off >> code & 1))
            continue;
        STEP(buffer_format(out, "%s\"%s\"", comma, sign_name((uint16_t)code)));
        comma = ",";
    }
    STEP(buffer_string(out, "],\"ask\":["));
    for (size_t i = 0; i < count; i++) {
        STEP(buffer_string(out, i == 0 ? "" : ","));
        STEP(buffer_json_string(out, text_of(questions[i])));
    }
    STEP(buffer_byte(out, ']'));
    return result;
}

enum result
explain_json(struct lookup *lookup, const struct alert *alert,
             const struct alert_past *past, struct buffer *out)
{
    char time[TIME_TEXT_BYTES];
    size_t before = out->length;
    enum result result = buffer_format(
        out,
        "{\"kind\":\"explanation\",\"id\":\"%016" PRIx64 "\",\"time\":\"%s\","
        "\"zone\":\"%s\"",
        alert->id, time_format_utc(alert->time_us, time), time_zone_name());

    STEP(alias_member(lookup, "professional", alert->professional, out));
    STEP(alias_member(lookup, "session",
                      alert->session_alias != 0 ? alert->session_alias
                                                : alert->session,
                      out));
    STEP(alias_member(lookup, "whole_session", alert->session, out));
    STEP(alias_member(lookup, "address", past->address, out));
    STEP(alias_member(lookup, "device", past->device, out));
    STEP(buffer_format(
        out, ",\"verdict\":\"%s\",\"score\":", verdict_name(alert->verdict)));
    STEP(score_print(alert->score_centinats, out));
    STEP(buffer_string(out, ",\"signs\":["));
    for (uint32_t i = 0; i < alert->sign_count; i++) {
        STEP(buffer_string(out, i == 0 ? "" : ","));
        STEP(sign_json(&alert->signs[i], alert->time_us, out));
    }
    STEP(buffer_byte(out, ']'));
    STEP(words_json(alert, out));
    STEP(past_json(past, out));
    if (alert->cleared_us != 0)
        STEP(buffer_format(out, ",\"cleared\":\"%s\"",
                           time_format_utc(alert->cleared_us, time)));
    STEP(buffer_string(out, "}\n"));
    if (result != OK)
        out->length = before;
    return result;
}
