/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What an operator knows beside the trail: rosters of those who work by
 * rosters, leave, sites, roles, shared accounts, campaigns, lures. Honestly
 * wanting: duties are exchanged by telephone, some leave is never entered, a
 * small practice's line nobody declared. Nothing here looks at a thief.
 */
#include "base/time.h"
#include "demo/region_state.h"

#define EXITS 3 /* addresses of one site, before its network is declared */

static const char *const roles[KIND_COUNT] = {
    [KIND_DOCTOR] = "médecin",
    [KIND_NURSE] = "infirmier",
    [KIND_PHARMACIST] = "pharmacien",
    [KIND_HOSPITAL] = "médecin hospitalier",
    [KIND_SECRETARY] = "secrétaire",
    [KIND_ON_CALL] = "médecin de garde",
    [KIND_SUBSTITUTE] = "remplaçant",
    [KIND_PART_TIME] = "médecin",
    [KIND_EMERGENCY] = "urgentiste",
    [KIND_REGULATOR] = "régulateur",
    [KIND_RECORDS] = "information médicale",
    [KIND_IMAGING] = "imagerie",
    [KIND_POLLER] = "logiciel",
};

/* Persons an hour and a day that a policy would allow; round numbers. */
static const struct {
    uint16_t hour, day;
} ceilings[KIND_COUNT] = {
    [KIND_DOCTOR] = {80, 300},      [KIND_NURSE] = {60, 200},
    [KIND_PHARMACIST] = {120, 500}, [KIND_HOSPITAL] = {100, 300},
    [KIND_SECRETARY] = {200, 800},  [KIND_ON_CALL] = {80, 300},
    [KIND_SUBSTITUTE] = {80, 300},  [KIND_PART_TIME] = {80, 300},
    [KIND_EMERGENCY] = {100, 400},  [KIND_REGULATOR] = {300, 2000},
    [KIND_RECORDS] = {300, 2000},   [KIND_IMAGING] = {120, 500},
    [KIND_POLLER] = {120, 2000},
};

/* True `part` times in `whole`, the same each time for the same. */
static bool
happens(const struct region *region, uint64_t salt, uint64_t what,
        uint32_t part, uint32_t whole)
{
    return (chance_mix(region->options.seed ^ salt, what) >> 20) % whole < part;
}

static enum result
put_who(const struct region *region, uint32_t professional, struct buffer *out)
{
    char name[REGION_NAME_BYTES];

    region_professional_name(region, professional, name);
    return buffer_string(out, name);
}

static enum result
put_moment(const struct region *region, unsigned day, unsigned hour,
           struct buffer *out)
{
    char moment[TIME_TEXT_BYTES];

    return buffer_format(
        out, ",%s",
        time_format_utc(region_local_us(region, day, hour, 0), moment));
}

static bool
has_roster(const struct holder *h)
{
    return h->kind == KIND_HOSPITAL || h->kind == KIND_EMERGENCY ||
           h->kind == KIND_ON_CALL || h->kind == KIND_IMAGING;
}

static enum result
put_duty(const struct region *region, uint32_t professional, unsigned day,
         struct buffer *out)
{
    bool on_call = region->holders[professional].kind == KIND_ON_CALL;
    unsigned start, hours;
    enum result r = put_who(region, professional, out);

    region_hours(region, professional, day, &start, &hours);
    if (r == OK)
        r = put_moment(region, day, start, out);
    if (r == OK)
        r = put_moment(region, day, start + hours + 2, out);
    return r == OK ? buffer_string(out, on_call ? ",on-call\n" : ",duty\n") : r;
}

/* One duty of thirty was taken over by somebody else after the roster had
 * been written. */
static enum result
put_roster(const struct region *region, struct buffer *out)
{
    enum result r = buffer_string(out, "professional,from,to,kind\n");

    for (uint32_t p = 0; p < region->options.professionals; p++)
        for (unsigned d = 0; d < region->options.days && r == OK; d++)
            if (has_roster(&region->holders[p]) &&
                region_works(region, p, d) != happens(region, 0x726f73746572u,
                                                      (uint64_t)p << 16 | d, 1,
                                                      30))
                r = put_duty(region, p, d, out);
    return r;
}

static enum result
put_leave(const struct region *region, uint32_t professional,
          struct buffer *out)
{
    struct span span;
    enum result r = OK;

