/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The process core with its loop, its socket and its sync thread, asked by one
 * worker at a steady pace, with pauses as care has them: how long from an ask
 * to its answer, on the wall's clock. Where others use the machine, what they
 * delay is in it; what core itself does is in its processor time.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "proc/core_process.h"
#include "proc/seqpacket.h"
#include "wire/batch.h"
#include "wire/greet.h"

#define ACCOUNTS 3000u
#define PANEL 60u
#define ASKS_MAX 20000u

static char root[] = "/tmp/vigie-loop-XXXXXX";
static char data_dir[64], keys_dir[64], door[64], operators[64];
static double sent[ASKS_MAX], waits[ASKS_MAX];
static uint32_t asked, answered;
static uint64_t seed = 42;

static void
must(enum result result, const char *what)
{
    if (result == OK)
        return;
    (void)fprintf(stderr, "core_loop_bench: %s: %s\n", what,
                  result_name(result));
    exit(2);
}

static double
now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint32_t
draw(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % below);
}

/* As one that has been at work for a while: no write makes it longer, which a
 * sync that goes on would delay. */
static void
make_journal(void)
{
    static const uint8_t zeros[1u << 20];
    char path[96];
    int fd = -1;

    (void)snprintf(path, sizeof(path), "%s/lookup", data_dir);
    must(file_make_folder(path), "folder");
    (void)snprintf(path, sizeof(path), "%s/lookup/journal", data_dir);
    must(file_open(path, O_WRONLY | O_CREAT, 0600, &fd), "journal");
    for (uint64_t at = 0; at < 8; at++)
        must(file_write_at(fd, zeros, sizeof(zeros), at * sizeof(zeros)),
             "journal");
    must(file_sync_data(fd), "journal");
    file_close(&fd);
}

static void
run_core(int workers, int operators_fd)
{
    struct live_options live = {
        .core = {.data_dir = data_dir, .keys_dir = keys_dir}};
    struct core_process process = {.workers = workers,
                                   .operators = operators_fd,
                                   .intake = -1,
                                   .outside = -1,
                                   .parent = -1,
                                   .live = &live};

    detect_options_default(&live.core.detect);
    contain_options_default(&live.contain);
    memset(live.contain.ceilings, 0, sizeof(live.contain.ceilings));
    (void)!freopen("/dev/null", "w", stderr);
    _exit(core_process_run(&process) == OK ? 0 : 1);
}

static void
ask_one(int fd, uint32_t flags)
{
    static struct wire_ask ask;
    static uint8_t packet[WIRE_PACKET_BYTES_MAX];
    static char names[4][32];
    uint32_t account = draw(ACCOUNTS), persons = draw(10) < 7 ? 1 : 4;
    char who[16], session[24], request[32];
    size_t length = 0;

    (void)snprintf(who, sizeof(who), "8%010u", account);
    (void)snprintf(session, sizeof(session), "s-%u", account);
    (void)snprintf(request, sizeof(request), "r-%u-%u", asked, draw(1u << 30));
    ask = (struct wire_ask){.number = asked + 1,
                            .phase = ASK_LAST,
                            .status = 200,
                            .flags = flags,
                            .professional = text_of(who),
                            .session = text_of(session),
                            .request = text_of(request),
                            .device = TEXT("Mozilla/5.0"),
                            .address = TEXT("192.0.2.1"),
                            .service = TEXT("dossier"),
                            .person_count = persons};
    for (uint32_t i = 0; i < persons; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "Patient/%u",
                       account * PANEL + draw(PANEL));
        ask.persons[i].name = text_of(names[i]);
        ask.persons[i].categories = CATEGORY_IDENTITY;
    }
    must(wire_ask_write(&ask, packet, &length), "pack");
    sent[asked++] = now();
    must(seqpacket_send(fd, packet, length), "send");
}

