/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/bench_print.h"

#include <inttypes.h>

#include "base/time.h"
#include "scope/step.h"

static enum result
put_lost(const struct bench_spread *lost, struct buffer *out)
{
    return buffer_format(
        out, "{\"mean\":%.2f,\"median\":%.1f,\"worst\":%" PRIu32 "}",
        lost->mean, lost->median, lost->worst);
}

static enum result
put_sum(const struct bench_sum *sum, struct buffer *out)
{
    enum result result = buffer_format(
        out, "\"number\":%zu,\"stopped\":%zu,\"watched_only\":%zu,\"lost\":",
        sum->number, sum->stopped[BENCH_VIGIE], sum->watched_only);

    STEP(put_lost(&sum->lost[BENCH_VIGIE], out));
    STEP(buffer_string(out, ",\"rules\":["));
    for (unsigned i = 0; i < BENCH_RULES; i++) {
        STEP(buffer_format(
            out, "%s{\"persons\":%" PRIu32 ",\"hours\":%u,\"stopped\":%zu,",
            i == 0 ? "" : ",", bench_rules[i].persons, bench_rules[i].hours,
            sum->stopped[1 + i]));
        STEP(buffer_string(out, "\"lost\":"));
        STEP(put_lost(&sum->lost[1 + i], out));
        STEP(buffer_byte(out, '}'));
    }
    STEP(buffer_string(out, "]}\n"));
    return result;
}

static enum result
put_thieves(const struct bench_report *report, struct buffer *out)
{
    const struct bench_totals *t = report->totals;
    struct bench_sum sum = {0};
    enum result result = OK;

    for (unsigned k = 1; k < REGION_THIEF_KINDS; k++) {
        enum region_thief kind = (enum region_thief)k;
        const char *class = region_class_name(region_thief_class(kind));

        STEP(bench_sum(t->losses, t->loss_count, kind, REGION_HONEST, &sum));
        if (result == OK && sum.number > 0) {
            STEP(buffer_format(
                out, "{\"kind\":\"thieves\",\"thief\":\"%s\",\"class\":\"%s\",",
                region_thief_name(kind), class));
            STEP(put_sum(&sum, out));
        }
        STEP(bench_sum(t->wholes, t->whole_count, kind, REGION_HONEST, &sum));
        if (result == OK && sum.number > 0) {
            STEP(buffer_format(
                out,
                "{\"kind\":\"together\",\"thief\":\"%s\",\"class\":\"%s\",",
                region_thief_name(kind), class));
            STEP(put_sum(&sum, out));
        }
    }
    for (unsigned c = REGION_LOUD; c <= REGION_REPORTED; c++) {
        enum region_thief_class class = (enum region_thief_class)c;

        STEP(bench_sum(t->losses, t->loss_count, THIEF_NONE, class, &sum));
        if (result != OK || sum.number == 0)
            continue;
        STEP(buffer_format(out, "{\"kind\":\"class\",\"class\":\"%s\",",
                           region_class_name(class)));
        STEP(put_sum(&sum, out));
    }
    return result;
}

static enum result
put_rate(const char *name, uint64_t count, uint64_t days, struct buffer *out)
{
    struct bench_rate rate = bench_rate(count, days);

    return buffer_format(out,
                         "\"%s\":{\"count\":%" PRIu64
                         ",\"per_1000\":%.4f,\"least\":%.4f,\"most\":%.4f}",
                         name, rate.count, rate.rate, rate.least, rate.most);
}

static enum result
put_calm(const struct bench_report *report, struct buffer *out)
{
    const struct bench_calm *c = &report->totals->calm;
    enum result result = OK;

    for (int warm = 1; warm >= 0; warm--) {
        uint64_t days = c->days[warm];

        STEP(buffer_format(out,
                           "{\"kind\":\"false\",\"warm_up\":%s,"
                           "\"professional_days\":%" PRIu64 ",",
                           warm ? "false" : "true", days));
        STEP(put_rate("step_up", c->step_ups[warm], days, out));
        STEP(buffer_byte(out, ','));
        STEP(put_rate("watch", c->watches[warm], days, out));
        STEP(buffer_string(out, ",\"rules\":["));
        for (unsigned i = 0; i < BENCH_RULES; i++) {
            STEP(buffer_format(out, "%s{\"persons\":%" PRIu32 ",\"hours\":%u,",
                               i == 0 ? "" : ",", bench_rules[i].persons,
                               bench_rules[i].hours));
            STEP(put_rate("days", c->rule_days[warm][i], days, out));
            STEP(buffer_byte(out, '}'));
        }
        STEP(buffer_string(out, "]}\n"));
    }
    for (unsigned k = 0; k < KIND_COUNT; k++) {
        if (c->kind_days[k] == 0)
            continue;
        STEP(buffer_format(out,
                           "{\"kind\":\"holders\",\"holder\":\"%s\","
                           "\"professional_days\":%" PRIu64
                           ",\"step_up\":%" PRIu64 ",\"watch\":%" PRIu64 "}\n",
                           bench_holder_name((enum region_kind)k),
                           c->kind_days[k], c->kind_step_ups[k],
                           c->kind_watches[k]));
    }
    STEP(buffer_format(out,
                       "{\"kind\":\"beside\",\"professional_days\":%" PRIu64
                       ",\"step_up\":%" PRIu64 "}\n",
                       report->totals->theft_days,
                       report->totals->theft_step_ups));
    return result;
}

