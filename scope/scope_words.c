/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The words of scope_print.h: those of the JSON contract, fixed, and those
 * for people, translated.
 */
#include "base/say.h"
#include "scope/scope_print.h"

const char *
grade_name(enum grade grade)
{
    static const char *const names[] = {"none", "sent", "declared",
                                        "requested"};

    return (unsigned)grade < 4 ? names[grade] : "none";
}

const char *
grade_title(enum grade grade)
{
    switch (grade) {
    case GRADE_SENT:
        return _("sent");
    case GRADE_DECLARED:
        return _("declared");
    case GRADE_REQUESTED:
        return _("requested");
    case GRADE_NONE:
        break;
    }
    return "-";
}

const char *
medical_name(enum tally_medical medical)
{
    static const char *const names[] = {"none", "some", "unknown"};

    return names[medical];
}

const char *
medical_title(enum tally_medical medical)
{
    switch (medical) {
    case MEDICAL_NONE:
        return _("none was seen");
    case MEDICAL_SOME:
        return _("some was seen");
    case MEDICAL_UNKNOWN:
        return _("not known whether some was seen");
    }
    return "?";
}

static const struct {
    unsigned doubt;
    const char *name, *title;
} doubts[] = {
    {DOUBT_NO_ROW, "no-row", N_("nothing is recorded for this question")},
    {DOUBT_NOT_SENT, "not-sent",
     N_("some accesses are known from a trail only, not from the bytes that "
        "left")},
    {DOUBT_UNLABELLED, "unlabelled",
     N_("some accesses do not say whose data, or which, was shown")},
    {DOUBT_GAP, "gap", N_("the record has gaps")},
    {DOUBT_REFUSED_INPUT, "refused-input",
     N_("some records of the trails were refused")},
    {DOUBT_CONTEXT, "context-reveals-health",
     N_("a service in this scope reveals health by its very purpose")},
    {DOUBT_CLOCK_JUMP, "clock-jump", N_("the clock jumped")},
    {DOUBT_DAMAGE, "damage",
     N_("rows of the ledger have rotted and cannot be read")},
};

const char *
doubt_name(unsigned doubt)
{
    for (size_t i = 0; i < sizeof(doubts) / sizeof(doubts[0]); i++)
        if (doubts[i].doubt == doubt)
            return doubts[i].name;
    return "?";
}

const char *
doubt_title(unsigned doubt)
{
    for (size_t i = 0; i < sizeof(doubts) / sizeof(doubts[0]); i++)
        if (doubts[i].doubt == doubt)
            return _(doubts[i].title);
    return "?";
}
