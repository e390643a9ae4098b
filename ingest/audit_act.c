/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What kind of act a record tells: from EventID, EventTypeCode (type and
 * subtype), action and outcome. DICOM PS3.16 CID 400 to 403, the IHE
 * transactions' own audit sections, the restful-interaction codes of FHIR R4,
 * CH:ATC 3.x for the Swiss words.
 */
#include <string.h>

#include "ingest/audit_parts.h"

#define DOCUMENT_CONTENT (CATEGORY_DOCUMENT | CATEGORY_MEDICAL)

#define WORD(literal)                  \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

struct word {
    struct text code;
    enum interaction interaction;
    const char *resource; /* "" where the word does not say */
    uint16_t categories;  /* 0: those of the resource */
};

/* Transactions. Feeds (ITI-8 …) are writes whose verb is the action. */
static const struct word transactions[] = {
    {WORD("ITI-43"), INTERACTION_READ, "Binary", DOCUMENT_CONTENT},
    {WORD("ITI-68"), INTERACTION_READ, "Binary", DOCUMENT_CONTENT},
    {WORD("ITI-39"), INTERACTION_READ, "Binary", DOCUMENT_CONTENT},
    {WORD("ITI-63"), INTERACTION_READ, "Binary", DOCUMENT_CONTENT},
    {WORD("ITI-18"), INTERACTION_SEARCH, "DocumentReference", 0},
    {WORD("ITI-38"), INTERACTION_SEARCH, "DocumentReference", 0},
    {WORD("ITI-51"), INTERACTION_SEARCH, "DocumentReference", 0},
    {WORD("ITI-67"), INTERACTION_SEARCH, "DocumentReference", 0},
    {WORD("ITI-66"), INTERACTION_SEARCH, "DocumentManifest", 0},
    {WORD("PHARM-1"), INTERACTION_SEARCH, "DocumentReference", 0},
    {WORD("ITI-41"), INTERACTION_CREATE, "DocumentReference", DOCUMENT_CONTENT},
    {WORD("ITI-42"), INTERACTION_CREATE, "DocumentReference", 0},
    {WORD("ITI-61"), INTERACTION_CREATE, "DocumentReference", 0},
    {WORD("ITI-65"), INTERACTION_CREATE, "DocumentReference", DOCUMENT_CONTENT},
    {WORD("ITI-80"), INTERACTION_CREATE, "DocumentReference", DOCUMENT_CONTENT},
    {WORD("ITI-32"), INTERACTION_CREATE, "DocumentReference", DOCUMENT_CONTENT},
    {WORD("ITI-57"), INTERACTION_UPDATE, "DocumentReference", 0},
    {WORD("ITI-62"), INTERACTION_DELETE, "DocumentReference", 0},
    {WORD("ITI-86"), INTERACTION_DELETE, "DocumentReference", 0},
    {WORD("ITI-9"), INTERACTION_SEARCH, "Patient", 0},
    {WORD("ITI-21"), INTERACTION_SEARCH, "Patient", 0},
    {WORD("ITI-22"), INTERACTION_SEARCH, "Patient", 0},
    {WORD("ITI-45"), INTERACTION_SEARCH, "Patient", 0},
    {WORD("ITI-47"), INTERACTION_SEARCH, "Patient", 0},
    {WORD("ITI-55"), INTERACTION_SEARCH, "Patient", 0},
    {WORD("ITI-56"), INTERACTION_SEARCH, "Patient", 0},
    {WORD("ITI-78"), INTERACTION_SEARCH, "Patient", 0},
    {WORD("ITI-83"), INTERACTION_SEARCH, "Patient", 0},
    {WORD("ITI-119"), INTERACTION_SEARCH, "Patient", 0},
    {WORD("ITI-8"), INTERACTION_UNKNOWN, "Patient", 0},
    {WORD("ITI-10"), INTERACTION_UNKNOWN, "Patient", 0},
    {WORD("ITI-30"), INTERACTION_UNKNOWN, "Patient", 0},
    {WORD("ITI-44"), INTERACTION_UNKNOWN, "Patient", 0},
    {WORD("ITI-46"), INTERACTION_UNKNOWN, "Patient", 0},
    {WORD("ITI-64"), INTERACTION_UNKNOWN, "Patient", 0},
    {WORD("ITI-93"), INTERACTION_UNKNOWN, "Patient", 0},
    {WORD("ITI-104"), INTERACTION_UNKNOWN, "Patient", 0},
    {WORD("ATC_DOC_READ"), INTERACTION_READ, "Binary", DOCUMENT_CONTENT},
    {WORD("ATC_DOC_SEARCH"), INTERACTION_SEARCH, "DocumentReference", 0},
    {WORD("ATC_DOC_CREATE"), INTERACTION_CREATE, "DocumentReference",
     DOCUMENT_CONTENT},
    {WORD("ATC_DOC_UPDATE"), INTERACTION_UPDATE, "DocumentReference", 0},
    {WORD("ATC_DOC_DELETE"), INTERACTION_DELETE, "DocumentReference", 0},
};

