/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows → alerts → rows. An alert is its sign rows, then its verdict row; its
 * id is a digest of names, so that judging again finds it written already.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "core/core_inside.h"

#define READ_ROWS 1024

static enum result
alert_id(struct core *core, const struct alert *alert, uint64_t *ret_id)
{
    uint8_t digest[HASH_BYTES];
    uint64_t id;
    enum result result;

    buffer_clear(&core->text);
    /* what says nothing of the judge's does not stand in its alerts' way */
    result =
        buffer_format(&core->text, "alert|%s|%s", verdict_name(alert->verdict),
                      alert->decided == DECIDED_BYPASS ? "bypass|" : "");
    if (result == OK && alert->professional != 0)
        result = lookup_value(core->lookup, alert->professional, &core->text);
    if (result == OK)
        result = buffer_byte(&core->text, '|');
    if (result == OK && alert->session != 0)
        result = lookup_value(core->lookup, alert->session, &core->text);
    /* of nobody: one a day, not one for ever */
    if (result == OK && alert->professional == 0 && alert->session == 0)
        result =
            buffer_format(&core->text, "%" PRId32, core_day(alert->time_us));
    if (result != OK)
        return result;
    hash_sha256(core->text.bytes, core->text.length, digest);
    memcpy(&id, digest, sizeof(id));
    *ret_id = id == 0 ? 1 : id;
    return OK;
}

static struct row
sign_row(const struct alert *alert, const struct sign *sign,
         int64_t received_us)
{
    return (struct row){
        .kind = ROW_SIGN,
        .time_received_us = received_us,
        .time_source_us = alert->time_us,
        .session = alert->session,
        .professional = alert->professional,
        .request = alert->id,
        .person = (uint64_t)sign->observed << 32 | sign->usual,
        .categories = sign->code,
        .service = (uint16_t)sign->weight_centinats,
        .detail = sign->window,
        .controller = sign->since_day,
        .source = (uint16_t)(sign->known_days | sign->basis << 13),
    };
}

enum result
core_alert(struct core *core, struct alert *alert)
{
    struct row rows[ALERT_SIGNS_MAX + 1];
    uint32_t *written;
    uint32_t from = 0;
    size_t count = 0;
    bool made;
    enum result result = alert_id(core, alert, &alert->id);

    if (result != OK)
        return result;
    alert->signs_off = core->options.detect.signs_off;
    result = id_set_add(&core->alerts, alert->id, &made);
    if (result != OK)
        return result;
    written = id_set_number(&core->alerts, alert->id);
    if (*written == UINT32_MAX)
        return OK;
    /* a crash may have kept some of its signs */
    from = *written < alert->sign_count ? *written : alert->sign_count;
    for (uint32_t i = from; i < alert->sign_count; i++)
        rows[count++] = sign_row(alert, &alert->signs[i], 0);
    rows[count++] = (struct row){
        .kind = ROW_VERDICT,
        .time_source_us = alert->time_us,
        .session = alert->session,
        .professional = alert->professional,
        .person = alert->session_alias,
        .request = alert->id,
        .categories = (uint16_t)alert->verdict,
        .detail = (uint32_t)alert->score_centinats,
        .source = alert->decided,
        .service = (uint16_t)alert->signs_off,
        .controller = (uint16_t)(alert->signs_off >> 16),
    };
    result = core_append(core, rows, count, NULL);
    if (result != OK)
        return result;
    *written = UINT32_MAX;
    core->statistics.alerts++;
    if (core->options.alert != NULL)
        result = core->options.alert(core->options.context, alert);
    return result;
}

enum result
core_clear_alert(struct core *core, uint64_t alert, const struct row *about)
{
    uint32_t *written = id_set_number(&core->alerts, alert);
    const struct row row = {
        .kind = ROW_VERDICT,
        .time_received_us = core_now(core),
        .time_source_us = core_now(core),
        .session = about->session,
        .professional = about->professional,
        .request = alert,
        .categories = VERDICT_ALLOW,
        .source = VERDICT_CLEARED,
    };

    if (written != NULL)
        *written = 1; /* its sign is there */
    return core_append(core, &row, 1, NULL);
}

static enum result
judge_row(struct core *core, const struct row *given, struct alert *alert)
{
    struct row judged = *given;
    const struct row *row = &judged;
    struct session_state state = {0};
    uint64_t token = row->session;
    struct facts facts = {0};
    int64_t time_us = row->time_source_us;
    enum result result;

    if (judged.kind == ROW_UNLABELLED)
        judged.person = 0; /* how many were billed, and nobody */
    /* live, a source whose clock is ahead does not take core's along */
    if (core->live && time_us > row->time_received_us &&
        row->time_received_us != 0)
        time_us = row->time_received_us;
    if (time_us > core->judged_us)
        core->judged_us = time_us;
    if (row->session != 0 && sessions_find(core->sessions, row->session,
                                           row->time_source_us, &state))
        token = state.token;
    if (core->facts == NULL)
        return detect_row(core->detect, row, token, NULL, alert);
    result = context_facts_row(core->facts, row, state.address, &facts);
    return result == OK ? detect_row(core->detect, row, token, &facts, alert)
                        : result;
}

