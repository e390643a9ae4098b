/* SPDX-License-Identifier: EUPL-1.2 */
#include "demo/fhir_book.h"

#include <inttypes.h>
#include <stdlib.h>

#include "demo/region_random.h"

static const char *const families[] = {
    "Martin", "Bernard", "Thomas",  "Petit", "Robert",   "Richard",
    "Durand", "Dubois",  "Moreau",  "Simon", "Laurent",  "Michel",
    "Garcia", "David",   "Roux",    "Morel", "Fournier", "Girard",
    "Bonnet", "Lambert", "Rousseau"};
static const char *const given[2][10] = {
    {"Jean", "Pierre", "Michel", "Karim", "Lucas", "Hugo", "Louis", "Yanis",
     "Paul", "Alain"},
    {"Marie", "Jeanne", "Nathalie", "Sarah", "Emma", "Louise", "Fatou",
     "Camille", "Monique", "Anne"}};
static const char *const towns[] = {"Valmont", "Sainte-Roche", "Pontclair",
                                    "Bois-l'Abbesse", "Rivedoux-les-Tours"};
static const struct {
    const char *code, *display;
} conditions[] = {{"38341003", "Hypertension artérielle"},
                  {"44054006", "Diabète de type 2"},
                  {"195967001", "Asthme"},
                  {"35489007", "Trouble dépressif"},
                  {"13645005", "Bronchopneumopathie chronique obstructive"},
                  {"69896004", "Polyarthrite rhumatoïde"}};
static const struct {
    const char *code, *display, *unit;
    unsigned least, span;
} measures[] = {{"8480-6", "Pression systolique", "mm[Hg]", 105, 60},
                {"8867-4", "Fréquence cardiaque", "/min", 55, 50},
                {"29463-7", "Poids", "kg", 48, 60},
                {"2339-0", "Glycémie", "mg/dL", 70, 90}};
static const char *const medications[] = {
    "Paracétamol 1 g", "Metformine 850 mg", "Ramipril 5 mg",
    "Salbutamol 100 µg", "Sertraline 50 mg"};