static const struct word verbs[] = {
    {WORD("read"), INTERACTION_READ, "", 0},
    {WORD("vread"), INTERACTION_READ, "", 0},
    {WORD("history-instance"), INTERACTION_READ, "", 0},
    {WORD("search"), INTERACTION_SEARCH, "", 0},
    {WORD("search-type"), INTERACTION_SEARCH, "", 0},
    {WORD("search-system"), INTERACTION_SEARCH, "", 0},
    {WORD("search-compartment"), INTERACTION_SEARCH, "", 0},
    {WORD("history-type"), INTERACTION_SEARCH, "", 0},
    {WORD("history-system"), INTERACTION_SEARCH, "", 0},
    {WORD("create"), INTERACTION_CREATE, "", 0},
    {WORD("update"), INTERACTION_UPDATE, "", 0},
    {WORD("patch"), INTERACTION_UPDATE, "", 0},
    {WORD("delete"), INTERACTION_DELETE, "", 0},
    {WORD("operation"), INTERACTION_OTHER, "", 0},
    {WORD("batch"), INTERACTION_OTHER, "", 0},
    {WORD("transaction"), INTERACTION_OTHER, "", 0},
};

/* EventIDs that say what was handled where no transaction does. */
static const struct word events[] = {
    {WORD("110102"), INTERACTION_UNKNOWN, "ImagingStudy", 0},
    {WORD("110103"), INTERACTION_UNKNOWN, "ImagingStudy", 0},
    {WORD("110104"), INTERACTION_UNKNOWN, "ImagingStudy", 0},
    {WORD("110105"), INTERACTION_DELETE, "ImagingStudy", 0},
    {WORD("110106"), INTERACTION_EXPORT, "", 0},
    {WORD("110109"), INTERACTION_UNKNOWN, "ServiceRequest", 0},
    {WORD("110111"), INTERACTION_UNKNOWN, "Procedure", 0},
    {WORD("110112"), INTERACTION_SEARCH, "", 0},
};

struct silence {
    struct text code;
    const char *kind;
};

