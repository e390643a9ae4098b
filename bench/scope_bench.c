/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * `vigie scope` at size: a ledger of N rows with a look-up that names every
 * session, account and person, then the program itself asked for ten
 * sessions, each time as a new process, with the page cache warm and with
 * the ledger's and look-up's pages dropped. The persons said are checked
 * against what was put in.
 *
 *   scope_bench [ROWS [FOLDER]]   FOLDER is kept where given
 *
 * VIGIE names the program (build/vigie).
 */
#include <dirent.h>
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
#include "ledger/ledger.h"
#include "ledger/lookup.h"
#include "model/category.h"
#include "model/event.h"

#define PROFESSIONALS 57000u
#define PERSONS 1000000u
#define SESSION_ROWS 35u
#define ACTIVE 3000u
#define ASKED 10u
#define BLOCK 4096u
#define COMMIT_ROWS 131072u
#define RUNS 31u
#define TARGET_MS 50.0

struct bench {
    char data[4096], keys[4200];
    uint64_t rows, sessions, state;
    uint64_t *persons, *professionals;
    char asked[ASKED][24];
    size_t asked_count;
    uint64_t wanted; /* distinct persons of the asked sessions */
    struct lookup *lookup;
    struct ledger *ledger;
};

static void
must(enum result result, const char *what)
{
    if (result == OK)
        return;
    fprintf(stderr, "scope_bench: %s: %s\n", what, result_name(result));
    exit(1);
}

static uint64_t
next_random(struct bench *bench)
{
    uint64_t z = bench->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t
name(struct bench *bench, enum alias_kind kind, const char *key,
     const char *shown)
{
    struct alias alias;

    must(lookup_add(bench->lookup, kind, text_of(key), text_of(shown), 0,
                    &alias, NULL),
         "name");
    return alias.id;
}

static void
make_names(struct bench *bench)
{
    char key[40];

    for (uint32_t i = 0; i < PERSONS; i++) {
        (void)snprintf(key, sizeof(key), "s|0|Patient/%u", i);
        bench->persons[i] = name(bench, ALIAS_PERSON, key, key + 4);
    }
    for (uint32_t i = 0; i < PROFESSIONALS; i++) {
        (void)snprintf(key, sizeof(key), "8%011u", i);
        bench->professionals[i] = name(bench, ALIAS_PROFESSIONAL, key, key);
    }
    must(lookup_commit(bench->lookup), "commit");
}

struct session {
    uint64_t id, professional;
    uint32_t left;
    bool asked;
};

static void
new_session(struct bench *bench, struct session *session, uint64_t row)
{
    char key[24];

    (void)snprintf(key, sizeof(key), "jti-%" PRIu64, bench->sessions++);
    session->id = name(bench, ALIAS_SESSION, key, key);
    session->professional =
        bench->professionals[next_random(bench) % PROFESSIONALS];
    session->left = SESSION_ROWS;
    session->asked =
        bench->asked_count < ASKED &&
        row >= bench->rows / (ASKED + 1) * (bench->asked_count + 1);
    if (session->asked)
        memcpy(bench->asked[bench->asked_count++], key, sizeof(key));
}

/* Persons of the asked sessions lie apart from all others (every 100th), so
 * that their number is known: each row of theirs takes the next one. */
static uint64_t
next_person(struct bench *bench, const struct session *session)
{
    uint64_t place = next_random(bench) % (PERSONS / 100) * 100;

    if (session->asked)
        return bench->persons[bench->wanted++ * 100];
    return bench->persons[place + 1 + next_random(bench) % 99];
}

static void
build(struct bench *bench)
{
    static struct session active[ACTIVE];
    static struct row rows[BLOCK];
    int64_t clock_us = INT64_C(1767225600000000);

    must(ledger_open(bench->data, LEDGER_WRITE, NULL, NULL, &bench->ledger),
         "ledger");
    must(lookup_open(bench->data, bench->keys, LOOKUP_WRITE, NULL,
                     &bench->lookup),
         "look-up");
    make_names(bench);
    for (uint64_t at = 0; at < bench->rows; at += BLOCK) {
        for (uint32_t i = 0; i < BLOCK; i++) {
            struct session *session = &active[next_random(bench) % ACTIVE];

            if (session->left == 0)
                new_session(bench, session, at + i);
            clock_us += 28000;
            rows[i] = (struct row){
                .time_received_us = clock_us,
                .time_source_us = clock_us,
                .session = session->id,
                .professional = session->professional,
                .person = next_person(bench, session),
                .request = next_random(bench),
                .service = 1,
                .categories = CATEGORY_IDENTITY | CATEGORY_CONTACT,
                .grade = GRADE_DECLARED,
                .kind = ROW_DISCLOSURE,
                .source = 1,
            };
            session->left--;
        }
        must(ledger_append(bench->ledger, rows, BLOCK, NULL), "append");
        if (at % COMMIT_ROWS == 0) {
            must(lookup_commit(bench->lookup), "commit");
            must(ledger_sync(bench->ledger), "sync");
        }
    }
    must(lookup_commit(bench->lookup), "commit");
    must(ledger_close(bench->ledger), "close");
    lookup_free(bench->lookup);
}

/* Drops the clean pages of every file under the folder. */
static void
drop_pages(const char *folder)
{
    DIR *entries = opendir(folder);
    struct dirent *entry;

    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        char path[8192];
        int fd;

        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (entry->d_type == DT_DIR) {
            drop_pages(path);
            continue;
        }
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
            (void)fdatasync(fd);
            (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
            (void)close(fd);
        }
    }
    if (entries != NULL)
        (void)closedir(entries);
}

