/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the operator told about professionals, sites and roles, as tables that
 * are asked by number. Filled line by line (context_load.c), put in order
 * once, then only read. Knows no file, no id of the ledger, no address.
 */
#ifndef VIGIE_CORE_CONTEXT_TOLD_H
#define VIGIE_CORE_CONTEXT_TOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "model/facts.h"

struct context_told;

/* Professionals, sites and roles have numbers from 1 on; 0 is none. */
enum context_name { TOLD_PROFESSIONAL, TOLD_SITE, TOLD_ROLE, TOLD_NAMES };

enum context_span {
    TOLD_DUTY,
    TOLD_ABSENCE,
    TOLD_CAMPAIGN,      /* of a professional */
    TOLD_SITE_CAMPAIGN, /* of a site */
    TOLD_SPANS,
};

enum result context_told_new(struct context_told **ret_told) MUST_USE;
void context_told_free(struct context_told *told);

/* Finds or makes. A professional is one whether written alone, as
 * system|value or as CX, with the leading 8 of a national id or without. */
enum result context_told_name(struct context_told *told, enum context_name kind,
                              struct text name, uint32_t *ret_number) MUST_USE;
/* 0: not named by anybody. */
uint32_t context_told_find(const struct context_told *told,
                           enum context_name kind, struct text name);
uint32_t context_told_count(const struct context_told *told,
                            enum context_name kind);

/* [from, to) of a professional or site. */
enum result context_told_span(struct context_told *told, enum context_span kind,
                              uint32_t owner, int64_t from_us,
                              int64_t to_us) MUST_USE;
void context_told_departed(struct context_told *told, uint32_t professional,
                           int64_t from_us);
void context_told_shared(struct context_told *told, uint32_t professional);
/* Role 0 or site 0: not said. */
enum result context_told_staff(struct context_told *told, uint32_t professional,
                               uint32_t site, uint32_t role) MUST_USE;
/* 0: the general ceiling. */
void context_told_ceilings(struct context_told *told, uint32_t role,
                           uint32_t hour, uint32_t day);
/* Once, behind the last of these and before the first question. */
void context_told_finish(struct context_told *told);

bool context_told_works_at(const struct context_told *told,
                           uint32_t professional, uint32_t site);
bool context_told_site_campaign(const struct context_told *told, uint32_t site,
                                int64_t time_us);
/* All facts of a professional at a moment, but those of the address and the
 * person. */
void context_told_facts(const struct context_told *told, uint32_t professional,
                        int64_t time_us, struct facts *ret_facts);

#endif
