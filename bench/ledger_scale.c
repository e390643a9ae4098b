/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Our side of bench/ledger_scale.py, which runs the peers beside it:
 *
 *   ledger_scale questions ROWS [CSV]   the questions of an incident over so
 *                     many rows, one a line, with the right answers; the rows
 *                     as CSV for peers where a file is named
 *   ledger_scale import DATA ROWS       bulk: M rows/s, bytes, MB resident
 *   ledger_scale append DATA ROWS       1,000 rows a durable commit: M rows/s
 *   ledger_scale ask DATA RUNS          questions on standard input; each as
 *                     often, in one process: the middle time in ms. RUNS 1:
 *                     opening included
 *   ledger_scale verify DATA            processor's seconds to verify, and to
 *                     hash alone; MB resident
 *
 * A question: name, key, from and to (µs of the event), rows, sums over
 * their numbers, requests and persons (20 bits of each), ids.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "bench/ledger_region.h"
#include "ledger/inspect.h"
#include "ledger/merkle.h"

#define COMMIT 100000u
#define PIECE 1000u
#define QUESTIONS 5
#define RUNS_MAX 1001
#define LOW_BITS 0xfffffu

struct asked {
    char name[32];
    enum ledger_key key;
    int64_t from_us, to_us;
    uint64_t rows, numbers, requests, persons;
    size_t count;
    uint64_t ids[ASKED];
};

