/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie sessions, cut, step-up, restore, posture: what an operator asks of the
 * core that runs. Who asks is the Unix user.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "cli/cli.h"
#include "cli/operate_print.h"
#include "cli/query_options.h"
#include "proc/operator_client.h"
#include "proc/settings.h"

struct operation {
    const char *name;
    const char *conf, *socket;
    struct wire_command command;
    bool json;
    struct settings *settings;
};

enum option_code {
    OPTION_SOCKET = 256,
    OPTION_SESSION,
    OPTION_PROFESSIONAL,
    OPTION_REASON,
    OPTION_JSON,
    OPTION_FROM,
    OPTION_TO,
    OPTION_BREAK_GLASS,
};

static const struct option options[] = {
    {"conf", required_argument, NULL, 'c'},
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"session", required_argument, NULL, OPTION_SESSION},
    {"professional", required_argument, NULL, OPTION_PROFESSIONAL},
    {"reason", required_argument, NULL, OPTION_REASON},
    {"json", no_argument, NULL, OPTION_JSON},
    {"from", required_argument, NULL, OPTION_FROM},
    {"to", required_argument, NULL, OPTION_TO},
    {"break-glass", no_argument, NULL, OPTION_BREAK_GLASS},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void
usage(const char *command)
{
    if (strcmp(command, "sessions") == 0)
        (void)puts(_("Usage: vigie sessions [--json]"));
    else if (strcmp(command, "orders") == 0)
        (void)puts(_("Usage: vigie orders [--from T] [--to T] "
                     "[--break-glass] [--json]"));
    else if (strcmp(command, "review") == 0)
        (void)puts(_("Usage: vigie review ID --reason R"));
    else if (strcmp(command, "posture") == 0)
        (void)puts(_("Usage: vigie posture [normal|observe|narrow "
                     "--reason R]"));
    else
        (void)printf(_("Usage: vigie %s (--session S | --professional P) "
                       "--reason R\n"),
                     command);
    (void)puts(
        _("\n"
          "What the running core is asked by an operator: a Unix user that "
          "the configuration\n"
          "names. Each order is a row of the ledger, with the user and the "
          "reason.\n"
          "\n"
          "  sessions           who is at work, from where; persons seen, "
          "score, verdict\n"
          "  cut                ends it everywhere, at once\n"
          "  step-up            known persons only, until a newer "
          "authentication\n"
          "  restore            undoes either\n"
          "  posture            of the whole: normal; observe (automation "
          "does nothing);\n"
          "                     narrow (a step-up for everybody)\n"
          "  orders             those given: who, when, why, undone by what\n"
          "  review             says that a use of break-glass was looked at\n"
          "\n"
          "  --session S, --professional P\n"
          "                     whom it is about\n"
          "  --reason R         why: needed by every order\n"
          "  --from T, --to T   orders given since, until\n"
          "  --break-glass      uses of break-glass only, and their review\n"
          "  --json             one JSON object a line\n"
          "  -c, --conf FILE    the configuration, for the socket\n"
          "  --socket PATH      the operators' socket itself"));
}

static int
refuse(const struct operation *operation, const char *why)
{
    say_error(operation->name, "%s", why);
    return EXIT_REFUSED;
}

static int
set_target(struct operation *operation, enum command_target target,
           const char *name)
{
    if (operation->command.target != TARGET_NONE)
        return refuse(operation, _("one session or one professional"));
    operation->command.target = target;
    operation->command.name = text_of(name);
    return -1;
}

static int
set_time(struct operation *operation, const char *value, int64_t *ret_us)
{
    int64_t time_us;

    if (operation->command.kind != COMMAND_ORDERS &&
        operation->command.kind != COMMAND_GLASSES)
        return refuse(operation, _("--from and --to are of vigie orders"));
    if (query_time(value, &time_us) != OK || time_us < 0)
        return refuse(operation, _("not a time"));
    *ret_us = time_us;
    return -1;
}

/* -1: go on; else the exit code. */
static int
take_option(struct operation *operation, int code, const char *value)
{
    switch (code) {
    case 'c':
        operation->conf = value;
        return -1;
    case OPTION_SOCKET:
        operation->socket = value;
        return -1;
    case OPTION_SESSION:
        return set_target(operation, TARGET_SESSION, value);
    case OPTION_PROFESSIONAL:
        return set_target(operation, TARGET_PROFESSIONAL, value);
    case OPTION_REASON:
        operation->command.reason = text_of(value);
        return -1;
    case OPTION_FROM:
        return set_time(operation, value, &operation->command.from_us);
    case OPTION_TO:
        return set_time(operation, value, &operation->command.to_us);
    case OPTION_BREAK_GLASS:
        if (operation->command.kind != COMMAND_ORDERS)
            return refuse(operation, _("--break-glass is of vigie orders"));
        operation->command.kind = COMMAND_GLASSES;
        return -1;
    case OPTION_JSON:
        operation->json = true;
        return -1;
    case 'h':
        usage(operation->name);
        return EXIT_DONE;
    default:
        return refuse(operation, _("unknown option, or one without its value "
                                   "(--help lists them)"));
    }
}

