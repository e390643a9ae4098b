/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/retention.h"

#include "base/time.h"
#include "core/holds.h"
#include "core/secrecy_reason.h"
#include "scope/id_map.h"
#include "scope/step.h"

/* Of an id, by its latest row. */
enum { OLD = 1, KEPT = 2 };

struct run {
    struct lookup *lookup;
    struct hold holds[HOLDS_MAX];
    size_t hold_count;
    int64_t before_us;
    struct id_map ids; /* as rows have them, then as they stand today */
    struct id_map standing;
    struct id_list named, gone;
    struct retention_found found;
};

int64_t
retention_before(int64_t now_us, unsigned months)
{
    /* a month is a twelfth of 365.25 days */
    return now_us - (int64_t)months * (TIME_DAY_US / 48 * 1461);
}

static enum result
mark(struct id_map *map, uint64_t id, uint32_t how)
{
    uint32_t before = 0;

    if (id == 0)
        return OK;
    if (id_map_find(map, id, 0, &before) && before >= how)
        return OK;
    return id_map_put(map, id, 0, how);
}

/* The second and third id of a row, where they are ids. */
static uint64_t
person_of(const struct row *row)
{
    switch ((enum row_kind)row->kind) {
    case ROW_DISCLOSURE:
    case ROW_REFUSAL:
    case ROW_UNLABELLED:
    case ROW_JOIN:
    case ROW_SIGHTING: /* the address */
    case ROW_TOKEN:    /* the token */
    case ROW_VERDICT:  /* the token */
    case ROW_CONSOLE_READ:
        return row->person;
    default:
        return 0;
    }
}

static uint64_t
other_of(const struct row *row)
{
    /* the device; the other person */
    return row->kind == ROW_SIGHTING || row->kind == ROW_JOIN ? row->request
                                                              : 0;
}

static bool
is_held(struct run *run, const struct row *row)
{
    struct hold_row held = {.time_us = row->time_source_us};

    if (run->hold_count == 0)
        return false;
    held.session = lookup_canonical(run->lookup, row->session);
    held.professional = lookup_canonical(run->lookup, row->professional);
    held.person = lookup_canonical(run->lookup, person_of(row));
    held.address = row->kind == ROW_SIGHTING ? held.person : 0;
    return holds_row(run->holds, run->hold_count, &held);
}

static enum result
look_at_row(void *context, uint64_t number, const struct row *row)
{
    struct run *run = context;
    bool old = row->time_received_us < run->before_us;
    uint32_t how = old ? OLD : KEPT;
    enum result result = OK;

    (void)number;
    if (old && is_held(run, row)) {
        run->found.rows_held++;
        how = KEPT;
    }
    if (row->kind == ROW_ORDER)
        how = KEPT;
    STEP(mark(&run->ids, row->session, how));
    STEP(mark(&run->ids, row->professional, how));
    STEP(mark(&run->ids, person_of(row), how));
    STEP(mark(&run->ids, other_of(row), how));
    return result;
}

/* Rows of before two names were joined carry the other one. */
static enum result
join_marks(struct run *run)
{
    enum result result = OK;

    for (size_t i = 0; i < run->ids.room && result == OK; i++) {
        const struct id_map_entry *entry = &run->ids.entries[i];

        if (entry->value != 0)
            result =
                mark(&run->standing, lookup_canonical(run->lookup, entry->id),
                     entry->value - 1);
    }
    return result;
}

static enum result
note_name(void *context, enum alias_kind kind, uint64_t id)
{
    struct run *run = context;

    return kind == ALIAS_NETWORK ? OK : id_list_add(&run->named, id);
}

static enum result
count_gone(struct run *run, uint64_t id)
{
    enum alias_kind kind;
    enum result result = lookup_kind(run->lookup, id, &kind);

    if (result != OK)
        return result;
    run->found.persons += kind == ALIAS_PERSON;
    run->found.professionals += kind == ALIAS_PROFESSIONAL;
    run->found.sessions += kind == ALIAS_SESSION;
    run->found.addresses += kind == ALIAS_ADDRESS;
    run->found.devices += kind == ALIAS_DEVICE;
    return id_list_add(&run->gone, id);
}

/* A name without any row is one that the operator told, or of a row that is
 * still to come: it stays. */
static enum result
choose(struct run *run)
{
    enum result result = OK;

    for (size_t i = 0; i < run->named.count && result == OK; i++) {
        uint32_t how = 0;
        uint64_t standing = lookup_canonical(run->lookup, run->named.ids[i]);

        if (id_map_find(&run->standing, standing, 0, &how) && how == OLD)
            result = count_gone(run, run->named.ids[i]);
    }
    return result;
}

static enum result
let_go(struct run *run, struct erasing *data, uint32_t uid)
{
    struct secrecy secrecy = {.act = SECRECY_RETENTION,
                              .number = hash_random_u64(),
                              .count = run->gone.count,
                              .uid = uid,
                              .time_us = data->now_us};
    struct row row;
    size_t names = 0;
    enum result result;

    secrecy_row(&secrecy, &row);
    row.time_source_us = run->before_us;
    result = data->append(data->context, &row);
    STEP(data->commit(data->context));
    STEP(lookup_erase(data->lookup, run->gone.ids, run->gone.count, &names));
    return result;
}

enum result
retention_run(struct erasing *data, struct ledger *ledger, int64_t before_us,
              uint32_t uid, bool dry, struct retention_found *ret_found)
{
    struct run run = {.lookup = data->lookup, .before_us = before_us};
    enum result result = holds_list(data->lookup, run.holds, &run.hold_count);

    STEP(ledger_each(ledger, 0, ledger_count(ledger), look_at_row, &run));
    STEP(join_marks(&run));
    STEP(lookup_each(data->lookup, &run, note_name));
    STEP(choose(&run));
    if (result == OK && !dry && run.gone.count > 0)
        result = let_go(&run, data, uid);
    if (result == OK)
        *ret_found = run.found;
    id_map_free(&run.ids);
    id_map_free(&run.standing);
    id_list_free(&run.named);
    id_list_free(&run.gone);
    return result;
}