    for (unsigned d = 0; d < region->options.days && r == OK; d++) {
        if (!region_on_leave(region, professional, d, &span))
            continue;
        d = (unsigned)span.to;
        if (!happens(region, 0x6c656176u,
                     (uint64_t)professional << 16 | (unsigned)span.from, 4, 5))
            continue;
        r = put_who(region, professional, out);
        if (r == OK)
            r = put_moment(region, (unsigned)span.from, 0, out);
        if (r == OK)
            r = put_moment(region, (unsigned)span.to + 1, 0, out);
        if (r == OK)
            r = buffer_string(out, ",\n");
    }
    return r;
}

/* Of those who left for good, two of three are known to have. */
static enum result
put_absences(const struct region *region, struct buffer *out)
{
    enum result r = buffer_string(out, "professional,from,to,reason\n");

    for (uint32_t p = 0; p < region->options.professionals && r == OK; p++) {
        int16_t until = region->holders[p].until;
        char from[TIME_TEXT_BYTES];

        r = put_leave(region, p, out);
        if (r != OK || until >= (int)region->options.days ||
            !happens(region, 0x6c656674u, p, 2, 3))
            continue;
        time_format_utc(region_local_us(region, 0, 0, 0) + until * DAY_US,
                        from);
        r = put_who(region, p, out);
        if (r == OK)
            r = buffer_format(out, ",%s,,\n", from);
    }
    return r;
}

static bool
works_at_ward(const struct holder *h)
{
    return h->kind == KIND_HOSPITAL || h->kind == KIND_EMERGENCY ||
           h->kind == KIND_ON_CALL || h->kind == KIND_IMAGING ||
           h->kind == KIND_RECORDS;
}

/* The site that an operator knows a holder by; false: none. */
static bool
site_of(const struct region *region, uint32_t professional, bool *ret_ward,
        uint32_t *ret_number)
{
    const struct holder *h = &region->holders[professional];

    *ret_ward = works_at_ward(h);
    *ret_number = *ret_ward ? h->site / (2 * TOWN) : h->site;
    if (*ret_ward)
        return true;
    return h->kind != KIND_NURSE && h->kind != KIND_SUBSTITUTE &&
           h->kind != KIND_POLLER &&
           happens(region, 0x73697465u, h->site, 2, 3);
}

static const char *
site_word(bool ward)
{
    return ward ? "Hôpital" : "Cabinet";
}

static bool
add_exit(uint32_t exits[EXITS], unsigned *count, uint32_t exit)
{
    for (unsigned i = 0; i < *count; i++)
        if (exits[i] == exit)
            return true;
    if (*count == EXITS)
        return false;
    exits[(*count)++] = exit;
    return true;
}

/* All addresses that the site's line has over the days, or its networks where
 * they are many; 0 where those are many too. */
static unsigned
exits_of(const struct region *region, uint32_t site, bool ward,
         uint32_t exits[EXITS], bool *ret_network)
{
    for (unsigned networks = 0; networks < 2; networks++) {
        unsigned count = 0;
        bool fits = true;

        for (unsigned d = 0; d < region->options.days && fits; d++) {
            uint32_t address = region_site_line(region, site, ward, d);
            fits = add_exit(exits, &count,
                            networks ? address & 0xffffff00u : address);
        }
        *ret_network = networks;
        if (fits)
            return count;
    }
    return 0;
}

static enum result
put_site(const struct region *region, uint32_t professional, struct buffer *out)
{
    uint32_t exits[EXITS], number;
    bool ward, network;
    enum result r = OK;

    if (!site_of(region, professional, &ward, &number))
        return OK;
    unsigned count = exits_of(region, region->holders[professional].site, ward,
                              exits, &network);
    for (unsigned i = 0; i < count && r == OK; i++)
        r = buffer_format(out, "%s %u,%u.%u.%u.%u%s\n", site_word(ward), number,
                          exits[i] >> 24, exits[i] >> 16 & 255,
                          exits[i] >> 8 & 255, exits[i] & 255,
                          network ? "/24" : "");
    return r;
}

