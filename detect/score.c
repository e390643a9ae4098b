/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Signs of a session as it stands, each a natural logarithm of a likelihood
 * ratio in centinats (positive: speaks for a thief), and the verdict. Three
 * caps stand under the score and need none: new persons from an unknown
 * place, the account's own pace, fixed ceilings. No score cuts: the highest
 * verdict made here is step_up. docs/detection.md has each sign's reasons.
 */
#include "detect/scoring.h"

#include <string.h>

/* Persons, never seen before, without which a score asks nothing. */
#define WATCH_FRESH_MIN 5
#define STEP_UP_FRESH_MIN 8
#define SURPRISE_MIN 450 /* of device and network together */
#define MOSTLY_FRESH 150 /* of 255 */
#define COLD_EXCUSED_SCORE 150
#define PACE_EXCUSED_SCORE 250
#define DORMANT_DAYS 14 /* weighs in full from 30 days on */
#define REFUSALS_MIN 3
#define ASKED_TIMES 4 /* the cap, where somebody was asked already */
#define REGULAR_GAPS_MIN 12
#define RETURNS_MIN 2
#define PEER_SHARE 1000 /* one account-day in a thousand is over */
#define PEER_SIGN_SHARE 100

int32_t
score_log(double ratio)
{
    int exponent = 0;
    if (!(ratio > 1e-9))
        ratio = 1e-9;
    while (ratio > 1.4142135623730951) {
        ratio /= 2;
        exponent++;
    }
    while (ratio < 0.70710678118654752) {
        ratio *= 2;
        exponent--;
    }
    double s = (ratio - 1) / (ratio + 1), q = s * s;
    double ln = 2 * s * (1 + q * (1.0 / 3 + q * (0.2 + q / 7)));
    ln = (ln + exponent * 0.69314718055994531) * 100;
    return (int32_t)(ln < 0 ? ln - 0.5 : ln + 0.5);
}

void
scoring_add(struct scoring *s, enum sign_code code, int32_t weight,
            uint32_t observed, uint32_t usual, uint32_t window)
{
    struct judgement *out = s->out;
    if (s->detect->options.signs_off >> code & 1)
        return;
    if (out->sign_count == ALERT_SIGNS_MAX)
        return;
    weight = scoring_between(weight, -SIGN_WEIGHT_MAX, SIGN_WEIGHT_MAX);
    struct sign sign = {.code = (uint16_t)code,
                        .weight_centinats = (int16_t)weight,
                        .observed = observed,
                        .usual = usual,
                        .window = window};
    sign_since(s, &sign);
    uint32_t at = out->sign_count++;
    while (at > 0 && out->signs[at - 1].weight_centinats < weight) {
        out->signs[at] = out->signs[at - 1];
        at--;
    }
    out->signs[at] = sign;
    out->score += weight;
}

void
scoring_raise(struct scoring *s, enum verdict verdict, enum decision by)
{
    if (verdict < s->out->verdict)
        return;
    if (verdict > s->out->verdict)
        s->out->decided = 0;
    s->out->verdict = verdict;
    s->out->decided |= (uint16_t)by;
}

bool
scoring_is_on(const struct scoring *s, enum sign_code code)
{
    return !(s->detect->options.signs_off >> code & 1);
}

int32_t
scoring_beyond(uint32_t x, double m)
{
    m = m < 3 ? 3 : m;
    if (x <= m)
        return 0;
    double nats = (x * (score_log(x / m) / 100.0) - x + m) / 3;
    return nats > 5 ? SIGN_WEIGHT_MAX : (int32_t)(nats * 100);
}

/* How many strangers from an unknown place are too many: the cap where device
 * and network are both a surprise, up to twice it where one of them says
 * little, where the account changes often, or where it sees mostly strangers
 * anyway. Without a habit everybody is new: twice it too, unless the ledger
 * knows the others well and only this account is young or slept. */
