/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From one audit record to one call of the sink. The decisions, each with
 * its source, are listed in docs/ingest.md; this file holds their order:
 * silence, time, agents, entities, then what is told.
 */
#include "ingest/audit.h"

#include <string.h>

#include "base/time.h"
#include "ingest/audit_parts.h"

/* How far the transport's clock may be from the event's own. */
#define HEADER_SLACK_US (12 * TIME_HOUR_US)

/* Texts built for one event; more than this is allocated. */
#define BUILT_BYTES 16384

void
audit_reset(struct audit *audit)
{
    memset(audit, 0, offsetof(struct audit, agents));
}

/* -- time -- */

static enum result
time_of_text(struct text text, const char *field, struct event *event,
             struct reason *why)
{
    bool zoned;
    enum result result = time_parse(text, &event->time_us, &zoned);

    if (result != OK)
        return reason_set(why, result,
                          result == E_LIMIT ? "time-year" : "time-format",
                          field, 0);
    if (!zoned) {
        struct civil civil;
        int64_t same;
        bool doubtful = false;
        event->flags |= EVENT_TIME_ZONE_ASSUMED;
        time_to_civil_local(event->time_us, &civil);
        if (time_from_civil_local(&civil, &same, &doubtful) == OK && doubtful)
            event->flags |= EVENT_TIME_DOUBTFUL;
    }
    return OK;
}

/* When it happened (period.start) rather than when it was written down
 * (recorded); a partial date of FHIR ("2026-03") is passed over for it. */
static enum result
find_time(const struct form_context *context, const struct audit *audit,
          struct event *event, struct reason *why)
{
    enum result result = E_NOTFOUND;

    if (audit->period_start.length > 0)
        result = time_of_text(audit->period_start, "period.start", event, why);
    if (audit->recorded.length > 0 &&
        (result == E_NOTFOUND || result == E_FORMAT))
        result = time_of_text(audit->recorded, "recorded", event, why);
    if (result == E_NOTFOUND && context->header_time_us != 0) {
        event->time_us = context->header_time_us;
        return OK;
    }
    if (result == E_NOTFOUND && context->options != NULL &&
        context->options->fallback_time_us != 0) {
        event->time_us = context->options->fallback_time_us;
        event->flags |= EVENT_TIME_FROM_FILE;
        return OK;
    }
    if (result == E_NOTFOUND)
        return reason_set(why, E_FORMAT, "time-missing", "recorded", 0);
    if (result == OK && context->header_time_us != 0) {
        int64_t apart = context->header_time_us - event->time_us;
        if (apart > HEADER_SLACK_US || apart < -HEADER_SLACK_US)
            event->flags |= EVENT_TIME_DISAGREES;
    }
    return result;
}

/* -- limits -- */

static enum result
check_values(const struct event *event, struct reason *why)
{
    const struct {
        const struct text *value;
        const char *field;
    } values[] = {
        {&event->professional_system, "agent.who.identifier.system"},
        {&event->professional, "agent.who"},
        {&event->session, "agent.policy"},
        {&event->device, "agent.who"},
        {&event->request, "entity.what"},
        {&event->record, "id"},
        {&event->service, "source.site"},
        {&event->source, "source.observer"},
    };

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        if (values[i].value->length > EVENT_VALUE_BYTES_MAX)
            return reason_set(why, E_LIMIT, "value-bytes-max", values[i].field,
                              0);
    for (uint32_t i = 0; i < event->person_count; i++) {
        const struct event_person *person = &event->persons[i];
        if (person->shown.length > EVENT_VALUE_BYTES_MAX ||
            person->system.length > EVENT_VALUE_BYTES_MAX ||
            person->value.length > EVENT_VALUE_BYTES_MAX)
            return reason_set(why, E_LIMIT, "value-bytes-max", "entity.what",
                              0);
    }
    return OK;
}

/* -- what is told -- */

