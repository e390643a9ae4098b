/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The ledger at size: builds N rows of a believable region, seals them, and
 * asks what an incident asks, each question as a new process. Every answer
 * is checked against what the generator counted while it made the rows.
 *
 *   ledger_bench [ROWS [FOLDER]]      figures; FOLDER is kept where given
 *   ledger_bench ask FOLDER KEY ID…   what the child does
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "bench/ledger_region.h"

#define COMMIT 100000u /* rows of one sync */

static double
seconds_since(int64_t start_us)
{
    return (double)(time_now_us() - start_us) / 1e6;
}

static double
seconds_of(int who)
{
    struct rusage usage;

    (void)getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void
must(enum result result, const char *what)
{
    if (result == OK)
        return;
    fprintf(stderr, "ledger_bench: %s: %s\n", what, result_name(result));
    exit(2);
}

static void
figure(const char *name, double value, const char *unit, double target,
       bool below)
{
    bool ok = below ? value <= target : value >= target;

    printf("figure %s %.3f %s (target %s %g) %s\n", name, value, unit,
           below ? "<=" : ">=", target, ok ? "ok" : "short");
}

static void
build(const char *folder, uint64_t rows, struct region *region)
{
    struct ledger *ledger = NULL;
    struct ledger_statistics statistics;
    struct row *some = malloc(1000 * sizeof(*some));
    double making = 0, seconds, busy = seconds_of(RUSAGE_SELF);
    int64_t start = time_now_us();

    must(ledger_open(folder, LEDGER_WRITE, NULL, NULL, &ledger), "open");
    for (uint64_t done = 0; done < rows;) {
        size_t n = rows - done < 1000 ? (size_t)(rows - done) : 1000;
        int64_t before = time_now_us();

        for (size_t i = 0; i < n; i++)
            make_row(region, done + i, rows, &some[i]);
        making += seconds_since(before);
        must(ledger_append(ledger, some, n, NULL), "append");
        done += n;
        if (done % COMMIT == 0 || done == rows)
            must(ledger_sync(ledger), "sync");
    }
    seconds = seconds_since(start) - making;
    busy = seconds_of(RUSAGE_SELF) - busy - making;
    ledger_statistics(ledger, &statistics);
    must(ledger_close(ledger), "close");
    free(some);
    printf("%" PRIu64 " rows, %" PRIu64 " sessions, %" PRIu64
           " segments; %.1f s, of them %.1f s on the processor, and %.1f s to "
           "make the rows\n",
           rows, region->sessions, statistics.segments, seconds, busy, making);
    figure("ledger_import_rows_a_second", (double)rows / seconds / 1e6, "M/s",
           1, false);
    if (statistics.sealed_rows > 0)
        figure("ledger_bytes_a_row",
               (double)statistics.sealed_bytes / (double)statistics.sealed_rows,
               "bytes", 25, true);
}

/* ——— the child ——— */

static enum result
sum_up(void *context, uint64_t number, const struct row *row)
{
    count_row(context, number, row);
    return OK;
}

static int
ask(int argc, char **argv)
{
    struct question question = {0};
    struct ledger *ledger = NULL;

    must(ledger_open(argv[2], LEDGER_READ, NULL, NULL, &ledger), "open");
    question.key = (enum ledger_key)atoi(argv[3]);
    for (int i = 4; i < argc; i++)
        must(ledger_find(ledger, question.key, strtoull(argv[i], NULL, 10),
                         sum_up, &question),
             "find");
    printf("%" PRIu64 " %" PRIu64 "\n", question.rows, question.sum);
    ledger_free(ledger);
    return 0;
}

/* ——— the parent's questions ——— */

static void
drop_cache(const char *folder)
{
    char command[4200];
    FILE *names;
    char name[4096];

    (void)snprintf(command, sizeof(command), "ls -d '%s'/ledger/*", folder);
    names = popen(command, "r");
    while (names != NULL && fgets(name, sizeof(name), names) != NULL) {
        int fd;

        name[strcspn(name, "\n")] = '\0';
        fd = open(name, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        (void)fdatasync(fd);
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        (void)close(fd);
    }
    if (names != NULL)
        (void)pclose(names);
}

static double
ask_once(const char *folder, const struct question *question)
{
    char ids[ASKED][24], key[4], line[64] = {0};
    char *arguments[4 + ASKED + 1];
    char program[] = "ledger_bench", verb[] = "ask", place[4096];
    int pipes[2], status = 0;
    uint64_t rows = 0, sum = 0;
    int64_t start;
    pid_t child;

    (void)snprintf(place, sizeof(place), "%s", folder);
    (void)snprintf(key, sizeof(key), "%u", (unsigned)question->key);
    arguments[0] = program;
    arguments[1] = verb;
    arguments[2] = place;
    arguments[3] = key;
    for (size_t i = 0; i < question->count; i++) {
        (void)snprintf(ids[i], sizeof(ids[i]), "%" PRIu64, question->ids[i]);
        arguments[4 + i] = ids[i];
    }
    arguments[4 + question->count] = NULL;
    if (pipe(pipes) != 0)
        must(E_IO, "pipe");
    start = time_now_us();
    child = vfork();
    if (child == 0) {
        (void)dup2(pipes[1], 1);
        (void)execv("/proc/self/exe", arguments);
        _exit(127);
    }
    (void)close(pipes[1]);
    if (read(pipes[0], line, sizeof(line) - 1) <= 0 ||
        waitpid(child, &status, 0) != child || status != 0)
        must(E_IO, "child");
    (void)close(pipes[0]);
    if (sscanf(line, "%" SCNu64 " %" SCNu64, &rows, &sum) != 2 ||
        rows != question->rows || sum != question->sum) {
        fprintf(stderr, "ledger_bench: wrong answer: %s", line);
        exit(2);
    }
    return seconds_since(start) * 1e3;
}

static int
compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static void
ask_often(const char *folder, const char *name, const struct question *question,
          double target)
{
    double warm[21], cold[3], busy;
    char text[64];

    for (size_t i = 0; i < 3; i++) {
        drop_cache(folder);
        cold[i] = ask_once(folder, question);
    }
    busy = seconds_of(RUSAGE_CHILDREN);
    for (size_t i = 0; i < 21; i++)
        warm[i] = ask_once(folder, question);
    busy = seconds_of(RUSAGE_CHILDREN) - busy;
    qsort(cold, 3, sizeof(*cold), compare_doubles);
    qsort(warm, 21, sizeof(*warm), compare_doubles);
    (void)snprintf(text, sizeof(text), "ledger_%s_warm_ms", name);
    figure(text, warm[10], "ms", target, true);
    printf("       the same cold: %.1f ms; %.1f ms on the processor; %" PRIu64
           " rows, as counted\n",
           cold[1], busy * 1e3 / 21, question->rows);
}

/* The same question again and again in one process. */
static void
ask_inside(const char *folder, const char *name,
           const struct question *question)
{
    struct ledger *ledger = NULL;
    struct question answer;
    int64_t start = 0;

    must(ledger_open(folder, LEDGER_READ, NULL, NULL, &ledger), "open");
    for (int round = -1; round < 20; round++) {
        if (round == 0)
            start = time_now_us();
        answer = (struct question){0};
        for (size_t i = 0; i < question->count; i++)
            must(ledger_find(ledger, question->key, question->ids[i], sum_up,
                             &answer),
                 "find");
        if (answer.sum != question->sum)
            must(E_CORRUPT, "answer");
    }
    printf("       %s inside one process: %.3f ms\n", name,
           seconds_since(start) * 1e3 / 20);
    ledger_free(ledger);
}

static void
durable_appends(const char *folder)
{
    struct region *region = calloc(1, sizeof(*region));
    struct ledger *ledger = NULL;
    struct row some[1000];
    const uint64_t rows = 200000;
    double making = 0;
    int64_t start;
    char place[4200];

    (void)snprintf(place, sizeof(place), "%s/durable", folder);
    must(ledger_open(place, LEDGER_WRITE, NULL, NULL, &ledger), "open");
    start = time_now_us();
    for (uint64_t done = 0; done < rows; done += 1000) {
        int64_t before = time_now_us();

        for (size_t i = 0; i < 1000; i++)
            make_row(region, done + i, rows, &some[i]);
        making += seconds_since(before);
        must(ledger_append(ledger, some, 1000, NULL), "append");
        must(ledger_sync(ledger), "sync");
    }
    figure("ledger_durable_1000_rows_a_commit",
           (double)rows / (seconds_since(start) - making) / 1e6, "M/s", 0.5,
           false);
    must(ledger_close(ledger), "close");
    free(region);
}

static void
read_all(const char *folder, uint64_t rows)
{
    struct ledger *ledger = NULL;
    struct row *some = malloc(4096 * sizeof(*some));
    int64_t start = time_now_us();
    uint64_t sum = 0;

    must(ledger_open(folder, LEDGER_READ, NULL, NULL, &ledger), "open");
    for (uint64_t at = 0; at < rows; at += 4096) {
        size_t n = rows - at < 4096 ? (size_t)(rows - at) : 4096;

        must(ledger_read(ledger, at, n, some), "read");
        sum += some[0].request;
    }
    printf("       read in the order of the log: %.1f M rows/s (%" PRIu64 ")\n",
           (double)rows / seconds_since(start) / 1e6, sum & 1);
    ledger_free(ledger);
    free(some);
}

int
main(int argc, char **argv)
{
    struct region *region;
    char folder[4096] = "/var/tmp/vigie-bench-XXXXXX";
    uint64_t rows = 20000000;
    struct rusage usage;

    must(hash_start(), "start");
    if (argc > 4 && strcmp(argv[1], "ask") == 0)
        return ask(argc, argv);
    if (argc > 1)
        rows = strtoull(argv[1], NULL, 10);
    if (argc > 2)
        (void)snprintf(folder, sizeof(folder), "%s", argv[2]);
    else if (mkdtemp(folder) == NULL)
        must(E_IO, "folder");
    region = calloc(1, sizeof(*region));
    region_start(region);
    build(folder, rows, region);
    (void)getrusage(RUSAGE_SELF, &usage);
    printf("       largest resident size while building: %ld MB\n",
           usage.ru_maxrss / 1024);
    ask_often(folder, "scope_10_sessions", &region->ordinary, 50);
    ask_often(folder, "scope_10_thieves", &region->thieving, 50);
    ask_often(folder, "one_person", &region->person, 50);
    ask_often(folder, "one_professional", &region->professional, 50);
    ask_inside(folder, "10 sessions", &region->ordinary);
    ask_inside(folder, "10 thieves", &region->thieving);
    ask_inside(folder, "one person", &region->person);
    ask_inside(folder, "one professional", &region->professional);
    read_all(folder, rows);
    durable_appends(folder);
    if (argc <= 2)
        must(file_remove_tree(folder), "remove");
    free(region);
    return 0;
}
