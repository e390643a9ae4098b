/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The process core itself, asked as a worker asks, by several at a time: it is
 * killed at random moments, its disk refuses a write or a sync. What is
 * checked is always the same: an answer that was given is a row whose person
 * has a name, for whoever reads the folder and for the core that starts next.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "proc/core_process.h"
#include "proc/seqpacket.h"
#include "wire/batch.h"
#include "wire/greet.h"

#define FLYING 48u   /* asks that wait for an answer */
#define ASKS 400000u /* in all rounds */
#define ACCOUNTS 997u

struct stand {
    char root[64], data[96], keys[96], door[96], operators[96];
    int workers, operator_listener;
    pid_t core;
    int fd; /* the worker's */
    uint32_t asked;
    bool *released; /* by the number of the ask */
    uint32_t answers;
};

/* What fails: the call of this number since core is up, and all later ones. */
static struct {
    bool writes, syncs;
    unsigned at, calls;
} fault;

static ssize_t
failing_pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    if (fault.writes && ++fault.calls >= fault.at) {
        errno = EIO;
        return -1;
    }
    return pwrite(fd, bytes, length, at);
}

static int
failing_sync(int fd)
{
    if (fault.syncs && ++fault.calls >= fault.at) {
        errno = EIO;
        return -1;
    }
    return fdatasync(fd);
}

static int
setup(void **state)
{
    struct stand *stand = calloc(1, sizeof(*stand));

    assert_int_equal(hash_start(), OK);
    strcpy(stand->root, "/tmp/vigie-kill-XXXXXX");
    assert_non_null(mkdtemp(stand->root));
    snprintf(stand->data, sizeof(stand->data), "%s/data", stand->root);
    snprintf(stand->keys, sizeof(stand->keys), "%s/keys", stand->root);
    snprintf(stand->door, sizeof(stand->door), "%s/door", stand->root);
    snprintf(stand->operators, sizeof(stand->operators), "%s/op", stand->root);
    assert_int_equal(seqpacket_listen(stand->door, NULL, &stand->workers), OK);
    assert_int_equal(
        seqpacket_listen(stand->operators, NULL, &stand->operator_listener),
        OK);
    stand->released = calloc(ASKS, sizeof(stand->released[0]));
    stand->fd = -1;
    memset(&fault, 0, sizeof(fault));
    *state = stand;
    return 0;
}

static int
teardown(void **state)
{
    struct stand *stand = *state;

    close(stand->workers);
    close(stand->operator_listener);
    assert_int_equal(file_remove_tree(stand->root), OK);
    free(stand->released);
    free(stand);
    return 0;
}

/* Core is up: from here on files fail. */
static enum result
on_open(void *context, enum result (*start)(void *threads), void *threads)
{
    (void)context;
    file_table.pwrite = failing_pwrite;
    file_table.fdatasync = failing_sync;
    return start(threads);
}

static void
run_core(const struct stand *stand)
{
    struct live_options live = {
        .core = {.data_dir = stand->data, .keys_dir = stand->keys},
        .boot = "one",
    };
    struct core_process process = {.workers = stand->workers,
                                   .operators = stand->operator_listener,
                                   .intake = -1,
                                   .outside = -1,
                                   .parent = -1,
                                   .live = &live,
                                   .confine = on_open};

    detect_options_default(&live.core.detect);
    contain_options_default(&live.contain);
    memset(live.contain.ceilings, 0, sizeof(live.contain.ceilings));
    (void)!freopen("/dev/null", "w", stderr);
    _exit(core_process_run(&process) == OK ? 0 : 1);
}

static void
start(struct stand *stand)
{
    const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 1};
    uint8_t bytes[256];
    size_t length = 0;

    stand->core = fork();
    assert_true(stand->core >= 0);
    if (stand->core == 0)
        run_core(stand);
    assert_int_equal(seqpacket_connect(stand->door, &stand->fd), OK);
    assert_int_equal(wire_hello_write(&hello, bytes, &length), OK);
    assert_int_equal(seqpacket_send(stand->fd, bytes, length), OK);
}