static enum result
put_list(const struct bench_report *report, struct buffer *out)
{
    const struct bench_totals *t = report->totals;
    char time[TIME_TEXT_BYTES];
    enum result result = OK;

    for (size_t i = 0; i < t->loss_count; i++) {
        const struct bench_loss *l = &t->losses[i];

        STEP(buffer_format(
            out,
            "{\"kind\":\"thief\",\"seed\":%" PRIu64 ",\"number\":%" PRIu32
            ",\"professional\":%" PRIu32
            ",\"thief\":\"%s\",\"first\":\"%s\",\"persons\":%" PRIu32
            ",\"stopped\":%s,\"watched\":%s,\"lost\":%" PRIu32 ",\"signs\":\"",
            l->seed, l->number, l->account, region_thief_name(l->kind),
            time_format_utc(l->first_us, time), l->persons,
            l->stopped[BENCH_VIGIE] ? "true" : "false",
            l->watched ? "true" : "false", l->lost[BENCH_VIGIE]));
        STEP(bench_signs(l->signs, out));
        STEP(buffer_string(out, "\"}\n"));
    }
    for (size_t i = 0; i < t->false_count; i++) {
        const struct bench_false *f = &t->falses[i];

        STEP(buffer_format(
            out,
            "{\"kind\":\"false_alert\",\"seed\":%" PRIu64
            ",\"professional\":%" PRIu32
            ",\"holder\":\"%s\",\"time\":\"%s\",\"verdict\":\"%s\","
            "\"score\":%.2f,\"warm_up\":%s,\"thieves\":%s,\"beside\":%s,"
            "\"signs\":\"",
            f->seed, f->professional, bench_holder_name(f->kind),
            time_format_utc(f->time_us, time), verdict_name(f->verdict),
            f->score / 100.0, f->warm ? "false" : "true",
            f->calm ? "false" : "true", f->beside ? "true" : "false"));
        STEP(bench_signs(f->signs, out));
        STEP(buffer_string(out, "\"}\n"));
    }
    return result;
}

static enum result
put_span(const struct bench_ceiling *ceiling, enum bench_place place,
         unsigned way, struct buffer *out)
{
    static const char *const covers[COVERS] = {"none", "care", "known"};
    struct bench_way how = bench_way(way % BENCH_WAYS);
    struct bench_span span = {0};
    bool day = way < BENCH_WAYS;
    enum result result = bench_span(ceiling, place, way, &span);

    STEP(buffer_format(
        out, "{\"kind\":\"ceiling\",\"place\":\"%s\",\"window\":\"%s\",",
        place == BENCH_KNOWN ? "known" : "unknown", day ? "day" : "hour"));
    if (day)
        STEP(buffer_format(out, "\"one_session\":%s,\"cover\":\"%s\",",
                           how.one_session ? "true" : "false",
                           covers[how.cover]));
    STEP(buffer_format(out,
                       "\"accounts\":%zu,\"least\":%" PRIu32
                       ",\"median\":%.1f,\"most\":%" PRIu32
                       ",\"most_holder\":\"%s\",\"ten_least\":%" PRIu32
                       ",\"ten_most\":%" PRIu32 ",\"bounded\":%s}\n",
                       ceiling->count, span.least, span.median, span.most,
                       bench_holder_name(span.most_kind), span.ten_least,
                       span.ten_most,
                       span.most < BENCH_CEILING_MOST ? "true" : "false"));
    return result;
}

static enum result
put_ceiling(const struct bench_ceiling *ceiling, struct buffer *out)
{
    enum result result = OK;

    for (unsigned p = 0; p < BENCH_PLACES; p++)
        for (unsigned way = 0; way <= BENCH_WAYS; way++)
            STEP(put_span(ceiling, (enum bench_place)p, way, out));
    return result;
}

static enum result
put_figures(const struct bench_report *report, struct buffer *out)
{
    struct bench_figure figures[BENCH_FIGURES];
    enum result result = bench_figures(report->totals, figures);

    for (unsigned i = 0; i < BENCH_FIGURES && result == OK; i++) {
        const struct bench_figure *f = &figures[i];

        if (f->exists)
            STEP(buffer_format(out,
                               "{\"kind\":\"figure\",\"name\":\"%s\","
                               "\"value\":%.4f,\"unit\":\"%s\","
                               "\"target\":%g,\"at_least\":%s,\"ok\":%s}\n",
                               f->name, f->value, f->unit, f->target,
                               f->at_least ? "true" : "false",
                               bench_figure_ok(f) ? "true" : "false"));
    }
    return result;
}

enum result
bench_json(const struct bench_report *report, struct buffer *out)
{
    const struct bench_options *o = report->options;
    enum result result = buffer_format(
        out,
        "{\"kind\":\"run\",\"first_seed\":%" PRIu64
        ",\"first_calm_seed\":%" PRIu64
        ",\"seeds\":%u,\"professionals\":%u,\"days\":%u,\"warm_up\":%u,"
        "\"thieves_a_region\":%zu,\"campaigns\":%s}\n",
        o->first_seed, o->first_seed + BENCH_CALM_SEED, o->seeds,
        o->professionals, o->days, o->warm_up, o->thief_count,
        o->campaigns ? "true" : "false");

    if (report->list)
        STEP(put_list(report, out));
    STEP(put_thieves(report, out));
    STEP(put_calm(report, out));
    for (unsigned k = 1; k < REGION_THIEF_KINDS; k++)
        if (bench_is_absent(o, report->totals, (enum region_thief)k))
            STEP(buffer_format(out,
                               "{\"kind\":\"absent\",\"thief\":\"%s\"}\n",
                               region_thief_name((enum region_thief)k)));
    if (report->ceiling != NULL)
        STEP(put_ceiling(report->ceiling, out));
    STEP(put_figures(report, out));
    return result;
}
