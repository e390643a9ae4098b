/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One walk where nothing is said twice: another one where some rows were second
 * reports of a request, to learn which first reports lie in the scope too; and
 * all again, once, where some rows took others back.
 */
#include "scope/scope_run.h"

#include <stdlib.h>

#include "scope/taken_back.h"

struct scope_run {
    struct lookup *lookup;
    const struct walk_query *query;
    struct scope *scope;
    bool by_controller;
    struct id_map parts; /* controller → place in scope->parts */
    struct taken_back taken;
};

void
scope_free(struct scope *scope)
{
    tally_free(&scope->whole);
    for (size_t i = 0; i < scope->part_count; i++)
        tally_free(&scope->parts[i].tally);
    free(scope->parts);
    *scope = (struct scope){0};
}

static enum result
part_of(struct scope_run *run, uint16_t controller, struct tally **ret_tally)
{
    struct scope *scope = run->scope;
    struct scope_part *parts;
    uint32_t place;
    enum result result;

    if (id_map_find(&run->parts, controller, 0, &place)) {
        *ret_tally = &scope->parts[place].tally;
        return OK;
    }
    /* one by one: there are as many as establishments */
    parts = reallocarray(scope->parts, scope->part_count + 1, sizeof(*parts));
    if (parts == NULL)
        return E_NOMEM;
    scope->parts = parts;
    result =
        id_map_put(&run->parts, controller, 0, (uint32_t)scope->part_count);
    if (result != OK)
        return result;
    parts[scope->part_count].controller = controller;
    tally_start(&parts[scope->part_count].tally);
    *ret_tally = &parts[scope->part_count++].tally;
    return OK;
}

static enum result
count_row(void *context, const struct walk_row *at)
{
    struct scope_run *run = context;
    struct tally *part = NULL;
    enum result result;

    if (at->row->kind != ROW_DISCLOSURE && at->row->kind != ROW_UNLABELLED)
        return OK;
    result = taken_back_note(&run->taken, at->row);
    if (result != OK || taken_back_has(&run->taken, at->row))
        return result;
    result = tally_row(&run->scope->whole, run->lookup, at);
    if (result == OK && run->by_controller)
        result = part_of(run, at->row->controller, &part);
    if (result == OK && part != NULL)
        result = tally_row(part, run->lookup, at);
    return result;
}

static enum result
count_general(void *context, uint64_t number, const struct row *row)
{
    struct scope_run *run = context;

    (void)number;
    /* a gap may hide rows of any controller: it counts for each */
    tally_general(&run->scope->whole, run->query, row);
    for (size_t i = 0; i < run->scope->part_count; i++)
        tally_general(&run->scope->parts[i].tally, run->query, row);
    return OK;
}

static enum result
note_first_report(void *context, const struct walk_row *at)
{
    struct scope_run *run = context;
    uint32_t place;

    if (taken_back_has(&run->taken, at->row))
        return OK;
    tally_first_report(&run->scope->whole, at->row);
    if (id_map_find(&run->parts, at->row->controller, 0, &place))
        tally_first_report(&run->scope->parts[place].tally, at->row);
    return OK;
}

/* After the last walk: each may have met something. */
static void
count_damages(struct scope_run *run, const struct ledger *ledger)
{
    size_t count = 0;
    const struct ledger_damage *damages = ledger_damages(ledger, &count);

    tally_damages(&run->scope->whole, run->query, damages, count);
    for (size_t i = 0; i < run->scope->part_count; i++)
        tally_damages(&run->scope->parts[i].tally, run->query, damages, count);
}

static int
part_compare(const void *a, const void *b)
{
    const struct scope_part *left = a, *right = b;

    return (int)left->controller - (int)right->controller;
}

static enum result
count_rows(struct scope_run *run, struct ledger *ledger)
{
    enum result result;

    do {
        id_map_free(&run->parts);
        scope_free(run->scope);
        tally_start(&run->scope->whole);
        result = walk_rows(ledger, run->query, count_row, run);
    } while (result == OK && taken_back_again(&run->taken));
    return result;
}

enum result
scope_run(struct ledger *ledger, struct lookup *lookup,
          const struct walk_query *query, bool by_controller,
          struct scope *ret_scope)
{
    struct scope scope = {0};
    struct scope_run run = {.lookup = lookup,
                            .query = query,
                            .scope = &scope,
                            .by_controller = by_controller};
    enum result result;

    result = count_rows(&run, ledger);
    if (result == OK)
        result = walk_general(ledger, count_general, &run);
    if (result == OK && tally_has_repeats(&scope.whole))
        result = walk_rows(ledger, query, note_first_report, &run);
    id_map_free(&run.parts);
    taken_back_free(&run.taken);
    if (result != OK) {
        scope_free(&scope);
        return result;
    }
    count_damages(&run, ledger);
    tally_finish(&scope.whole);
    for (size_t i = 0; i < scope.part_count; i++)
        tally_finish(&scope.parts[i].tally);
    if (scope.part_count > 1)
        qsort(scope.parts, scope.part_count, sizeof(*scope.parts),
              part_compare);
    *ret_scope = scope;
    return OK;
}