enum result
core_judge(struct core *core, const struct row *row)
{
    struct alert alert = {0};
    enum result result =
        row_is_taken_back(row) ? OK : judge_row(core, row, &alert);

    if (result == OK && alert.verdict != VERDICT_ALLOW)
        result = core_alert(core, &alert);
    return result;
}

static bool
is_judged(const struct row *row)
{
    /* what a trail told and the door kept back is judged as a refusal */
    if ((row->flags & ROW_LATE) != 0 || row_is_taken_back(row))
        return false;
    return row->kind == ROW_DISCLOSURE || row->kind == ROW_SIGHTING ||
           row->kind == ROW_LOGIN || row->kind == ROW_LOGOUT ||
           row->kind == ROW_REFUSAL || row->kind == ROW_UNLABELLED ||
           row->kind == ROW_TOKEN || row->kind == ROW_JOIN ||
           row->kind == ROW_QUERY;
}

/* A stretch of the log in which event time does not go back. */
struct stretch {
    uint64_t at, end; /* row numbers */
    struct row *rows; /* window */
    size_t row_count, row_at;
};

struct stretches {
    struct stretch *items;
    size_t count;
    struct stretch **heap;
    size_t heap_count;
};

/* Alerts found while the ledger is read again are kept until it has been
 * read: writing would move its end. */
struct found {
    struct alert *alerts;
    size_t count, room;
};

static enum result
keep_alert(struct found *found, const struct alert *alert)
{
    if (found->count == found->room) {
        size_t room = found->room == 0 ? 16 : found->room * 2;
        struct alert *alerts = realloc(found->alerts, room * sizeof(alerts[0]));

        if (alerts == NULL)
            return E_NOMEM;
        found->alerts = alerts;
        found->room = room;
    }
    found->alerts[found->count++] = *alert;
    return OK;
}

/* Which alerts the ledger has, and where event time goes back in it. */
static enum result
survey_row(struct core *core, struct stretches *stretches, uint64_t number,
           const struct row *row, int64_t *latest_us)
{
    uint32_t *written;
    bool made;
    enum result result;

    if (row->kind == ROW_CONFIGURATION && row->source == 0)
        core->configuration = row->request;
    if (row->kind == ROW_SIGN || row->kind == ROW_VERDICT) {
        result = id_set_add(&core->alerts, row->request, &made);
        if (result != OK)
            return result;
        written = id_set_number(&core->alerts, row->request);
        if (row->kind == ROW_VERDICT)
            *written = row->source == VERDICT_CLEARED ? 1 : UINT32_MAX;
        else if (*written < UINT32_MAX - 1)
            (*written)++;
        return OK;
    }
    if (!is_judged(row))
        return OK;
    if (stretches->count == 0 || row->time_source_us < *latest_us) {
        struct stretch *items =
            realloc(stretches->items,
                    (stretches->count + 1) * sizeof(stretches->items[0]));

        if (items == NULL)
            return E_NOMEM;
        stretches->items = items;
        items[stretches->count] = (struct stretch){.at = number};
        if (stretches->count > 0)
            items[stretches->count - 1].end = number;
        stretches->count++;
    }
    *latest_us = row->time_source_us;
    stretches->items[stretches->count - 1].end = number + 1;
    return OK;
}

static enum result
survey(struct core *core, struct stretches *stretches)
{
    uint64_t count = ledger_count(core->ledger);
    struct row *rows = malloc(READ_ROWS * sizeof(*rows));
    int64_t latest_us = INT64_MIN;
    enum result result = rows == NULL ? E_NOMEM : OK;

    for (uint64_t at = 0; at < count && result == OK; at += READ_ROWS) {
        size_t part = count - at < READ_ROWS ? (size_t)(count - at) : READ_ROWS;

        result = ledger_read(core->ledger, at, part, rows);
        for (size_t i = 0; i < part && result == OK; i++)
            result = survey_row(core, stretches, at + i, &rows[i], &latest_us);
    }
    free(rows);
    return result;
}

/* Makes a judged row stand at row_at; E_END behind the last. */
static enum result
stretch_fill(struct core *core, struct stretch *stretch, size_t window)
{
    for (;;) {
        enum result result;

        while (stretch->row_at < stretch->row_count) {
            if (is_judged(&stretch->rows[stretch->row_at]))
                return OK;
            stretch->row_at++;
        }
        if (stretch->at == stretch->end)
            return E_END;
        stretch->row_count = stretch->end - stretch->at < window
                                 ? (size_t)(stretch->end - stretch->at)
                                 : window;
        stretch->row_at = 0;
        result = ledger_read(core->ledger, stretch->at, stretch->row_count,
                             stretch->rows);
        if (result != OK)
            return result;
        stretch->at += stretch->row_count;
    }
}

/* Earlier event first; of the same time, the earlier row: stretches lie in
 * the array in the order of the log. */
