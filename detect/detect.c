/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From row to alert. Everything that is decided here follows from the rows
 * and their order alone; ids are compared, never ordered.
 */
#include "detect/detect.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "detect/state.h"
#include "model/category.h"
#include "model/resource.h"

/* Requests closer than this are one request's rows. */
#define REQUEST_GAP_MS 400u
#define GAP_MS_MAX (30u * 60 * 1000)
/* Accounts of a network beyond which others' persons vouch for nobody. */
#define VOUCHING_MAX 32u
#define RUN_A_REQUEST 3u /* strangers of one answer that count in a row */

enum result
detect_new(const struct detect_options *options, struct detect **ret_detect)
{
    struct detect *d = calloc(1, sizeof(*d));
    if (d == NULL)
        return E_NOMEM;
    d->options = *options;
    pool_start(&d->accounts, sizeof(struct account));
    pool_start(&d->sessions, sizeof(struct session_state));
    d->newest = d->oldest = POOL_NONE;
    enum result r = slots_start(&d->account_index, 32, 4);
    if (r == OK)
        r = slots_start(&d->session_index, 32, 4);
    if (r == OK)
        r = slots_start(&d->popular, PAIR_BITS, 4);
    if (r == OK)
        r = slots_start(&d->pairs, PAIR_BITS, 8);
    if (r != OK) {
        detect_free(d);
        return r;
    }
    *ret_detect = d;
    return OK;
}

void
detect_free(struct detect *detect)
{
    if (detect == NULL)
        return;
    pool_free(&detect->accounts);
    pool_free(&detect->sessions);
    slots_free(&detect->account_index);
    slots_free(&detect->session_index);
    slots_free(&detect->popular);
    slots_free(&detect->pairs);
    free(detect);
}

/* Who a row is about, with the account turned to the row's day. */
struct subject {
    struct account *account;
    struct session_state *session;
    uint32_t session_index;
    uint32_t minute;
    uint32_t ms; /* wraps */
};

static uint32_t
minute_of(int64_t time_us)
{
    return time_us <= 0 ? 0 : (uint32_t)(time_us / TIME_MINUTE_US);
}

/* For one account time never goes back; a wrong clock in another account's
 * row is none of its business. */
static enum result
subject_of(struct detect *detect, const struct row *row, struct subject *ret)
{
    uint64_t id = row->professional != 0 ? row->professional : row->session;
    uint32_t account;
    int64_t time = row->time_source_us;
    ret->minute = minute_of(time);
    ret->ms = time <= 0 ? 0 : (uint32_t)(uint64_t)(time / 1000);
    enum result r =
        account_find(detect, id, row->professional == 0, ret->minute, &account);
    if (r != OK)
        return r;
    ret->account = pool_at(&detect->accounts, account);
    if (ret->minute < ret->account->minute)
        ret->minute = ret->account->minute;
    r = visit_find(detect, row, account, ret->minute, &ret->session_index);
    if (r != OK)
        return r;
    ret->session = pool_at(&detect->sessions, ret->session_index);
    return OK;
}

static uint32_t
print32(uint64_t id)
{
    return (uint32_t)(id ^ id >> 32);
}

static enum result
on_sighting(struct detect *detect, const struct row *row)
{
    struct subject s;
    enum result r = subject_of(detect, row, &s);
    if (r != OK)
        return r;
    visit_touch(detect, s.session_index, s.minute);
    account_turn(detect, s.account, s.minute);
    r = context_set(detect, s.account, s.session, print32(row->request),
                    row->detail, print32(row->person), s.minute);
    s.account->latest = s.session_index + 1;
    return r;
}

static void
bump(uint16_t *count)
{
    if (*count < UINT16_MAX)
        ++*count;
}

