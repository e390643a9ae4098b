/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/bench_print.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/table_print.h"
#include "scope/step.h"

/* What was run, so that the tables can be read without the command. */
static enum result
put_run(const struct bench_report *report, struct buffer *out)
{
    const struct bench_options *o = report->options;
    uint64_t calm = o->first_seed + BENCH_CALM_SEED;
    enum result result = buffer_format(
        out,
        _("Simulated regions of %u professionals, %u days: %u with %zu thieves "
          "asked for (seeds %" PRIu64 " to %" PRIu64 "), %u without (%" PRIu64
          " to %" PRIu64 ").\nFalse alerts of the first %u days are counted "
          "apart (warm-up).\n"),
        o->professionals, o->days, o->seeds, o->thief_count, o->first_seed,
        o->first_seed + o->seeds - 1, o->seeds, calm, calm + o->seeds - 1,
        o->warm_up);

    if (o->first_seed == BENCH_FIRST_SEED)
        STEP(buffer_string(
            out, _("These seeds are kept for measuring: no number of the "
                   "detector may be chosen on them.\n")));
    STEP(buffer_string(
        out,
        o->campaigns
            ? _("Announced campaigns of the region were told to the detector; "
                "nothing else was.\n\n")
            : _("The detector was told nothing of the region.\n\n")));
    return result;
}

static enum result
sum_row(struct table_print *table, const char *name,
        const struct bench_sum *sum)
{
    const struct bench_spread *lost = &sum->lost[BENCH_VIGIE];
    enum result result = table_print_cell(table, text_of(name));

    STEP(table_print_format(table, "%zu", sum->number));
    STEP(table_print_format(table, "%zu", sum->stopped[BENCH_VIGIE]));
    STEP(table_print_format(table, "%zu", sum->watched_only));
    STEP(table_print_format(table, "%.1f", lost->mean));
    STEP(table_print_format(table, "%.1f", lost->median));
    STEP(table_print_format(table, "%" PRIu32, lost->worst));
    for (unsigned i = 0; i < BENCH_RULES; i++)
        STEP(table_print_format(table, "%zu · %.1f", sum->stopped[1 + i],
                                sum->lost[1 + i].mean));
    return result;
}

static enum result
class_rows(struct table_print *table, const struct bench_totals *t,
           enum region_thief_class class)
{
    struct bench_sum sum = {0};
    char name[96];
    enum result result = OK;

    for (unsigned k = 1; k < REGION_THIEF_KINDS; k++) {
        enum region_thief kind = (enum region_thief)k;

        if (region_thief_class(kind) != class)
            continue;
        STEP(bench_sum(t->losses, t->loss_count, kind, class, &sum));
        (void)snprintf(name, sizeof(name), "  %s", region_thief_name(kind));
        if (result == OK && sum.number > 0)
            STEP(sum_row(table, name, &sum));
        STEP(bench_sum(t->wholes, t->whole_count, kind, class, &sum));
        (void)snprintf(name, sizeof(name), _("  %s, all its accounts"),
                       region_thief_name(kind));
        if (result == OK && sum.number > 0)
            STEP(sum_row(table, name, &sum));
    }
    return result;
}

/* Kinds that were asked for and of which the regions made nobody: no figure
 * is about them. */
static enum result
put_absent(const struct bench_report *report, struct buffer *out)
{
    bool first = true;
    enum result result = OK;

    for (unsigned k = 1; k < REGION_THIEF_KINDS; k++) {
        enum region_thief kind = (enum region_thief)k;

        if (!bench_is_absent(report->options, report->totals, kind))
            continue;
        STEP(buffer_format(
            out, "%s%s",
            first ? _("NOT MEASURED, the region makes none yet: ") : ", ",
            region_thief_name(kind)));
        first = false;
    }
    if (!first)
        STEP(buffer_string(out, "\n\n"));
    return result;
}

static enum result
put_thieves(const struct bench_totals *t, struct buffer *out)
{
    struct buffer titles[BENCH_RULES] = {0};
    struct table_column columns[7 + BENCH_RULES] = {
        {_("thief, by account"), false, 0},
        {_("number"), true, 0},
        {_("stopped"), true, 0},
        {_("watched only"), true, 0},
        {_("lost: mean"), true, 0},
        {_("median"), true, 0},
        {_("worst"), true, 0}};
    struct table_print *table = NULL;
    struct bench_sum sum = {0};
    enum result result = OK;

    for (unsigned i = 0; i < BENCH_RULES; i++) {
        STEP(bench_rule_title(&bench_rules[i], &titles[i]));
        STEP(buffer_byte(&titles[i], '\0'));
        columns[7 + i] = (struct table_column){titles[i].bytes, true, 0};
    }
    STEP(table_print_new(columns, 7 + BENCH_RULES, &table));
    for (unsigned c = REGION_LOUD; c <= REGION_REPORTED; c++) {
        enum region_thief_class class = (enum region_thief_class)c;

        STEP(bench_sum(t->losses, t->loss_count, THIEF_NONE, class, &sum));
        if (result != OK || sum.number == 0)
            continue;
        STEP(sum_row(table, bench_class_title(class), &sum));
        STEP(class_rows(table, t, class));
    }
    STEP(table_print_end(table, out));
    STEP(buffer_string(
        out,
        _("Lost: distinct persons in the thief's sessions up to and including "
          "the event that raised the step_up; whoever is\nnot stopped counts "
          "with all he took. Columns on the right: the plain rule “more than N "
          "distinct persons of one account\nin a sliding window”, accounts "
          "caught · persons lost on average.\n\n")));
    table_print_free(table);
    for (unsigned i = 0; i < BENCH_RULES; i++)
        buffer_free(&titles[i]);
    return result;
}

