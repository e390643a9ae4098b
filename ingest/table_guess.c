/* SPDX-License-Identifier: EUPL-1.2 */
#include "ingest/table_guess.h"

#include <string.h>

/* Luhn's key, as RPPS numbers carry it. */
static bool
luhn_holds(struct text digits)
{
    unsigned sum = 0;

    for (size_t i = 0; i < digits.length; i++) {
        unsigned digit = (unsigned)(digits.bytes[digits.length - 1 - i] - '0');

        if (i % 2 == 1) {
            digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
        }
        sum += digit;
    }
    return sum % 10 == 0;
}

static bool
all_digits(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9') {
            return false;
        }
    }
    return text.length > 0;
}

static bool
is_rpps(struct text text)
{
    if (!all_digits(text)) {
        return false;
    }
    if (text.length == 12 && text.bytes[0] == '8') {
        text = text_after(text, 1);
    }
    return text.length == 11 && luhn_holds(text);
}

/* Shape of a matricule: 13 characters and a key; Corsica has a letter. */
static bool
is_ins(struct text text)
{
    char digits[15];
    size_t count = 0;

    for (size_t i = 0; i < text.length; i++) {
        char byte = text.bytes[i];

        if (byte == ' ') {
            continue;
        }
        if (count == 6 && (byte == 'A' || byte == 'B')) {
            byte = '0';
        }
        if (count == sizeof(digits) || byte < '0' || byte > '9') {
            return false;
        }
        digits[count++] = byte;
    }
    return count == 15 && digits[0] >= '1' && digits[0] <= '8';
}

uint32_t
guess_content(struct text value)
{
    static const struct table_time_rule rule = {.order = TABLE_TIME_DAY_FIRST};
    char address[ADDRESS_TEXT_BYTES];
    uint32_t flags = 0, content = 0;
    int64_t time_us;

    value = text_trim(value);
    if (is_rpps(value)) {
        return GUESS_RPPS;
    }
    if (is_ins(value)) {
        return GUESS_INS;
    }
    if (event_address_parse(value, address) == OK) {
        return GUESS_ADDRESS;
    }
    if (text_starts(value, "/") || text_starts(value, "http://") ||
        text_starts(value, "https://")) {
        return GUESS_URL;
    }
    if (table_time_read(value, &rule, INT64_C(1772442847000000), &time_us,
                        &flags) == OK) {
        content = (flags & EVENT_TIME_FROM_FILE) != 0 ? GUESS_HOUR : GUESS_DATE;
    }
    return content;
}

struct guess_word {
    const char *word; /* folded; whole name where exact */
    bool exact;
    enum mapping_field field;
};

