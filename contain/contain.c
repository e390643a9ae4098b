/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Invariants:
 *  1. contain_decide changes nothing: what was let out comes back as a row.
 *  2. A person that the tables forgot counts as new, never as known.
 *  3. What a trail tells as shown comes before the door is asked to let it
 *     out: it spends budgets, and opens nothing.
 */
#include "contain/contain.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/time.h"
#include "contain/contain_inside.h"
#include "model/event.h"

void
contain_options_default(struct contain_options *ret_options)
{
    *ret_options = (struct contain_options){
        .ceilings = {{200, 600}, {200, 600}, {0, 0}, {0, 0}},
        .new_every_s = 300,
        .stop_percent = 5,
        .stop_least = 5,
        .glass_per_hour = 3,
        .cut_refusals = 5,
        .cut_minutes = 30,
        .pairs_max = CONTAIN_PAIRS_MAX,
        .standings_max = CONTAIN_STANDINGS_MAX,
        .keys_max = CONTAIN_BUDGET_KEYS_MAX,
    };
}

enum result
contain_new(const struct contain_options *options, struct contain **ret_contain)
{
    struct contain *contain = calloc(1, sizeof(*contain));
    enum result result;

    if (contain == NULL)
        return E_NOMEM;
    contain->options = *options;
    contain->posture = POSTURE_NORMAL;
    result = known_new(options->pairs_max, &contain->seen);
    if (result == OK)
        result = standings_new(options->standings_max, &contain->standings);
    if (result == OK)
        result = budgets_new(options->keys_max, &contain->budgets);
    if (result == OK)
        result = budgets_new(1024, &contain->glasses);
    if (result == OK)
        result = share_new(&contain->share);
    if (result == OK)
        result = unanswered_new(CONTAIN_UNANSWERED_MAX, &contain->unanswered);
    if (result != OK) {
        contain_free(contain);
        return result;
    }
    *ret_contain = contain;
    return OK;
}

void
contain_free(struct contain *contain)
{
    if (contain == NULL)
        return;
    known_free(contain->seen);
    standings_free(contain->standings);
    budgets_free(contain->budgets);
    budgets_free(contain->glasses);
    share_free(contain->share);
    unanswered_free(contain->unanswered);
    free(contain);
}

void
contain_options_set(struct contain *contain,
                    const struct contain_options *options)
{
    contain->options = *options;
}

uint64_t
contain_who(uint64_t professional, uint64_t session)
{
    return professional != 0 ? professional : session;
}

void
contain_expect(const struct contain *contain, uint64_t who, uint64_t person)
{
    known_expect(contain->seen, who, person);
}

bool
contain_first(const struct contain *contain, uint64_t who, uint64_t person,
              int64_t *ret_first_us)
{
    return known_first(contain->seen, who, person, ret_first_us);
}

bool
contain_told(const struct contain *contain, uint64_t who, uint64_t person,
             int64_t now_us)
{
    int64_t first_us;

    return known_is_told(contain->seen, who, person) &&
           known_first(contain->seen, who, person, &first_us) &&
           now_us - first_us <= EVENT_SIDES_APART_US;
}

typedef void count_persons(struct budgets *budgets, enum budget_of of,
                           uint64_t id, int64_t time_us, uint32_t persons);

static void
spend(struct contain *contain, const struct row *row, uint32_t persons,
      count_persons *count)
{
    int64_t at_us = row->time_source_us;

    count(contain->budgets, BUDGET_REGION, 0, at_us, persons);
    if (row->session != 0)
        count(contain->budgets, BUDGET_SESSION, row->session, at_us, persons);
    if (row->professional != 0)
        count(contain->budgets, BUDGET_PROFESSIONAL, row->professional, at_us,
              persons);
    if (row->service != 0)
        count(contain->budgets, BUDGET_SERVICE, row->service, at_us, persons);
}

/* The latest step-up that stands on the session or its professional; NULL. */
static const struct standing *
step_up_on(const struct contain *contain, const struct row *row)
{
    const struct standing *of[2] = {
        standings_find(contain->standings, ORDER_ON_SESSION, row->session),
        standings_find(contain->standings, ORDER_ON_PROFESSIONAL,
                       row->professional)};
    const struct standing *latest = NULL;

    for (size_t i = 0; i < 2; i++) {
        if (of[i] != NULL && of[i]->verdict == VERDICT_STEP_UP &&
            (latest == NULL || of[i]->since_us > latest->since_us))
            latest = of[i];
    }
    return latest;
}

