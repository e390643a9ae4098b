/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/query_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/query_vault.h"
#include "cli/share_files.h"

#define QUERY_FLUSH_BYTES (64u << 10)

enum {
    OPTION_DATA = 256,
    OPTION_KEYS,
    OPTION_JSON,
    OPTION_HELP,
    OPTION_SESSION,
    OPTION_PROFESSIONAL,
    OPTION_ADDRESS,
    OPTION_DEVICE,
    OPTION_INCIDENT,
    OPTION_FROM,
    OPTION_TO,
    OPTION_ZONE,
    OPTION_CONTROLLER,
    OPTION_SERVICE,
    OPTION_BY_CONTROLLER,
    OPTION_CSV,
    OPTION_LIST,
    OPTION_ALL,
    OPTION_PURPOSE,
    OPTION_SHARE,
    OPTION_PASSPHRASE,
    OPTION_VAULT,
    OPTION_FIRST,
    OPTION_ROWS,
};

static const struct option all_options[] = {
    {"data", required_argument, NULL, OPTION_DATA},
    {"keys", required_argument, NULL, OPTION_KEYS},
    {"json", no_argument, NULL, OPTION_JSON},
    {"help", no_argument, NULL, OPTION_HELP},
    {"session", required_argument, NULL, OPTION_SESSION},
    {"professional", required_argument, NULL, OPTION_PROFESSIONAL},
    {"address", required_argument, NULL, OPTION_ADDRESS},
    {"device", required_argument, NULL, OPTION_DEVICE},
    {"incident", required_argument, NULL, OPTION_INCIDENT},
    {"from", required_argument, NULL, OPTION_FROM},
    {"to", required_argument, NULL, OPTION_TO},
    {"tz", required_argument, NULL, OPTION_ZONE},
    {"controller", required_argument, NULL, OPTION_CONTROLLER},
    {"service", required_argument, NULL, OPTION_SERVICE},
    {"by-controller", no_argument, NULL, OPTION_BY_CONTROLLER},
    {"csv", no_argument, NULL, OPTION_CSV},
    {"list", no_argument, NULL, OPTION_LIST},
    {"all", no_argument, NULL, OPTION_ALL},
    {"purpose", required_argument, NULL, OPTION_PURPOSE},
    {"share", required_argument, NULL, OPTION_SHARE},
    {"passphrase-fd", required_argument, NULL, OPTION_PASSPHRASE},
    {"vault", required_argument, NULL, OPTION_VAULT},
    {"first", required_argument, NULL, OPTION_FIRST},
    {"rows", required_argument, NULL, OPTION_ROWS},
    {NULL, 0, NULL, 0},
};

/* The bit that a command must allow; 0: every command. */
static unsigned
option_bit(int option)
{
    switch (option) {
    case OPTION_SESSION:
        return QUERY_SESSION;
    case OPTION_PROFESSIONAL:
        return QUERY_PROFESSIONAL;
    case OPTION_ADDRESS:
        return QUERY_ADDRESS;
    case OPTION_DEVICE:
        return QUERY_DEVICE;
    case OPTION_INCIDENT:
        return QUERY_INCIDENT;
    case OPTION_FROM:
    case OPTION_TO:
        return QUERY_TIME;
    case OPTION_CONTROLLER:
        return QUERY_CONTROLLER;
    case OPTION_SERVICE:
        return QUERY_SERVICE;
    case OPTION_BY_CONTROLLER:
        return QUERY_BY_CONTROLLER;
    case OPTION_CSV:
        return QUERY_CSV;
    case OPTION_LIST:
        return QUERY_LIST;
    case OPTION_ALL:
        return QUERY_ALL;
    case OPTION_PURPOSE:
        return QUERY_PURPOSE;
    case OPTION_SHARE:
    case OPTION_PASSPHRASE:
    case OPTION_VAULT:
        return QUERY_VAULT;
    case OPTION_FIRST:
    case OPTION_ROWS:
        return QUERY_ROWS;
    default:
        return 0;
    }
}

static struct query_values *
option_values(struct query *query, int option)
{
    switch (option) {
    case OPTION_SESSION:
        return &query->sessions;
    case OPTION_PROFESSIONAL:
        return &query->professionals;
    case OPTION_ADDRESS:
        return &query->addresses;
    case OPTION_DEVICE:
        return &query->devices;
    case OPTION_CONTROLLER:
        return &query->controllers;
    case OPTION_SERVICE:
        return &query->services;
    case OPTION_SHARE:
        return &query->shares;
    default:
        return NULL;
    }
}

