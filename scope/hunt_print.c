/* SPDX-License-Identifier: EUPL-1.2 */
#include "scope/hunt_print.h"

#include <inttypes.h>

#include "base/say.h"
#include "base/time.h"
#include "model/category.h"
#include "scope/alias_print.h"
#include "scope/rhythm.h"
#include "scope/step.h"

static const struct {
    unsigned reason;
    const char *code, *words;
} reason_words[] = {
    {HUNT_START, "start", N_("the start of this hunt")},
    {HUNT_ADDRESS, "address", N_("an address of the start")},
    {HUNT_DEVICE, "device", N_("a device of the start")},
    {HUNT_RHYTHM, "rhythm", N_("the same step between requests")},
    {HUNT_ALTERNATES, "alternates",
     N_("begins where a session of the start ends, or ends where one begins")},
    {HUNT_HABITUAL, "habitual", N_("what it shares is usual for the account")},
};
#define REASON_COUNT (sizeof(reason_words) / sizeof(reason_words[0]))

enum result
hunt_reasons_text(unsigned reasons, struct buffer *out)
{
    enum result result = OK;
    bool first = true;

    for (size_t i = 0; i < REASON_COUNT; i++) {
        if ((reasons & reason_words[i].reason) == 0)
            continue;
        STEP(buffer_string(out, first ? "" : _("; ")));
        STEP(buffer_string(out, _(reason_words[i].words)));
        first = false;
    }
    return result;
}

static enum result
reasons_json(unsigned reasons, struct buffer *out)
{
    enum result result = buffer_string(out, ",\"reasons\":[");
    bool first = true;

    for (size_t i = 0; i < REASON_COUNT; i++) {
        if ((reasons & reason_words[i].reason) == 0)
            continue;
        STEP(buffer_format(out, "%s{\"code\":\"%s\",\"text\":",
                           first ? "" : ",", reason_words[i].code));
        STEP(buffer_json_string(out, text_of(_(reason_words[i].words))));
        STEP(buffer_byte(out, '}'));
        first = false;
    }
    STEP(buffer_byte(out, ']'));
    return result;
}

static enum result
span_json(int64_t first_us, int64_t last_us, struct buffer *out)
{
    char first[TIME_TEXT_BYTES], last[TIME_TEXT_BYTES];

    return buffer_format(out, ",\"first\":\"%s\",\"last\":\"%s\"",
                         time_format_utc(first_us, first),
                         time_format_utc(last_us, last));
}

static enum result
finish(struct buffer *out, size_t before, enum result result)
{
    STEP(buffer_string(out, "}\n"));
    if (result != OK)
        out->length = before;
    return result;
}

static const char *
json_bool(bool value)
{
    return value ? "true" : "false";
}

enum result
hunt_context_json(struct lookup *lookup, const struct hunt_context *context,
                  struct buffer *out)
{
    size_t before = out->length;
    enum result result = buffer_string(out, "{\"kind\":\"context\"");

    STEP(alias_member(lookup, context->device ? "device" : "address",
                      context->id, out));
    STEP(buffer_format(
        out,
        ",\"asked\":%s,\"shared\":%s,\"habitual\":%s,\"browser\":%s"
        ",\"followed\":%s,\"start_sessions\":%" PRIu32 ",\"accounts\":%" PRIu32,
        json_bool(context->asked), json_bool(context->shared),
        json_bool(context->habitual), json_bool(context->browser),
        json_bool(!context->shared), context->start_sessions,
        context->accounts));
    return finish(out, before, result);
}

enum result
hunt_account_json(struct lookup *lookup, const struct hunt_account *account,
                  struct buffer *out)
{
    size_t before = out->length;
    enum result result = buffer_string(out, "{\"kind\":\"account\"");

    STEP(alias_member(lookup, "professional", account->professional, out));
    STEP(buffer_format(
        out,
        ",\"start\":%s,\"strength\":%" PRIu32 ",\"sessions\":%" PRIu32
        ",\"patients\":%" PRIu32 ",\"disclosures\":%" PRIu32,
        json_bool((account->reasons & HUNT_START) != 0), account->strength,
        account->sessions, account->persons, account->accesses));
    STEP(reasons_json(account->reasons, out));
    STEP(span_json(account->first_us, account->last_us, out));
    return finish(out, before, result);
}

enum result
hunt_session_json(struct lookup *lookup, const struct hunt_session *session,
                  struct buffer *out)
{
    size_t before = out->length;
    enum result result = buffer_string(out, "{\"kind\":\"session\"");

    STEP(alias_member(lookup, "session", session->session, out));
    STEP(alias_member(lookup, "professional", session->professional, out));
    STEP(buffer_format(out,
                       ",\"start\":%s,\"strength\":%" PRIu32
                       ",\"patients\":%" PRIu32 ",\"disclosures\":%" PRIu32,
                       json_bool((session->reasons & HUNT_START) != 0),
                       session->strength, session->persons, session->accesses));
    if (session->step_us != 0)
        STEP(buffer_format(out,
                           ",\"step_seconds\":%" PRIu64 ".%03u,\"regular\":%s",
                           session->step_us / 1000000,
                           (unsigned)(session->step_us / 1000 % 1000),
                           json_bool(rhythm_regular(
                               session->step_us, session->accesses_regular))));
    STEP(reasons_json(session->reasons, out));
    STEP(span_json(session->first_us, session->last_us, out));
    return finish(out, before, result);
}

enum result
hunt_line_json(struct lookup *lookup, const struct hunt *hunt,
               const struct hunt_line *line, struct buffer *out)
{
    const struct hunt_session *session = &hunt->sessions[line->session];
    size_t before = out->length;
    enum result result = buffer_string(out, "{\"kind\":\"timeline\"");

    STEP(span_json(line->first_us, line->last_us, out));
    STEP(alias_member(lookup, "professional", session->professional, out));
    STEP(alias_member(lookup, "session", session->session, out));
    STEP(alias_member(lookup, "address", line->address, out));
    STEP(alias_member(lookup, "device", line->device, out));
    STEP(buffer_format(
        out,
        ",\"start\":%s,\"patients\":%" PRIu32 ",\"disclosures\":%" PRIu32
        ",\"written\":%" PRIu32 ",\"unlabelled\":%" PRIu32
        ",\"refused\":%" PRIu32 ",\"logins\":%" PRIu32 ",\"logouts\":%" PRIu32
        ",\"categories\":",
        json_bool((session->reasons & HUNT_START) != 0), line->persons,
        line->accesses, line->writes, line->unlabelled, line->refusals,
        line->logins, line->logouts));
    STEP(category_json(out, line->categories));
    return finish(out, before, result);
}

enum result
hunt_summary_json(const struct hunt *hunt, struct buffer *out)
{
    return buffer_format(out,
                         "{\"kind\":\"summary\",\"accounts\":%zu"
                         ",\"sessions\":%zu,\"patients\":%" PRIu32
                         ",\"active_accounts\":%" PRIu32 "}\n",
                         hunt->account_count, hunt->session_count,
                         hunt->persons, hunt->all_accounts);
}
