/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An alert explained for the person who will call the holder, and for those
 * who audit: what decided, then every sign with its weight, its stable code
 * (docs/detection.md has a line for it) and what it was compared with.
 */
#include "cli/explain_print.h"

#include <inttypes.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/alert_print.h"
#include "cli/explain_ask.h"
#include "cli/explain_words.h"
#include "detect/detect.h"
#include "scope/step.h"

static enum result
cleared_text(const struct alert *alert, struct buffer *out)
{
    char time[TIME_TEXT_BYTES];

    return alert->cleared_us == 0
               ? OK
               : buffer_format(out,
                               _("    cleared at %s: the door's rows of it "
                                 "came late\n"),
                               time_format_local(alert->cleared_us, time));
}

static enum result
decided_text(const struct alert *alert, struct buffer *out)
{
    enum result result = OK;

    if (alert->decided == 0)
        return OK; /* an older version kept it not */
    STEP(buffer_format(out, "    %s ", _("decided by:")));
    for (size_t i = 0, count = 0; i < EXPLAIN_DECISIONS; i++) {
        if (!(alert->decided >> i & 1))
            continue;
        STEP(buffer_format(out, "%s%s", count++ == 0 ? "" : "; ",
                           explain_decision_text(i)));
    }
    STEP(buffer_byte(out, '\n'));
    return result;
}

/* Indented under a sign's sentence, or at the left. */
static enum result
since_text(const char *indent, const char *what, int64_t since_us,
           struct buffer *out)
{
    char text[TIME_TEXT_BYTES];

    if (since_us == INT64_MAX)
        return buffer_format(
            out, _("%s%s: not seen with this account before this session\n"),
            indent, what);
    return buffer_format(out, _("%s%s: seen with this account since %s\n"),
                         indent, what, time_format_local(since_us, text));
}

/* Of the signs about a place the ledger knows the very day. */
static enum result
place_since_text(const struct sign *sign, const struct alert_past *past,
                 struct buffer *out)
{
    static const char indent[] = "           ";
    bool familiar = sign->code == SIGN_FAMILIAR_CONTEXT;
    enum result result = OK;

    if (sign->code == SIGN_DEVICE_NEW || (familiar && sign->observed != 0))
        STEP(since_text(indent, _("device"), past->device_since_us, out));
    if (sign->code == SIGN_NETWORK_NEW || (familiar && sign->usual != 0))
        STEP(since_text(indent, _("network"), past->network_since_us, out));
    return result;
}

static enum result
sign_lines(const struct alert *alert, const struct sign *sign,
           const struct alert_past *past, struct buffer *out)
{
    struct buffer weight = {0};
    enum result result =
        buffer_string(&weight, sign->weight_centinats > 0 ? "+" : "");

    STEP(score_print(sign->weight_centinats, &weight));
    STEP(buffer_byte(&weight, '\0'));
    STEP(buffer_format(out, "  %7s  ", weight.bytes));
    STEP(sign_text(sign, alert->time_us, out));
    STEP(buffer_format(out, "\n           [%s] ", sign_name(sign->code)));
    STEP(explain_basis_text(sign, past, out));
    STEP(buffer_byte(out, '\n'));
    STEP(place_since_text(sign, past, out));
    buffer_free(&weight);
    return result;
}

/* `side`: 1 against, -1 for, 0 without weight. */
static enum result
signs_text(const struct alert *alert, const struct alert_past *past, int side,
           const char *title, struct buffer *out)
{
    bool any = false;
    enum result result = OK;

    for (uint32_t i = 0; i < alert->sign_count; i++) {
        int weight = alert->signs[i].weight_centinats;

        if ((weight > 0) - (weight < 0) != side)
            continue;
        if (!any)
            STEP(buffer_format(out, "\n%s\n", title));
        any = true;
        STEP(sign_lines(alert, &alert->signs[i], past, out));
    }
    if (!any && side != 0)
        STEP(buffer_format(out, "\n%s\n  %s\n", title, _("nothing")));
    return result;
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
        STEP(since_text("  ", _("address"), past->address_since_us, out));
    if (past->network != 0)
        STEP(since_text("  ", _("network"), past->network_since_us, out));
    if (past->device != 0)
        STEP(since_text("  ", _("device"), past->device_since_us, out));
    STEP(buffer_format(out,
                       _("  persons seen by this session up to the alert: "
                         "%u, of them new to the account: %u\n"),
                       (unsigned)past->session_persons,
                       (unsigned)past->session_new));
    return result;
}

static enum result
ask_text(const struct alert *alert, struct buffer *out)
{
    const char *questions[EXPLAIN_QUESTIONS_MAX];
    size_t count = explain_ask(alert, questions);
    enum result result = OK;

    if (alert->professional == 0)
        return buffer_format(
            out, "\n%s\n",
            _("No account is named: ask the service whose session this is."));
    STEP(buffer_format(out, "\n%s\n",
                       _("What to ask the holder, at a number that you "
                         "already have (never one from a message)")));
    for (size_t i = 0; i < count; i++)
        STEP(buffer_format(out, "  - %s\n", questions[i]));
    STEP(buffer_format(out, "  %s\n",
                       _("If it was not the holder: end the session at the "
                         "identity provider, then vigie hunt and vigie scope "
                         "with this session.")));
    return result;
}

static enum result
off_text(const struct alert *alert, struct buffer *out)
{
    enum result result = OK;
    bool any = false;

    for (unsigned code = 1; code <= SIGN_LAST; code++) {
        if (!(alert->signs_off >> code & 1))
            continue;
        STEP(buffer_format(out, "%s %s",
                           any ? "," : _("Turned off by the operator:"),
                           sign_name((uint16_t)code)));
        any = true;
    }
    if (any)
        STEP(buffer_byte(out, '\n'));
    return result;
}

static enum result
notes_text(const struct alert *alert, struct buffer *out)
{
    enum result result = buffer_format(
        out, "\n%s\n",
        _("A weight of 0.69 means: twice as frequent with a thief as with the "
          "holder; 2.30: ten times;\nbelow zero the other way round. Weights "
          "add up to the score. The holder's word decides: call."));

    STEP(buffer_format(
        out, "%s\n",
        _("No sign uses health data, or what a name, an origin or a place of "
          "birth may suggest.\nThe codes in brackets: docs/detection.md has "
          "for each its source, its reason, its failures\nand how it is "
          "turned off.")));
    STEP(buffer_format(
        out, "%s\n",
        _("Signs may count fewer persons than were seen: at most three of one "
          "list, and not as new those whom\nthe account's practice follows.")));
    STEP(off_text(alert, out));
    STEP(buffer_format(out,
                       _("Hours of %s (--tz); days of activity are counted "
                         "in UTC.\n"),
                       time_zone_name()));
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
    STEP(decided_text(alert, out));
    STEP(cleared_text(alert, out));
    STEP(
        signs_text(alert, past, 1, _("What speaks against this session"), out));
    STEP(signs_text(alert, past, -1, _("What speaks for it"), out));
    STEP(signs_text(alert, past, 0, _("Looked at, without weight"), out));
    STEP(past_text(past, out));
    STEP(ask_text(alert, out));
    STEP(notes_text(alert, out));
    if (result != OK)
        out->length = before;
    return result;
}
