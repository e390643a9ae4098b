/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What judging costs beside the rest of a replay: a simulated BALP file is
 * replayed into a ledger by build/vigie, and the very rows of that ledger go
 * through detect_row again. Processor time of both, in one run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "detect/detect.h"
#include "ledger/ledger.h"

#define PART 4096

static void
must(enum result result)
{
    if (result == OK)
        return;
    (void)fprintf(stderr, "judging_bench: %s\n", result_name(result));
    exit(2);
}

/* Processor seconds of the command, its standard output thrown away. */
static double
run(const char *const *arguments)
{
    struct rusage before, after;
    int status;

    (void)getrusage(RUSAGE_CHILDREN, &before);
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout) == NULL)
            _exit(2);
        (void)execv(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(2);
    }
    if (child < 0 || waitpid(child, &status, 0) != child ||
        !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        must(E_IO);
    (void)getrusage(RUSAGE_CHILDREN, &after);
    return (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec +
                    after.ru_stime.tv_sec - before.ru_stime.tv_sec) +
           1e-6 * (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec +
                           after.ru_stime.tv_usec - before.ru_stime.tv_usec);
}

static double
cpu_seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Records of the trail: the rows of one are told apart by their request. */
static double
judge(const char *data, uint64_t *ret_events)
{
    struct ledger *ledger;
    struct detect_options options;
    struct detect *detect;
    struct alert alert;
    double seconds = 0;

    must(ledger_open(data, LEDGER_READ, NULL, NULL, &ledger));
    uint64_t count = ledger_count(ledger), events = 0;
    struct row *rows = calloc(PART, sizeof(*rows));
    if (rows == NULL)
        must(E_NOMEM);
    detect_options_default(&options);
    must(detect_new(&options, &detect));
    for (uint64_t at = 0; at < count; at += PART) {
        size_t part = count - at < PART ? (size_t)(count - at) : PART;
        must(ledger_read(ledger, at, part, rows));
        double start = cpu_seconds();
        for (size_t i = 0; i < part; i++)
            must(detect_row(detect, &rows[i], 0, NULL, &alert));
        seconds += cpu_seconds() - start;
        for (size_t i = 0; i < part; i++)
            events +=
                rows[i].kind == ROW_DISCLOSURE || rows[i].kind == ROW_REFUSAL;
    }
    detect_free(detect);
    free(rows);
    ledger_free(ledger);
    *ret_events = events;
    return seconds;
}

int
main(void)
{
    const char *vigie = getenv("VIGIE");
    char folder[] = "/tmp/vigie-judging-XXXXXX";
    char trail[64], data[64], keys[64];
    uint64_t events;

    vigie = vigie == NULL ? "build/vigie" : vigie;
    if (mkdtemp(folder) == NULL)
        must(E_IO);
    (void)snprintf(trail, sizeof(trail), "%s/trail.ndjson", folder);
    (void)snprintf(data, sizeof(data), "%s/data", folder);
    (void)snprintf(keys, sizeof(keys), "%s/keys", folder);
    (void)run((const char *const[]){vigie, "simulate", "--days", "10", "--out",
                                    trail, NULL});
    double whole =
        run((const char *const[]){vigie, "replay", "--json", "--quiet",
                                  "--data", data, "--keys", keys, trail, NULL});
    double judged = judge(data, &events);
    double ns = 1e9 * judged / (double)events, share = judged / whole;
    must(file_remove_tree(folder));
    printf("       %llu records, replay %.2f s of the processor, judging the "
           "same rows %.3f s\n",
           (unsigned long long)events, whole, judged);
    printf("figure detect_row %.0f ns-an-event (target <= 2000) %s\n", ns,
           ns <= 2000 ? "ok" : "short");
    printf("figure judging_share %.3f of-the-replay (target <= 0.3) %s\n",
           share, share <= 0.3 ? "ok" : "short");
    return 0;
}