static void
read_answers(int fd)
{
    static uint8_t packet[WIRE_PACKET_BYTES_MAX];
    struct text messages[WIRE_BATCH_MAX];
    size_t length = 0, count = 0;
    double at;

    must(seqpacket_receive(fd, packet, sizeof(packet), &length), "receive");
    at = now();
    must(wire_batch_read(packet, length, messages, &count), "batch");
    for (size_t i = 0; i < count; i++) {
        struct wire_answer answer;

        if (wire_answer_read(messages[i].bytes, messages[i].length, &answer) !=
            OK)
            continue;
        waits[answered++] = at - sent[answer.number - 1];
    }
}

static int
by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static void
tell(const char *what, double per_second, const char *target, double most)
{
    qsort(waits, answered, sizeof(waits[0]), by_size);
    printf("       %u asks, %.0f a second: p50 %.0f, p90 %.0f, p999 %.0f, "
           "most %.0f us\n",
           answered, per_second, 1e6 * waits[answered / 2],
           1e6 * waits[answered / 10 * 9], 1e6 * waits[answered / 1000 * 999],
           1e6 * waits[answered - 1]);
    printf("figure core_loop_%s_p99 %.0f us-of-the-wall (%s) %s\n", what,
           1e6 * waits[answered / 100 * 99], target,
           most <= 0                            ? ""
           : waits[answered / 100 * 99] <= most ? "ok"
                                                : "short");
}

/* `count` asks, the gap between two drawn up to twice the mean; every 400 ms
 * a silence of 40. */
static void
measure(int fd, const char *what, uint32_t flags, uint32_t count, double gap,
        const char *target, double most)
{
    double start = now(), next = start, pause = start + 0.4;

    asked = answered = 0;
    while (answered < count) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        struct timespec wait = {0, 0};
        double left = next - now();

        if (asked < count && left <= 0) {
            ask_one(fd, flags);
            next += gap * 2 * draw(1000) / 1000;
            if (next > pause) {
                next += 0.04;
                pause = next + 0.4;
            }
            continue;
        }
        wait.tv_nsec =
            asked == count || left > 0.1 ? 100000000 : (long)(left * 1e9);
        if (ppoll(&ready, 1, &wait, NULL) > 0)
            read_answers(fd);
    }
    tell(what, count / (now() - start), target, most);
}

int
main(void)
{
    const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 1};
    int workers = -1, operators_fd = -1, fd = -1, status = 0;
    struct rusage usage;
    uint8_t bytes[256];
    size_t length = 0;
    pid_t core;

    must(hash_start(), "hash");
    if (mkdtemp(root) == NULL)
        must(E_IO, "mkdtemp");
    (void)snprintf(data_dir, sizeof(data_dir), "%s/data", root);
    (void)snprintf(keys_dir, sizeof(keys_dir), "%s/keys", root);
    (void)snprintf(door, sizeof(door), "%s/door", root);
    (void)snprintf(operators, sizeof(operators), "%s/op", root);
    must(seqpacket_listen(door, NULL, &workers), "listen");
    must(seqpacket_listen(operators, NULL, &operators_fd), "listen");
    make_journal();
    core = fork();
    if (core == 0)
        run_core(workers, operators_fd);
    must(seqpacket_connect(door, &fd), "connect");
    must(wire_hello_write(&hello, bytes, &length), "hello");
    must(seqpacket_send(fd, bytes, length), "hello");
    measure(fd, "warm", 0, 3000, 3e-4, "told", 0);
    measure(fd, "plain", 0, 20000, 5e-4, "target <= 1000", 1e-3);
    measure(fd, "durable", ASK_DURABLE, 2000, 1e-2, "told", 0);
    (void)kill(core, SIGTERM);
    (void)wait4(core, &status, 0, &usage);
    printf("       core: %.2f s of the processor\n",
           (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
               1e-6 *
                   (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec));
    must(file_remove_tree(root), "remove");
    return status == 0 ? 0 : 1;
}