static bool
stretch_before(const struct stretch *a, const struct stretch *b)
{
    int64_t x = a->rows[a->row_at].time_source_us;
    int64_t y = b->rows[b->row_at].time_source_us;

    return x != y ? x < y : a < b;
}

static void
heap_down(struct stretches *stretches, size_t at)
{
    for (;;) {
        size_t least = at;
        struct stretch *kept = stretches->heap[at];

        for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
            if (child < stretches->heap_count &&
                stretch_before(stretches->heap[child], stretches->heap[least]))
                least = child;
        }
        if (least == at)
            return;
        stretches->heap[at] = stretches->heap[least];
        stretches->heap[least] = kept;
        at = least;
    }
}

static enum result
stretches_start(struct core *core, struct stretches *stretches, size_t window)
{
    enum result result = OK;

    stretches->heap = calloc(stretches->count, sizeof(stretches->heap[0]));
    if (stretches->heap == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < stretches->count && result == OK; i++) {
        struct stretch *stretch = &stretches->items[i];

        stretch->rows = malloc(window * sizeof(stretch->rows[0]));
        if (stretch->rows == NULL)
            return E_NOMEM;
        result = stretch_fill(core, stretch, window);
        if (result == OK)
            stretches->heap[stretches->heap_count++] = stretch;
        else if (result == E_END)
            result = OK;
    }
    for (size_t i = stretches->heap_count / 2; i-- > 0;)
        heap_down(stretches, i);
    return result;
}

static enum result
feed_all(struct core *core, struct stretches *stretches, struct found *found)
{
    /* the windows share a few MB, whatever their number */
    size_t window = 65536 / (stretches->count + 1);
    enum result result;

    if (window < 16)
        window = 16;
    if (window > READ_ROWS)
        window = READ_ROWS;
    result = stretches_start(core, stretches, window);
    while (result == OK && stretches->heap_count > 0) {
        struct stretch *stretch = stretches->heap[0];
        const struct row *row = &stretch->rows[stretch->row_at];
        struct alert alert = {0};

        result = sessions_row(core->sessions, row);
        if (result == OK)
            result = judge_row(core, row, &alert);
        if (result == OK && alert.verdict != VERDICT_ALLOW)
            result = keep_alert(found, &alert);
        if (result != OK)
            break;
        stretch->row_at++;
        result = stretch_fill(core, stretch, window);
        if (result == E_END) {
            stretches->heap[0] = stretches->heap[--stretches->heap_count];
            result = OK;
        }
        if (result == OK && stretches->heap_count > 0)
            heap_down(stretches, 0);
    }
    return result;
}

/* Of what the operator told and of the detector's numbers and signs; 0:
 * nothing told, all as documented. */
static enum result
configuration_digest(struct core *core, uint64_t *ret_digest)
{
    enum result result = OK;

    buffer_clear(&core->text);
    if (core->facts != NULL)
        result = buffer_append(
            &core->text, context_load_digest(core->options.told), HASH_BYTES);
    if (result == OK)
        result = detect_options_text(&core->options.detect, &core->text);
    if (result != OK)
        return result;
    *ret_digest =
        core->text.length == 0
            ? 0
            : lookup_digest(core->lookup, core->text.bytes, core->text.length);
    return OK;
}

/* The row is the note: written once for each change, also after a crash. A
 * ledger that was never told anything has none. */
enum result
core_configuration(struct core *core)
{
    uint64_t digest = 0;
    struct row row;
    enum result result = configuration_digest(core, &digest);

    if (result != OK)
        return result;
    if (digest == core->configuration)
        return OK;
    row = (struct row){
        .kind = ROW_CONFIGURATION,
        .time_received_us = core_now(core),
        .time_source_us = core_now(core),
        .request = digest,
    };
    result = core_append(core, &row, 1, NULL);
    if (result == OK)
        core->configuration = digest;
    return result;
}

enum result
core_rebuild(struct core *core)
{
    struct stretches stretches = {0};
    struct found found = {0};
    struct detect *fresh = NULL;
    enum result result = OK;

    /* also where a crash kept the names and lost the rows */
    if (core->facts != NULL)
        result = context_facts_restart(core->facts);
    if (result != OK || ledger_count(core->ledger) == 0)
        return result;
    result = detect_new(&core->options.detect, &fresh);
    if (result != OK)
        return result;
    detect_free(core->detect);
    core->detect = fresh;
    sessions_clear(core->sessions);
    id_set_free(&core->alerts);
    core->configuration = 0;
    result = survey(core, &stretches);
    if (result == OK)
        result = feed_all(core, &stretches, &found);
    if (result == OK)
        result = core_configuration(core);
    for (size_t i = 0; i < found.count && result == OK; i++)
        result = core_alert(core, &found.alerts[i]);
    for (size_t i = 0; i < stretches.count; i++)
        free(stretches.items[i].rows);
    free(stretches.items);
    free(stretches.heap);
    free(found.alerts);
    return result;
}