/* Valid records that are no access, by EventID or EventTypeCode. */
static const struct silence event_silences[] = {
    {WORD("110101"), "audit-log-used"},
    {WORD("110108"), "network-entry"},
};
static const struct silence subtype_silences[] = {
    {WORD("ATC_LOG_READ"), "audit-log-used"},
    {WORD("ITI-81"), "audit-log-used"},
    {WORD("ITI-82"), "audit-log-used"},
    {WORD("110126"), "node-authentication"},
    {WORD("110127"), "emergency-override"},
    {WORD("110128"), "emergency-override"},
    {WORD("110138"), "emergency-override"},
    {WORD("110139"), "emergency-override"},
    {WORD("capabilities"), "no-person"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline bool
same(struct text a, struct text b)
{
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

bool
audit_codes_hold(const struct audit_code *codes, uint32_t count,
                 const char *word)
{
    for (uint32_t i = 0; i < count; i++)
        if (text_is(codes[i].code, word))
            return true;
    return false;
}

static const struct word *
find_word(const struct word *words, size_t count, struct text code)
{
    for (size_t i = 0; i < count; i++)
        if (same(code, words[i].code))
            return &words[i];
    return NULL;
}

static const struct word *
find_subtype(const struct audit *audit, const struct word *words, size_t count)
{
    const struct word *word = NULL;

    for (uint32_t i = 0; word == NULL && i < audit->subtype_count; i++)
        word = find_word(words, count, audit->subtypes[i].code);
    return word;
}

static bool
has_subtype(const struct audit *audit, const char *word)
{
    return audit_codes_hold(audit->subtypes, audit->subtype_count, word);
}

/* 110114 User Authentication. No subtype is read as a login, since a log-out
 * that is not said to be one would hide nothing by being counted as such. */
static void
authentication(const struct audit *audit, struct audit_act *act)
{
    if (has_subtype(audit, "110123")) {
        act->kind = AUDIT_LOGOUT;
    } else if (audit->subtype_count == 0 || has_subtype(audit, "110122") ||
               has_subtype(audit, "login")) {
        act->kind = AUDIT_LOGIN;
    } else {
        act->kind = AUDIT_IGNORED;
        act->ignored = "node-authentication";
    }
}

/* 110113 Security Alert. An authorization that was refused is kept, what the
 * authorization server let through is told again by the service itself. */
static void
security_alert(const struct audit *audit, struct audit_act *act)
{
    if (!has_subtype(audit, "AuthZ-Consent")) {
        act->kind = AUDIT_IGNORED;
        act->ignored = "security-alert";
    } else if (act->failed) {
        act->kind = AUDIT_DENIAL;
    } else {
        act->kind = AUDIT_IGNORED;
        act->ignored = "authorization-decision";
    }
}

static const char *
silence_of(const struct audit *audit)
{
    for (size_t i = 0; i < COUNT(event_silences); i++)
        if (same(audit->type.code, event_silences[i].code))
            return event_silences[i].kind;
    for (uint32_t i = 0; i < audit->subtype_count; i++) {
        for (size_t k = 0; k < COUNT(subtype_silences); k++)
            if (same(audit->subtypes[i].code, subtype_silences[k].code))
                return subtype_silences[k].kind;
        if (text_starts(audit->subtypes[i].code, "ATC_POL_"))
            return "policy";
        if (text_starts(audit->subtypes[i].code, "ATC_HPD_"))
            return "directory";
    }
    if (!text_is(audit->type.code, "110100"))
        return NULL;
    if (has_subtype(audit, "110120") || has_subtype(audit, "110121"))
        return "start-stop";
    return "application-activity";
}

static enum interaction
by_action(char action)
{
    switch (action) {
    case 'C':
        return INTERACTION_CREATE;
    case 'R':
        return INTERACTION_READ;
    case 'U':
        return INTERACTION_UPDATE;
    case 'D':
        return INTERACTION_DELETE;
    case 'E':
        return INTERACTION_OTHER;
    default:
        return INTERACTION_UNKNOWN;
    }
}

/* From the most telling word to the least: transaction, FHIR verb, EventID,
 * action. */
static void
access_words(const struct audit *audit, struct audit_act *act)
{
    const struct word *transaction =
        find_subtype(audit, transactions, COUNT(transactions));
    const struct word *verb = find_subtype(audit, verbs, COUNT(verbs));
    const struct word *event =
        find_word(events, COUNT(events), audit->type.code);
    const struct word *subject = transaction != NULL ? transaction : event;

    if (subject != NULL && subject->resource[0] != '\0') {
        act->resource = resource_number(text_of(subject->resource));
        act->categories = subject->categories != 0
                              ? subject->categories
                              : resource_categories(act->resource);
    }
    if (transaction != NULL)
        act->interaction = transaction->interaction;
    else if (text_is(audit->type.code, "110106"))
        act->interaction = INTERACTION_EXPORT;
    else if (verb != NULL)
        act->interaction = verb->interaction;
    else if (event != NULL)
        act->interaction = event->interaction;
    if (act->interaction == INTERACTION_UNKNOWN)
        act->interaction = by_action(audit->action);
    act->search_words = act->interaction == INTERACTION_SEARCH;
}

void
audit_act_of(const struct audit *audit, struct audit_act *ret_act)
{
    struct audit_act act = {
        .kind = AUDIT_ACCESS,
        .failed = audit->outcome != 0 && audit->outcome != '0',
    };
    const char *ignored = silence_of(audit);

    if (ignored != NULL) {
        act.kind = AUDIT_IGNORED;
        act.ignored = ignored;
    } else if (text_is(audit->type.code, "110114")) {
        authentication(audit, &act);
    } else if (text_is(audit->type.code, "110113")) {
        security_alert(audit, &act);
    } else {
        access_words(audit, &act);
    }
    *ret_act = act;
}