static const char **
option_text(struct query *query, int option)
{
    switch (option) {
    case OPTION_DATA:
        return &query->data_dir;
    case OPTION_KEYS:
        return &query->keys_dir;
    case OPTION_FROM:
        return &query->from;
    case OPTION_TO:
        return &query->to;
    case OPTION_ZONE:
        return &query->zone;
    case OPTION_PURPOSE:
        return &query->purpose;
    case OPTION_FIRST:
        return &query->first;
    case OPTION_ROWS:
        return &query->rows;
    case OPTION_VAULT:
        return &query->vault_socket;
    default:
        return NULL;
    }
}

static bool *
option_switch(struct query *query, int option)
{
    switch (option) {
    case OPTION_JSON:
        return &query->json;
    case OPTION_HELP:
        return &query->help;
    case OPTION_BY_CONTROLLER:
        return &query->by_controller;
    case OPTION_CSV:
        return &query->csv;
    case OPTION_LIST:
        return &query->list;
    case OPTION_ALL:
        return &query->all;
    default:
        return NULL;
    }
}

static enum result
values_add(struct query_values *values, const char *value)
{
    const char **items =
        reallocarray(values->items, values->count + 1, sizeof(*items));

    if (items == NULL)
        return E_NOMEM;
    values->items = items;
    values->items[values->count++] = value;
    return OK;
}

static enum result
take_option(struct query *query, int option, unsigned allowed)
{
    unsigned bit = option_bit(option);
    struct query_values *values = option_values(query, option);
    const char **text = option_text(query, option);
    bool *on = option_switch(query, option);

    if (bit != 0 && (allowed & bit) == 0) {
        say_error(query->command, "%s",
                  _("this command has no such option (--help lists them)"));
        return E_ARGUMENT;
    }
    if (option == OPTION_INCIDENT) {
        say_error(query->command, "%s",
                  _("--incident: this version has no case book yet; name "
                    "the sessions, accounts or addresses"));
        return E_ARGUMENT;
    }
    if (option == OPTION_PASSPHRASE) {
        query->passphrase_fd = passphrase_fd_parse(optarg);
        if (query->passphrase_fd >= 0)
            return OK;
        say_error(query->command, "%s", _("--passphrase-fd: no descriptor"));
        return E_ARGUMENT;
    }
    if (values != NULL)
        return values_add(values, optarg);
    if (text != NULL)
        *text = optarg;
    if (on != NULL)
        *on = true;
    return OK;
}

static enum result
take_rest(struct query *query, int argc, char **argv, unsigned allowed)
{
    int rest = argc - optind;

    if (query->help)
        return OK;
    if (query->data_dir == NULL) {
        say_error(query->command, "%s",
                  _("--data DIR is missing: the folder that replay filled"));
        return E_ARGUMENT;
    }
    if ((allowed & QUERY_ARGUMENT) != 0) {
        if (rest != 1) {
            say_error(query->command, "%s",
                      _("exactly one name is needed (--help)"));
            return E_ARGUMENT;
        }
        query->argument = argv[optind];
    } else if (rest > 0) {
        say_error(query->command, "%s",
                  _("a word that belongs to no option (--help)"));
        return E_ARGUMENT;
    }
    if (query->csv && (query->json || query->list)) {
        say_error(query->command, "%s",
                  _("--csv goes with neither --json nor --list"));
        return E_ARGUMENT;
    }
    if (time_zone_set(query->zone == NULL ? "Europe/Paris" : query->zone) !=
        OK) {
        say_error(query->command, "%s",
                  _("--tz: this system knows no such zone"));
        return E_ARGUMENT;
    }
    return OK;
}

enum result
query_parse(int argc, char **argv, unsigned allowed, struct query *ret_query)
{
    struct query *query = ret_query;
    enum result result = OK;
    int option;

    *query = (struct query){.command = argv[0], .passphrase_fd = -1};
    opterr = 0;
    optind = 1;
    while (result == OK &&
           (option = getopt_long(argc, argv, ":", all_options, NULL)) != -1) {
        if (option == '?' || option == ':') {
            /* the option's own word may hold a value: it is not shown */
            say_error(query->command, "%s",
                      option == '?' ? _("unknown option (--help lists them)")
                                    : _("an option lacks its value"));
            return E_ARGUMENT;
        }
        result = take_option(query, option, allowed);
    }
    return result == OK ? take_rest(query, argc, argv, allowed) : result;
}