static uint32_t
unknown_place_cap(const struct scoring *s)
{
    uint32_t cap = s->detect->options.unfamiliar_new_max;
    int32_t device = score_facts_device_weight(s);
    int32_t network = score_facts_network_weight(s);
    bool alone = device < ALONE_WEIGHT || network < ALONE_WEIGHT;
    if (context_was_asked(s->account, s->session))
        return ASKED_TIMES * cap;
    if (alone)
        return 2 * cap;
    if (device + network < SURPRISE_MIN ||
        (s->habit && s->account->share_fresh > MOSTLY_FRESH))
        return cap + cap / 2;
    return cap;
}

/* The first cap: persons never seen before, from a device and a network
 * that are not the account's. It adds up over sessions and days. */
static void
judge_unknown_place(struct scoring *s)
{
    const struct session_state *v = s->session;
    if (v->place != PLACE_UNKNOWN || v->odd == 0)
        return;
    uint32_t cap = unknown_place_cap(s);
    uint32_t seen = s->account->odd_fresh;
    scoring_add(s, SIGN_NEW_PERSONS_UNFAMILIAR,
                (int32_t)(seen * 400 / (cap + 1)), seen, cap,
                s->account->minute - v->here_minute + 1);
    if (!scoring_is_on(s, SIGN_NEW_PERSONS_UNFAMILIAR))
        return;
    bool known = s->habit || s->ledger_warm;
    if (seen > cap)
        scoring_raise(s, known ? VERDICT_STEP_UP : VERDICT_WATCH,
                      DECIDED_UNKNOWN_PLACE);
    if (seen > 2 * cap)
        scoring_raise(s, VERDICT_STEP_UP, DECIDED_UNKNOWN_PLACE);
}

static void
pace_sign(struct scoring *s, enum sign_code code, uint32_t fresh,
          uint32_t persons, enum measure_kind fresh_kind,
          enum measure_kind persons_kind, uint32_t window)
{
    const struct account *a = s->account;
    uint32_t fresh_limit = account_limit(s->detect, a, fresh_kind);
    uint32_t limit = account_limit(s->detect, a, persons_kind);
    if (!scoring_is_on(s, code))
        return;
    bool over = fresh > fresh_limit || persons > limit;
    bool by_fresh = fresh > fresh_limit || persons <= limit;
    uint32_t x = by_fresh ? fresh : persons;
    uint32_t largest = account_largest(a, by_fresh ? fresh_kind : persons_kind);
    int32_t weight = scoring_beyond(x, largest);
    if ((over || weight > 0) && score_facts_excuse_pace(s))
        return;
    bool far =
        x > 2 * (by_fresh ? fresh_limit : limit) || scoring_shows_lists(s);
    s->over_pace = s->over_pace || (over && (far || scoring_is_elsewhere(s)));
    s->over_calm = s->over_calm || over;
    if (weight > 0)
        scoring_add(s, code, weight, x, largest,
                    window | (by_fresh ? 0 : SIGN_WINDOW_ALL_PERSONS));
}

/* The second cap: the account's own pace. Only the session that makes at
 * least half of it answers for it: not the holder's, beside a thief's. */
static void
judge_pace(struct scoring *s)
{
    if (!s->habit)
        return;
    pace_sign(s, SIGN_PACE_HOUR, s->hour_fresh, s->hour_persons, HOUR_FRESH,
              HOUR_PERSONS, 60);
    pace_sign(s, SIGN_PACE_DAY, s->day_fresh, s->day_persons, DAY_FRESH,
              DAY_PERSONS, MINUTES_A_DAY);
}

/* What one peer in a thousand exceeds, and half as much again. Who did more
 * on a day before, from the own place, may do so again. */
static uint32_t
cold_limit(const struct scoring *s, unsigned which, uint32_t ceiling,
           uint32_t least)
{
    uint32_t own =
        account_largest(s->account, which == 0 ? DAY_PERSONS : HOUR_PERSONS);
    enum peer_kind kind;
    const struct peer_group *group =
        peers_of(&s->detect->peers, s->account, &kind);
    uint32_t peers = group == NULL ? 0 : peers_limit(group, which, PEER_SHARE);
    uint32_t limit = peers == 0 ? ceiling : peers + peers / 2;
    limit = limit < least ? least : limit;
    limit = limit > ceiling ? ceiling : limit;
    own = scoring_is_home(s) ? own + own / 2 : 0;
    return own > limit ? own : limit;
}

