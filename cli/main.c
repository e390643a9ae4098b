/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Picks the command. --lang may stand before it or among its options.
 */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *does;
};

static const struct command commands[] = {
    {"replay", cli_replay, N_("reads access trails: who is usurped, why")},
    {"scope", cli_scope, N_("whose data was seen, in which category")},
    {"alerts", cli_alerts, N_("what was raised")},
    {"explain", cli_explain, N_("every sign behind one alert")},
    {"hunt", cli_hunt, N_("what else the same hands touched")},
    {"who", cli_who, N_("every session that saw one person")},
    {"verify", cli_verify, N_("checks that the ledger is whole")},
    {"checkpoint", cli_checkpoint, N_("signs what the ledger is now")},
    {"prove", cli_prove, N_("that a row is under a checkpoint")},
    {"witness", cli_witness, N_("cosigns other regions' checkpoints")},
    {"tiles", cli_tiles, N_("the ledger as static files, for others")},
    {"label", cli_label, N_("what a response discloses")},
    {"simulate", cli_simulate, N_("makes a region's trails, with thieves")},
    {"bench", cli_bench, N_("detection on simulated regions, measured")},
    {"run", cli_run, N_("the daemon behind the doors")},
    {"doctor", cli_doctor, N_("what is wrong with a set-up")},
    {"sessions", cli_sessions, N_("who is at work, persons seen, verdict")},
    {"cut", cli_cut, N_("ends a session or an account everywhere")},
    {"step-up", cli_step_up, N_("known persons only, until authenticated")},
    {"restore", cli_restore, N_("undoes a cut or a step-up")},
    {"posture", cli_posture, N_("normal, observe or narrow, for everybody")},
    {"erase", cli_erase, N_("one person's names go, the rows stay")},
    {"approve", cli_approve, N_("what another operator asked for")},
    {"retain", cli_retain, N_("names that may no longer be said go")},
    {"hold", cli_hold, N_("what retention must not touch")},
    {"keys", cli_keys, N_("a new machine key")},
    {"orders", cli_orders, N_("who cut, narrowed, restored; when and why")},
    {"review", cli_review, N_("a use of break-glass was looked at")},
    {"vault", cli_vault, N_("persons' names: the key of two holders")},
    {"ledger", cli_ledger, N_("what is inside; the rows for other tools")},
    {"backup", cli_backup, N_("copies the data elsewhere, while it is used")},
    {"recover", cli_recover, N_("a data folder back from a backup")},
    {"demo", cli_demo, N_("the main job, on a region made here")},
};

static void
usage(FILE *out)
{
    (void)fprintf(out, "%s\n\n", _("Usage: vigie COMMAND [OPTION]… (each has "
                                   "--help)"));
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        (void)fprintf(out, "  %-10s %s\n", commands[i].name,
                      _(commands[i].does));
    }
    (void)fprintf(out, "\n%s\n",
                  _("--lang fr|en chooses the language (French unless said)."));
}

/* Takes every --lang X out of the arguments. */
static const char *
take_language(int *argc, char **argv)
{
    const char *language = NULL;
    int kept = 1;

    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--lang") == 0 && i + 1 < *argc)
            language = argv[++i];
        else if (strncmp(argv[i], "--lang=", 7) == 0)
            language = argv[i] + 7;
        else
            argv[kept++] = argv[i];
    }
    argv[kept] = NULL;
    *argc = kept;
    return language;
}

int
main(int argc, char **argv)
{
    const char *language = take_language(&argc, argv);

    /* Tables that double give their old half back to the system instead of
     * leaving holes in the heap: what is held is what is resident. */
    (void)mallopt(M_MMAP_THRESHOLD, 32 << 10);
    /* a file beyond the limit is an error to be told, not a death */
    (void)signal(SIGXFSZ, SIG_IGN);
    say_start(language);
    if (hash_start() != OK) {
        say_error("start", "%s", _("the cryptographic libraries fail"));
        return EXIT_REFUSED;
    }
    if (argc < 2) {
        usage(stderr);
        return EXIT_REFUSED;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        usage(stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)puts("vigie 0.1");
        return EXIT_DONE;
    }
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    say_error(argv[1], "%s", _("no such command (vigie --help lists them)"));
    return EXIT_REFUSED;
}
