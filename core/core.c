/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Event → rows. Invariants:
 *  1. Names are durable before the rows that use them (core_commit), and
 *     written before they are written (core_write).
 *  2. A record is one row a person, however often and by whomever it is
 *     reported; the note of a row is believed only if the row is there.
 *  3. Only rows decide the state (sessions, judge): after a crash the ledger
 *     alone gives the same answers.
 */
#include "core/core.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/time.h"
#include "core/core_inside.h"
#include "ledger/checkpoints.h"

static enum result
open_parts(struct core *core, struct reason *why)
{
    const struct core_options *options = &core->options;
    struct buffer opened = {0};
    enum result result;

    result = lookup_open(options->data_dir, options->keys_dir, LOOKUP_WRITE,
                         &core->statistics.made_vault, &core->lookup);
    if (result != OK)
        return reason_set(why, result, "lookup-open", "", 0);
    result =
        ledger_open(options->data_dir, LEDGER_WRITE, why, NULL, &core->ledger);
    if (result == OK)
        result = detect_new(&options->detect, &core->detect);
    if (result == OK)
        result = sessions_new(&core->sessions);
    if (result == OK)
        result = queries_new(&core->queries);
    if (result == OK && options->service != NULL)
        result =
            lookup_number(core->lookup, NAME_SERVICE, text_of(options->service),
                          &core->service_number);
    if (result == OK && options->told != NULL)
        result = context_facts_new(options->told, core->lookup,
                                   core->service_number, &core->facts);
    if (result != OK)
        return result;
    core->fresh = lookup_setting_get(core->lookup, "core.opened", &opened) ==
                      E_NOTFOUND &&
                  ledger_count(core->ledger) == 0;
    buffer_free(&opened);
    if (core->fresh)
        result = lookup_setting_set(core->lookup, "core.opened", TEXT("1"));
    core->judged_us = INT64_MIN;
    return result;
}

enum result
core_resume(struct core *core)
{
    enum result result = core_searches_load(core);

    return result == OK ? core_rebuild(core) : result;
}

enum result
core_open(const struct core_options *options, struct reason *why,
          struct core **ret_core)
{
    struct core *core = calloc(1, sizeof(*core));
    enum result result;

    if (core == NULL)
        return E_NOMEM;
    core->options = *options;
    hash_random(core->context_key, sizeof(core->context_key));
    core->contexts = calloc(CONTEXTS_KEPT, sizeof(core->contexts[0]));
    result = core->contexts == NULL ? E_NOMEM : open_parts(core, why);
    if (result != OK) {
        core_free(core);
        return result;
    }
    *ret_core = core;
    return OK;
}

void
core_free(struct core *core)
{
    if (core == NULL)
        return;
    checkpoints_free(core->checkpoints);
    ledger_free(core->ledger);
    lookup_free(core->lookup);
    detect_free(core->detect);
    context_facts_free(core->facts);
    sessions_free(core->sessions);
    queries_free(core->queries);
    id_set_free(&core->alerts);
    id_set_free(&core->seen_persons);
    id_set_free(&core->seen_professionals);
    id_set_free(&core->seen_sessions);
    buffer_free(&core->key);
    buffer_free(&core->text);
    buffer_free(&core->last_source);
    free(core->contexts);
    free(core->held);
    free(core);
}

int64_t
core_now(const struct core *core)
{
    return core->now_us != 0 ? core->now_us : time_now_us();
}

static uint8_t
kind_of(const struct event *event)
{
    switch (event->kind) {
    case EVENT_LOGIN:
        return ROW_LOGIN;
    case EVENT_LOGOUT:
        return ROW_LOGOUT;
    case EVENT_REFUSAL:
        return ROW_REFUSAL;
    default:
        return event->person_count == 0 ? ROW_UNLABELLED : ROW_DISCLOSURE;
    }
}

/* What all rows of the event share. */
static struct row
common_row(const struct core *core, const struct event *event,
           const struct names *names)
{
    struct row row = {
        .time_received_us = names->received_us,
        .time_source_us = event->time_us,
        .session = names->session,
        .professional = names->professional,
        .service = names->service,
        .controller = names->controller,
        .source = names->source,
        .flags = (uint16_t)(event->flags & 0xffu),
        .detail = ROW_DETAIL(event->resource, event->interaction, event->side),
    };

    if (core->late)
        row.flags |= ROW_LATE;
    if (core->unvouched)
        row.flags |= ROW_UNVOUCHED;
    if (names->context_health)
        row.flags |= ROW_CONTEXT_HEALTH;
    if (names->session_derived)
        row.flags |= ROW_SESSION_DERIVED;
    if (names->session_joined)
        row.flags |= ROW_ALIAS_SESSION;
    if (names->session_sid)
        row.flags |= ROW_SESSION_SID;
    return row;
}