static void
ceiling_sign(struct scoring *s, uint32_t x, uint32_t limit, uint32_t window)
{
    scoring_add(s, SIGN_CEILING, scoring_beyond(x, limit * 0.5), x, limit,
                window);
    if (x > limit && scoring_is_on(s, SIGN_CEILING))
        scoring_raise(s, VERDICT_STEP_UP, DECIDED_CEILING);
}

/* Beyond what colleagues do: of the role, of the place, or all. */
static void
judge_peers(struct scoring *s)
{
    enum peer_kind kind;
    const struct peer_group *group =
        peers_of(&s->detect->peers, s->account, &kind);
    if (s->habit || group == NULL)
        return;
    uint32_t hour = peers_limit(group, 1, PEER_SIGN_SHARE);
    uint32_t day = peers_limit(group, 0, PEER_SIGN_SHARE);
    int32_t by_hour = scoring_beyond(s->hour_persons, hour);
    int32_t by_day = scoring_beyond(s->day_persons, day);
    uint32_t of = kind == PEERS_ROLE    ? SIGN_WINDOW_ROLE
                  : kind == PEERS_PLACE ? SIGN_WINDOW_PLACE
                                        : 0;
    if (by_hour > 0 && by_hour >= by_day)
        scoring_add(s, SIGN_PEERS, by_hour, s->hour_persons, hour, 60 | of);
    else if (by_day > 0)
        scoring_add(s, SIGN_PEERS, by_day, s->day_persons, day,
                    MINUTES_A_DAY | of);
}

/* The third: fixed ceilings. Those of accounts sans habitude come down to
 * what one peer in a thousand exceeds, once peers are known. */
static void
judge_ceilings(struct scoring *s)
{
    const struct detect_options *o = &s->detect->options;
    uint32_t hour = o->ceiling_persons_per_hour;
    uint32_t day = o->ceiling_persons_per_day;
    if (!s->habit) {
        hour = cold_limit(s, 1, o->ceiling_new_per_hour, 40);
        day = cold_limit(s, 0, o->ceiling_new_per_day, 100);
    }
    /* what the operator set for the role holds without any habit */
    if (s->facts->ceiling_hour != 0)
        hour = s->facts->ceiling_hour;
    if (s->facts->ceiling_day != 0)
        day = s->facts->ceiling_day;
    bool by_day =
        (uint64_t)s->day_persons * hour > (uint64_t)s->hour_persons * day;
    uint32_t x = by_day ? s->day_persons : s->hour_persons;
    uint32_t limit = by_day ? day : hour;
    uint32_t window = by_day ? MINUTES_A_DAY : 60;
    if (!s->habit)
        window |= scoring_cold_window(s);
    if (!s->habit || x > limit)
        ceiling_sign(s, x, limit, window);
}

static void
judge_place(struct scoring *s)
{
    const struct account *a = s->account;
    const struct session_state *v = s->session;
    int32_t device = score_facts_device_weight(s);
    int32_t network = score_facts_network_weight(s);
    if (device > 0)
        scoring_add(s, SIGN_DEVICE_NEW, device, 1, a->changes_device,
                    a->active_days);
    if (network > 0)
        scoring_add(s, SIGN_NETWORK_NEW, network, 1, a->changes_network,
                    a->active_days);
    int32_t own = scoring_between(v->device_weight, -SIGN_WEIGHT_MAX, 0) +
                  scoring_between(v->network_weight, -SIGN_WEIGHT_MAX, 0);
    if (own < 0)
        scoring_add(s, SIGN_FAMILIAR_CONTEXT, own, v->device_weight < 0,
                    v->network_weight < 0, 0);
    if (v->together > 0 && v->odd >= WATCH_FRESH_MIN)
        scoring_add(s, SIGN_SHARED_CONTEXT, 200 + 50 * v->together, v->together,
                    0, MINUTES_A_DAY);
    int32_t returns = v->returns & 15, handed = v->returns >> 4;
    if (returns >= RETURNS_MIN)
        scoring_add(s, SIGN_CONCURRENT,
                    handed >= RETURNS_MIN
                        ? scoring_between(handed * 75, 0, 300)
                        : scoring_between(returns * 15, 0, 75),
                    (uint32_t)returns, (uint32_t)handed, 0);
}

