/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the parts of `vigie demo` share: the folder, what was found so far.
 * The steps know the files and the commands; only demo_truth.c knows the
 * region that made them.
 */
#ifndef VIGIE_CLI_DEMO_STEPS_H
#define VIGIE_CLI_DEMO_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "demo/region.h"

#define DEMO_PATH_BYTES 1024
#define DEMO_SESSIONS_MAX 64
#define DEMO_PROFESSIONALS 200 /* of the offline region */

struct demo {
    char folder[DEMO_PATH_BYTES];
    char trail[DEMO_PATH_BYTES + 32], truth[DEMO_PATH_BYTES + 32];
    char data[DEMO_PATH_BYTES + 32], keys[DEMO_PATH_BYTES + 32];
    char report[DEMO_PATH_BYTES + 32], list[DEMO_PATH_BYTES + 32];
    char hunt[DEMO_PATH_BYTES + 32], scope[DEMO_PATH_BYTES + 32];
    bool keep;
    bool made;     /* the folder is ours to remove */
    unsigned step; /* of the headings */
    struct region_options region;
    /* Sessions that vigie would have had sign in again, by time. */
    struct demo_session {
        char session[REGION_NAME_BYTES], professional[REGION_NAME_BYTES];
        int64_t time_us;
    } stopped[DEMO_SESSIONS_MAX];
    size_t stopped_count;
};

void demo_heading(struct demo *demo, const char *title);
/* Runs a command of cli.h, its line shown before (`shown`), its stdout into
 * `path` where that is not NULL. The exit code. */
int demo_run(int (*command)(int argc, char **argv), const char *path,
             bool shown, const char *const *arguments);

/* The summary of a report: what follows its last empty line. */
enum result demo_show_end(const char *path) MUST_USE;
/* Of the stopped sessions; exit codes. */
int demo_hunt(struct demo *demo);
int demo_scope(struct demo *demo);

/* demo_offline.c, demo_live.c: the exit code */
int demo_offline(struct demo *demo);
/* The offline one, with a sentence, where there is no nginx or module. */
int demo_live(struct demo *demo);

/* demo_alerts.c: reads the alerts that the replay left, prints the ones that
 * ask for a new sign-in. */
enum result demo_alerts(struct demo *demo) MUST_USE;
/* demo_truth.c: what really happened, beside what was found. */
enum result demo_truth(struct demo *demo) MUST_USE;

#endif
