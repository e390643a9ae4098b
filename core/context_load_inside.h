/* SPDX-License-Identifier: EUPL-1.2 */
/* What context_load.c and context_lines.c share. Nothing else includes it. */
#ifndef VIGIE_CORE_CONTEXT_LOAD_INSIDE_H
#define VIGIE_CORE_CONTEXT_LOAD_INSIDE_H

#include "core/context_load.h"
#include "core/context_names.h"

/* A line that only the whole set can judge. */
struct context_pending {
    uint64_t line;
    uint32_t path; /* in paths */
    uint32_t number;
    const char *rule;
    const char *column;
};

struct context_lure_names {
    uint32_t person, service; /* names in lure_names; 0: none */
};

struct context_load {
    struct context_teller teller;
    struct context_told *told;
    struct address_facts *addresses;
    struct context_names paths, lure_names;
    struct context_lure_names *lures;
    size_t lure_count, lure_room;
    struct context_pending *pending;
    size_t pending_count, pending_room;
    uint8_t *site_known, *role_known; /* by number */
    size_t site_room, role_room;
    bool roles_given;
    struct hash *hash;
    uint8_t digest[HASH_BYTES];
    uint32_t lines;
    uint32_t path; /* being read */
    bool refused;
};

/* One of the files of a set, by its name in a folder. */
struct context_kind {
    const char *name;
    struct context_form form;
    enum result (*line)(struct context_load *load,
                        const struct context_line *line, struct reason *why);
};
/* NULL: no such file. */
const struct context_kind *context_lines_kind(const char *name);

#endif