/* One person whom nobody saw before, and one of an earlier ask. */
static enum result
ask_one(struct stand *stand)
{
    static struct wire_ask ask;
    static uint8_t packet[WIRE_PACKET_BYTES_MAX];
    uint32_t number = stand->asked;
    char who[16], session[24], name[32], old[32], request[32];
    size_t length = 0;

    (void)snprintf(who, sizeof(who), "8%010u", number % ACCOUNTS);
    (void)snprintf(session, sizeof(session), "s-%u", number % ACCOUNTS);
    (void)snprintf(name, sizeof(name), "Patient/%u", number);
    (void)snprintf(old, sizeof(old), "Patient/%u", number / 2);
    (void)snprintf(request, sizeof(request), "r-%u", number);
    ask = (struct wire_ask){.number = number + 1,
                            .phase = ASK_LAST,
                            .status = 200,
                            .flags = number % 7 == 0 ? ASK_DURABLE : 0u,
                            .professional = text_of(who),
                            .session = text_of(session),
                            .request = text_of(request),
                            .device = TEXT("d"),
                            .address = TEXT("192.0.2.1"),
                            .service = TEXT("dossier"),
                            .person_count = number == 0 ? 1 : 2};
    ask.persons[0].name = text_of(name);
    ask.persons[1].name = text_of(old);
    ask.persons[0].categories = ask.persons[1].categories = CATEGORY_IDENTITY;
    assert_int_equal(wire_ask_write(&ask, packet, &length), OK);
    return seqpacket_send(stand->fd, packet, length);
}

/* True: at least one answer, or anything else, was read. */
static bool
read_packet(struct stand *stand)
{
    static uint8_t packet[WIRE_PACKET_BYTES_MAX];
    struct text messages[WIRE_BATCH_MAX];
    size_t length = 0, count = 0;

    if (seqpacket_receive(stand->fd, packet, sizeof(packet), &length) != OK)
        return false;
    assert_int_equal(wire_batch_read(packet, length, messages, &count), OK);
    for (size_t i = 0; i < count; i++) {
        struct wire_answer answer;

        if (wire_answer_read(messages[i].bytes, messages[i].length, &answer) !=
            OK)
            continue; /* welcome, orders */
        assert_true(answer.number > 0 && answer.number <= stand->asked);
        stand->answers++;
        stand->released[answer.number - 1] = answer.decision == ANSWER_RELEASE;
    }
    return true;
}

/* Asks until core has gone, or is killed after `answers` of them and a moment;
 * what it had sent by then was given. */
static void
ask_until_dead(struct stand *stand, uint32_t answers, unsigned moment_us)
{
    uint32_t first = stand->answers, asked = stand->asked;
    struct pollfd ready = {.fd = stand->fd, .events = POLLIN};
    bool killed = false;
    int status = 0;

    for (;;) {
        while (!killed && stand->asked < ASKS &&
               stand->asked - asked < stand->answers - first + FLYING &&
               ask_one(stand) == OK)
            stand->asked++;
        if (!killed && stand->answers - first >= answers) {
            usleep(moment_us);
            killed = true;
            assert_int_equal(kill(stand->core, SIGKILL), 0);
        }
        assert_true(poll(&ready, 1, 20000) > 0);
        if (!read_packet(stand))
            break;
    }
    close(stand->fd);
    assert_int_equal(waitpid(stand->core, &status, 0), stand->core);
    assert_true(killed ? WIFSIGNALED(status) : WEXITSTATUS(status) == 1);
}

