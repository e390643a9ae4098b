/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/explain_ask.h"

#include <stdbool.h>

#include "base/say.h"

#define QUESTION_ESTABLISHMENT 10

/* Index: enum sign_code; signs of one question share its number. 0: none. */
static const unsigned char question_of[SIGN_LAST + 1] = {
    [SIGN_NEW_PERSONS_UNFAMILIAR] = 1,
    [SIGN_DEVICE_NEW] = 1,
    [SIGN_NETWORK_NEW] = 1,
    [SIGN_PACE_DAY] = 2,
    [SIGN_PACE_HOUR] = 2,
    [SIGN_CEILING] = 2,
    [SIGN_NEW_SHARE] = 2,
    [SIGN_PEERS] = 2,
    [SIGN_STRANGERS] = 2,
    [SIGN_HOUR_UNUSUAL] = 3,
    [SIGN_OFF_DUTY] = 3,
    [SIGN_DORMANT] = 4,
    [SIGN_CONCURRENT] = 5,
    [SIGN_SHARED_CONTEXT] = 5,
    [SIGN_LOGIN_FAILURES] = 6,
    [SIGN_REGULAR] = 7,
    [SIGN_ENUMERATION] = 7,
    [SIGN_IDENTITY_ONLY] = 8,
    [SIGN_SEARCH_SHARE] = 8,
    [SIGN_LURE] = 9,
    [SIGN_GONE] = QUESTION_ESTABLISHMENT,
    [SIGN_ADDRESS_KIND] = 11,
    [SIGN_BYPASS] = 12,
};

static const char *const questions[] = {
    N_("Were you signed in at that moment?"), /* always */
    N_("Were you on another device or in another place than usual? Since "
       "when?"),
    N_("Did you open these persons' records yourself? For what: a "
       "replacement, a night on call, a campaign, a list?"),
    N_("Were you at work at that hour?"),
    N_("Were you away before that day, and since when are you back?"),
    N_("Does anybody else use your account, or the same device?"),
    N_("Did you mistype your password? Did somebody ask you for it, by "
       "message or by telephone?"),
    N_("Does software read records in your name? Did you go through a list "
       "in its order?"),
    N_("Were you looking up identities, for a reception desk or a "
       "secretary's task?"),
    N_("How did you come to the last record that you opened? (Do not say "
       "which person is the lure.)"),
    N_("Ask the establishment first: the holder should not be at work. Who "
       "uses the account now?"),
    N_("Do you use a VPN or a remote desktop? Were you abroad?"),
    N_("By which way did you open that record: the usual page, another "
       "address, a program?"),
};

size_t
explain_ask(const struct alert *alert,
            const char *ret_questions[EXPLAIN_QUESTIONS_MAX])
{
    bool asked[sizeof(questions) / sizeof(*questions)] = {false};
    size_t count = 0;

    /* whoever answers the telephone of somebody who left is not asked first */
    for (uint32_t i = 0; i < alert->sign_count; i++)
        asked[QUESTION_ESTABLISHMENT] |= alert->signs[i].code == SIGN_GONE;
    if (asked[QUESTION_ESTABLISHMENT])
        ret_questions[count++] = _(questions[QUESTION_ESTABLISHMENT]);
    ret_questions[count++] = _(questions[0]);
    for (uint32_t i = 0; i < alert->sign_count; i++) {
        const struct sign *sign = &alert->signs[i];
        unsigned question =
            sign->code <= SIGN_LAST ? question_of[sign->code] : 0;

        if (sign->weight_centinats <= 0 || question == 0 || asked[question])
            continue;
        asked[question] = true;
        ret_questions[count++] = _(questions[question]);
    }
    return count;
}
