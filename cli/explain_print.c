/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/explain_print.h"

#include <inttypes.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/alert_print.h"
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
sign_json(const struct sign *sign, struct buffer *out)
{
    struct buffer words = {0};
    enum result result =
        buffer_format(out, "{\"code\":\"%s\",\"text\":", sign_name(sign->code));

    STEP(sign_text(sign, &words));
    STEP(buffer_json_string(out, buffer_as_text(&words)));
    STEP(buffer_string(out, ",\"weight\":"));
    STEP(score_print(sign->weight_centinats, out));
    STEP(buffer_format(out,
                       ",\"observed\":%" PRIu32 ",\"usual\":%" PRIu32
                       ",\"window\":%" PRIu32 "}",
                       sign->observed, sign->usual, sign->window));
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
    STEP(time_member("device_since", past->device_since_us, out));
    STEP(buffer_byte(out, '}'));
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
        "{\"kind\":\"explanation\",\"id\":\"%016" PRIx64 "\",\"time\":\"%s\"",
        alert->id, time_format_utc(alert->time_us, time));

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
        STEP(sign_json(&alert->signs[i], out));
    }
    STEP(buffer_byte(out, ']'));
    STEP(past_json(past, out));
    STEP(buffer_string(out, "}\n"));
    if (result != OK)
        out->length = before;
    return result;
}

static enum result
signs_text(const struct alert *alert, bool against, const char *title,
           const char *none, struct buffer *out)
{
    enum result result = buffer_format(out, "\n%s\n", title);
    bool any = false;

    for (uint32_t i = 0; i < alert->sign_count; i++) {
        const struct sign *sign = &alert->signs[i];
        struct buffer weight = {0};

        if ((sign->weight_centinats >= 0) != against)
            continue;
        any = true;
        STEP(buffer_string(&weight, against ? "+" : ""));
        STEP(score_print(sign->weight_centinats, &weight));
        STEP(buffer_byte(&weight, '\0'));
        STEP(buffer_format(out, "  %7s  ", weight.bytes));
        STEP(sign_text(sign, out));
        STEP(buffer_byte(out, '\n'));
        buffer_free(&weight);
    }
    if (!any)
        STEP(buffer_format(out, "  %s\n", none));
    return result;
}

static enum result
since_text(const char *what, int64_t since_us, struct buffer *out)
{
    char text[TIME_TEXT_BYTES];

    if (since_us == INT64_MAX)
        return buffer_format(out,
                             _("  %s: never seen with this account before "
                               "this session\n"),
                             what);
    return buffer_format(out, _("  %s: seen with this account since %s\n"),
                         what, time_format_local(since_us, text));
}

static enum result
past_text(const struct alert_past *past, struct buffer *out)
{
    char text[TIME_TEXT_BYTES];
    enum result result =
        buffer_format(out, "\n%s\n", _("What was known of the account"));

    if (past->account_since_us == INT64_MAX)
        STEP(buffer_format(out, "  %s\n",
                           _("nothing before this session: no habit")));
    else
        STEP(buffer_format(out,
                           _("  known since %s; days with accesses: %u; "
                             "persons: %u\n"),
                           time_format_local(past->account_since_us, text),
                           (unsigned)past->days, (unsigned)past->persons));
    if (past->address != 0)
        STEP(since_text(_("address"), past->address_since_us, out));
    if (past->device != 0)
        STEP(since_text(_("device"), past->device_since_us, out));
    STEP(buffer_format(out,
                       _("  persons seen by this session up to the alert: "
                         "%u, of them new to the account: %u\n"),
                       (unsigned)past->session_persons,
                       (unsigned)past->session_new));
    return result;
}

static enum result
named_line(struct lookup *lookup, const char *what, uint64_t id,
           struct buffer *out)
{
    enum result result = OK;

    if (id == 0)
        return OK;
    STEP(buffer_format(out, "    %s ", what));
    STEP(alias_text(lookup, id, out));
    STEP(buffer_byte(out, '\n'));
    return result;
}

enum result
explain_text(struct lookup *lookup, const struct alert *alert,
             const struct alert_past *past, struct buffer *out)
{
    struct alert bare = *alert;
    size_t before = out->length;
    enum result result;

    bare.sign_count = 0; /* the signs follow with their weights */
    result = alert_text(lookup, &bare, out);
    if (alert->session_alias != 0 && alert->session_alias != alert->session)
        STEP(named_line(lookup, _("whole session"), alert->session, out));
    STEP(named_line(lookup, _("address"), past->address, out));
    STEP(named_line(lookup, _("device"), past->device, out));
    STEP(signs_text(alert, true, _("What speaks against this session"),
                    _("nothing"), out));
    STEP(signs_text(alert, false, _("What speaks for it"), _("nothing"), out));
    STEP(past_text(past, out));
    STEP(buffer_format(
        out, "\n%s\n",
        _("Weights are natural logarithms of likelihood ratios; they add up "
          "to the score. The holder's word decides: call.")));
    if (result != OK)
        out->length = before;
    return result;
}
