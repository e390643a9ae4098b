/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Both tables are caches: what falls out is read back from the look-up, so
 * that answers never depend on what was kept.
 */
#include "core/context_facts.h"

#include <stdlib.h>
#include <string.h>

#include "core/context_lures.h"
#include "model/category.h"

#define PROFESSIONALS_KEPT (1u << 15)
#define ADDRESSES_KEPT (1u << 14)

struct kept_professional {
    uint64_t id;     /* 0: free */
    uint32_t number; /* of the told; 0: nobody told anything */
};

struct kept_address {
    uint64_t id;
    struct address address;
    struct address_fact fact;
};

struct context_facts {
    const struct context_told *told;
    struct address_facts *addresses;
    struct lookup *lookup;
    struct context_lures *lures; /* NULL: none told */
    struct kept_professional *professionals;
    struct kept_address *kept_addresses;
    uint8_t *seen; /* by number of the professional */
    uint32_t seen_count;
    size_t lure_count;
    struct buffer value;
};

enum result
context_facts_new(const struct context_load *load, struct lookup *lookup,
                  uint16_t space, struct context_facts **ret_facts)
{
    struct context_facts *facts = calloc(1, sizeof(*facts));
    enum result result = OK;

    if (facts == NULL)
        return E_NOMEM;
    facts->told = context_load_told(load);
    facts->addresses = context_load_addresses(load);
    facts->lookup = lookup;
    facts->lure_count = context_load_lure_count(load);
    facts->professionals =
        calloc(PROFESSIONALS_KEPT, sizeof(facts->professionals[0]));
    facts->kept_addresses =
        calloc(ADDRESSES_KEPT, sizeof(facts->kept_addresses[0]));
    facts->seen = calloc(
        (size_t)context_told_count(facts->told, TOLD_PROFESSIONAL) + 1, 1);
    if (facts->professionals == NULL || facts->kept_addresses == NULL ||
        facts->seen == NULL)
        result = E_NOMEM;
    if (result == OK && facts->lure_count > 0)
        result = context_lures_new(load, lookup, space, &facts->lures);
    if (result != OK) {
        context_facts_free(facts);
        return result;
    }
    *ret_facts = facts;
    return OK;
}

void
context_facts_free(struct context_facts *facts)
{
    if (facts == NULL)
        return;
    context_lures_free(facts->lures);
    free(facts->professionals);
    free(facts->kept_addresses);
    free(facts->seen);
    hash_wipe(facts->value.bytes, facts->value.length);
    buffer_free(&facts->value);
    free(facts);
}

void
context_facts_professional(struct context_facts *facts, uint64_t id,
                           struct text value)
{
    struct kept_professional *kept =
        &facts->professionals[id % PROFESSIONALS_KEPT];

    if (id == 0 || kept->id == id)
        return;
    kept->id = id;
    kept->number = context_told_find(facts->told, TOLD_PROFESSIONAL, value);
    if (kept->number != 0 && !facts->seen[kept->number]) {
        facts->seen[kept->number] = 1;
        facts->seen_count++;
    }
}

void
context_facts_address(struct context_facts *facts, uint64_t id,
                      struct text value)
{
    struct kept_address *kept = &facts->kept_addresses[id % ADDRESSES_KEPT];

    if (id == 0 || kept->id == id)
        return;
    *kept = (struct kept_address){.id = id};
    if (address_parse(value, &kept->address))
        address_facts_look(facts->addresses, &kept->address, &kept->fact);
}

/* Ids whose value is not to be had (an erased alias) have no facts. */
static enum result
value_of(struct context_facts *facts, uint64_t id)
{
    enum result result;

    buffer_clear(&facts->value);
    result = lookup_value(facts->lookup, id, &facts->value);
    if (result == E_NOTFOUND || result == E_DENIED) {
        buffer_clear(&facts->value);
        result = OK;
    }
    return result;
}

static enum result
professional_of(struct context_facts *facts, uint64_t id, uint32_t *ret_number)
{
    const struct kept_professional *kept =
        &facts->professionals[id % PROFESSIONALS_KEPT];
    enum result result = OK;

    if (kept->id != id) {
        result = value_of(facts, id);
        if (result == OK)
            context_facts_professional(facts, id,
                                       buffer_as_text(&facts->value));
    }
    if (result == OK)
        *ret_number = kept->number;
    return result;
}