/* Where and with what the session is, and under which token, said before the
 * disclosure whenever it is not what was said last. */
static size_t
context_rows(struct core *core, const struct event *event,
             const struct names *names, struct row *rows)
{
    struct session_state state = {.session = names->session,
                                  .token = names->session};
    struct row row = common_row(core, event, names);
    bool known, changed;
    size_t count = 0;

    if (names->session == 0)
        return 0;
    known =
        sessions_find(core->sessions, names->session, event->time_us, &state);
    changed =
        (names->address != 0 && (names->address != state.address ||
                                 names->network != state.network)) ||
        (names->device != 0 && names->device != state.device) ||
        (names->professional != 0 && names->professional != state.professional);
    row.detail = 0;
    if (!known || changed) {
        row.kind = ROW_SIGHTING;
        row.person = names->address != 0 ? names->address : state.address;
        row.request = names->device != 0 ? names->device : state.device;
        row.detail = names->address != 0 ? names->network : state.network;
        rows[count++] = row;
    }
    if (names->token != 0 && names->token != state.token) {
        row.kind = ROW_TOKEN;
        row.person = names->token;
        row.request = 0;
        row.detail = 0;
        rows[count++] = row;
    }
    return count;
}

static enum result
append_judged(struct core *core, const struct row *rows, size_t count,
              uint64_t *ret_first)
{
    enum result result = core_append(core, rows, count, ret_first);

    for (size_t i = 0; i < count && result == OK; i++) {
        struct row judged = rows[i];

        result = sessions_row(core->sessions, &rows[i]);
        if (core->beside)
            judged.time_source_us = core->beside_us;
        if (result == OK && !core->rejudge && !core->late)
            result = core_judge(core, &judged);
    }
    return result;
}

/* What comes before the first row of an event: where its session is, and how
 * its search follows the one before. */
static enum result
announce(struct core *core, const struct event *event, struct names *names,
         const struct plan *plan)
{
    struct row rows[3], common;
    size_t count, more = 0;
    enum result result;

    /* older than what was judged: all is judged again at the end. Live there
     * is no end; an import may have brought a time that lies ahead. */
    if (!core->live && event->time_us < core->judged_us)
        core->rejudge = true;
    result = core_resolve_session(core, event, names);
    if (result != OK)
        return result;
    count = context_rows(core, event, names, rows);
    common = common_row(core, event, names);
    result = core_search_row(core, event, &common, plan->request, &rows[count],
                             &more);
    count += more;
    if (result == OK && count > 0)
        result = append_judged(core, rows, count, NULL);
    return result;
}

static void
count_row(struct core *core, const struct row *row)
{
    switch (row->kind) {
    case ROW_DISCLOSURE:
        core->statistics.disclosures +=
            (row->flags & ROW_SAME_REQUEST) == 0 ? 1 : 0;
        break;
    case ROW_UNLABELLED:
        core->statistics.unlabelled++;
        break;
    case ROW_REFUSAL:
        core->statistics.refusals++;
        break;
    case ROW_LOGIN:
        core->statistics.logins++;
        break;
    default:
        break;
    }
}

static uint32_t
third_persons(const struct event_person *person)
{
    return ROW_DETAIL_OF_THIRD(person->third_persons > ROW_DETAIL_THIRD_MAX
                                   ? ROW_DETAIL_THIRD_MAX
                                   : person->third_persons);
}

/* One row for person `index` (or for none): the names that it joins first. */
static enum result
write_person(struct core *core, const struct event *event,
             const struct names *names, size_t index, const struct plan *plan)
{
    struct row rows[4];
    struct row row = common_row(core, event, names);
    size_t count = 0;
    uint64_t first;
    enum result result = OK;

    if (index < event->person_count) {
        result = core_resolve_person(core, event, names, &event->persons[index],
                                     rows, &count, &row.person);
        if (result != OK)
            return result;
    }
    row.kind = kind_of(event);
    row.request = plan->request;
    if (row.kind == ROW_DISCLOSURE && event->grade == GRADE_SENT)
        row.detail |= third_persons(&event->persons[index]);
    if (row.kind == ROW_DISCLOSURE || row.kind == ROW_UNLABELLED) {
        row.categories = event->categories;
        row.grade = (uint8_t)event->grade;
    } else if (row.kind == ROW_REFUSAL && event->grade == GRADE_SENT) {
        row.grade = GRADE_SENT; /* by the door, not told by a trail */
    }
    if (plan->same_request)
        row.flags |= ROW_SAME_REQUEST;
    if (plan->withheld)
        row.flags |= ROW_WITHHELD;
    if (row.kind == ROW_REFUSAL) {
        result = core_take_back(core, &row);
        if (result != OK)
            return result;
    }
    rows[count++] = row;
    result = append_judged(core, rows, count, &first);
    if (result == OK)
        result = lookup_note(core->lookup, core_day(event->time_us), plan->note,
                             first + count - 1);
    if (result == OK)
        count_row(core, &row);
    return result;
}

