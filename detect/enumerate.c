/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Searches that follow each other in an order: name after name, birth date
 * after birth date, number after number, page after page. What is known of
 * a search is its kind, its direction and its size; nothing that a name
 * suggests is here to be looked at.
 *
 * The weight is ln(T / (C × p^n + Q)) for n steps in one direction, of one
 * size where the kind has one:
 *  T  a thief goes through all there is in an order: one in five.
 *  p  a holder's next search, persons coming as they come, is near and goes
 *     on in the direction. For names in random order, n steps up have chance
 *     1 / (n + 1)!; near ones, within an eighth of the alphabet, about 1/5 a
 *     step, since some letters begin many names. Days and numbers: near and
 *     of the same size is rarer; 1/4 leaves room for wards of newborns and
 *     records made one after the other. Pages: the next is read half of the
 *     times.
 *  C  where in a session a run may begin, and both directions.
 *  Q  a holder works through a list in its order (a ward's list, a school's
 *     class): one session in 165. It keeps every run below 3.50.
 * Typing a name letter by letter, or asking for the same again, is no step.
 */
#include "detect/scoring.h"

#include "model/query_step.h"

#define STEPS_MIN 4
#define THIEVES 0.2
#define HONEST_LISTS 0.006
#define WEIGHT_MAX 350
/* Beyond it the chance is nothing beside the honest lists. */
#define STEPS_COUNTED 24

/* Of enumeration.kinds. */
#define KIND_MASK 7u
#define DOWN (1u << 3)
#define PAGES_DOWN (1u << 4)
#define BEST_SHIFT 5

static int32_t
weight_of(unsigned kind, unsigned steps)
{
    double chance = kind == QUERY_OFFSET ? 6 : kind == QUERY_NAME ? 60 : 30;
    double each = kind == QUERY_OFFSET ? 0.5 : kind == QUERY_NAME ? 0.2 : 0.25;
    if (steps < STEPS_MIN)
        return 0;
    for (unsigned i = 0; i < steps && i < STEPS_COUNTED; i++)
        chance *= each;
    return scoring_between(score_log(THIEVES / (chance + HONEST_LISTS)), 0,
                           WEIGHT_MAX);
}

/* Months and years differ by some days. */
static uint8_t
size_of(unsigned kind, unsigned size)
{
    if (kind == QUERY_DATE && size >= 28 && size <= 31)
        return 30;
    return size < UINT8_MAX ? (uint8_t)size : UINT8_MAX;
}

static void
keep_best(struct enumeration *e, unsigned kind, unsigned steps)
{
    unsigned best = e->kinds >> BEST_SHIFT;
    if (weight_of(kind, steps) < weight_of(best, e->best) ||
        (best == kind && steps < e->best))
        return;
    e->best = (uint8_t)steps;
    e->kinds =
        (uint8_t)((e->kinds & ~(KIND_MASK << BEST_SHIFT)) | kind << BEST_SHIFT);
}

/* One more step of a run, or the first of a new one, or none. */
static uint8_t
run_on(uint8_t run, bool near, bool goes_on)
{
    if (!near)
        return 0;
    if (!goes_on)
        return 1;
    return run < UINT8_MAX ? (uint8_t)(run + 1) : run;
}

static void
note_page(struct enumeration *e, bool near, bool down, uint8_t size)
{
    bool was_down = (e->kinds & PAGES_DOWN) != 0;
    e->pages = run_on(e->pages, near,
                      e->pages > 0 && down == was_down && size == e->page_size);
    e->page_size = size;
    e->kinds = (uint8_t)((e->kinds & ~PAGES_DOWN) | (down ? PAGES_DOWN : 0));
    keep_best(e, QUERY_OFFSET, e->pages);
}

void
enumerate_note(struct enumeration *e, uint32_t detail)
{
    unsigned kind = QUERY_DETAIL_KIND(detail);
    unsigned step = QUERY_DETAIL_STEP(detail);
    uint8_t size = size_of(kind, QUERY_DETAIL_SIZE(detail));
    bool near = step == STEP_UP || step == STEP_DOWN, down = step == STEP_DOWN;
    if (step == STEP_SAME || kind == QUERY_NONE || kind > QUERY_OFFSET)
        return;
    if (kind == QUERY_OFFSET) {
        note_page(e, near, down, size);
        return;
    }
    bool goes_on = e->run > 0 && (e->kinds & KIND_MASK) == kind &&
                   down == ((e->kinds & DOWN) != 0) && e->size == size;
    e->run = run_on(e->run, near, goes_on);
    e->size = size;
    e->kinds =
        (uint8_t)((e->kinds & ~(KIND_MASK | DOWN)) | kind | (down ? DOWN : 0));
    keep_best(e, kind, e->run);
}

/* Going through one's own patients accuses nobody: weighed by the share of
 * persons new to the account. */
int32_t
enumerate_weight(const struct scoring *s)
{
    const struct session_state *v = s->session;
    const struct enumeration *e = &v->enumeration;
    if (e->best < STEPS_MIN || v->persons == 0)
        return 0;
    return weight_of(e->kinds >> BEST_SHIFT, e->best) * v->fresh / v->persons;
}

void
enumerate_judge(struct scoring *s)
{
    const struct enumeration *e = &s->session->enumeration;
    unsigned kind = e->kinds >> BEST_SHIFT;
    bool pages = kind == QUERY_OFFSET;
    int32_t weight = enumerate_weight(s);
    /* the size is that of the last run: of this one while it goes on */
    uint32_t size = (pages ? e->pages : e->run) != e->best ? 0
                    : pages                                ? e->page_size
                                                           : e->size;
    if (weight > 0)
        scoring_add(s, SIGN_ENUMERATION, weight, e->best, kind, size);
}
