/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What waits outlasts a restart as numbers of rows. Which requests the door
 * was asked about does not: an alert is then raised, and cleared.
 */
#include "core/bypass_late.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

#define WAITING_MAX 512
#define REQUESTS 16384u /* a power of two */

static const char place_name[] = "live.bypass.late";

struct waiting {
    uint64_t number, alert;
    struct row row;
    bool answered;
};

struct request {
    uint64_t key, value;
    int64_t at_us;
};

struct bypass_late {
    struct core *core;
    struct waiting waiting[WAITING_MAX]; /* by time of coming */
    size_t count;
    bool changed;
    struct request asked[REQUESTS]; /* digest of a request → when */
    struct request told[REQUESTS];  /* a row's request → that digest */
};

static enum result
load(struct bypass_late *late)
{
    struct buffer saved = {0};
    enum result result =
        lookup_setting_get(late->core->lookup, place_name, &saved);
    size_t count = result == OK ? saved.length / 16 : 0;

    for (size_t i = 0; i < count && i < WAITING_MAX && result == OK; i++) {
        struct waiting *at = &late->waiting[late->count];

        memcpy(&at->number, saved.bytes + 16 * i, 8);
        memcpy(&at->alert, saved.bytes + 16 * i + 8, 8);
        if (at->number >= ledger_count(late->core->ledger))
            continue; /* a crash kept the name and lost the row */
        result = ledger_read(late->core->ledger, at->number, 1, &at->row);
        late->count += result == OK ? 1 : 0;
    }
    buffer_free(&saved);
    return result == E_NOTFOUND ? OK : result;
}

enum result
bypass_late_new(struct core *core, struct bypass_late **ret_late)
{
    struct bypass_late *late = calloc(1, sizeof(*late));
    enum result result;

    if (late == NULL)
        return E_NOMEM;
    late->core = core;
    result = load(late);
    if (result != OK) {
        bypass_late_free(late);
        return result;
    }
    *ret_late = late;
    return OK;
}

void
bypass_late_free(struct bypass_late *late)
{
    free(late);
}

static uint64_t
digest_of(const struct bypass_late *late, struct text request)
{
    return lookup_digest(late->core->lookup, request.bytes, request.length);
}

/* Digests are keyed: nobody aims at a place. */
static void
put(struct request *table, uint64_t key, uint64_t value, int64_t at_us)
{
    table[key & (REQUESTS - 1)] = (struct request){key, value, at_us};
}

static const struct request *
get(const struct request *table, uint64_t key)
{
    const struct request *at = &table[key & (REQUESTS - 1)];

    return at->key == key && at->at_us != 0 ? at : NULL;
}

void
bypass_late_asked(struct bypass_late *late, struct text request, int64_t now_us)
{
    if (request.length > 0)
        put(late->asked, digest_of(late, request), 0, now_us);
}

void
bypass_late_told(struct bypass_late *late, struct text request,
                 const struct row *row)
{
    if (request.length > 0)
        put(late->told, row->request, digest_of(late, request),
            row->time_received_us);
}

bool
bypass_late_stands(const struct bypass_late *late, const struct row *row)
{
    const struct request *told = get(late->told, row->request);
    const struct request *asked =
        told == NULL ? NULL : get(late->asked, told->value);

    return asked != NULL &&
           asked->at_us >= row->time_received_us - BYPASS_LATE_US;
}

static void
take_away(struct bypass_late *late, size_t at)
{
    late->count--;
    memmove(&late->waiting[at], &late->waiting[at + 1],
            (late->count - at) * sizeof(late->waiting[0]));
    late->changed = true;
}

bool
bypass_late_add(struct bypass_late *late, uint64_t number,
                const struct row *row, uint64_t alert)
{
    if (late->count == WAITING_MAX) {
        size_t oldest = 0;
        uint64_t given_up;

        if (alert == 0)
            return false;
        while (oldest < WAITING_MAX && late->waiting[oldest].alert == 0)
            oldest++;
        if (oldest == WAITING_MAX)
            return true; /* never cleared by itself */
        /* all of that alert: it is not cleared by half of it */
        given_up = late->waiting[oldest].alert;
        for (size_t i = WAITING_MAX; i-- > 0;) {
            if (late->waiting[i].alert == given_up)
                take_away(late, i);
        }
        if (given_up == alert)
            return true;
    }
    late->waiting[late->count++] =
        (struct waiting){.number = number, .alert = alert, .row = *row};
    late->changed = true;
    return true;
}

void
bypass_late_row(struct bypass_late *late, const struct row *door, void *context,
                bypass_answers *answers)
{
    for (size_t i = late->count; i-- > 0;) {
        struct waiting *at = &late->waiting[i];

        if (!answers(context, &at->row, door))
            continue;
        if (at->alert == 0)
            take_away(late, i);
        else
            at->answered = true;
    }
}

static bool
is_whole(const struct bypass_late *late, uint64_t alert)
{
    for (size_t i = 0; i < late->count; i++) {
        if (late->waiting[i].alert == alert && !late->waiting[i].answered)
            return false;
    }
    return true;
}

bool
bypass_late_cleared(struct bypass_late *late, uint64_t *ret_alert,
                    struct row *ret_row)
{
    for (size_t i = 0; i < late->count; i++) {
        struct waiting at = late->waiting[i];

        if (!at.answered || !is_whole(late, at.alert))
            continue;
        for (size_t k = late->count; k-- > 0;) {
            if (late->waiting[k].alert == at.alert)
                take_away(late, k);
        }
        *ret_alert = at.alert;
        *ret_row = at.row;
        return true;
    }
    return false;
}

bool
bypass_late_overdue(struct bypass_late *late, int64_t now_us,
                    uint64_t *ret_number, struct row *ret_row)
{
    for (size_t i = 0; i < late->count; i++) {
        if (late->waiting[i].alert != 0 ||
            late->waiting[i].row.time_received_us > now_us - BYPASS_LATE_US)
            continue;
        *ret_number = late->waiting[i].number;
        *ret_row = late->waiting[i].row;
        take_away(late, i);
        return true;
    }
    return false;
}

enum result
bypass_late_save(struct bypass_late *late)
{
    struct buffer out = {0};
    enum result result = OK;

    if (!late->changed)
        return OK;
    for (size_t i = 0; i < late->count && result == OK; i++) {
        result = buffer_append(&out, &late->waiting[i].number, 8);
        if (result == OK)
            result = buffer_append(&out, &late->waiting[i].alert, 8);
    }
    if (result == OK)
        result = lookup_setting_set(late->core->lookup, place_name,
                                    buffer_as_text(&out));
    late->changed = result != OK;
    buffer_free(&out);
    return result;
}
