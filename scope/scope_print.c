/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Results are carried along: each step runs only while all went well, so
 * that a line is either whole or the caller's output is cut back.
 */
#include "scope/scope_print.h"

#include <inttypes.h>

#include "base/time.h"
#include "scope/alias_print.h"
#include "scope/step.h"

static enum result
whole_or_nothing(struct buffer *out, size_t before, enum result result)
{
    if (result != OK)
        out->length = before;
    return result;
}

static enum result
label_json(struct lookup *lookup, const struct scope_label *label,
           struct buffer *out)
{
    enum result result = OK;

    if (label == NULL)
        return OK;
    STEP(buffer_string(out, "\"controller\":"));
    STEP(number_json(lookup, NAME_CONTROLLER, label->controller, out));
    STEP(buffer_byte(out, ','));
    return result;
}

static enum result
counts_json(const struct tally *tally, struct buffer *out)
{
    uint64_t counts[CATEGORY_COUNT][TALLY_GRADES + 1];
    enum result result = buffer_string(out, "\"by_category\":{");

    for (unsigned i = 0; i < CATEGORY_COUNT; i++) {
        tally_by_category(tally, (uint8_t)(1u << i), counts[i]);
        STEP(buffer_format(out, "%s\"%s\":%" PRIu64, i == 0 ? "" : ",",
                           category_name(i), counts[i][TALLY_GRADES]));
    }
    STEP(buffer_string(out, "},\"graded\":{"));
    for (unsigned i = 0; i < CATEGORY_COUNT; i++)
        STEP(buffer_format(out,
                           "%s\"%s\":{\"sent\":%" PRIu64
                           ",\"declared\":%" PRIu64 ",\"requested\":%" PRIu64
                           "}",
                           i == 0 ? "" : ",", category_name(i), counts[i][0],
                           counts[i][1], counts[i][2]));
    STEP(buffer_string(out, "},\"possible\":{"));
    for (unsigned i = 0; i < CATEGORY_COUNT; i++)
        STEP(buffer_format(out, "%s\"%s\":%" PRIu64, i == 0 ? "" : ",",
                           category_name(i),
                           tally_possible_count(tally, (uint8_t)(1u << i))));
    STEP(buffer_byte(out, '}'));
    return result;
}

static enum result
doubts_json(unsigned bits, struct buffer *out)
{
    enum result result = buffer_string(out, ",\"medical_reasons\":[");
    bool first = true;

    for (unsigned bit = 1; bit <= DOUBT_LAST; bit <<= 1) {
        if ((bits & bit) == 0)
            continue;
        STEP(buffer_format(out, "%s{\"code\":\"%s\",\"text\":",
                           first ? "" : ",", doubt_name(bit)));
        STEP(buffer_json_string(out, text_of(doubt_title(bit))));
        STEP(buffer_byte(out, '}'));
        first = false;
    }
    STEP(buffer_byte(out, ']'));
    return result;
}

static enum result
context_json(struct lookup *lookup, const struct id_list *services,
             struct buffer *out)
{
    enum result result = buffer_string(out, ",\"context_reveals_health\":[");

    for (size_t i = 0; i < services->count; i++) {
        STEP(buffer_string(out, i == 0 ? "" : ","));
        STEP(
            number_json(lookup, NAME_SERVICE, (uint16_t)services->ids[i], out));
    }
    STEP(buffer_byte(out, ']'));
    return result;
}

static enum result
damage_json(const struct ledger_damage *damage, struct buffer *out)
{
    char from[TIME_TEXT_BYTES], to[TIME_TEXT_BYTES];
    enum result result = buffer_format(
        out,
        "{\"file\":\"%08" PRIu64 ".seg\",\"part\":\"%s\",\"lost\":%" PRIu64
        ",\"first_row\":%" PRIu64 ",\"last_row\":%" PRIu64
        ",\"received_from\":",
        damage->segment, damage->part, damage->lost, damage->first,
        damage->last);

    if (damage->from_us == INT64_MIN)
        STEP(buffer_string(out, "null"));
    else
        STEP(buffer_format(out, "\"%s\"",
                           time_format_utc(damage->from_us, from)));
    STEP(buffer_format(out, ",\"received_to\":\"%s\"}",
                       time_format_utc(damage->to_us, to)));
    return result;
}