static enum result
rate_row(struct table_print *table, const char *name,
         const struct bench_calm *calm, uint64_t warm, uint64_t cold)
{
    struct bench_rate rate = bench_rate(warm, calm->days[1]);
    enum result result = table_print_cell(table, text_of(name));

    STEP(table_print_format(table, "%" PRIu64, warm));
    STEP(table_print_format(table, "%.2f", rate.rate));
    STEP(table_print_format(table, "%.2f – %.2f", rate.least, rate.most));
    rate = bench_rate(cold, calm->days[0]);
    STEP(table_print_format(table, "%" PRIu64, cold));
    STEP(table_print_format(table, "%.2f", rate.rate));
    return result;
}

static enum result
put_false(const struct bench_totals *t, struct buffer *out)
{
    const struct table_column columns[] = {
        {_("false, without thieves"), false, 0},
        {_("number"), true, 0},
        {_("per 1,000"), true, 0},
        {_("interval at 95 %"), true, 0},
        {_("in the warm-up"), true, 0},
        {_("per 1,000"), true, 0}};
    const struct bench_calm *c = &t->calm;
    struct table_print *table = NULL;
    struct buffer name = {0};
    enum result result =
        table_print_new(columns, sizeof(columns) / sizeof(*columns), &table);

    STEP(rate_row(table, "step_up", c, c->step_ups[1], c->step_ups[0]));
    STEP(rate_row(table, "watch", c, c->watches[1], c->watches[0]));
    for (unsigned i = 0; i < BENCH_RULES; i++) {
        buffer_clear(&name);
        STEP(bench_rule_title(&bench_rules[i], &name));
        STEP(buffer_byte(&name, '\0'));
        STEP(rate_row(table, name.bytes, c, c->rule_days[1][i],
                      c->rule_days[0][i]));
    }
    STEP(table_print_end(table, out));
    STEP(buffer_format(
        out,
        _("Per 1,000 of %" PRIu64
          " professional-days after the warm-up (%" PRIu64
          " in it): a professional-day has an event at\nleast, in UTC. vigie: "
          "alerts; rules: professional-days with an alert at least. Interval: "
          "exact, of Poisson's law.\n"),
        c->days[1], c->days[0]));
    STEP(buffer_format(out,
                       _("On holders in the regions with thieves: %" PRIu64
                         " step_up in %" PRIu64
                         " professional-days after the warm-up.\n\n"),
                       t->theft_step_ups, t->theft_days));
    table_print_free(table);
    buffer_free(&name);
    return result;
}

static enum result
put_holders(const struct bench_calm *c, struct buffer *out)
{
    const struct table_column columns[] = {{_("false, by holder"), false, 0},
                                           {_("professional-days"), true, 0},
                                           {"step_up", true, 0},
                                           {"watch", true, 0}};
    struct table_print *table = NULL;
    enum result result =
        table_print_new(columns, sizeof(columns) / sizeof(*columns), &table);

    for (unsigned k = 0; k < KIND_COUNT; k++) {
        if (c->kind_days[k] == 0)
            continue;
        STEP(table_print_cell(
            table, text_of(bench_holder_title((enum region_kind)k))));
        STEP(table_print_format(table, "%" PRIu64, c->kind_days[k]));
        STEP(table_print_format(table, "%" PRIu64, c->kind_step_ups[k]));
        STEP(table_print_format(table, "%" PRIu64, c->kind_watches[k]));
    }
    STEP(table_print_end(table, out));
    STEP(buffer_byte(out, '\n'));
    table_print_free(table);
    return result;
}

static enum result
put_reached(struct table_print *table, uint32_t persons)
{
    return table_print_format(table, "%s%" PRIu32,
                              persons >= BENCH_CEILING_MOST ? "≥ " : "",
                              persons);
}

static enum result
ceiling_row(struct table_print *table, const struct bench_ceiling *ceiling,
            enum bench_place place, unsigned way)
{
    struct bench_way how = bench_way(way % BENCH_WAYS);
    struct bench_span span = {0};
    struct buffer text = {0};
    enum result result = bench_span(ceiling, place, way, &span);

    if (way < BENCH_WAYS)
        STEP(bench_way_title(&how, &text));
    else
        STEP(buffer_string(&text, _("in one hour, the best of these")));
    STEP(table_print_format(table, "  %.*s", (int)text.length, text.bytes));
    STEP(put_reached(table, span.least));
    STEP(table_print_format(table, "%.0f", span.median));
    STEP(put_reached(table, span.most));
    STEP(table_print_format(table, "%s", bench_holder_title(span.most_kind)));
    STEP(put_reached(table, span.ten_least));
    STEP(put_reached(table, span.ten_most));
    buffer_free(&text);
    return result;
}

