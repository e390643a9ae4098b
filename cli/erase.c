/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie erase, approve: of the running core, where the socket proves who asks;
 * or of data that nobody serves, in the names of two users.
 */
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/operator_socket.h"
#include "cli/secrecy_data.h"
#include "core/erasing.h"
#include "core/person_find.h"
#include "proc/operator_client.h"
#include "scope/step.h"
#include "wire/ask.h"

struct erase_run {
    void (*usage)(void);
    const char *command;
    const char *data, *keys, *person, *service, *reason, *socket, *conf;
    const char *by[2];
    size_t by_count;
    bool again;
};

enum option_code {
    OPTION_DATA = 256,
    OPTION_KEYS,
    OPTION_PERSON,
    OPTION_SERVICE,
    OPTION_REASON,
    OPTION_BY,
    OPTION_SOCKET,
    OPTION_AGAIN,
};

static const struct option options[] = {
    {"data", required_argument, NULL, OPTION_DATA},
    {"keys", required_argument, NULL, OPTION_KEYS},
    {"person", required_argument, NULL, OPTION_PERSON},
    {"service", required_argument, NULL, OPTION_SERVICE},
    {"reason", required_argument, NULL, OPTION_REASON},
    {"by", required_argument, NULL, OPTION_BY},
    {"again", no_argument, NULL, OPTION_AGAIN},
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"conf", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void
usage(void)
{
    (void)puts(_(
        "Usage: vigie erase --person P --reason R\n"
        "       vigie erase --data DIR --person P --reason R --by A --by B\n"
        "       vigie erase --data DIR --again\n"
        "\n"
        "The names of one person go from the look-up, no byte of them stays; "
        "the rows stay\n"
        "and count as an erased person. One operator asks the running core, "
        "another one\n"
        "approves within a week (vigie approve).\n"
        "\n"
        "  --person P         as vigie who takes it\n"
        "  --service NAME     the space of a relative reference\n"
        "  --reason R         why\n"
        "  --data DIR         of a ledger that no core serves: both users are "
        "named\n"
        "                     (--by), not proved\n"
        "  --again            after a backup came back: everybody whom the "
        "ledger says to\n"
        "                     be erased\n"
        "  --keys DIR         where the keys are\n"
        "  -c, --conf FILE    the configuration, for the socket\n"
        "  --socket PATH      the operators' socket itself"));
}

static void
usage_approve(void)
{
    (void)puts(
        _("Usage: vigie approve [ID]\n"
          "\n"
          "Approves what another operator asked for; without ID, what waits is "
          "listed.\n"
          "\n"
          "  -c, --conf FILE    the configuration, for the socket\n"
          "  --socket PATH      the operators' socket itself"));
}

static int
refuse(const struct erase_run *run, const char *why)
{
    say_error(run->command, "%s", why);
    return EXIT_REFUSED;
}

static int
take_option(struct erase_run *run, int code, const char *value)
{
    const struct {
        int code;
        const char **text;
    } texts[] = {{OPTION_DATA, &run->data},
                 {OPTION_KEYS, &run->keys},
                 {OPTION_PERSON, &run->person},
                 {OPTION_SERVICE, &run->service},
                 {OPTION_REASON, &run->reason},
                 {OPTION_SOCKET, &run->socket},
                 {'c', &run->conf}};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].code == code) {
            *texts[i].text = value;
            return -1;
        }
    }
    if (code == 'h') {
        run->usage();
        return EXIT_DONE;
    }
    if (code == OPTION_AGAIN) {
        run->again = true;
        return -1;
    }
    if (code == OPTION_BY && run->by_count < 2) {
        run->by[run->by_count++] = value;
        return -1;
    }
    return refuse(run, _("unknown option, or one without its value (--help "
                         "lists them)"));
}

/* --------------------------------------------------------------- offline */

static bool
find_users(const struct erase_run *run, uint32_t uids[2])
{
    for (size_t i = 0; i < 2; i++) {
        const struct passwd *user =
            run->by[i] == NULL ? NULL : getpwnam(run->by[i]);

        if (user == NULL)
            return false;
        uids[i] = (uint32_t)user->pw_uid;
    }
    return uids[0] != uids[1];
}