/* Nothing where nothing is bad. */
static enum result
damages_json(const struct tally_coverage *coverage, struct buffer *out)
{
    enum result result = OK;

    if (coverage->damage_count == 0)
        return OK;
    STEP(buffer_format(out, ",\"lost_rows\":%" PRIu64 ",\"damaged\":[",
                       coverage->lost_rows));
    for (size_t i = 0; i < coverage->damage_count; i++) {
        STEP(buffer_string(out, i == 0 ? "" : ","));
        STEP(damage_json(&coverage->damages[i], out));
    }
    STEP(buffer_byte(out, ']'));
    return result;
}

static enum result
coverage_json(struct lookup *lookup, const struct tally *tally,
              uint64_t unknown_values, unsigned doubts, struct buffer *out)
{
    const struct tally_coverage *coverage = &tally->coverage;
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"unlabelled", coverage->unlabelled},
        {"not_sent", coverage->not_sent},
        {"gaps", coverage->gaps},
        {"refused_input", coverage->refused_input},
        {"clock_jumps", coverage->clock_jumps},
        {"late", coverage->late},
        {"time_doubtful", coverage->time_doubtful},
        {"time_from_file", coverage->time_from_file},
        {"time_zone_assumed", coverage->time_zone_assumed},
        {"sessions_derived", coverage->derived_sessions},
        {"unclassified", coverage->unclassified},
        {"test_ins", coverage->test_ins},
        {"third_persons", coverage->third_persons},
        {"names_gone", coverage->names_gone},
        {"unknown_values", unknown_values},
    };
    enum result result = buffer_string(out, "\"coverage\":{");

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        STEP(buffer_format(out, "%s\"%s\":%" PRIu64, i == 0 ? "" : ",",
                           numbers[i].name, numbers[i].value));
    STEP(context_json(lookup, &coverage->context_services, out));
    STEP(damages_json(coverage, out));
    STEP(doubts_json(doubts, out));
    STEP(buffer_byte(out, '}'));
    return result;
}

static enum result
span_json(int64_t first_us, int64_t last_us, struct buffer *out)
{
    char first[TIME_TEXT_BYTES], last[TIME_TEXT_BYTES];

    if (first_us > last_us)
        return buffer_string(out, ",\"first\":null,\"last\":null");
    return buffer_format(out, ",\"first\":\"%s\",\"last\":\"%s\"",
                         time_format_utc(first_us, first),
                         time_format_utc(last_us, last));
}

enum result
scope_summary_json(struct lookup *lookup, const struct tally *tally,
                   const struct scope_label *label, uint64_t unknown_values,
                   struct buffer *out)
{
    size_t before = out->length;
    unsigned doubts = 0;
    enum tally_medical medical = tally_medical(tally, &doubts);
    enum result result = buffer_byte(out, '{');

    STEP(label_json(lookup, label, out));
    STEP(buffer_format(out, "\"patients\":%zu,", tally->person_count));
    STEP(counts_json(tally, out));
    STEP(buffer_format(out,
                       ",\"sessions\":%zu,\"professionals\":%zu"
                       ",\"disclosures\":%" PRIu64 ",\"medical\":\"%s\",",
                       tally->sessions.count, tally->professionals.count,
                       tally->disclosures, medical_name(medical)));
    STEP(coverage_json(lookup, tally, unknown_values, doubts, out));
    STEP(span_json(tally->first_us, tally->last_us, out));
    STEP(buffer_string(out, "}\n"));
    return whole_or_nothing(out, before, result);
}

static enum result
services_json(struct lookup *lookup, const struct tally *tally,
              const struct tally_person *person, struct buffer *out)
{
    const struct tally_service *more = NULL;
    size_t count = tally_more_services(tally, person, &more);
    enum result result = buffer_string(out, ",\"service\":");

    STEP(number_json(lookup, NAME_SERVICE, person->service, out));
    if (count == 0)
        return result;
    STEP(buffer_string(out, ",\"services\":["));
    STEP(number_json(lookup, NAME_SERVICE, person->service, out));
    for (size_t i = 0; i < count; i++) {
        STEP(buffer_byte(out, ','));
        STEP(number_json(lookup, NAME_SERVICE, more[i].service, out));
    }
    STEP(buffer_byte(out, ']'));
    return result;
}

