/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The worst moment of every account is one number; the moments themselves
 * are kept for the forty worst accounts. Since a worst score only rises, an
 * account that fell out of the list comes back when it deserves to, and the
 * first ten are exact.
 */
#include "detect/state.h"

#include <string.h>

/* A verdict outranks any score. */
static int32_t
rank_of(const struct judgement *judgement)
{
    int32_t score = judgement->score;
    score = score > 9999 ? 9999 : score < -9999 ? -9999 : score;
    return score + (judgement->verdict >= VERDICT_STEP_UP ? 20000 : 0);
}

static int32_t
suspect_rank(const struct suspect *suspect)
{
    struct judgement j = {.score = suspect->score_centinats,
                          .verdict = suspect->verdict};
    return rank_of(&j);
}

static struct suspect *
seat_of(struct detect *detect, uint64_t professional, uint64_t session,
        int32_t rank)
{
    struct suspect *lowest = NULL;
    for (uint32_t i = 0; i < detect->suspect_count; i++) {
        struct suspect *s = &detect->suspects[i];
        if (s->professional == professional &&
            (professional != 0 || s->session == session))
            return s;
        if (lowest == NULL || suspect_rank(s) < suspect_rank(lowest))
            lowest = s;
    }
    if (detect->suspect_count < SUSPECTS_KEPT)
        return &detect->suspects[detect->suspect_count++];
    return suspect_rank(lowest) < rank ? lowest : NULL;
}

void
suspects_note(struct detect *detect, struct account *account,
              const struct session_state *session, const struct row *row,
              const struct judgement *judgement)
{
    int32_t rank = rank_of(judgement);
    if (rank <= account->worst)
        return;
    account->worst = (int16_t)rank;
    uint64_t professional =
        account->flags & ACCOUNT_OWNERLESS ? 0 : account->id;
    struct suspect *seat = seat_of(detect, professional, row->session, rank);
    if (seat == NULL)
        return;
    memset(seat, 0, sizeof(*seat));
    seat->professional = professional;
    seat->session = row->session;
    seat->time_us = row->time_source_us;
    seat->score_centinats = judgement->score;
    seat->verdict = judgement->verdict;
    seat->persons = (uint32_t)session->persons + session->persons_before;
    seat->new_persons = (uint32_t)session->fresh + session->fresh_before;
    seat->sign_count = judgement->sign_count;
    memcpy(seat->signs, judgement->signs,
           judgement->sign_count * sizeof(*seat->signs));
}

size_t
detect_suspects(const struct detect *detect, struct suspect *ret, size_t room)
{
    size_t count = 0;
    for (uint32_t i = 0; i < detect->suspect_count; i++) {
        const struct suspect *s = &detect->suspects[i];
        size_t at = count;
        while (at > 0 && suspect_rank(&ret[at - 1]) < suspect_rank(s))
            at--;
        if (at >= room)
            continue;
        size_t end = count < room ? count : room - 1;
        memmove(&ret[at + 1], &ret[at], (end - at) * sizeof(*ret));
        ret[at] = *s;
        if (count < room)
            count++;
    }
    return count;
}