/* The first that fits decides: narrow words before wide ones. */
static const struct guess_word words[] = {
    {"rpps", false, MAPPING_PROFESSIONAL},
    {"adeli", false, MAPPING_PROFESSIONAL},
    {"useragent", false, MAPPING_DEVICE},
    {"navigateur", false, MAPPING_DEVICE},
    {"adresseip", false, MAPPING_ADDRESS},
    {"ipaddress", false, MAPPING_ADDRESS},
    {"remoteaddr", false, MAPPING_ADDRESS},
    {"clientip", false, MAPPING_ADDRESS},
    {"ipclient", false, MAPPING_ADDRESS},
    {"ip", true, MAPPING_ADDRESS},
    {"idsession", false, MAPPING_SESSION},
    {"session", false, MAPPING_SESSION},
    {"jeton", false, MAPPING_SESSION},
    {"sid", true, MAPPING_SESSION},
    {"ipp", false, MAPPING_PERSON},
    {"patient", false, MAPPING_PERSON},
    {"ins", true, MAPPING_PERSON},
    {"nir", true, MAPPING_PERSON},
    {"nss", true, MAPPING_PERSON},
    {"matriculeins", false, MAPPING_PERSON},
    {"beneficiaire", false, MAPPING_PERSON},
    {"resident", false, MAPPING_PERSON},
    {"dossier", false, MAPPING_PERSON},
    {"usager", false, MAPPING_PERSON},
    {"utilisateur", false, MAPPING_PROFESSIONAL},
    {"user", false, MAPPING_PROFESSIONAL},
    {"login", false, MAPPING_PROFESSIONAL},
    {"compte", false, MAPPING_PROFESSIONAL},
    {"operateur", false, MAPPING_PROFESSIONAL},
    {"praticien", false, MAPPING_PROFESSIONAL},
    {"medecin", false, MAPPING_PROFESSIONAL},
    {"soignant", false, MAPPING_PROFESSIONAL},
    {"professionnel", false, MAPPING_PROFESSIONAL},
    {"auteur", false, MAPPING_PROFESSIONAL},
    {"acteur", false, MAPPING_PROFESSIONAL},
    {"agent", true, MAPPING_PROFESSIONAL},
    {"qui", true, MAPPING_PROFESSIONAL},
    {"poste", false, MAPPING_DEVICE},
    {"station", false, MAPPING_DEVICE},
    {"machine", false, MAPPING_DEVICE},
    {"ordinateur", false, MAPPING_DEVICE},
    {"terminal", false, MAPPING_DEVICE},
    {"resultat", false, MAPPING_OUTCOME},
    {"statut", false, MAPPING_OUTCOME},
    {"status", false, MAPPING_OUTCOME},
    {"outcome", false, MAPPING_OUTCOME},
    {"action", false, MAPPING_ACTION},
    {"operation", false, MAPPING_ACTION},
    {"evenement", false, MAPPING_ACTION},
    {"event", false, MAPPING_ACTION},
    {"typeacces", false, MAPPING_ACTION},
    {"quoi", true, MAPPING_ACTION},
    {"verb", false, MAPPING_ACTION},
    {"requestid", false, MAPPING_REQUEST},
    {"document", false, MAPPING_RESOURCE},
    {"ressource", false, MAPPING_RESOURCE},
    {"resource", false, MAPPING_RESOURCE},
    {"objet", false, MAPPING_RESOURCE},
    {"ecran", false, MAPPING_RESOURCE},
    {"service", false, MAPPING_SERVICE},
    {"application", false, MAPPING_SERVICE},
    {"etablissement", false, MAPPING_SERVICE},
    {"finess", false, MAPPING_SERVICE},
    {"site", true, MAPPING_SERVICE},
    {"uf", true, MAPPING_SERVICE},
};

/* Names, birth dates and the like say who somebody is, and are shared by
 * several. */
static bool
is_a_name(struct text folded)
{
    static const char *const marks[] = {"naiss",    "birth",   "prenom",
                                        "nomde",    "sexe",    "nompat",
                                        "patientn", "nomdupat"};

    if (text_is(folded, "nom") || text_is(folded, "name")) {
        return true;
    }
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (text_find(folded, marks[i]) < folded.length) {
            return !text_starts(folded, "nomdup") || i == 7;
        }
    }
    return false;
}

static enum mapping_field
field_of_content(uint32_t content)
{
    if ((content & GUESS_ADDRESS) != 0) {
        return MAPPING_ADDRESS;
    }
    if ((content & GUESS_RPPS) != 0) {
        return MAPPING_PROFESSIONAL;
    }
    if ((content & GUESS_INS) != 0) {
        return MAPPING_PERSON;
    }
    if ((content & GUESS_URL) != 0) {
        return MAPPING_URL;
    }
    if ((content & GUESS_DATE) != 0) {
        return MAPPING_DATE;
    }
    return (content & GUESS_HOUR) != 0 ? MAPPING_HOUR : MAPPING_FIELDS;
}

enum mapping_field
guess_field(struct text name, uint32_t content, bool *ret_name)
{
    char folded[MAPPING_FOLD_BYTES];
    const struct text text = {folded, mapping_fold(name, folded)};
    const enum mapping_field by_content = field_of_content(content);

    *ret_name = is_a_name(text);
    if (*ret_name) {
        return MAPPING_FIELDS;
    }
    if (by_content != MAPPING_FIELDS && by_content != MAPPING_PROFESSIONAL) {
        return by_content;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const bool fits = words[i].exact
                              ? text_is(text, words[i].word)
                              : text_find(text, words[i].word) < text.length;

        if (fits && text.length > 0) {
            return words[i].field;
        }
    }
    return by_content;
}