enum result
scope_person_json(struct lookup *lookup, const struct tally *tally,
                  const struct tally_person *person,
                  const struct scope_label *label, struct buffer *out)
{
    size_t before = out->length;
    enum result result = buffer_byte(out, '{');

    STEP(label_json(lookup, label, out));
    STEP(buffer_string(out, "\"patient\":"));
    STEP(alias_json(lookup, person->person, out));
    STEP(services_json(lookup, tally, person, out));
    STEP(buffer_string(out, ",\"categories\":"));
    STEP(category_json(out, tally_seen(person)));
    STEP(buffer_string(out, ",\"possible\":"));
    STEP(category_json(out, tally_possible(person)));
    STEP(buffer_format(out,
                       ",\"grade\":\"%s\",\"disclosures\":%" PRIu32
                       ",\"by_grade\":{\"sent\":%" PRIu32
                       ",\"declared\":%" PRIu32 ",\"requested\":%" PRIu32 "}",
                       grade_name(tally_grade(person)),
                       tally_disclosures(person), person->disclosures[0],
                       person->disclosures[1], person->disclosures[2]));
    STEP(span_json(person->first_us, person->last_us, out));
    STEP(buffer_string(out, "}\n"));
    return whole_or_nothing(out, before, result);
}

enum result
scope_services(struct lookup *lookup, const struct tally *tally,
               const struct tally_person *person, const char *separator,
               struct buffer *out)
{
    const struct tally_service *more = NULL;
    size_t count = tally_more_services(tally, person, &more);
    enum result result =
        number_text(lookup, NAME_SERVICE, person->service, out);

    for (size_t i = 0; i < count; i++) {
        STEP(buffer_string(out, separator));
        STEP(number_text(lookup, NAME_SERVICE, more[i].service, out));
    }
    return result;
}

enum result
scope_words(uint8_t set, const char *separator, struct buffer *out)
{
    enum result result = OK;
    bool first = true;

    for (unsigned i = 0; i < CATEGORY_COUNT; i++) {
        if ((set & 1u << i) == 0)
            continue;
        STEP(buffer_string(out, first ? "" : separator));
        STEP(buffer_string(out, category_name(i)));
        first = false;
    }
    return result;
}

enum result
scope_header_csv(bool labelled, struct buffer *out)
{
    enum result result = OK;

    if (labelled)
        STEP(buffer_string(out, "controller,"));
    STEP(buffer_string(out, "patient,service,categories,possible,grade,"
                            "disclosures,sent,declared,requested,first,last"
                            "\r\n"));
    return result;
}

static enum result
label_csv(struct lookup *lookup, const struct scope_label *label,
          struct buffer *out)
{
    struct buffer name = {0};
    enum result result;

    if (label == NULL)
        return OK;
    result = number_text(lookup, NAME_CONTROLLER, label->controller, &name);
    if (label->controller != 0)
        STEP(csv_field(out, buffer_as_text(&name)));
    STEP(buffer_byte(out, ','));
    buffer_free(&name);
    return result;
}

/* The services as one field. */
static enum result
services_csv(struct lookup *lookup, const struct tally *tally,
             const struct tally_person *person, struct buffer *out)
{
    const struct tally_service *more = NULL;
    size_t count = tally_more_services(tally, person, &more);
    struct buffer field = {0};
    enum result result = OK;

    for (size_t i = 0; i <= count; i++) {
        uint16_t service = i == 0 ? person->service : more[i - 1].service;

        STEP(buffer_string(&field, field.length == 0 ? "" : "; "));
        STEP(service == 0 ? buffer_string(&field, "unknown")
                          : number_text(lookup, NAME_SERVICE, service, &field));
    }
    STEP(csv_field(out, buffer_as_text(&field)));
    buffer_free(&field);
    return result;
}

enum result
scope_person_csv(struct lookup *lookup, const struct tally *tally,
                 const struct tally_person *person,
                 const struct scope_label *label, struct buffer *out)
{
    char first[TIME_TEXT_BYTES], last[TIME_TEXT_BYTES];
    size_t before = out->length;
    enum result result = label_csv(lookup, label, out);

    STEP(alias_csv(lookup, person->person, out));
    STEP(buffer_byte(out, ','));
    STEP(services_csv(lookup, tally, person, out));
    STEP(buffer_byte(out, ','));
    STEP(scope_words(tally_seen(person), " ", out));
    STEP(buffer_byte(out, ','));
    STEP(scope_words(tally_possible(person), " ", out));
    STEP(buffer_format(
        out, ",%s,%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%s,%s\r\n",
        grade_name(tally_grade(person)), tally_disclosures(person),
        person->disclosures[0], person->disclosures[1], person->disclosures[2],
        time_format_utc(person->first_us, first),
        time_format_utc(person->last_us, last)));
    return whole_or_nothing(out, before, result);
}