static void
clear_disclosure(struct event *event)
{
    event->grade = GRADE_NONE;
    event->categories = 0;
}

/* An access that names nobody is worth a row where data of somebody may have
 * been shown; else the sink's word for it, "no-person". */
static const char *
access_without_person(const struct audit *audit, const struct event *event)
{
    if (event->flags & EVENT_WRITE)
        return "no-person";
    if (audit->no_patient && event->interaction != INTERACTION_SEARCH)
        return "no-person";
    /* the French TDE profile may name no object at all: what was shown is
     * then unknown, which is not the same as nothing */
    if (audit->entity_count == 0)
        return NULL;
    if (event->resource != RESOURCE_UNKNOWN &&
        !resource_is_personal(event->resource))
        return "no-person";
    return event->query.length == 0 ? "no-person" : NULL;
}

/* Kind of the event, or a word where it is ignored. */
static const char *
settle(const struct audit *audit, const struct audit_act *act,
       const struct audit_choice *choice, struct event *event)
{
    if (choice->citizen)
        return "patient-self-access";
    switch (act->kind) {
    case AUDIT_LOGIN:
        event->kind = act->failed ? EVENT_REFUSAL : EVENT_LOGIN;
        event->person_count = 0;
        clear_disclosure(event);
        return NULL;
    case AUDIT_LOGOUT:
        event->kind = EVENT_LOGOUT;
        event->person_count = 0;
        clear_disclosure(event);
        return NULL;
    case AUDIT_DENIAL:
        event->kind = EVENT_REFUSAL;
        clear_disclosure(event);
        return NULL;
    case AUDIT_ACCESS:
    case AUDIT_IGNORED:
        break;
    }
    if (act->failed) {
        event->kind = EVENT_REFUSAL;
        clear_disclosure(event);
        return NULL;
    }
    event->kind = EVENT_ACCESS;
    if (event->person_count > 0)
        return NULL;
    event->grade = GRADE_REQUESTED;
    return access_without_person(audit, event);
}

static enum result
tell_refused(const struct form_context *context, struct reason *why,
             uint64_t at)
{
    why->offset = at;
    return context->sink->refused(context->sink->context, why);
}

static enum result
report_in(struct form_context *context, const struct audit *audit,
          struct audit_act *act, struct buffer *built, uint64_t at)
{
    const struct trail_sink *sink = context->sink;
    struct event *event = context->event;
    struct audit_choice choice;
    struct reason why = {0};
    const char *ignored;
    enum result result;

    event_reset(event);
    result = find_time(context, audit, event, &why);
    if (result != OK)
        return tell_refused(context, &why, at);
    audit_choose(audit, act->interaction, &choice);
    audit_fill_agents(audit, &choice, event);
    event->record = audit->id;
    result = audit_fill_entities(audit, act, built, event, &why);
    if (result == E_NOMEM)
        return result;
    if (result == OK)
        result = check_values(event, &why);
    if (result != OK)
        return tell_refused(context, &why, at);
    ignored = settle(audit, act, &choice, event);
    if (ignored != NULL)
        return sink->ignored(sink->context, ignored, at);
    return sink->event(sink->context, event, at);
}

enum result
audit_report(struct form_context *context, const struct audit *audit,
             uint64_t at)
{
    char area[BUILT_BYTES];
    struct buffer built = {area, 0, sizeof(area), sizeof(area)};
    struct buffer large = {0};
    struct audit_act act;
    size_t room;
    enum result result = OK;

    audit_act_of(audit, &act);
    if (act.kind == AUDIT_IGNORED)
        return context->sink->ignored(context->sink->context, act.ignored, at);
    room = audit_entities_room(audit);
    if (room > sizeof(area))
        result = buffer_reserve(&large, room);
    if (result == OK)
        result = report_in(context, audit, &act,
                           room > sizeof(area) ? &large : &built, at);
    buffer_free(&large);
    return result;
}