static double
seconds(clockid_t clock)
{
    struct timespec time;

    (void)clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
must(enum result result, const char *what)
{
    if (result == OK)
        return;
    fprintf(stderr, "ledger_scale: %s: %s\n", what, result_name(result));
    exit(2);
}

static long
resident_mb(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

static struct region *
new_region(void)
{
    struct region *region = calloc(1, sizeof(*region));

    if (region == NULL)
        must(E_NOMEM, "region");
    region_start(region);
    return region;
}

/* ——— the questions and their answers, by plain counting ——— */

static void
take(struct asked *asked, uint64_t number, const struct row *row)
{
    asked->rows++;
    asked->numbers += number;
    asked->requests += row->request & LOW_BITS;
    asked->persons += row->person & LOW_BITS;
}

static bool
is_asked(const struct asked *asked, const struct row *row)
{
    uint64_t id = row_key(row, asked->key);

    if (row->time_source_us < asked->from_us ||
        row->time_source_us >= asked->to_us)
        return false;
    for (size_t i = 0; i < asked->count; i++) {
        if (asked->ids[i] == id)
            return true;
    }
    return false;
}

/* First pass: the sessions that are asked for, the account and the person of
 * the middle, and the middle quarter of the time (14 days of 56). */
static void
make_questions(uint64_t rows, struct asked asked[QUESTIONS])
{
    static const char *const names[QUESTIONS] = {
        "scope_10_sessions", "scope_10_thieves", "professional_14_days",
        "person", "professional_all"};
    struct region *region = new_region();
    const struct question *const from[QUESTIONS] = {
        &region->ordinary, &region->thieving, &region->professional,
        &region->person, &region->professional};
    int64_t window[2] = {0};
    uint64_t professional = 0, person = 0;
    struct row row;

    for (uint64_t i = 0; i < rows; i++) {
        make_row(region, i, rows, &row);
        if (i == rows / 8 * 3)
            window[0] = row.time_received_us;
        if (i == rows / 8 * 5)
            window[1] = row.time_received_us;
        if (i <= rows / 2 && row.kind == ROW_DISCLOSURE) {
            professional = row.professional;
            person = row.person;
        }
    }
    for (size_t i = 0; i < QUESTIONS; i++) {
        (void)snprintf(asked[i].name, sizeof(asked[i].name), "%s", names[i]);
        asked[i].key = from[i]->key;
        asked[i].to_us = INT64_MAX;
        asked[i].count = from[i]->count;
        memcpy(asked[i].ids, from[i]->ids, sizeof(asked[i].ids));
    }
    asked[2].ids[0] = asked[4].ids[0] = professional;
    asked[3].ids[0] = person;
    asked[2].from_us = window[0];
    asked[2].to_us = window[1];
    free(region);
}

static void
put_csv(FILE *csv, uint64_t number, const struct row *row)
{
    fprintf(csv,
            "%" PRIu64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64
            ",%" PRId64 ",%" PRId64 ",%u,%u,%u,%u,%u,%u,%u,%u\n",
            number, row->time_received_us, row->time_source_us,
            (int64_t)row->session, (int64_t)row->professional,
            (int64_t)row->person, (int64_t)row->request, row->service,
            row->controller, row->categories, row->grade, row->kind, row->flags,
            row->source, row->detail);
}

static int
questions(uint64_t rows, const char *path)
{
    struct asked asked[QUESTIONS] = {0};
    FILE *csv = path == NULL ? NULL : fopen(path, "w");
    struct region *region = new_region();
    struct row row;

    make_questions(rows, asked);
    for (uint64_t i = 0; i < rows; i++) {
        make_row(region, i, rows, &row);
        if (csv != NULL)
            put_csv(csv, i, &row);
        for (size_t q = 0; q < QUESTIONS; q++) {
            if (is_asked(&asked[q], &row))
                take(&asked[q], i, &row);
        }
    }
    for (size_t q = 0; q < QUESTIONS; q++) {
        const struct asked *one = &asked[q];

        printf("%s %u %" PRId64 " %" PRId64 " %" PRIu64 " %" PRIu64 " %" PRIu64
               " %" PRIu64,
               one->name, (unsigned)one->key, one->from_us, one->to_us,
               one->rows, one->numbers, one->requests, one->persons);
        for (size_t i = 0; i < one->count; i++)
            printf(" %" PRIu64, one->ids[i]);
        putchar('\n');
    }
    free(region);
    if (csv != NULL && fclose(csv) != 0)
        must(E_IO, "csv");
    return 0;
}

/* ——— writing ——— */

static int
import(const char *data, uint64_t rows, uint64_t commit)
{
    struct region *region = new_region();
    struct ledger *ledger = NULL;
    struct ledger_statistics statistics;
    struct row some[PIECE];
    double making = 0, start, busy;

    must(ledger_open(data, LEDGER_WRITE, NULL, NULL, &ledger), "open");
    start = seconds(CLOCK_MONOTONIC);
    busy = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (uint64_t done = 0; done < rows;) {
        size_t n = rows - done < PIECE ? (size_t)(rows - done) : PIECE;
        double before = seconds(CLOCK_PROCESS_CPUTIME_ID);

        for (size_t i = 0; i < n; i++)
            make_row(region, done + i, rows, &some[i]);
        making += seconds(CLOCK_PROCESS_CPUTIME_ID) - before;
        must(ledger_append(ledger, some, n, NULL), "append");
        done += n;
        if (done % commit == 0 || done == rows)
            must(ledger_sync(ledger), "sync");
    }
    if (commit >= COMMIT)
        must(ledger_rest(ledger), "rest");
    start = seconds(CLOCK_MONOTONIC) - start;
    busy = seconds(CLOCK_PROCESS_CPUTIME_ID) - busy;
    ledger_statistics(ledger, &statistics);
    must(ledger_close(ledger), "close");
    printf("%.3f %.3f %.3f %" PRIu64 " %" PRIu64 " %ld\n",
           (double)rows / (start - making) / 1e6,
           (double)rows / (busy - making) / 1e6,
           statistics.sealed_rows == 0 ? 0
                                       : (double)statistics.sealed_bytes /
                                             (double)statistics.sealed_rows,
           statistics.segments, statistics.sealed_rows, resident_mb());
    free(region);
    return 0;
}

/* ——— asking ——— */

struct answer {
    const struct asked *question;
    struct asked sum;
};

static enum result
note(void *context, uint64_t number, const struct row *row)
{
    struct answer *answer = context;

    if (row->time_source_us >= answer->question->from_us &&
        row->time_source_us < answer->question->to_us)
        take(&answer->sum, number, row);
    return OK;
}

static bool
next_question(struct asked *ret_asked)
{
    char line[1024], *at = line;
    int used = 0;
    unsigned key;

    if (fgets(line, sizeof(line), stdin) == NULL)
        return false;
    *ret_asked = (struct asked){0};
    if (sscanf(at,
               "%31s %u %" SCNd64 " %" SCNd64 " %" SCNu64 " %" SCNu64
               " %" SCNu64 " %" SCNu64 "%n",
               ret_asked->name, &key, &ret_asked->from_us, &ret_asked->to_us,
               &ret_asked->rows, &ret_asked->numbers, &ret_asked->requests,
               &ret_asked->persons, &used) != 8)
        must(E_FORMAT, "question");
    ret_asked->key = (enum ledger_key)key;
    for (at += used; ret_asked->count < ASKED &&
                     sscanf(at, " %" SCNu64 "%n",
                            &ret_asked->ids[ret_asked->count], &used) == 1;
         at += used)
        ret_asked->count++;
    return true;
}

static void
answer_once(struct ledger *ledger, const struct asked *question)
{
    struct answer answer = {.question = question};

    for (size_t i = 0; i < question->count; i++)
        must(
            ledger_find(ledger, question->key, question->ids[i], note, &answer),
            "find");
    if (answer.sum.rows != question->rows ||
        answer.sum.numbers != question->numbers ||
        answer.sum.requests != question->requests ||
        answer.sum.persons != question->persons)
        must(E_CORRUPT, question->name);
}

static int
compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static int
ask(const char *data, size_t runs)
{
    struct ledger *ledger = NULL;
    struct asked question;
    double times[RUNS_MAX];
    double start = seconds(CLOCK_MONOTONIC);

    must(ledger_open(data, LEDGER_READ, NULL, NULL, &ledger), "open");
    while (next_question(&question)) {
        if (runs > 1)
            answer_once(ledger, &question);
        for (size_t i = 0; i < runs; i++) {
            if (runs > 1)
                start = seconds(CLOCK_MONOTONIC);
            answer_once(ledger, &question);
            times[i] = (seconds(CLOCK_MONOTONIC) - start) * 1e3;
        }
        qsort(times, runs, sizeof(*times), compare_doubles);
        printf("%s %.4f %" PRIu64 " %ld\n", question.name, times[runs / 2],
               question.rows, resident_mb());
    }
    ledger_free(ledger);
    return 0;
}

/* ——— verifying ——— */

static int
verify(const char *data)
{
    struct inspection inspection = {0};
    struct region *region = new_region();
    struct merkle tree;
    uint8_t bytes[ROW_BYTES], leaf[HASH_BYTES];
    double start = seconds(CLOCK_PROCESS_CPUTIME_ID), hashing;
    struct row row;
    const uint64_t sample = 500000;

    must(ledger_inspect(data, NULL, NULL, &inspection), "inspect");
    if (!inspection.root_known)
        must(E_CORRUPT, "verify");
    start = seconds(CLOCK_PROCESS_CPUTIME_ID) - start;
    merkle_start(&tree);
    make_row(region, 0, sample, &row);
    row_encode(&row, bytes);
    hashing = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (uint64_t i = 0; i < sample; i++) {
        bytes[0] = (uint8_t)i;
        merkle_leaf(bytes, leaf);
        merkle_add(&tree, leaf);
    }
    hashing = (seconds(CLOCK_PROCESS_CPUTIME_ID) - hashing) *
              (double)inspection.statistics.rows / (double)sample;
    printf("%.3f %.3f %ld\n", start, hashing, resident_mb());
    free(region);
    return 0;
}

int
main(int argc, char **argv)
{
    const char *verb = argc > 2 ? argv[1] : "";
    uint64_t number = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;

    must(hash_start(), "start");
    if (strcmp(verb, "questions") == 0)
        return questions(strtoull(argv[2], NULL, 10),
                         argc > 3 ? argv[3] : NULL);
    if (strcmp(verb, "import") == 0)
        return import(argv[2], number, COMMIT);
    if (strcmp(verb, "append") == 0)
        return import(argv[2], number, PIECE);
    if (strcmp(verb, "ask") == 0 && number > 0 && number <= RUNS_MAX)
        return ask(argv[2], (size_t)number);
    if (strcmp(verb, "verify") == 0)
        return verify(argv[2]);
    fprintf(stderr, "ledger_scale: see its source\n");
    return 2;
}
