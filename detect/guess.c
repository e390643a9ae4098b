/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Passwords being guessed: many refused attempts from one address, on one
 * account or on many. Refusals prove nothing about a session, and whoever
 * has a name can cause them: never more than watch, once an address and day.
 */
#include "detect/state.h"

#include <string.h>

/* Five within a minute, or ten within ten minutes. */
#define FAST_SECONDS 60u
#define FAST_MIN 5u
#define SLOW_SECONDS 600u
#define SLOW_MIN 10u

struct tally {
    uint32_t attempts, accounts;
};

static struct tally
count_since(const struct detect *detect, uint32_t address, uint32_t from)
{
    struct tally tally = {0};
    for (unsigned i = 0; i < REFUSED_KEPT; i++) {
        const struct refused *a = &detect->refused[i];
        bool again = false;
        if (a->address != address || a->second < from)
            continue;
        tally.attempts++;
        for (unsigned k = 0; k < i && !again; k++)
            again = detect->refused[k].address == address &&
                    detect->refused[k].second >= from &&
                    detect->refused[k].account == a->account;
        tally.accounts += !again;
    }
    return tally;
}

static void
judge(struct judgement *out, struct tally tally, uint32_t seconds)
{
    uint32_t weight = 200 + 20 * tally.attempts;
    out->signs[0] = (struct sign){.code = SIGN_LOGIN_FAILURES,
                                  .weight_centinats =
                                      (int16_t)(weight > 500 ? 500 : weight),
                                  .observed = tally.attempts,
                                  .usual = tally.accounts,
                                  .window = seconds / 60,
                                  .basis = BASIS_RULE};
    out->sign_count = 1;
    out->score = out->signs[0].weight_centinats;
    out->verdict = VERDICT_WATCH;
    out->decided = DECIDED_GUESSES;
}

enum result
guess_note(struct detect *detect, uint32_t account, uint32_t address,
           uint32_t second, struct judgement *ret_judgement)
{
    uint32_t seconds = FAST_SECONDS;
    uint64_t *entry;
    bool made;
    memset(ret_judgement, 0, sizeof(*ret_judgement));
    if (address == 0 || (detect->options.signs_off >> SIGN_LOGIN_FAILURES & 1))
        return OK;
    detect->refused[detect->refused_next] =
        (struct refused){second, account, address};
    detect->refused_next = (detect->refused_next + 1) % REFUSED_KEPT;
    struct tally tally = count_since(detect, address, second - FAST_SECONDS);
    if (tally.attempts < FAST_MIN) {
        seconds = SLOW_SECONDS;
        tally = count_since(detect, address, second - SLOW_SECONDS);
        if (tally.attempts < SLOW_MIN)
            return OK;
    }
    enum result r =
        slots_put(&detect->pairs,
                  slots_mix(UINT64_C(0x200000000) | address, second / 86400), 0,
                  &made, &entry);
    if (r == OK && made)
        judge(ret_judgement, tally, seconds);
    return r;
}
