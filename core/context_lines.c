/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Which file has which columns, and what a line of it says. Reasons of
 * absences and campaigns are not kept: they may be health data of the staff.
 */
#include <stdlib.h>
#include <string.h>

#include "core/context_load_inside.h"

static enum result
bad(struct reason *why, const char *rule, const char *column)
{
    return reason_set(why, E_FORMAT, rule, column, 0);
}

/* From and to, the end behind the start. */
static enum result
read_span(struct text from, struct text to, int64_t *ret_from_us,
          int64_t *ret_to_us, struct reason *why)
{
    if (context_csv_time(from, false, ret_from_us) != OK)
        return bad(why, "time-malformed", "from");
    if (context_csv_time(to, true, ret_to_us) != OK)
        return bad(why, "time-malformed", "to");
    if (*ret_to_us <= *ret_from_us)
        return bad(why, "end-before-start", "to");
    return OK;
}

static bool
is_one_of(struct text cell, const char *words)
{
    struct text rest = text_of(words), one;

    while (rest.length > 0) {
        (void)text_split(rest, ' ', &one, &rest);
        if (one.length == cell.length && one.length < 32) {
            char word[32];

            memcpy(word, one.bytes, one.length);
            word[one.length] = '\0';
            if (text_is_nocase(cell, word))
                return true;
        }
    }
    return false;
}

static enum result
on_roster(struct context_load *load, const struct context_line *line,
          struct reason *why)
{
    int64_t from_us, to_us;
    uint32_t who;
    enum result result =
        read_span(line->cells[1], line->cells[2], &from_us, &to_us, why);

    if (result != OK)
        return result;
    /* an unknown word may mean the contrary of duty */
    if (line->cells[3].length > 0 &&
        !is_one_of(line->cells[3], "duty on-call oncall garde astreinte "
                                   "poste travail service"))
        return bad(why, "kind-unknown", "kind");
    result =
        context_told_name(load->told, TOLD_PROFESSIONAL, line->cells[0], &who);
    return result == OK
               ? context_told_span(load->told, TOLD_DUTY, who, from_us, to_us)
               : result;
}

static enum result
on_absence(struct context_load *load, const struct context_line *line,
           struct reason *why)
{
    int64_t from_us, to_us = 0;
    uint32_t who;
    bool departed = line->cells[2].length == 0;
    enum result result = OK;

    if (!departed)
        result =
            read_span(line->cells[1], line->cells[2], &from_us, &to_us, why);
    else if (context_csv_time(line->cells[1], false, &from_us) != OK)
        result = bad(why, "time-malformed", "from");
    if (result == OK)
        result = context_told_name(load->told, TOLD_PROFESSIONAL,
                                   line->cells[0], &who);
    if (result != OK)
        return result;
    if (!departed)
        return context_told_span(load->told, TOLD_ABSENCE, who, from_us, to_us);
    context_told_departed(load->told, who, from_us);
    return OK;
}

static enum result
mark(uint8_t **marks, size_t *room, uint32_t number)
{
    if (number >= *room) {
        size_t more = *room < 64 ? 64 : *room * 2;
        uint8_t *larger;

        while (more <= number)
            more *= 2;
        larger = realloc(*marks, more);
        if (larger == NULL)
            return E_NOMEM;
        memset(larger + *room, 0, more - *room);
        *marks = larger;
        *room = more;
    }
    (*marks)[number] = 1;
    return OK;
}

static enum result
add_pending(struct context_load *load, uint64_t line, uint32_t number,
            const char *rule, const char *column)
{
    if (load->pending_count == load->pending_room) {
        size_t room = load->pending_room == 0 ? 64 : load->pending_room * 2;
        struct context_pending *items =
            realloc(load->pending, room * sizeof(items[0]));

        if (items == NULL)
            return E_NOMEM;
        load->pending = items;
        load->pending_room = room;
    }
    load->pending[load->pending_count++] =
        (struct context_pending){line, load->path, number, rule, column};
    return OK;
}