static int
by_id(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

static uint64_t *
persons_shown(struct ledger *ledger, size_t *ret_count)
{
    uint64_t count = ledger_count(ledger);
    uint64_t *ids = calloc((size_t)count + 1, sizeof(ids[0]));
    size_t kept = 0;

    for (uint64_t i = 0; i < count; i++) {
        struct row row;

        assert_int_equal(ledger_read(ledger, i, 1, &row), OK);
        if (row.kind == ROW_DISCLOSURE && (row.flags & ROW_WITHHELD) == 0)
            ids[kept++] = row.person;
    }
    qsort(ids, kept, sizeof(ids[0]), by_id);
    *ret_count = kept;
    return ids;
}

/* As `vigie scope` would read the folder, core not running. */
static void
check_rows(const struct stand *stand)
{
    struct lookup *lookup = NULL;
    struct ledger *ledger = NULL;
    struct buffer key = {0};
    uint64_t *shown;
    size_t count = 0;
    uint16_t space = 0;

    assert_int_equal(
        lookup_open(stand->data, stand->keys, LOOKUP_READ, NULL, &lookup), OK);
    assert_int_equal(ledger_open(stand->data, LEDGER_READ, NULL, NULL, &ledger),
                     OK);
    assert_int_equal(
        lookup_number(lookup, NAME_SERVICE, TEXT("dossier"), &space), OK);
    shown = persons_shown(ledger, &count);
    for (uint32_t i = 0; i < stand->asked; i++) {
        struct event_person person = {0};
        struct alias alias;
        char name[32];

        if (!stand->released[i])
            continue;
        (void)snprintf(name, sizeof(name), "Patient/%u", i);
        person.reference = person.shown = text_of(name);
        assert_int_equal(event_person_key(&person, space, &key), OK);
        assert_int_equal(
            lookup_find(lookup, ALIAS_PERSON, buffer_as_text(&key), &alias),
            OK);
        assert_non_null(
            bsearch(&alias.canonical, shown, count, sizeof(shown[0]), by_id));
    }
    free(shown);
    buffer_free(&key);
    ledger_free(ledger);
    lookup_free(lookup);
}

static unsigned
count_gaps(const struct stand *stand)
{
    struct ledger *ledger = NULL;
    unsigned gaps = 0;

    assert_int_equal(ledger_open(stand->data, LEDGER_READ, NULL, NULL, &ledger),
                     OK);
    for (uint64_t i = 0; i < ledger_count(ledger); i++) {
        struct row row;

        assert_int_equal(ledger_read(ledger, i, 1, &row), OK);
        gaps += row.kind == ROW_GAP ? 1 : 0;
    }
    ledger_free(ledger);
    return gaps;
}

static void
a_core_killed_anywhere_under_load_has_a_row_of_all_it_answered(void **state)
{
    struct stand *stand = *state;
    unsigned seed = 11;

    for (int round = 0; round < 20; round++) {
        start(stand);
        ask_until_dead(stand, 1 + (unsigned)rand_r(&seed) % 3000,
                       (unsigned)rand_r(&seed) % 3000);
        check_rows(stand);
    }
    assert_int_equal(count_gaps(stand), 0); /* the machine went on */
    print_message("%u answers\n", stand->answers);
}

static void
a_write_that_fails_ends_core_before_it_answers(void **state)
{
    struct stand *stand = *state;

    /* journal and rows take turns: both fail */
    for (unsigned at = 1; at <= 9; at++) {
        fault.writes = true;
        fault.at = at;
        start(stand);
        ask_until_dead(stand, UINT32_MAX, 0);
        fault.writes = false;
        if (stand->answers > 0)
            check_rows(stand);
    }
    start(stand);
    ask_until_dead(stand, 100, 0);
    check_rows(stand);
}

static void
a_sync_that_fails_ends_core_and_is_a_gap(void **state)
{
    struct stand *stand = *state;

    for (unsigned at = 1; at <= 5; at++) {
        fault.syncs = true;
        fault.at = at;
        start(stand);
        ask_until_dead(stand, UINT32_MAX, 0);
        fault.syncs = false;
        start(stand);
        ask_until_dead(stand, 100, 0);
        check_rows(stand);
        assert_true(count_gaps(stand) >= at);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_write_that_fails_ends_core_before_it_answers),
        CASE(a_sync_that_fails_ends_core_and_is_a_gap),
        CASE(a_core_killed_anywhere_under_load_has_a_row_of_all_it_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