static enum result
put_ceiling(const struct bench_ceiling *ceiling, struct buffer *out)
{
    const struct table_column columns[] = {
        {_("strangers in a day, no step_up"), false, 0},
        {_("least account"), true, 0},
        {_("median"), true, 0},
        {_("most"), true, 0},
        {_("of a"), false, 0},
        {_("ten thieves: least"), true, 0},
        {_("most"), true, 0}};
    struct table_print *table = NULL;
    enum result result =
        table_print_new(columns, sizeof(columns) / sizeof(*columns), &table);

    for (unsigned p = 0; p < BENCH_PLACES; p++) {
        STEP(table_print_cell(table,
                              text_of(bench_place_title((enum bench_place)p))));
        for (unsigned i = 1; i < sizeof(columns) / sizeof(*columns); i++)
            STEP(table_print_cell(table, TEXT("")));
        for (unsigned way = 0; way <= BENCH_WAYS; way++)
            STEP(ceiling_row(table, ceiling, (enum bench_place)p, way));
    }
    STEP(buffer_format(
        out,
        _("Mimicry ceiling: what perfectly patient thieves could still take "
          "in one day on which the holder is away, tried on\n%zu accounts "
          "with the habit of %u days: the largest number of strangers that "
          "raises no step_up, spread over the\nholder's hours or the whole "
          "day, whichever gives more.\n"),
        ceiling->count, ceiling->days));
    STEP(table_print_end(table, out));
    STEP(buffer_format(
        out,
        _("Ten thieves: on the ten accounts that allow least, and most. %u and "
          "more: nothing stands in the way.\n\n"),
        BENCH_CEILING_MOST));
    table_print_free(table);
    return result;
}

static enum result
put_figures(const struct bench_totals *totals, struct buffer *out)
{
    struct bench_figure figures[BENCH_FIGURES];
    enum result result = bench_figures(totals, figures);

    for (unsigned i = 0; i < BENCH_FIGURES && result == OK; i++) {
        const struct bench_figure *f = &figures[i];

        if (!f->exists)
            continue;
        STEP(buffer_format(out, "figure %s %.2f %s (target %s %g%s%s) %s\n",
                           f->name, f->value, f->unit,
                           f->at_least ? ">=" : "<=", f->target,
                           f->remark[0] == '\0' ? "" : "; ", f->remark,
                           bench_figure_ok(f) ? "ok" : "short"));
    }
    return result;
}

static enum result
list_thieves(const struct bench_totals *t, struct buffer *out)
{
    char time[TIME_TEXT_BYTES];
    enum result result = OK;

    for (size_t i = 0; i < t->loss_count; i++) {
        const struct bench_loss *l = &t->losses[i];
        const char *end = l->stopped[BENCH_VIGIE] ? _("was stopped")
                          : l->watched            ? _("was only watched")
                                                  : _("not seen");

        STEP(buffer_format(out,
                           _("thief  region %" PRIu64 " professional %" PRIu32
                             " %s from %s: %s, %" PRIu32 " of %" PRIu32
                             " persons lost; "),
                           l->seed, l->account, region_thief_name(l->kind),
                           time_format_utc(l->first_us, time), end,
                           l->lost[BENCH_VIGIE], l->persons));
        STEP(bench_signs(l->signs, out));
        STEP(buffer_byte(out, '\n'));
    }
    return result;
}

static enum result
list_false(const struct bench_totals *t, struct buffer *out)
{
    char time[TIME_TEXT_BYTES];
    enum result result = OK;

    for (size_t i = 0; i < t->false_count; i++) {
        const struct bench_false *f = &t->falses[i];

        STEP(buffer_format(
            out,
            _("false  region %" PRIu64 " professional %" PRIu32
              " (%s) %s: %s, score %.2f%s%s; "),
            f->seed, f->professional, bench_holder_title(f->kind),
            time_format_utc(f->time_us, time), verdict_name(f->verdict),
            f->score / 100.0, f->warm ? "" : _(", in the warm-up"),
            f->beside ? _(", beside a thief") : ""));
        STEP(bench_signs(f->signs, out));
        STEP(buffer_byte(out, '\n'));
    }
    STEP(buffer_byte(out, '\n'));
    return result;
}

enum result
bench_print(const struct bench_report *report, struct buffer *out)
{
    enum result result = put_run(report, out);

    if (report->list) {
        STEP(list_thieves(report->totals, out));
        STEP(list_false(report->totals, out));
    }
    STEP(put_thieves(report->totals, out));
    STEP(put_absent(report, out));
    STEP(put_false(report->totals, out));
    STEP(put_holders(&report->totals->calm, out));
    if (report->ceiling != NULL)
        STEP(put_ceiling(report->ceiling, out));
    STEP(put_figures(report->totals, out));
    return result;
}
