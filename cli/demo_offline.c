/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * vigie demo --offline: the main job on the trail of a region made here, by the
 * same functions that the commands call.
 */
#include <stdio.h>

#include "base/file.h"
#include "base/say.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/demo_steps.h"

#define DEMO_SEED 7

static int
make_region(struct demo *demo)
{
    char seed[24], professionals[24];
    demo_heading(demo, _("An invented region"));
    (void)printf(
        _("%u professionals work for %u days: doctors, nurses, pharmacists, "
          "hospital\ndoctors, secretaries, substitutes. In the last week three "
          "accounts are used by\nthieves: a script at night, searches page by "
          "page, and a patient one who opens\neight records an hour. All "
          "persons are random numbers. Everything that follows\nis simulated; "
          "no real data is on this machine.\n\n"),
        demo->region.professionals, demo->region.days);
    (void)snprintf(seed, sizeof(seed), "%llu",
                   (unsigned long long)demo->region.seed);
    (void)snprintf(professionals, sizeof(professionals), "%u",
                   demo->region.professionals);
    const char *const arguments[] = {
        "simulate", "--seed",    seed,      "--professionals", professionals,
        "--out",    demo->trail, "--truth", demo->truth,       NULL};
    return demo_run(cli_simulate, NULL, true, arguments);
}

static int
replay(struct demo *demo)
{
    demo_heading(demo, _("The trail is read again"));
    (void)printf(
        "%s\n",
        _("vigie gets the file as a software vendor would send it, "
          "and nothing else: it\ndoes not know how many thieves there "
          "are, nor whether there are any. For each\naccount it learns "
          "a habit (10 days; before that it says \"no habit yet\"), and\n"
          "judges every access against it.\n"));
    const char *const arguments[] = {"replay", "--data",   demo->data,
                                     "--keys", demo->keys, demo->trail,
                                     NULL};
    int code = demo_run(cli_replay, demo->report, true, arguments);
    return code == EXIT_DONE && demo_show_end(demo->report) != OK ? EXIT_REFUSED
                                                                  : code;
}

static void
files(struct demo *demo)
{
    demo_heading(demo, _("Where the files lie"));
    (void)printf(_("  %s\n    every alert, the ten accounts to look at first\n"
                   "  %s\n    the ledger: vigie alerts, explain, scope, hunt, "
                   "who --data there\n"
                   "  %s\n    the keys, without which no name can be read "
                   "(--keys)\n"
                   "  %s\n    one line a person concerned\n"
                   "  %s\n    what the thieves really did (the simulator's "
                   "truth)\n"),
                 demo->report, demo->data, demo->keys, demo->list, demo->truth);
    if (demo->keep) {
        (void)printf(_("  %s\n    the trail\n"), demo->trail);
        return;
    }
    if (file_unlink(demo->trail) == OK)
        (void)printf("%s", _("The trail itself was removed (--keep leaves "
                             "it).\n"));
}

int
demo_offline(struct demo *demo)
{
    int64_t start_us = time_now_us();
    int code;

    region_options_default(&demo->region);
    demo->region.seed = DEMO_SEED;
    demo->region.professionals = DEMO_PROFESSIONALS;
    demo->region.thief_count = 3;
    demo->region.thieves[0] = THIEF_NIGHT;
    demo->region.thieves[1] = THIEF_PAGED;
    demo->region.thieves[2] = THIEF_QUIET;
    code = make_region(demo);
    if (code == EXIT_DONE)
        code = replay(demo);
    enum result r = code == EXIT_DONE ? demo_alerts(demo) : OK;
    if (code == EXIT_DONE && r == OK)
        code = demo_hunt(demo);
    if (code == EXIT_DONE && r == OK)
        code = demo_scope(demo);
    if (code == EXIT_DONE && r == OK)
        r = demo_truth(demo);
    if (code == EXIT_DONE && r == OK)
        files(demo);
    if (r != OK) {
        say_error("demo", "%s", result_name(r));
        code = EXIT_REFUSED;
    }
    (void)printf(_("\nThat took %.0f s.\n"),
                 (double)(time_now_us() - start_us) / 1e6);
    return code;
}