static enum result
known_site(struct context_load *load, struct text name, uint32_t *ret_site)
{
    enum result result =
        context_told_name(load->told, TOLD_SITE, name, ret_site);

    return result == OK ? mark(&load->site_known, &load->site_room, *ret_site)
                        : result;
}

static enum result
on_site(struct context_load *load, const struct context_line *line,
        struct reason *why)
{
    const char *rule;
    uint32_t site;
    enum result result = known_site(load, line->cells[0], &site);

    if (result == OK)
        result =
            address_facts_exit(load->addresses, line->cells[1], site, &rule);
    return result == E_FORMAT ? bad(why, rule, "exit") : result;
}

static enum result
find_role(struct context_load *load, struct text name, uint32_t *ret_role,
          struct reason *why)
{
    enum result result =
        context_told_name(load->told, TOLD_ROLE, name, ret_role);

    /* facts have 16 bits for it */
    if (result == OK && *ret_role > UINT16_MAX)
        return reason_set(why, E_LIMIT, "roles-too-many", "role", 0);
    return result;
}

static enum result
on_staff(struct context_load *load, const struct context_line *line,
         struct reason *why)
{
    uint32_t who, site = 0, role = 0;
    enum result result = OK;

    if (line->cells[1].length == 0 && line->cells[2].length == 0)
        return bad(why, "site-or-role-needed", "site");
    if (line->cells[1].length > 0)
        result = known_site(load, line->cells[1], &site);
    if (result == OK && line->cells[2].length > 0) {
        result = find_role(load, line->cells[2], &role, why);
        if (result == OK)
            result =
                add_pending(load, line->number, role, "role-unknown", "role");
    }
    if (result == OK)
        result = context_told_name(load->told, TOLD_PROFESSIONAL,
                                   line->cells[0], &who);
    return result == OK ? context_told_staff(load->told, who, site, role)
                        : result;
}

static enum result
read_ceiling(struct text cell, const char *column, uint32_t *ret_ceiling,
             struct reason *why)
{
    uint64_t value = 0;

    if (cell.length > 0 &&
        (text_to_u64(cell, CONTEXT_CEILING_MAX, &value) != OK || value == 0))
        return bad(why, "number-malformed", column);
    *ret_ceiling = (uint32_t)value;
    return OK;
}

static enum result
on_role(struct context_load *load, const struct context_line *line,
        struct reason *why)
{
    uint32_t role, hour, day;
    enum result result =
        read_ceiling(line->cells[1], "persons_hour", &hour, why);

    if (result == OK)
        result = read_ceiling(line->cells[2], "persons_day", &day, why);
    if (result == OK)
        result = find_role(load, line->cells[0], &role, why);
    if (result != OK)
        return result;
    if (role < load->role_room && load->role_known[role])
        return bad(why, "role-twice", "role");
    load->roles_given = true;
    context_told_ceilings(load->told, role, hour, day);
    return mark(&load->role_known, &load->role_room, role);
}

static enum result
on_shared(struct context_load *load, const struct context_line *line,
          struct reason *why)
{
    uint32_t who;
    enum result result =
        context_told_name(load->told, TOLD_PROFESSIONAL, line->cells[0], &who);

    (void)why;
    if (result == OK)
        context_told_shared(load->told, who);
    return result;
}

static enum result
on_campaign(struct context_load *load, const struct context_line *line,
            struct reason *why)
{
    bool of_site = line->cells[3].length > 0;
    int64_t from_us, to_us;
    uint32_t owner;
    enum result result =
        read_span(line->cells[0], line->cells[1], &from_us, &to_us, why);