static void
count_request(struct session_state *s, const struct row *row, uint32_t ms)
{
    uint32_t gap = ms - s->last_ms;
    unsigned interaction = ROW_DETAIL_INTERACTION(row->detail);
    bool write = (row->flags & ROW_WRITE) != 0;
    bool search = (row->flags & ROW_SEARCH) || row->kind == ROW_UNLABELLED ||
                  interaction == INTERACTION_SEARCH;
    uint16_t seen = row->categories & CATEGORY_SEEN_MASK;
    if (write) {
        bump(&s->writes);
    } else {
        bump(&s->reads);
        if (search)
            bump(&s->searches);
        if ((seen & ~(CATEGORY_IDENTITY | CATEGORY_CONTACT | CATEGORY_NIR |
                      CATEGORY_ADMIN)) == 0)
            bump(&s->identity);
    }
    s->last_ms = ms;
    if (gap >= REQUEST_GAP_MS)
        s->run_here = 0;
    if (s->reads + s->writes <= 1 || gap < REQUEST_GAP_MS || gap > GAP_MS_MAX)
        return;
    float off = (float)gap - s->gap_mean_ms;
    float share = s->gaps < 8 ? 1.0f / (float)(s->gaps + 1) : 0.125f;
    s->gap_mean_ms += share * off;
    off = off < 0 ? -off : off;
    s->gap_deviation_ms += share * (off - s->gap_deviation_ms);
    if (s->gaps < UINT8_MAX)
        s->gaps++;
}

/* A person's first time in this session? Counts it where it belongs. */
struct touch {
    bool fresh;     /* never seen by the account nor its place */
    bool neighbour; /* seen by others of the place */
    bool vouches;   /* which is of few enough to speak for who is there */
    bool first;     /* first time in this session, since it came here */
    bool known;     /* and followed before, from where the account is at home */
};

static enum result
neighbour_of(struct detect *detect, const struct session_state *s,
             uint64_t person, uint32_t span, bool *ret_neighbour)
{
    uint64_t hash = slots_mix(person, UINT64_C(0x100000000) | s->network);
    *ret_neighbour = false;
    if (s->network == 0)
        return OK;
    if (s->place != PLACE_OWN) {
        *ret_neighbour = slots_find(&detect->pairs, hash) != NULL;
        return OK;
    }
    uint64_t *entry;
    bool made;
    enum result r = slots_put(&detect->pairs, hash, span, &made, &entry);
    if (r == OK)
        *ret_neighbour = !made;
    return r;
}

static enum result
touch_pair(struct detect *detect, const struct subject *s, uint64_t person,
           struct touch *ret)
{
    struct session_state *v = s->session;
    uint32_t span = s->minute / SPAN_MINUTES, now = span & SPAN_MASK;
    bool odd_place = v->place == PLACE_UNKNOWN, made;
    uint64_t *entry;
    enum result r = slots_put(&detect->pairs, slots_mix(s->account->id, person),
                              now | (odd_place ? PAIR_ODD : 0), &made, &entry);
    if (r != OK)
        return r;
    *ret = (struct touch){.first = true};
    if (made) {
        detect->pair_count++;
        r = neighbour_of(detect, v, person, now, &ret->neighbour);
        ret->fresh = !ret->neighbour;
        ret->vouches = ret->neighbour &&
                       context_sharers(detect, v->network) <= VOUCHING_MAX;
        return r;
    }
    uint64_t value = slots_value(&detect->pairs, *entry);
    uint32_t ago = (span - (uint32_t)value) & SPAN_MASK;
    uint32_t here = span - v->here_minute / SPAN_MINUTES;
    struct account *a = s->account;
    ret->first = ago > here;
    ret->known = ret->first && !(value & PAIR_ODD);
    if (ago < SPANS_AN_HOUR) {
        uint16_t *old = &a->ring_persons[(span - ago) % SPANS_AN_HOUR];
        if (*old > 0)
            --*old;
    }
    bump(&a->ring_persons[span % SPANS_AN_HOUR]);
    if (span / SPANS_A_DAY != (span - ago) / SPANS_A_DAY)
        bump(&a->today[DAY_PERSONS]);
    slots_set(&detect->pairs, entry, now | (odd_place ? value & PAIR_ODD : 0));
    return OK;
}

static void
raise_peak(uint16_t *peak, uint32_t value)
{
    if (value > *peak)
        *peak = (uint16_t)(value > UINT16_MAX ? UINT16_MAX : value);
}

static void
raise_lead(uint8_t *lead, uint32_t count)
{
    uint32_t fours = (count + 3) / 4;
    if (fours > *lead)
        *lead = (uint8_t)(fours > UINT8_MAX ? UINT8_MAX : fours);
}

/* Strangers one after another, and how many of them were asked for: of one
 * answer only a few, since a list shows what nobody asked for. */
