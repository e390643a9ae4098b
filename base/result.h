/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What every function that can fail returns, and the cause that goes with a
 * refusal of outside bytes. Knows nothing of what is being done.
 */
#ifndef VIGIE_BASE_RESULT_H
#define VIGIE_BASE_RESULT_H

#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))

enum result {
    OK = 0,
    E_NOMEM,     /* memory could not be had */
    E_LIMIT,     /* a limit of base/limits.h was reached */
    E_FORMAT,    /* outside bytes are not of the form */
    E_DENIED,    /* not allowed: permissions, wrong key */
    E_IO,        /* the system refused a read, a write, a sync */
    E_NOTFOUND,  /* looked for and not there */
    E_EXISTS,    /* already there */
    E_CORRUPT,   /* our own stored bytes do not hold together */
    E_END,       /* no more items, or the input ends inside an item */
    E_ARGUMENT,  /* the caller (or user) asked for something senseless */
};

/* Why outside bytes were refused. `rule` is a short stable identifier in
 * lower case and hyphens ("json-depth-max"), a static string; `field` names
 * the member or element, never its value; `offset` counts bytes from the
 * start of what was given. No value of a person's data is ever put here. */
struct reason {
    const char *rule;
    char field[64];
    uint64_t offset;
};

/* Fills all three; a NULL reason is passed over. Returns code, so that a
 * parser can write `return reason_set(why, E_FORMAT, "json-utf8", "", at);` */
enum result reason_set(struct reason *why, enum result code, const char *rule,
                       const char *field, uint64_t offset);

/* Some words in English ("no memory"); _() of base/say.h translates them. */
const char *result_name(enum result code);

#endif