/* New and known persons are one ratio, said in two ways. Halved: persons of
 * one session are not independent. */
static void
judge_persons(struct scoring *s)
{
    const struct session_state *v = s->session;
    if (!s->habit || v->persons < 2)
        return;
    double usual = s->account->share_fresh / 255.0;
    usual = usual < 0.05 ? 0.05 : usual > 0.9 ? 0.9 : usual;
    int32_t per_fresh = score_log(0.97 / usual);
    int32_t per_other = score_log(0.03 / (1 - usual));
    int32_t others = v->known + v->neighbours;
    uint32_t weighed = (uint32_t)(v->fresh + others);
    int32_t weight = (v->fresh * per_fresh + others * per_other) / 2;
    weight = scoring_between(weight, -300, 450);
    if (weight > 0)
        scoring_add(s, SIGN_NEW_SHARE, weight, v->fresh * 100u / weighed,
                    (uint32_t)(usual * 100 + 0.5), weighed);
    else if (others > 0)
        scoring_add(s, SIGN_KNOWN_PERSONS, weight, (uint32_t)others,
                    (uint32_t)(usual * 100 + 0.5), weighed);
}

static void
share_sign(struct scoring *s, enum sign_code code, uint32_t part,
           uint32_t whole, uint8_t habit, int32_t most)
{
    double usual = habit / 255.0;
    usual = usual < 0.05 ? 0.05 : usual > 0.95 ? 0.95 : usual;
    uint32_t percent = part * 100 / whole;
    int32_t weight = score_log(0.95 / usual);
    if (percent < 90 || weight <= 0)
        return;
    scoring_add(s, code, scoring_between(weight, 0, most), percent,
                (uint32_t)(usual * 100 + 0.5), whole);
}

static void
judge_ways(struct scoring *s)
{
    const struct account *a = s->account;
    const struct session_state *v = s->session;
    if (s->habit && v->reads >= 10) {
        share_sign(s, SIGN_IDENTITY_ONLY, v->identity, v->reads,
                   a->share_identity, 100);
        share_sign(s, SIGN_SEARCH_SHARE, v->searches, v->reads, a->share_search,
                   100);
    }
    if (v->gaps >= REGULAR_GAPS_MIN && v->gap_mean_ms > 0) {
        float ratio = v->gap_deviation_ms / v->gap_mean_ms;
        if (ratio < 0.25f)
            scoring_add(s, SIGN_REGULAR, ratio < 0.12f ? 300 : 200,
                        (uint32_t)(v->gap_mean_ms / 100),
                        (uint32_t)(ratio * 100), v->gaps);
    }
    if (v->writes > 0)
        scoring_add(s, SIGN_WRITES, -scoring_between(40 * v->writes, 0, 200),
                    v->writes, 0, v->reads);
}

struct hour_habit
score_hour(const struct scoring *s)
{
    const struct account *a = s->account;
    struct hour_habit h = {.hour = a->minute / 60 % 24};
    if (!s->habit || a->active_days < 10)
        return h;
    for (uint32_t at = 0; at < 24; at++) {
        uint32_t count = account_hour_count(a, at);
        h.busiest = count > h.busiest ? count : h.busiest;
        if ((at + 1) % 24 == h.hour || at == h.hour || at == (h.hour + 1) % 24)
            h.near = count > h.near ? count : h.near;
    }
    h.weight = score_log(0.5 * (h.busiest + 1) / (h.near + 0.5)) / 2;
    h.weight = scoring_between(h.weight, 0, 150);
    return h;
}