static bool
count_run(struct account *a, struct session_state *v, const struct touch *t)
{
    if (t->known)
        v->run = 0;
    if (!t->fresh || v->run_here == RUN_A_REQUEST)
        return false;
    v->run_here++;
    bump(&v->run);
    if (v->place != PLACE_UNKNOWN && v->verdict < VERDICT_STEP_UP)
        raise_peak(&a->today[DAY_RUN], v->run);
    return true;
}

static void
count_person(struct account *a, struct session_state *v, const struct touch *t,
             uint32_t minute)
{
    uint32_t span = minute / SPAN_MINUTES;
    if (t->first)
        bump(&v->persons);
    if (t->known)
        bump(&v->known);
    raise_lead(&a->lead_persons, (uint32_t)v->persons + v->persons_before);
    bool asked = count_run(a, v, t);
    if (t->fresh || t->neighbour) {
        bump(&a->ring_persons[span % SPANS_AN_HOUR]);
        bump(&a->today[DAY_PERSONS]);
    }
    if (t->neighbour)
        bump(&v->neighbours);
    if (asked) {
        bump(&v->fresh);
        raise_lead(&a->lead_fresh, (uint32_t)v->fresh + v->fresh_before);
        bump(&a->ring_fresh[span % SPANS_AN_HOUR]);
        if (v->place != PLACE_UNKNOWN)
            bump(&a->today[DAY_FRESH]);
    }
    if (t->fresh && v->place == PLACE_UNKNOWN) {
        bump(&v->odd);
        /* Asked already: what it still takes accuses no other session. */
        if (v->verdict < VERDICT_STEP_UP)
            bump(&a->odd_fresh);
    }
    if (v->place == PLACE_UNKNOWN) {
        if ((t->known || t->vouches) && a->odd_known < UINT8_MAX)
            a->odd_known++;
        return;
    }
    unsigned hour = minute / 60 % 24;
    a->hours_today[hour / 8] |= (uint8_t)(1u << hour % 8);
    if (!t->first)
        return;
    raise_peak(&a->today[HOUR_PERSONS], account_ring(a->ring_persons));
    raise_peak(&a->today[HOUR_FRESH], account_ring(a->ring_fresh));
}

static void
fill_alert(const struct row *row, uint64_t alias, int64_t time_us,
           const struct judgement *judgement, struct alert *ret)
{
    ret->verdict = judgement->verdict;
    ret->id = slots_mix(slots_mix(row->session, row->professional),
                        judgement->verdict);
    ret->time_us = time_us;
    ret->professional = row->professional;
    ret->session = row->session;
    ret->session_alias = alias != 0 ? alias : row->session;
    ret->score_centinats = judgement->score;
    ret->decided = judgement->decided;
    ret->sign_count = judgement->sign_count;
    memcpy(ret->signs, judgement->signs,
           judgement->sign_count * sizeof(*ret->signs));
}

/* At most one alert a session and verdict, also after the session was
 * forgotten: what was given lies with the pairs. */
static enum result
give(struct detect *detect, struct subject *s, const struct row *row,
     uint64_t alias, const struct judgement *judgement, struct alert *ret)
{
    struct session_state *v = s->session;
    uint64_t *entry;
    bool made = false;
    if (judgement->verdict <= v->verdict)
        return OK;
    for (unsigned w = v->verdict + 1u; w <= judgement->verdict; w++) {
        enum result r =
            slots_put(&detect->pairs, slots_mix(v->key, w), 0, &made, &entry);
        if (r != OK)
            return r;
    }
    v->verdict = judgement->verdict & 3u;
    if (!made)
        return OK;
    fill_alert(row, alias, row->time_source_us, judgement, ret);
    /* Asked once: the next session from there has the whole cap again. */
    if (judgement->verdict == VERDICT_STEP_UP) {
        s->account->odd_fresh = s->account->odd_known = 0;
        s->account->flags |= ACCOUNT_ASKED_TODAY;
        context_asked(s->account, v);
    }
    return OK;
}