static int
say_done(const struct erase_run *run, enum result result, size_t names)
{
    if (result == E_NOTFOUND)
        return refuse(run, _("no such person in this ledger"));
    if (result == E_ARGUMENT)
        return refuse(run, _("several persons bear this name: give it with "
                             "its system (system|value) or its space "
                             "(--service)"));
    if (result != OK)
        return refuse(run, _(result_name(result)));
    (void)printf(_("%zu %s erased; the rows stay\n"), names,
                 ngettext("name", "names", names));
    return EXIT_DONE;
}

static int
erase_offline(const struct erase_run *run)
{
    struct secrecy_data data = {0};
    struct erasing erasing;
    uint32_t uids[2] = {0};
    uint64_t person = 0;
    size_t names = 0;
    enum result result;

    if (!run->again && !find_users(run, uids))
        return refuse(run, _("--by is needed twice: two different users of "
                             "this machine"));
    if (!secrecy_data_open(run->command, run->data, run->keys, &data))
        return EXIT_REFUSED;
    secrecy_data_erasing(&data, &erasing);
    if (run->again) {
        result = erasing_again(data.ledger, data.lookup, &names);
    } else {
        result = person_find(
            data.lookup, text_of(run->person),
            run->service == NULL ? TEXT("") : text_of(run->service), &person);
        STEP(erasing_do(&erasing, person, uids[0], uids[1],
                        text_of(run->reason), &names));
    }
    result = secrecy_data_close(&data, result);
    return say_done(run, result, names);
}

/* ------------------------------------------------------------------ live */

static int
ask_core(struct erase_run *run, const struct wire_command *command)
{
    struct settings *settings = NULL;
    enum result outcome = OK, result;
    int code =
        operator_socket_find(run->command, run->conf, &run->socket, &settings);

    if (code < 0) {
        result = operator_client_ask(run->socket, command, NULL,
                                     operator_socket_print, &outcome);
        if (result == OK && outcome == E_NOTFOUND)
            code = refuse(run, command->kind == COMMAND_ERASE
                                   ? _("no such person in this ledger")
                                   : _("nothing of that number waits"));
        else if (result == OK && outcome == E_EXISTS)
            code = refuse(run, _("you asked for it: another operator has to "
                                 "approve"));
        else
            code = operator_outcome(run->command, result, outcome);
    }
    settings_free(settings);
    return code;
}

static int
erase_live(struct erase_run *run)
{
    char name[ASK_NAME_BYTES_MAX];
    struct wire_command command = {.kind = COMMAND_ERASE,
                                   .reason = text_of(run->reason)};

    if (snprintf(name, sizeof(name), "%s%s%s", run->person,
                 run->service == NULL ? "" : "\n",
                 run->service == NULL ? "" : run->service) >=
            (int)sizeof(name) ||
        command.reason.length > COMMAND_REASON_BYTES_MAX)
        return refuse(run, _("the name or the reason is too long"));
    command.name = text_of(name);
    return ask_core(run, &command);
}

static int
parse(struct erase_run *run, int argc, char **argv)
{
    int exit_code = -1, code;

    optind = 0;
    opterr = 0;
    while (exit_code < 0 &&
           (code = getopt_long(argc, argv, "c:h", options, NULL)) != -1)
        exit_code = take_option(run, code, optarg);
    return exit_code;
}

int
cli_erase(int argc, char **argv)
{
    struct erase_run run = {.command = "erase", .usage = usage};
    int code = parse(&run, argc, argv);

    if (code >= 0)
        return code;
    if (optind < argc)
        return refuse(&run, _("too many words (--help says which)"));
    if (run.again)
        return run.data == NULL ? refuse(&run, _("--data DIR is missing"))
                                : erase_offline(&run);
    if (run.person == NULL || run.person[0] == '\0')
        return refuse(&run, _("--person is missing"));
    if (run.reason == NULL || run.reason[0] == '\0')
        return refuse(&run, _("--reason is missing"));
    return run.data != NULL ? erase_offline(&run) : erase_live(&run);
}

int
cli_approve(int argc, char **argv)
{
    struct erase_run run = {.command = "approve", .usage = usage_approve};
    struct wire_command command = {.kind = COMMAND_APPROVE};
    int code = parse(&run, argc, argv);

    if (code >= 0)
        return code;
    if (optind + 1 < argc)
        return refuse(&run, _("too many words (--help says which)"));
    if (optind < argc)
        command.name = text_of(argv[optind]);
    return ask_core(&run, &command);
}