/* A person whom the account had not seen, shown or refused. */
static void
asked_under_step_up(struct contain *contain, const struct row *row)
{
    const struct standing *stands = step_up_on(contain, row);

    if (stands != NULL && row->time_source_us >= stands->since_us)
        unanswered_ask(contain->unanswered, row->session, row->professional,
                       stands->since_us, row->person, row->kind == ROW_REFUSAL,
                       row->time_source_us);
}

/* Of the door: what a trail tells as refused was refused by somebody else. */
static void
refusal_row(struct contain *contain, const struct row *row)
{
    uint64_t who = contain_who(row->professional, row->session);
    int64_t first_us;

    if (row->grade == GRADE_SENT && row->person != 0 &&
        !known_first(contain->seen, who, row->person, &first_us))
        asked_under_step_up(contain, row);
}

/* A trail told it, and the door did not let it out. */
static void
taken_back(struct contain *contain, const struct row *row)
{
    uint64_t who = contain_who(row->professional, row->session);
    int64_t first_us;

    if (!known_is_told(contain->seen, who, row->person) ||
        !known_first(contain->seen, who, row->person, &first_us) ||
        first_us != row->time_source_us)
        return;
    (void)known_forget(contain->seen, who, row->person);
    spend(contain, row, 1, budgets_refund);
}

static enum result
disclosure_row(struct contain *contain, const struct row *row)
{
    uint64_t who = contain_who(row->professional, row->session);
    int64_t at_us = row->time_source_us;
    bool is_new = true, told = row->grade == GRADE_DECLARED;
    enum result result;

    if (who == 0)
        return OK;
    if (row->kind == ROW_UNLABELLED || row->person == 0) {
        spend(contain, row,
              row->person == 0           ? 1
              : row->person > UINT32_MAX ? UINT32_MAX
                                         : (uint32_t)row->person,
              budgets_spend);
        return OK;
    }
    result = known_add(contain->seen, who, row->person, at_us, &is_new);
    if (result != OK && result != E_LIMIT)
        return result;
    if (is_new) {
        spend(contain, row, 1, budgets_spend);
        known_tell(contain->seen, who, row->person, told);
    } else if (told || !known_is_told(contain->seen, who, row->person)) {
        return OK;
    }
    if (told)
        return OK;
    known_tell(contain->seen, who, row->person, false);
    asked_under_step_up(contain, row);
    standings_admit(contain->standings, ORDER_ON_PROFESSIONAL,
                    row->professional, row->person, at_us);
    standings_admit(contain->standings, ORDER_ON_SESSION, row->session,
                    row->person, at_us);
    return OK;
}

static enum result
posture_row(struct contain *contain, const struct order *order)
{
    if (order->by == ORDER_BY_AUTOMATION) {
        contain->automation_stopped = true;
        return OK;
    }
    contain->posture = order->posture;
    contain->posture_us = order->time_us;
    contain->automation_stopped = false;
    return OK;
}

static enum result
order_taken(struct contain *contain, const struct row *row)
{
    struct order order;
    struct standing standing = {0};

    if (order_of_row(row, &order) != OK)
        return OK; /* of a newer version: not for us */
    if (order.target == ORDER_ON_EVERYBODY)
        return posture_row(contain, &order);
    if (order.target == ORDER_REVIEW)
        return OK;
    if (order.target == ORDER_GLASS) {
        budgets_spend(contain->glasses, BUDGET_PROFESSIONAL,
                      contain_who(row->professional, row->session),
                      order.time_us, 1);
        return OK;
    }
    if (order.by == ORDER_BY_OPERATOR)
        unanswered_spare(contain->unanswered, row->session, row->professional);
    standing.target = order.target;
    standing.id = order.id;
    standing.verdict = order.verdict;
    standing.since_us = order.time_us;
    standing.by = order.by;
    standing.operator_uid = order.uid;
    standing.alert = order.alert;
    standing.order = order.number;
    return standings_set(contain->standings, &standing);
}

/* Otherwise a step_up of an hour that has not come yet could not be lifted,
 * and budgets would not see what is spent now. */
static void
set_clock(struct contain *contain, int64_t time_us)
{
    standings_clock(contain->standings, time_us);
    budgets_clock(contain->budgets, time_us);
    budgets_clock(contain->glasses, time_us);
    if (contain->posture_us > time_us)
        contain->posture_us = time_us;
}