enum result
core_accept(struct core *core, const struct event *event, struct text content,
            uint32_t occurrence)
{
    size_t persons = event->person_count == 0 ? 1 : event->person_count;
    bool announced = false;
    struct names names;
    enum result result = core_configuration(core);

    if (result == OK && core->resolved != NULL)
        names = *core->resolved;
    else if (result == OK)
        result = core_resolve(core, event, &names);
    names.received_us = core_now(core);
    core->statistics.accepted++;
    if (result == OK)
        core_plan_expect(core, event, &names);
    for (size_t i = 0; i < persons && result == OK; i++) {
        struct plan plan;

        result = core_plan_person(core, event, &names, content, occurrence, i,
                                  &plan);
        if (result == OK && plan.again != 0)
            result = core_search_again(core, event, plan.again);
        if (result != OK || plan.duplicate) {
            core->statistics.duplicates += result == OK && i == 0 ? 1 : 0;
            continue;
        }
        if (!announced)
            result = announce(core, event, &names, &plan);
        announced = true;
        if (result == OK)
            result = write_person(core, event, &names, i, &plan);
    }
    return result;
}

enum result
core_refused(struct core *core, uint64_t records, struct text content)
{
    struct record_name name = {content, 1, 0};
    struct row row = {
        .time_received_us = core_now(core),
        .time_source_us = core_now(core),
        .kind = ROW_REFUSED_INPUT,
        .request = core_record_digest(core, &name),
        .detail = records > UINT32_MAX ? UINT32_MAX : (uint32_t)records,
    };
    struct row known;
    uint64_t first;
    enum result result = core_noted_row(core, 0, row.request, &known);

    if (result == OK && known.detail >= row.detail)
        return OK;
    if (result != OK && result != E_NOTFOUND)
        return result;
    result = ledger_append(core->ledger, &row, 1, &first);
    if (result == OK)
        result = lookup_note(core->lookup, 0, row.request, first);
    return result;
}

enum result
core_commit(struct core *core)
{
    enum result result = core_searches_save(core);

    if (result == OK)
        result = lookup_commit(core->lookup);
    if (result == OK)
        result = ledger_sync(core->ledger);
    return result;
}

enum result
core_write(struct core *core)
{
    enum result result = core_searches_save(core);

    if (result == OK)
        result = ledger_is_full(core->ledger) ? lookup_commit(core->lookup)
                                              : lookup_write(core->lookup);
    return result == OK ? ledger_write(core->ledger) : result;
}

enum result
core_unsynced(struct core *core, struct core_unsynced *ret_unsynced)
{
    struct core_unsynced unsynced = {.names_fd = -1};
    enum result result =
        ledger_unsynced(core->ledger, &unsynced.rows_fd, &unsynced.rows);

    if (result != OK)
        return result;
    /* an erasure gives the look-up's files up for new ones meanwhile */
    if (lookup_journal_bytes(core->lookup) > 0) {
        unsynced.names_fd =
            fcntl(lookup_journal_fd(core->lookup), F_DUPFD_CLOEXEC, 0);
        if (unsynced.names_fd < 0) {
            file_close(&unsynced.rows_fd);
            return E_IO;
        }
    }
    *ret_unsynced = unsynced;
    return OK;
}

enum result
core_finish(struct core *core)
{
    enum result result = OK;

    if (core->rejudge) {
        result = core_rebuild(core);
        core->rejudge = false;
    }
    if (result == OK)
        result = core_commit(core);
    if (result == OK)
        result = ledger_rest(core->ledger);
    return result;
}

struct ledger *
core_ledger(struct core *core)
{
    return core->ledger;
}

struct lookup *
core_lookup(struct core *core)
{
    return core->lookup;
}

const struct detect *
core_detect(const struct core *core)
{
    return core->detect;
}

void
core_context_statistics(const struct core *core, struct context_statistics *ret)
{
    *ret = (struct context_statistics){0};
    if (core->facts != NULL)
        context_facts_statistics(core->facts, ret);
}

void
core_statistics(const struct core *core, struct core_statistics *ret)
{
    *ret = core->statistics;
}