static enum result
address_of(struct context_facts *facts, uint64_t id,
           const struct kept_address **ret_address)
{
    const struct kept_address *kept =
        &facts->kept_addresses[id % ADDRESSES_KEPT];
    enum result result = OK;

    if (kept->id != id) {
        result = value_of(facts, id);
        if (result == OK)
            context_facts_address(facts, id, buffer_as_text(&facts->value));
    }
    if (result == OK)
        *ret_address = kept;
    return result;
}

enum result
context_facts_person(struct context_facts *facts, struct text key,
                     uint64_t canonical)
{
    return facts->lures == NULL
               ? OK
               : context_lures_made(facts->lures, key, canonical);
}

enum result
context_facts_restart(struct context_facts *facts)
{
    return facts->lures == NULL ? OK : context_lures_restart(facts->lures);
}

/* Sites at whose exit the session is. */
static void
add_sites(const struct context_facts *facts, const struct address *address,
          uint32_t professional, int64_t time_us, struct facts *ret)
{
    uint32_t site;

    for (uint32_t nth = 0;
         (site = address_facts_site(facts->addresses, address, nth)) != 0;
         nth++) {
        if (professional != 0 &&
            context_told_works_at(facts->told, professional, site))
            ret->bits |= FACT_OWN_SITE;
        else
            ret->bits |= FACT_OTHER_SITE;
        if (context_told_site_campaign(facts->told, site, time_us))
            ret->bits |= FACT_CAMPAIGN;
    }
    /* an exit that several sites share is theirs */
    if (ret->bits & FACT_OWN_SITE)
        ret->bits &= ~(uint32_t)FACT_OTHER_SITE;
}

/* A lure among the results of a search for persons was not opened: whoever
 * looks for a namesake meets it. */
static bool
is_listed(const struct row *row)
{
    uint16_t seen = row->categories & CATEGORY_SEEN_MASK;

    return (row->flags & ROW_SEARCH) != 0 &&
           (seen & ~(CATEGORY_IDENTITY | CATEGORY_CONTACT | CATEGORY_NIR |
                     CATEGORY_ADMIN)) == 0;
}

enum result
context_facts_row(struct context_facts *facts, const struct row *row,
                  uint64_t address, struct facts *ret_facts)
{
    const struct kept_address *kept = NULL;
    struct facts ret = {0};
    uint32_t number = 0;
    enum result result = OK;

    if (row->kind == ROW_JOIN && facts->lures != NULL)
        return context_lures_join(facts->lures, row->person, row->request);
    if (row->professional != 0)
        result = professional_of(facts, row->professional, &number);
    if (result == OK && number != 0)
        context_told_facts(facts->told, number, row->time_source_us, &ret);
    if (result == OK && address != 0)
        result = address_of(facts, address, &kept);
    if (result != OK)
        return result;
    if (kept != NULL) {
        ret.bits |= kept->fact.bits;
        memcpy(ret.country, kept->fact.country, sizeof(ret.country));
        if (kept->fact.is_exit)
            add_sites(facts, &kept->address, number, row->time_source_us, &ret);
    }
    if (facts->lures != NULL && row->kind == ROW_DISCLOSURE &&
        context_lures_has(facts->lures, row->person))
        ret.bits |= is_listed(row) ? FACT_LURE_LISTED : FACT_LURE;
    *ret_facts = ret;
    return OK;
}

void
context_facts_statistics(const struct context_facts *facts,
                         struct context_statistics *ret)
{
    *ret = (struct context_statistics){
        .professionals_told =
            context_told_count(facts->told, TOLD_PROFESSIONAL),
        .professionals_seen = facts->seen_count,
        .lures_told = (uint32_t)facts->lure_count,
        .lures_seen =
            facts->lures == NULL ? 0 : context_lures_seen(facts->lures),
        .mmdb_errors = address_facts_errors(facts->addresses),
    };
}