enum result
contain_row(struct contain *contain, const struct row *row)
{
    enum result result = OK;

    if ((row->kind == ROW_DISCLOSURE || row->kind == ROW_UNLABELLED) &&
        (row->flags & ROW_WITHHELD) == 0)
        result = disclosure_row(contain, row);
    else if (row_is_taken_back(row))
        taken_back(contain, row);
    else if (row->kind == ROW_REFUSAL)
        refusal_row(contain, row);
    else if (row->kind == ROW_ORDER)
        result = order_taken(contain, row);
    else if (row->kind == ROW_CLOCK_JUMP)
        set_clock(contain, row->time_source_us);
    return result == E_LIMIT ? OK : result;
}

const struct standings *
contain_standings(const struct contain *contain)
{
    return contain->standings;
}

enum posture
contain_posture(const struct contain *contain, int64_t *ret_since_us)
{
    if (ret_since_us != NULL)
        *ret_since_us = contain->posture_us;
    return contain->posture;
}

bool
contain_automation_stopped(const struct contain *contain)
{
    return contain->automation_stopped;
}

/* ---- what is about to be shown ---- */

const struct standing *
contain_in_force(const struct contain *contain, enum order_target target,
                 uint64_t id, int64_t authenticated_us)
{
    const struct standing *stands =
        standings_find(contain->standings, target, id);

    if (stands != NULL && stands->verdict == VERDICT_STEP_UP &&
        authenticated_us > stands->since_us)
        return NULL;
    return stands;
}

enum verdict
contain_verdict(const struct contain *contain, uint64_t professional,
                uint64_t session, int64_t authenticated_us)
{
    const struct standing *on_session =
        contain_in_force(contain, ORDER_ON_SESSION, session, authenticated_us);
    const struct standing *on_professional = contain_in_force(
        contain, ORDER_ON_PROFESSIONAL, professional, authenticated_us);
    enum verdict verdict = VERDICT_ALLOW;

    if (on_session != NULL)
        verdict = on_session->verdict;
    if (on_professional != NULL && on_professional->verdict > verdict)
        verdict = on_professional->verdict;
    return verdict;
}

static bool
is_known(const struct shown_person *person, const struct standing *stands)
{
    return (person->known && person->first_us <= stands->since_us) ||
           (person->person != 0 &&
            standing_has_admitted(stands, person->person));
}

static enum contain_cause
narrow_cause(const struct contain *contain, const struct showing *showing,
             const struct standing *stands)
{
    int64_t every_us = contain->options.new_every_s * TIME_SECOND_US;
    size_t fresh = 0;

    if ((showing->flags & SHOWING_EXPORT) != 0)
        return CAUSE_EXPORT;
    if ((showing->flags & SHOWING_UNREADABLE) != 0)
        return CAUSE_UNREADABLE;
    if ((showing->flags & SHOWING_LIST) != 0 && showing->person_count > 1)
        return CAUSE_LIST;
    for (size_t i = 0; i < showing->person_count; i++) {
        if (is_known(&showing->persons[i], stands))
            continue;
        if (!showing->persons[i].identified)
            return CAUSE_UNNAMED;
        fresh++;
    }
    if (fresh == 0)
        return CAUSE_NONE;
    if ((showing->flags & SHOWING_LIST) != 0)
        return CAUSE_LIST; /* found by a search, not asked for by identity */
    if (fresh > 1)
        return CAUSE_SEVERAL_NEW;
    if (stands->admitted_count > 0 &&
        showing->now_us - stands->admitted_us < every_us)
        return CAUSE_NEW_TOO_SOON;
    return CAUSE_NONE;
}

/* True where it ends the matter. */
static bool
decide_standing(const struct contain *contain, const struct showing *showing,
                const struct standing *stands,
                struct contain_decision *decision)
{
    if (stands == NULL || stands->verdict < VERDICT_STEP_UP)
        return false;
    if (stands->verdict == VERDICT_CUT) {
        decision->answer = CONTAIN_CUT;
        decision->cause = CAUSE_CUT;
    } else {
        decision->cause = narrow_cause(contain, showing, stands);
        if (decision->cause == CAUSE_NONE)
            return false;
        decision->answer = CONTAIN_STEP_UP;
        decision->since_us = stands->since_us;
    }
    decision->alert = stands->alert;
    return true;
}