static const char *const documents[] = {
    "Compte rendu de consultation", "Lettre de sortie", "Résultat de biologie",
    "Compte rendu d'imagerie"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define PICK(list, draw) ((list)[(draw) % COUNT(list)])

static int
ascending(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

enum result
fhir_book_open(uint64_t *numbers, uint32_t count, struct fhir_book *ret_book)
{
    uint8_t *writes = calloc(count == 0 ? 1 : count, 1);

    if (writes == NULL)
        return E_NOMEM;
    qsort(numbers, count, sizeof(*numbers), ascending);
    *ret_book = (struct fhir_book){numbers, writes, count};
    return OK;
}

void
fhir_book_close(struct fhir_book *book)
{
    free(book->numbers);
    free(book->writes);
    *book = (struct fhir_book){0};
}

enum result
fhir_book_find(const struct fhir_book *book, uint64_t number,
               uint32_t *ret_place)
{
    const uint64_t *found = book->count == 0
                                ? NULL
                                : bsearch(&number, book->numbers, book->count,
                                          sizeof(number), ascending);

    if (found == NULL)
        return E_NOTFOUND;
    *ret_place = (uint32_t)(found - book->numbers);
    return OK;
}

static uint64_t
draw_of(const struct fhir_book *book, uint32_t place, enum book_kind kind,
        uint32_t nth)
{
    return chance_mix(book->numbers[place], (uint64_t)kind << 32 | nth) >> 8;
}

const char *
fhir_book_type(enum book_kind kind)
{
    static const char *const types[BOOK_KINDS] = {
        "Patient", "Condition", "Observation", "MedicationRequest",
        "DocumentReference"};

    return types[kind];
}

uint32_t
fhir_book_count(const struct fhir_book *book, uint32_t place,
                enum book_kind kind)
{
    uint32_t drawn = (uint32_t)(draw_of(book, place, kind, UINT32_MAX) % 4);

    switch (kind) {
    case BOOK_PATIENT:
        return 1;
    case BOOK_OBSERVATION:
        return 2 + drawn + book->writes[place];
    default:
        return 1 + drawn;
    }
}

static enum result
put_patient(uint64_t number, uint64_t draw, struct buffer *out)
{
    unsigned gender = draw & 1;

    return buffer_format(
        out,
        "{\"resourceType\":\"Patient\",\"id\":\"%012" PRIu64
        "\",\"identifier\":[{\"system\":\"urn:oid:1.2.250.1.999.1.4.9\","
        "\"value\":\"D%012" PRIu64
        "\"}],\"active\":true,\"name\":[{\"use\":\"official\",\"family\":"
        "\"%s%" PRIu64 "\",\"given\":[\"%s\"]}],\"telecom\":[{\"system\":"
        "\"phone\",\"value\":\"01 99 00 %02u %02u\"}],\"gender\":\"%s\","
        "\"birthDate\":\"%u-%02u-%02u\",\"address\":[{\"line\":[\"%u rue du "
        "Lavoir\"],\"city\":\"%s\",\"postalCode\":\"990%02u\"}]}",
        number, number, PICK(families, draw >> 1), number % 1000,
        PICK(given[gender], draw >> 6), (unsigned)(draw >> 9) % 100,
        (unsigned)(draw >> 12) % 100, gender == 1 ? "female" : "male",
        1930 + (unsigned)(draw >> 16) % 90, 1 + (unsigned)(draw >> 23) % 12,
        1 + (unsigned)(draw >> 27) % 28, 1 + (unsigned)(draw >> 32) % 99,
        PICK(towns, draw >> 39), (unsigned)(draw >> 42) % 100);
}

static enum result
put_content(enum book_kind kind, uint64_t draw, struct buffer *out)
{
    size_t at;

    switch (kind) {
    case BOOK_CONDITION:
        at = draw % COUNT(conditions);
        return buffer_format(
            out,
            "\"code\":{\"coding\":[{\"system\":\"http://snomed.info/sct\","
            "\"code\":\"%s\",\"display\":\"%s\"}]}}",
            conditions[at].code, conditions[at].display);
    case BOOK_OBSERVATION:
        at = draw % COUNT(measures);
        return buffer_format(
            out,
            "\"status\":\"final\",\"code\":{\"coding\":[{\"system\":"
            "\"http://loinc.org\",\"code\":\"%s\",\"display\":\"%s\"}]},"
            "\"valueQuantity\":{\"value\":%u,\"unit\":\"%s\"}}",
            measures[at].code, measures[at].display,
            measures[at].least + (unsigned)(draw >> 8) % measures[at].span,
            measures[at].unit);
    case BOOK_MEDICATION:
        return buffer_format(out,
                             "\"status\":\"active\",\"intent\":\"order\","
                             "\"medicationCodeableConcept\":{\"text\":\"%s\"}}",
                             PICK(medications, draw));
    default:
        return buffer_format(
            out,
            "\"status\":\"current\",\"description\":\"%s\",\"content\":[{"
            "\"attachment\":{\"contentType\":\"text/plain\",\"data\":"
            "\"TGV0dHJlIGludmVudMOpZSBwYXIgbGEgZMOpbW9uc3RyYXRpb24u\"}}]}",
            PICK(documents, draw));
    }
}

enum result
fhir_book_put(const struct fhir_book *book, uint32_t place, enum book_kind kind,
              uint32_t nth, struct buffer *out)
{
    uint64_t number = book->numbers[place];
    uint64_t draw = draw_of(book, place, kind, nth);
    enum result r;

    if (kind == BOOK_PATIENT)
        return put_patient(number, draw, out);
    r = buffer_format(out,
                      "{\"resourceType\":\"%s\",\"id\":\"%012" PRIu64
                      "-%u\",\"subject\":{\"reference\":\"Patient/%012" PRIu64
                      "\"},",
                      fhir_book_type(kind), number, nth, number);
    return r == OK ? put_content(kind, draw, out) : r;
}