/* Whether no account before this one is of the same site. */
static bool
is_first(const struct region *region, uint32_t professional)
{
    uint32_t number, before_number;
    bool ward, before_ward;

    if (!site_of(region, professional, &ward, &number))
        return false;
    for (uint32_t back = 1; back < 2 * TOWN && back <= professional; back++)
        if (site_of(region, professional - back, &before_ward,
                    &before_number) &&
            before_ward == ward && before_number == number)
            return false;
    return true;
}

static enum result
put_sites(const struct region *region, struct buffer *out)
{
    enum result r = buffer_string(out, "site,exit\n");

    for (uint32_t p = 0; p < region->options.professionals && r == OK; p++)
        if (is_first(region, p))
            r = put_site(region, p, out);
    return r;
}

static enum result
put_staff(const struct region *region, struct buffer *out)
{
    enum result r = buffer_string(out, "professional,site,role\n");

    for (uint32_t p = 0; p < region->options.professionals && r == OK; p++) {
        uint32_t number;
        bool ward, known = site_of(region, p, &ward, &number);

        r = put_who(region, p, out);
        if (r == OK && known)
            r = buffer_format(out, ",%s %u", site_word(ward), number);
        if (r == OK)
            r = buffer_format(out, "%s,%s\n", known ? "" : ",",
                              roles[region->holders[p].kind]);
    }
    return r;
}

/* Two kinds of one role have one line. */
static enum result
put_roles(struct buffer *out)
{
    enum result r = buffer_string(out, "role,persons_hour,persons_day\n");

    for (unsigned k = 0; k < KIND_COUNT && r == OK; k++)
        if (k != KIND_PART_TIME)
            r = buffer_format(out, "%s,%u,%u\n", roles[k], ceilings[k].hour,
                              ceilings[k].day);
    return r;
}

static enum result
put_shared(const struct region *region, struct buffer *out)
{
    enum result r = buffer_string(out, "professional\n");

    for (uint32_t p = 0; p < region->options.professionals && r == OK; p++) {
        if (region->holders[p].kind != KIND_REGULATOR)
            continue;
        r = put_who(region, p, out);
        if (r == OK)
            r = buffer_byte(out, '\n');
    }
    return r;
}

static enum result
put_campaigns(const struct region *region, struct buffer *out)
{
    enum result r = buffer_string(out, "from,to,professional,site,reason\n");

    for (size_t i = 0; i < region->campaign_count && r == OK; i++) {
        const struct region_campaign *c = &region->campaigns[i];
        char from[TIME_TEXT_BYTES], to[TIME_TEXT_BYTES];

        if (!c->announced)
            continue;
        r = buffer_format(out, "%s,%s,", time_format_utc(c->from_us, from),
                          time_format_utc(c->to_us, to));
        if (r == OK)
            r = put_who(region, c->professional, out);
        if (r == OK)
            r = buffer_format(out, ",,%s\n", c->reason);
    }
    return r;
}

static enum result
put_lures(const struct region *region, struct buffer *out)
{
    enum result r = buffer_string(out, "person,service\n");
    char name[REGION_NAME_BYTES];

    for (uint32_t p = 0; p < region->population && r == OK; p++) {
        if (!region_is_lure(region, p))
            continue;
        region_person_name(region, p, name);
        r = buffer_format(out, "%s,\n", name);
    }
    return r;
}

const char *
region_context_name(enum region_context file)
{
    static const char *const names[REGION_FILES] = {
        [REGION_ROSTER] = "roster.csv",
        [REGION_ABSENCES] = "absences.csv",
        [REGION_SITES] = "sites.csv",
        [REGION_STAFF] = "staff.csv",
        [REGION_ROLES] = "roles.csv",
        [REGION_SHARED] = "shared.csv",
        [REGION_CAMPAIGNS] = "campaigns.csv",
        [REGION_LURES] = "lures.csv"};

    return names[file];
}

enum result
region_context(const struct region *region, enum region_context file,
               struct buffer *out)
{
    switch (file) {
    case REGION_ROSTER:
        return put_roster(region, out);
    case REGION_ABSENCES:
        return put_absences(region, out);
    case REGION_SITES:
        return put_sites(region, out);
    case REGION_STAFF:
        return put_staff(region, out);
    case REGION_ROLES:
        return put_roles(out);
    case REGION_SHARED:
        return put_shared(region, out);
    case REGION_CAMPAIGNS:
        return put_campaigns(region, out);
    default:
        return put_lures(region, out);
    }
}