static void
judge_time(struct scoring *s)
{
    const struct account *a = s->account;
    if (a->idle_days >= DORMANT_DAYS)
        scoring_add(s, SIGN_DORMANT,
                    scoring_between(a->idle_days * 200 / 30, 0, 200),
                    a->idle_days, DORMANT_DAYS, 0);
    if (a->refusals >= REFUSALS_MIN &&
        (uint16_t)(a->refusal_minute + REFUSAL_MINUTES -
                   (s->session->here_minute - s->session->start_before)) <
            MINUTES_A_DAY)
        scoring_add(s, SIGN_LOGIN_FAILURES, 120, a->refusals, 0,
                    REFUSAL_MINUTES);
    struct hour_habit hour = score_hour(s);
    if (hour.weight > 0)
        scoring_add(s, SIGN_HOUR_UNUSUAL, hour.weight, hour.hour, hour.near,
                    hour.busiest);
}

static uint32_t
least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Of the account's count, what this session answers for: nothing where
 * another one makes half of it; all of it where none does, since a thief may
 * open a session for every few persons. That is asked once a day. */
static uint32_t
part_of(const struct account *a, uint32_t session, uint32_t lead,
        uint32_t account)
{
    if ((uint64_t)session * 2 >= account)
        return least(session, account);
    if (a->flags & ACCOUNT_ASKED_TODAY || (uint64_t)lead * 2 >= account)
        return 0;
    return account;
}

static void
count(struct scoring *s)
{
    const struct account *a = s->account;
    const struct session_state *v = s->session;
    s->persons = (uint32_t)v->persons + v->persons_before;
    s->fresh = (uint32_t)v->fresh + v->fresh_before;
    s->hour_persons = part_of(a, s->persons, 4u * a->lead_persons,
                              account_ring(a->ring_persons));
    s->hour_fresh =
        part_of(a, s->fresh, 4u * a->lead_fresh, account_ring(a->ring_fresh));
    s->day_persons =
        part_of(a, s->persons, 4u * a->lead_persons, a->today[DAY_PERSONS]);
    s->day_fresh = part_of(a, s->fresh, 4u * a->lead_fresh,
                           (uint32_t)a->today[DAY_FRESH] + v->odd);
}

void
score_session(const struct detect *detect, const struct account *account,
              const struct session_state *session, const struct facts *facts,
              struct judgement *ret_judgement)
{
    static const struct facts nothing;
    struct scoring s = {.detect = detect,
                        .facts = facts != NULL ? facts : &nothing,
                        .account = account,
                        .session = session,
                        .out = ret_judgement,
                        .habit = account_has_habit(detect, account),
                        .ledger_warm = detect->first_day != 0 &&
                                       account_day(account) >=
                                           detect->first_day +
                                               detect->options.warm_up_days};
    memset(ret_judgement, 0, sizeof(*ret_judgement));
    count(&s);
    score_facts(&s);
    judge_unknown_place(&s);
    judge_pace(&s);
    score_strangers(&s);
    judge_ceilings(&s);
    judge_peers(&s);
    judge_place(&s);
    judge_persons(&s);
    judge_time(&s);
    judge_ways(&s);
    enumerate_judge(&s);
    /* A very busy day among one's own patients is looked at, not stopped. */
    if (s.over_calm)
        scoring_raise(&s, VERDICT_WATCH, DECIDED_PACE);
    if (s.over_cold_row)
        scoring_raise(&s,
                      ret_judgement->score <= COLD_EXCUSED_SCORE
                          ? VERDICT_WATCH
                          : VERDICT_STEP_UP,
                      DECIDED_STRANGERS);
    if (s.over_pace || s.over_row)
        scoring_raise(&s,
                      ret_judgement->score <= PACE_EXCUSED_SCORE
                          ? VERDICT_WATCH
                          : VERDICT_STEP_UP,
                      s.over_row ? DECIDED_STRANGERS : DECIDED_PACE);
    double nats = ret_judgement->score / 100.0;
    if (nats >= detect->options.watch_score && s.fresh >= WATCH_FRESH_MIN)
        scoring_raise(&s, VERDICT_WATCH, DECIDED_SCORE);
    if (nats >= detect->options.step_up_score && s.fresh >= STEP_UP_FRESH_MIN)
        scoring_raise(&s, VERDICT_STEP_UP, DECIDED_SCORE);
}
