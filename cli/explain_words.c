/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A sign knows the day of UTC since when its habit is known. The local date
 * is another one where the account's first access was near midnight: taken
 * from the ledger's first row of the account where that is the one meant.
 */
#include "cli/explain_words.h"

#include <stdio.h>

#include "base/say.h"
#include "base/time.h"

#define DATE_BYTES 16

static const struct {
    const char *name, *text;
} decisions[EXPLAIN_DECISIONS] = {
    {"score", N_("the sum of the signs")},
    {"unknown-place", N_("too many persons never seen before from an unknown "
                         "place (a cap, whatever the sum)")},
    {"pace", N_("beyond the account's own pace")},
    {"ceiling", N_("over a fixed ceiling, whatever the sum")},
    {"lure", N_("a lure person was opened")},
    {"holder-gone", N_("the holder has left")},
    {"refused-attempts", N_("refused attempts from one address")},
    {"strangers-in-a-row",
     N_("too many persons never seen before, one after another")},
    {"bypass", N_("read in a service behind the door, past the door")},
};

const char *
explain_decision_name(size_t at)
{
    return decisions[at].name;
}

const char *
explain_decision_text(size_t at)
{
    return _(decisions[at].text);
}

const char *
explain_basis_name(unsigned basis)
{
    static const char *const names[] = {
        [BASIS_UNSAID] = NULL,     [BASIS_RULE] = "rule",
        [BASIS_TOLD] = "operator", [BASIS_ACCOUNT] = "account",
        [BASIS_COLD] = "no-habit", [BASIS_PEERS] = "colleagues",
    };

    return basis <= BASIS_LAST ? names[basis] : NULL;
}

static const char *
date_of(uint16_t day, const struct alert_past *past, char out[DATE_BYTES])
{
    struct civil civil;
    int64_t first_us = past->account_since_us;

    if (first_us > 0 && first_us != INT64_MAX && first_us / TIME_DAY_US == day)
        time_to_civil_local(first_us, &civil);
    else
        time_to_civil_utc(day * TIME_DAY_US, &civil);
    (void)snprintf(out, DATE_BYTES, "%02d/%02d/%04d", civil.day % 100,
                   civil.month % 100, civil.year % 10000);
    return out;
}

static enum result
peers_text(const struct sign *sign, const char *date, struct buffer *out)
{
    if (sign->known_days >= SIGN_KNOWN_DAYS_MAX)
        return buffer_format(out,
                             _("colleagues known since %s (%u days of work "
                               "in all, or more)"),
                             date, (unsigned)sign->known_days);
    return buffer_format(
        out, _("colleagues known since %s (%u days of work in all)"), date,
        (unsigned)sign->known_days);
}

enum result
explain_basis_text(const struct sign *sign, const struct alert_past *past,
                   struct buffer *out)
{
    char text[DATE_BYTES];
    const char *date = date_of(sign->since_day, past, text);

    switch (sign->basis) {
    case BASIS_RULE:
        return buffer_string(out, _("no habit: one rule for all accounts"));
    case BASIS_TOLD:
        return buffer_string(out, _("no habit: declared by the operator"));
    case BASIS_ACCOUNT:
        return buffer_format(out,
                             ngettext("habit known since %s (%u active day)",
                                      "habit known since %s (%u active days)",
                                      sign->known_days),
                             date, (unsigned)sign->known_days);
    case BASIS_COLD:
        if (sign->since_day == 0)
            return buffer_string(out, _("no habit: no account is named"));
        return buffer_format(
            out,
            ngettext("no habit yet: account known since %s only (%u active "
                     "day)",
                     "no habit yet: account known since %s only (%u active "
                     "days)",
                     sign->known_days),
            date, (unsigned)sign->known_days);
    case BASIS_PEERS:
        return peers_text(sign, date, out);
    default:
        return buffer_string(
            out, _("since when is not known (alert of an older version)"));
    }
}