/* What one run took, in milliseconds. */
struct took {
    double wall, cpu;
};

static double
milliseconds(const struct timeval *time)
{
    return (double)time->tv_sec * 1000 + (double)time->tv_usec / 1000;
}

/* Runs the program; its output goes to `out`. */
static struct took
ask(struct bench *bench, const char *form, const char *out)
{
    struct rusage usage = {0};
    struct took took;
    const char *words[10 + 2 * ASKED] = {
        getenv("VIGIE"), "scope",     "--data", bench->data,
        "--keys",        bench->keys, form};
    size_t count = 7;
    int64_t start = time_now_us();
    int status = 1;
    pid_t child;

    if (words[0] == NULL)
        words[0] = "build/vigie";
    for (size_t i = 0; i < bench->asked_count; i++) {
        words[count++] = "--session";
        words[count++] = bench->asked[i];
    }
    child = fork();
    if (child == 0) {
        char *copies[10 + 2 * ASKED] = {NULL};
        int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        for (size_t i = 0; i < count; i++)
            copies[i] = strdup(words[i]);
        (void)dup2(fd, STDOUT_FILENO);
        (void)execv(copies[0], copies);
        _exit(127);
    }
    (void)wait4(child, &status, 0, &usage);
    if (status != 0)
        must(E_IO, "vigie scope");
    took.wall = (double)(time_now_us() - start) / 1000;
    took.cpu = milliseconds(&usage.ru_utime) + milliseconds(&usage.ru_stime);
    return took;
}

static int
compare(const void *a, const void *b)
{
    const double *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

static struct took
median(struct bench *bench, const char *form, const char *out, bool cold,
       size_t runs)
{
    double wall[RUNS], cpu[RUNS];

    (void)ask(bench, form, out);
    for (size_t i = 0; i < runs; i++) {
        if (cold)
            drop_pages(bench->data);
        struct took took = ask(bench, form, out);

        wall[i] = took.wall;
        cpu[i] = took.cpu;
    }
    qsort(wall, runs, sizeof(*wall), compare);
    qsort(cpu, runs, sizeof(*cpu), compare);
    return (struct took){wall[runs / 2], cpu[runs / 2]};
}

static void
check(struct bench *bench, const char *out)
{
    struct buffer said = {0};
    char wanted[64];

    must(file_load(out, 1 << 20, &said), "answer");
    (void)snprintf(wanted, sizeof(wanted), "{\"patients\":%" PRIu64 ",",
                   bench->wanted);
    if (!text_starts(buffer_as_text(&said), wanted)) {
        fprintf(stderr, "scope_bench: wrong answer: %.60s, wanted %s\n",
                said.bytes, wanted);
        exit(1);
    }
    buffer_free(&said);
}

static void
figures(struct bench *bench)
{
    char out[4200];
    struct took summary, list, cold_summary, cold_list;

    (void)snprintf(out, sizeof(out), "%s.out", bench->data);
    summary = median(bench, "--json", out, false, RUNS);
    check(bench, out);
    list = median(bench, "--list", out, false, RUNS);
    cold_summary = median(bench, "--json", out, true, 5);
    cold_list = median(bench, "--list", out, true, 5);
    printf("figure scope_10_sessions_warm %.1f ms (target at most %.0f) %s\n",
           summary.wall, TARGET_MS, summary.wall <= TARGET_MS ? "ok" : "short");
    printf("figure scope_10_sessions_list_warm %.1f ms (target at most %.0f) "
           "%s\n",
           list.wall, TARGET_MS, list.wall <= TARGET_MS ? "ok" : "short");
    printf("       %" PRIu64 " rows, %" PRIu64 " persons named; of the CPU: "
           "summary %.1f ms, list %.1f ms; cold: summary %.1f ms, list %.1f "
           "ms\n",
           bench->rows, bench->wanted, summary.cpu, list.cpu, cold_summary.wall,
           cold_list.wall);
    (void)unlink(out);
}

int
main(int argc, char **argv)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    bool keep = argc > 2;

    must(bench == NULL ? E_NOMEM : hash_start(), "start");
    bench->persons = calloc(PERSONS, sizeof(uint64_t));
    bench->professionals = calloc(PROFESSIONALS, sizeof(uint64_t));
    must(bench->persons == NULL || bench->professionals == NULL ? E_NOMEM : OK,
         "memory");
    bench->rows = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000000;
    (void)snprintf(bench->data, sizeof(bench->data), "%s",
                   keep ? argv[2] : "/var/tmp/vigie-scope-XXXXXX");
    if (!keep && mkdtemp(bench->data) == NULL)
        must(E_IO, "folder");
    (void)snprintf(bench->keys, sizeof(bench->keys), "%s-keys", bench->data);
    build(bench);
    figures(bench);
    if (!keep) {
        must(file_remove_tree(bench->data), "remove");
        must(file_remove_tree(bench->keys), "remove");
    }
    free(bench->persons);
    free(bench->professionals);
    free(bench);
    return 0;
}
