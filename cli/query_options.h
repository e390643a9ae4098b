/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the commands that only read a ledger have in common: options, opening
 * the data, from names to ids, writing out. Errors are said here, on stderr,
 * without any value of a person or professional.
 */
#ifndef VIGIE_CLI_QUERY_OPTIONS_H
#define VIGIE_CLI_QUERY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"
#include "scope/walk.h"

/* Which options a command takes, beside --data, --keys, --json, --help. */
enum query_option {
    QUERY_SESSION = 1 << 0,
    QUERY_PROFESSIONAL = 1 << 1,
    QUERY_ADDRESS = 1 << 2,
    QUERY_DEVICE = 1 << 3,
    QUERY_INCIDENT = 1 << 4,
    QUERY_TIME = 1 << 5, /* --from --to --tz */
    QUERY_CONTROLLER = 1 << 6,
    QUERY_SERVICE = 1 << 7,
    QUERY_BY_CONTROLLER = 1 << 8,
    QUERY_CSV = 1 << 9,
    QUERY_LIST = 1 << 10,
    QUERY_ALL = 1 << 11,
    QUERY_PURPOSE = 1 << 12,
    QUERY_ARGUMENT = 1 << 13, /* one name without an option */
    QUERY_VAULT = 1 << 14,    /* --share, --passphrase-fd, --vault */
    QUERY_ROWS = 1 << 15,     /* --first, --rows */
};

struct query_values {
    const char **items; /* borrowed from argv */
    size_t count;
};

struct query {
    const char *command;
    const char *data_dir, *keys_dir, *from, *to, *zone, *purpose, *argument,
        *first, *rows;
    struct query_values sessions, professionals, addresses, devices, services,
        controllers, shares;
    const char *vault_socket;
    int passphrase_fd; /* -1: the terminal */
    bool vault_said;
    bool by_controller, csv, json, list, all, help;
    struct ledger *ledger; /* open after query_open() */
    struct lookup *lookup;
    bool said;               /* why it failed */
    uint64_t unknown_values; /* named and not in this ledger */
};

/* Reads the options. E_ARGUMENT with the message said. `allowed` are bits of
 * enum query_option. Free with query_free() in every case. */
enum result query_parse(int argc, char **argv, unsigned allowed,
                        struct query *ret_query) MUST_USE;
/* A whole command: options, --help, the answer, the exit code. */
int query_run(int argc, char **argv, unsigned allowed, void (*usage)(void),
              enum result (*answer)(struct query *query));
/* Opens the ledger and the look-up for reading; says why not. */
enum result query_open(struct query *query) MUST_USE;
void query_free(struct query *query);

/* The options' names as ids. Of a kind that was given, one value at least
 * must be in this ledger: else E_NOTFOUND, said. Others unknown are counted
 * and said. `ret_query` is to be freed by walk_query_free() in every case. */
enum result query_select(struct query *query,
                         struct walk_query *ret_query) MUST_USE;
/* Only the values of one kind (hunt's devices, too). */
enum result query_names(struct query *query, enum alias_kind kind,
                        const struct query_values *values,
                        struct id_list *ret_ids) MUST_USE;

/* Every id that stands under `canonical`, itself first: rows made before two
 * names were joined carry the other one. */
enum result query_members(struct lookup *lookup, uint64_t canonical,
                          struct id_list *ret_ids) MUST_USE;

/* --from and --to alone. E_ARGUMENT, said. */
enum result query_times(const struct query *query,
                        struct walk_query *walk) MUST_USE;
/* RFC 3339, a date, or a French date with or without an hour; without a zone
 * in the local one. E_FORMAT. */
enum result query_time(const char *given, int64_t *ret_time_us) MUST_USE;

/* Writes `out` to stdout and empties it. With `when_large` only past 64 kB,
 * so that a loop may call it each time. */
enum result query_flush(struct buffer *out, bool when_large) MUST_USE;

#endif