static uint32_t
count_new(const struct showing *showing)
{
    uint64_t count = 0;

    for (size_t i = 0; i < showing->person_count; i++)
        count += showing->persons[i].known ? 0 : 1;
    if ((showing->flags & SHOWING_UNREADABLE) != 0)
        count += showing->worst_case == 0 ? 1 : showing->worst_case;
    return count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

/* Of whom a trail told already: they are spent, and not shown yet. */
static bool
has_told(const struct showing *showing)
{
    for (size_t i = 0; i < showing->person_count; i++) {
        if (showing->persons[i].told)
            return true;
    }
    return false;
}

static bool
over(const struct contain *contain, enum budget_of of, uint64_t id,
     const struct showing *showing, uint32_t persons)
{
    struct ceiling ceiling = contain->options.ceilings[of];
    struct ceiling spent;

    if (of == BUDGET_PROFESSIONAL && showing->role.hour != 0)
        ceiling.hour = showing->role.hour;
    if (of == BUDGET_PROFESSIONAL && showing->role.day != 0)
        ceiling.day = showing->role.day;
    if (id == 0 && of != BUDGET_REGION)
        return false;
    if (ceiling.hour == 0 && ceiling.day == 0)
        return false;
    spent = budgets_spent(contain->budgets, of, id, showing->now_us);
    return (ceiling.hour != 0 &&
            (uint64_t)spent.hour + persons > ceiling.hour) ||
           (ceiling.day != 0 && (uint64_t)spent.day + persons > ceiling.day);
}

static bool
decide_budget(const struct contain *contain, const struct showing *showing,
              struct contain_decision *decision)
{
    const uint64_t ids[BUDGET_COUNT] = {
        [BUDGET_SESSION] = showing->session,
        [BUDGET_PROFESSIONAL] = showing->professional,
        [BUDGET_SERVICE] = showing->service,
        [BUDGET_REGION] = 0,
    };
    uint32_t persons = count_new(showing);

    if (persons == 0 && !has_told(showing))
        return false;
    for (unsigned i = 0; i < BUDGET_COUNT; i++) {
        if (!over(contain, (enum budget_of)i, ids[i], showing, persons))
            continue;
        decision->answer = CONTAIN_REFUSE;
        decision->cause = CAUSE_BUDGET;
        decision->budget = (enum budget_of)i;
        return true;
    }
    return false;
}

/* One identified person, a few an hour, never for an identity that was cut:
 * that one is confirmed stolen. */
static void
decide_glass(const struct contain *contain, const struct showing *showing,
             struct contain_decision *decision)
{
    uint64_t who = contain_who(showing->professional, showing->session);
    uint32_t used = budgets_spent(contain->glasses, BUDGET_PROFESSIONAL, who,
                                  showing->now_us)
                        .hour;

    if (used < contain->options.glass_per_hour && showing->person_count <= 1 &&
        (showing->person_count == 0 || showing->persons[0].identified) &&
        (showing->flags &
         (SHOWING_LIST | SHOWING_EXPORT | SHOWING_UNREADABLE)) == 0)
        return;
    decision->answer = CONTAIN_REFUSE;
    decision->cause = CAUSE_GLASS;
}

void
contain_decide(const struct contain *contain, const struct showing *showing,
               struct contain_decision *ret_decision)
{
    const struct standing *on_session = contain_in_force(
        contain, ORDER_ON_SESSION, showing->session, showing->authenticated_us);
    const struct standing *on_professional =
        contain_in_force(contain, ORDER_ON_PROFESSIONAL, showing->professional,
                         showing->authenticated_us);
    const struct standing posture = {
        .verdict = VERDICT_STEP_UP,
        .since_us = contain->posture_us,
    };
    bool cut = contain_verdict(contain, showing->professional, showing->session,
                               showing->authenticated_us) == VERDICT_CUT;

    *ret_decision = (struct contain_decision){.answer = CONTAIN_RELEASE};
    if ((showing->flags & SHOWING_WRITTEN) != 0)
        return;
    if (!cut && (showing->flags & SHOWING_GLASS) != 0) {
        decide_glass(contain, showing, ret_decision);
        return;
    }
    if (on_professional != NULL && on_professional->verdict == VERDICT_CUT)
        on_session = on_professional; /* the worse one first */
    if (decide_standing(contain, showing, on_session, ret_decision) ||
        decide_standing(contain, showing, on_professional, ret_decision))
        return;
    if (contain->posture == POSTURE_NARROW &&
        showing->authenticated_us <= contain->posture_us &&
        decide_standing(contain, showing, &posture, ret_decision))
        return;
    (void)decide_budget(contain, showing, ret_decision);
}