static int
look_at_whole(struct operation *operation, int argc, char **argv)
{
    struct wire_command *command = &operation->command;
    bool is_posture = command->kind == COMMAND_POSTURE;
    bool asks = command->kind == COMMAND_SESSIONS ||
                command->kind == COMMAND_ORDERS ||
                command->kind == COMMAND_GLASSES;
    bool is_review = command->kind == COMMAND_REVIEW;
    bool orders = !asks;

    if ((is_posture || is_review) && optind < argc)
        command->name = text_of(argv[optind++]);
    if (optind < argc)
        return refuse(operation, _("too many words (--help says which)"));
    if (is_posture && command->target != TARGET_NONE)
        return refuse(operation, _("a posture is of everybody"));
    if ((asks || is_review) && command->target != TARGET_NONE)
        return refuse(operation, _("--session and --professional are of "
                                   "orders on somebody"));
    if (is_review && command->name.length == 0)
        return refuse(operation, _("the number of the use is missing (vigie "
                                   "orders --break-glass tells it)"));
    if (orders && !is_posture && !is_review && command->target == TARGET_NONE)
        return refuse(operation, _("--session or --professional is missing"));
    if (is_posture && command->name.length == 0)
        orders = false;
    if (orders && command->reason.length == 0)
        return refuse(operation, _("--reason is missing"));
    if (command->reason.length > COMMAND_REASON_BYTES_MAX)
        return refuse(operation, _("the reason is too long"));
    return -1;
}

static void
on_wrong(void *context, uint32_t line, const char *directive, const char *what)
{
    say_error(context, _("line %u: %s: %s"), line, directive, _(what));
}

static int
find_socket(struct operation *operation)
{
    char path[4096];
    const struct settings_teller teller = {path, on_wrong};
    enum result result;

    if (operation->socket != NULL)
        return -1;
    (void)snprintf(path, sizeof(path), "%s", operation->conf);
    result = settings_load(operation->conf, &teller, &operation->settings);
    if (result != OK) {
        say_error(operation->conf, _("cannot be read: %s"),
                  _(result_name(result)));
        return EXIT_REFUSED;
    }
    operation->socket = operation->settings->operator_socket;
    return -1;
}

static int
say_outcome(const struct operation *operation, enum result result,
            enum result outcome)
{
    if (result == E_NOTFOUND)
        return refuse(operation, _("no core is running there"));
    if (result == E_DENIED || (result == OK && outcome == E_DENIED))
        return refuse(operation, _("you are no operator of this core"));
    if (result == E_END)
        return refuse(operation, _("core went away before it answered"));
    if (result != OK)
        return refuse(operation, _(result_name(result)));
    if (outcome == E_NOTFOUND && operation->command.kind == COMMAND_REVIEW)
        return refuse(operation, _("no use of break-glass of that number "
                                   "waits for a review"));
    if (outcome == E_NOTFOUND)
        return refuse(operation, _("nobody of that name was ever seen"));
    if (outcome != OK)
        return refuse(operation, _(result_name(outcome)));
    return EXIT_DONE;
}

static int
operate(const char *name, enum command_kind kind, int argc, char **argv)
{
    struct operation operation = {
        .name = name, .conf = SETTINGS_DEFAULT_PATH, .command = {.kind = kind}};
    struct operate_print print = {0};
    enum result result, outcome = OK;
    int exit_code = -1, code;

    optind = 0;
    opterr = 0;
    while (exit_code < 0 &&
           (code = getopt_long(argc, argv, "c:h", options, NULL)) != -1)
        exit_code = take_option(&operation, code, optarg);
    if (exit_code < 0)
        exit_code = look_at_whole(&operation, argc, argv);
    if (exit_code < 0)
        exit_code = find_socket(&operation);
    if (exit_code < 0) {
        print.json = operation.json;
        result = operator_client_ask(operation.socket, &operation.command,
                                     &print, operate_print_line, &outcome);
        exit_code = say_outcome(&operation, result, outcome);
        if (exit_code == EXIT_DONE && !operation.json)
            operate_print_end(&print, operation.command.kind);
        operate_print_free(&print);
    }
    settings_free(operation.settings);
    return exit_code;
}

int
cli_sessions(int argc, char **argv)
{
    return operate("sessions", COMMAND_SESSIONS, argc, argv);
}

int
cli_cut(int argc, char **argv)
{
    return operate("cut", COMMAND_CUT, argc, argv);
}

int
cli_step_up(int argc, char **argv)
{
    return operate("step-up", COMMAND_STEP_UP, argc, argv);
}

int
cli_restore(int argc, char **argv)
{
    return operate("restore", COMMAND_RESTORE, argc, argv);
}

int
cli_posture(int argc, char **argv)
{
    return operate("posture", COMMAND_POSTURE, argc, argv);
}

int
cli_orders(int argc, char **argv)
{
    return operate("orders", COMMAND_ORDERS, argc, argv);
}

int
cli_review(int argc, char **argv)
{
    return operate("review", COMMAND_REVIEW, argc, argv);
}