    if (result != OK)
        return result;
    /* for everybody it would silence the pace of a whole region */
    if (!of_site && line->cells[2].length == 0)
        return bad(why, "professional-or-site-needed", "professional");
    if (of_site && line->cells[2].length > 0)
        return bad(why, "professional-and-site", "site");
    result =
        context_told_name(load->told, of_site ? TOLD_SITE : TOLD_PROFESSIONAL,
                          line->cells[of_site ? 3 : 2], &owner);
    if (result == OK && of_site)
        result = add_pending(load, line->number, owner, "site-unknown", "site");
    return result == OK
               ? context_told_span(load->told,
                                   of_site ? TOLD_SITE_CAMPAIGN : TOLD_CAMPAIGN,
                                   owner, from_us, to_us)
               : result;
}

static enum result
on_country(struct context_load *load, const struct context_line *line,
           struct reason *why)
{
    enum result result = address_facts_country(load->addresses, line->cells[0]);

    return result == OK ? OK : bad(why, "country-malformed", "country");
}

static enum result
on_lure(struct context_load *load, const struct context_line *line,
        struct reason *why)
{
    struct context_lure_names lure = {0, 0};
    bool made;
    enum result result;

    if (load->lure_count == CONTEXT_LURES_MAX)
        return reason_set(why, E_LIMIT, "lures-too-many", "person", 0);
    if (load->lure_count == load->lure_room) {
        size_t room = load->lure_room == 0 ? 64 : load->lure_room * 2;
        struct context_lure_names *lures =
            realloc(load->lures, room * sizeof(lures[0]));

        if (lures == NULL)
            return E_NOMEM;
        load->lures = lures;
        load->lure_room = room;
    }
    result = context_names_add(&load->lure_names, line->cells[0], &lure.person,
                               &made);
    if (result == OK && line->cells[1].length > 0)
        result = context_names_add(&load->lure_names, line->cells[1],
                                   &lure.service, &made);
    if (result == OK)
        load->lures[load->lure_count++] = lure;
    return result;
}

static const struct context_kind kinds[] = {
    {"roster.csv",
     {.columns = {{"professional", "professionnel rpps identifiant", true,
                   true},
                  {"from", "du debut de", true, true},
                  {"to", "au fin a", true, true},
                  {"kind", "type nature", false, false}}},
     on_roster},
    {"absences.csv",
     {.columns = {{"professional", "professionnel rpps identifiant", true,
                   true},
                  {"from", "du debut de depuis", true, true},
                  {"to", "au fin a jusqu_au", true, false},
                  {"reason", "motif raison", false, false, true}}},
     on_absence},
    {"sites.csv",
     {.columns = {{"site", "etablissement cabinet lieu", true, true},
                  {"exit", "sortie adresse address ip reseau", true, true}}},
     on_site},
    {"staff.csv",
     {.columns = {{"professional", "professionnel rpps identifiant", true,
                   true},
                  {"site", "etablissement cabinet lieu", false, false},
                  {"role", "fonction metier", false, false}}},
     on_staff},
    {"roles.csv",
     {.columns = {{"role", "fonction metier", true, true},
                  {"persons_hour", "personnes_heure", false, false},
                  {"persons_day", "personnes_jour", false, false}}},
     on_role},
    {"shared.csv",
     {.columns = {{"professional", "professionnel rpps identifiant compte",
                   true, true}}},
     on_shared},
    {"campaigns.csv",
     {.columns = {{"from", "du debut de", true, true},
                  {"to", "au fin a", true, true},
                  {"professional", "professionnel rpps identifiant", false,
                   false},
                  {"site", "etablissement cabinet lieu", false, false},
                  {"reason", "motif raison", false, false, true}}},
     on_campaign},
    {"countries.csv",
     {.columns = {{"country", "pays", true, true}}},
     on_country},
    {"lures.csv",
     {.header_optional = true,
      .columns = {{"person", "personne patient", true, true},
                  {"service", "", false, false}}},
     on_lure},
};

const struct context_kind *
context_lines_kind(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(name, kinds[i].name) == 0)
            return &kinds[i];
    }
    return NULL;
}