static enum result
on_access(struct detect *detect, const struct row *row, uint64_t alias,
          const struct facts *facts, struct alert *ret_alert)
{
    struct subject s;
    struct touch t;
    struct judgement judgement;
    enum result r = subject_of(detect, row, &s);
    if (r != OK)
        return r;
    visit_touch(detect, s.session_index, s.minute);
    account_turn(detect, s.account, s.minute);
    /* roles beyond the table share its rows */
    if (facts != NULL && facts->role != 0)
        s.account->role = (uint8_t)((facts->role - 1u) % (PEER_ROLES - 1) + 1);
    if (!s.session->started) {
        r = context_set(detect, s.account, s.session, 0, 0, 0, s.minute);
        if (r != OK)
            return r;
    }
    s.account->latest = s.session_index + 1;
    if (!(row->flags & ROW_SAME_REQUEST))
        count_request(s.session, row, s.ms);
    if (row->kind != ROW_DISCLOSURE || row->person == 0)
        return OK;
    r = touch_pair(detect, &s, row->person, &t);
    if (r != OK)
        return r;
    count_person(s.account, s.session, &t, s.minute);
    /* who opens a lure again is looked at again */
    if (!t.first && !(facts != NULL && (facts->bits & FACT_LURE)))
        return OK;
    r = context_earn(detect, s.account, s.session);
    if (r != OK)
        return r;
    context_odd(detect, s.account, s.session, s.minute);
    score_session(detect, s.account, s.session, facts, &judgement);
    r = give(detect, &s, row, alias, &judgement, ret_alert);
    if (judgement.verdict < s.session->verdict)
        judgement.verdict = s.session->verdict;
    suspects_note(detect, s.account, s.session, row, &judgement);
    return r;
}

static enum result
on_refusal(struct detect *detect, const struct row *row, uint64_t alias,
           struct alert *ret_alert)
{
    struct subject s;
    struct judgement judgement;
    enum result r = subject_of(detect, row, &s);
    if (r != OK)
        return r;
    visit_touch(detect, s.session_index, s.minute);
    account_turn(detect, s.account, s.minute);
    if ((uint16_t)(s.minute - s.account->refusal_minute) > REFUSAL_MINUTES)
        s.account->refusals = 0;
    if (s.account->refusals < UINT8_MAX)
        s.account->refusals++;
    s.account->refusal_minute = (uint16_t)s.minute;
    if (row->person != 0) /* an access, by somebody who is in */
        return OK;
    r = guess_note(detect, s.session->account, s.session->address,
                   (uint32_t)(row->time_source_us / TIME_SECOND_US),
                   &judgement);
    if (r != OK || judgement.verdict == VERDICT_ALLOW)
        return r;
    fill_alert(row, alias, row->time_source_us, &judgement, ret_alert);
    suspects_note(detect, s.account, s.session, row, &judgement);
    return OK;
}

/* Before the rows of what it showed: nothing is to be said yet. */
static enum result
on_query(struct detect *detect, const struct row *row)
{
    struct subject s;
    enum result r = subject_of(detect, row, &s);
    if (r == OK)
        enumerate_note(&s.session->enumeration, row->detail);
    return r;
}

void
detect_expect(const struct detect *detect, uint64_t who, uint64_t person)
{
    slots_expect(&detect->pairs, slots_mix(who, person));
}

enum result
detect_row(struct detect *detect, const struct row *row, uint64_t session_alias,
           const struct facts *facts, struct alert *ret_alert)
{
    memset(ret_alert, 0, sizeof(*ret_alert));
    if (row->session == 0 && row->professional == 0)
        return OK; /* nobody to judge */
    switch (row->kind) {
    case ROW_DISCLOSURE:
    case ROW_UNLABELLED:
        return on_access(detect, row, session_alias, facts, ret_alert);
    case ROW_SIGHTING:
        return on_sighting(detect, row);
    case ROW_REFUSAL:
        return on_refusal(detect, row, session_alias, ret_alert);
    case ROW_QUERY:
        return on_query(detect, row);
    default:
        return OK;
    }
}

void
detect_statistics(const struct detect *detect,
                  struct detect_statistics *ret_statistics)
{
    *ret_statistics = (struct detect_statistics){
        .accounts = detect->account_count,
        .pairs = detect->pair_count,
        .sessions = detect->session_count,
        .professional_days = detect->professional_days,
        .bytes = sizeof(*detect) + detect->accounts.bytes +
                 detect->sessions.bytes + detect->account_index.bytes +
                 detect->session_index.bytes + detect->popular.bytes +
                 detect->pairs.bytes};
}
