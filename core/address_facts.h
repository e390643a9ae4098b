/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What an address says: an exit of which sites, and, by the address databases
 * (MMDB) that the operator gave, its country and what kind of company it
 * belongs to. Without a database it says nothing of those. Knows no id and
 * no professional.
 */
#ifndef VIGIE_CORE_ADDRESS_FACTS_H
#define VIGIE_CORE_ADDRESS_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

struct address_facts;

struct address { /* IPv4 in its mapped form, ::ffff:a.b.c.d */
    uint8_t bytes[16];
};

/* What is the same for everybody; own or other site is not. */
struct address_fact {
    uint32_t bits; /* FACT_HOSTING, FACT_VPN, FACT_ABROAD */
    char country[2];
    bool is_exit; /* of some site */
};

enum result address_facts_new(struct address_facts **ret_facts) MUST_USE;
void address_facts_free(struct address_facts *facts);

/* An address or a network (192.0.2.0/24, 2001:db8::/32) of a site. E_FORMAT
 * with *ret_rule a word for why. */
enum result address_facts_exit(struct address_facts *facts, struct text exit,
                               uint32_t site, const char **ret_rule) MUST_USE;
/* A country as ISO 3166-1 alpha-2 that is not abroad. The first one given
 * takes the place of France and its territories. E_FORMAT. */
enum result address_facts_country(struct address_facts *facts,
                                  struct text country) MUST_USE;
/* An MMDB file. E_FORMAT where libmaxminddb refuses it, E_LIMIT where there
 * are too many, or it is too large; *ret_says false for a database that has
 * none of the facts (of networks' numbers). */
enum result address_facts_mmdb(struct address_facts *facts, const char *path,
                               bool *ret_says) MUST_USE;
/* Once, before the first look. */
void address_facts_finish(struct address_facts *facts);

/* False where the text is no address. */
bool address_parse(struct text text, struct address *ret_address);
void address_facts_look(struct address_facts *facts,
                        const struct address *address,
                        struct address_fact *ret_fact);
/* The nth site (from 0) whose exit the address is; 0 behind the last. */
uint32_t address_facts_site(const struct address_facts *facts,
                            const struct address *address, uint32_t nth);
/* Look-ups that a damaged database could not answer. */
uint64_t address_facts_errors(const struct address_facts *facts);

#endif