enum result
query_open(struct query *query)
{
    struct reason why = {.rule = ""};
    enum result result =
        ledger_open(query->data_dir, LEDGER_READ, &why, NULL, &query->ledger);

    query->said = true; /* each failure below is */
    if (result == E_NOTFOUND) {
        say_error(query->data_dir, "%s", _("there is no ledger here"));
        return result;
    }
    if (result != OK) {
        say_error(query->data_dir, "%s (%s %s)",
                  _("the ledger cannot be opened"), _(result_name(result)),
                  why.rule == NULL ? "" : why.rule);
        return result;
    }
    ledger_go_on(query->ledger);
    result = lookup_open(query->data_dir, query->keys_dir, LOOKUP_READ, NULL,
                         &query->lookup);
    if (result == E_DENIED || result == E_NOTFOUND)
        say_error(query->data_dir, "%s",
                  _("the look-up or its keys are not here or not readable "
                    "(--keys DIR)"));
    else if (result != OK)
        say_error(query->data_dir, "%s (%s)", _("the look-up cannot be opened"),
                  _(result_name(result)));
    else
        query->said = false;
    return result == OK ? query_vault_open(query) : result;
}

/* Whatever the command's own form has: an answer never lacks something in
 * silence. */
static void
say_damages(const struct query *query)
{
    char from[TIME_TEXT_BYTES], to[TIME_TEXT_BYTES];
    size_t count = 0;
    const struct ledger_damage *damages =
        query->ledger == NULL ? NULL : ledger_damages(query->ledger, &count);

    for (size_t i = 0; i < count; i++) {
        const struct ledger_damage *damage = &damages[i];

        if (damage->lost == 0) {
            say_error(query->command,
                      _("%08llu.seg is damaged (%s); nothing was lost to this "
                        "answer (vigie verify)"),
                      (unsigned long long)damage->segment, damage->part);
            continue;
        }
        say_error(
            query->command,
            _("%08llu.seg is damaged (%s): %llu rows of %llu to %llu cannot "
              "be read, received between %s and %s; the answer is without "
              "them"),
            (unsigned long long)damage->segment, damage->part,
            (unsigned long long)damage->lost, (unsigned long long)damage->first,
            (unsigned long long)damage->last,
            damage->from_us == INT64_MIN
                ? "-"
                : time_format_local(damage->from_us, from),
            time_format_local(damage->to_us, to));
    }
}

void
query_free(struct query *query)
{
    lookup_free(query->lookup);
    ledger_free(query->ledger);
    free(query->sessions.items);
    free(query->professionals.items);
    free(query->addresses.items);
    free(query->devices.items);
    free(query->services.items);
    free(query->controllers.items);
    free(query->shares.items);
    *query = (struct query){0};
}

enum result
query_flush(struct buffer *out, bool when_large)
{
    size_t written;

    if (out->length == 0 || (when_large && out->length < QUERY_FLUSH_BYTES))
        return OK;
    written = fwrite(out->bytes, 1, out->length, stdout);
    if (written != out->length || (!when_large && fflush(stdout) != 0))
        return E_IO;
    buffer_clear(out);
    return OK;
}

static int
query_exit(const struct query *query, enum result result)
{
    if (query->said)
        return EXIT_REFUSED;
    switch (result) {
    case OK:
        return EXIT_DONE;
    case E_ARGUMENT:
    case E_NOTFOUND: /* both said where they were found */
        return EXIT_REFUSED;
    case E_IO:
        say_error(query->command, "%s: %s", _("reading or writing failed"),
                  strerror(errno));
        return EXIT_REFUSED;
    case E_CORRUPT:
        say_error(query->command, "%s",
                  _("the stored data does not hold together (vigie verify "
                    "says where)"));
        return EXIT_REFUSED;
    default:
        say_error(query->command, "%s", _(result_name(result)));
        return EXIT_REFUSED;
    }
}

int
query_run(int argc, char **argv, unsigned allowed, void (*usage)(void),
          enum result (*answer)(struct query *query))
{
    struct query query;
    enum result result = query_parse(argc, argv, allowed, &query);
    int code;

    if (result == OK && query.help)
        usage();
    else if (result == OK)
        result = answer(&query);
    code = query_exit(&query, result);
    say_damages(&query);
    query_free(&query);
    return code;
}
