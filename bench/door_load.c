/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The load of bench/door_bench.py: requests over keepalive connections to
 * 127.0.0.1, as fast as they are answered or so many a second (then latency
 * counts from when a request was due, not from when a connection was free).
 * Knows HTTP/1.1 with Content-Length, and no door.
 *
 *   door_load PORT CONNECTIONS REQUESTS RATE SESSIONS PERSONS PATH
 *
 * RATE 0: no pause. Request i is of session i % SESSIONS and reads
 * PATH + one of this session's own PERSONS. Prints one line of JSON.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROOM (1u << 16)

struct connection {
    int fd;
    bool busy;
    int64_t due_ns;
    size_t head;   /* bytes of the header so far */
    uint64_t left; /* of the body; once the header was read */
    bool in_body;
    char bytes[4096]; /* of the header */
};

static struct {
    int epoll, port;
    unsigned long connections, requests, rate, sessions, persons;
    const char *path;
    unsigned long sent, done, bad;
    uint64_t bytes, random;
    int64_t next_ns;
    struct connection *all;
    float *latencies_us;
} load;

static void
fail(const char *what)
{
    (void)fprintf(stderr, "door_load: %s: %s\n", what, strerror(errno));
    exit(2);
}

static int64_t
now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
open_connection(struct connection *c)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)load.port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    int one = 1;

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0 ||
        epoll_ctl(load.epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
        fail("connect");
}

static void
ask(struct connection *c, int64_t due_ns)
{
    char request[1024];
    unsigned long session = load.sent % load.sessions;
    unsigned long person =
        session * load.persons + load.sent / load.sessions % load.persons;
    int length = snprintf(request, sizeof(request),
                          "GET %s%lu HTTP/1.1\r\n"
                          "Host: dossier.example\r\n"
                          "User-Agent: logiciel-metier/4.2 (bench)\r\n"
                          "Accept: application/fhir+json\r\n"
                          "X-Session: bench-session-%lu\r\n"
                          "X-Professional: 8997%08lu\r\n\r\n",
                          load.path, person, session, session);

    load.sent++;
    c->busy = true;
    c->in_body = false;
    c->head = 0;
    c->due_ns = due_ns;
    if (send(c->fd, request, (size_t)length, MSG_NOSIGNAL) != length)
        fail("send");
}

/* Between two requests of a rate: as of independent clients. */
static int64_t
pause_ns(void)
{
    load.random ^= load.random << 13;
    load.random ^= load.random >> 7;
    load.random ^= load.random << 17;
    double part = ((double)(load.random >> 11) + 1) / 9007199254740993.0;
    return (int64_t)(-log(part) * 1e9 / (double)load.rate);
}

static void
ask_all_due(int64_t now)
{
    for (unsigned long i = 0; i < load.connections; i++) {
        if (load.all[i].busy)
            continue;
        if (load.sent == load.requests ||
            (load.rate != 0 && load.next_ns > now))
            return;
        ask(&load.all[i], load.rate != 0 ? load.next_ns : now);
        if (load.rate != 0)
            load.next_ns += pause_ns();
    }
}

static void
answered(struct connection *c)
{
    c->busy = false;
    load.latencies_us[load.done++] = (float)(now_ns() - c->due_ns) * 1e-3f;
}

/* Bytes of the body that came with the header. */
static bool
read_header(struct connection *c, size_t *ret_extra)
{
    char *end, *length;

    c->bytes[c->head] = 0;
    end = strstr(c->bytes, "\r\n\r\n");
    if (end == NULL)
        return false;
    length = strcasestr(c->bytes, "\r\nContent-Length:");
    if (length == NULL || length > end) {
        (void)fprintf(stderr, "door_load: no length: %.60s\n", c->bytes);
        exit(2);
    }
    if (strncmp(c->bytes, "HTTP/1.1 200 ", 13) != 0)
        load.bad++;
    c->left = strtoul(length + 17, NULL, 10);
    *ret_extra = c->head - (size_t)(end + 4 - c->bytes);
    return true;
}

static void
receive(struct connection *c)
{
    static char room[ROOM];
    bool small = !c->in_body;
    ssize_t got = small ? recv(c->fd, c->bytes + c->head,
                               sizeof(c->bytes) - 1 - c->head, MSG_DONTWAIT)
                        : recv(c->fd, room, sizeof(room), MSG_DONTWAIT);
    size_t body = (size_t)got;

    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0 || !c->busy)
        fail("a connection was closed");
    load.bytes += (uint64_t)got;
    if (small) {
        c->head += (size_t)got;
        c->in_body = read_header(c, &body);
        if (!c->in_body)
            return;
    }
    if (body > c->left)
        fail("an answer is too long");
    c->left -= body;
    if (c->left == 0)
        answered(c);
}

static int
compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static void
run(void)
{
    struct epoll_event events[64];

    load.next_ns = now_ns();
    while (load.done < load.requests) {
        int64_t now = now_ns(), wait = -1;
        struct timespec until;

        ask_all_due(now);
        if (load.rate != 0 && load.sent < load.requests)
            wait = load.next_ns > now ? load.next_ns - now : 0;
        until.tv_sec = wait / 1000000000;
        until.tv_nsec = wait % 1000000000;
        /* all are busy: nothing can be asked before one is answered */
        if (load.sent - load.done == load.connections)
            wait = -1;
        int n = epoll_pwait2(load.epoll, events, 64, wait < 0 ? NULL : &until,
                             NULL);
        if (n < 0 && errno != EINTR)
            fail("epoll");
        for (int i = 0; i < n; i++)
            receive(events[i].data.ptr);
    }
}

int
main(int argc, char **argv)
{
    if (argc != 8) {
        (void)fputs("door_load PORT CONNECTIONS REQUESTS RATE SESSIONS "
                    "PERSONS PATH\n",
                    stderr);
        return 2;
    }
    load.port = atoi(argv[1]);
    load.connections = strtoul(argv[2], NULL, 10);
    load.requests = strtoul(argv[3], NULL, 10);
    load.rate = strtoul(argv[4], NULL, 10);
    load.sessions = strtoul(argv[5], NULL, 10);
    load.persons = strtoul(argv[6], NULL, 10);
    load.path = argv[7];
    load.random = 0x9e3779b97f4a7c15u;
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    load.all = calloc(load.connections + 1, sizeof(*load.all));
    load.latencies_us = calloc(load.requests + 1, sizeof(float));
    if (load.all == NULL || load.latencies_us == NULL || load.requests == 0 ||
        load.sessions == 0 || load.persons == 0)
        fail("arguments");
    for (unsigned long i = 0; i < load.connections; i++)
        open_connection(&load.all[i]);
    int64_t start = now_ns();
    run();
    double seconds = (double)(now_ns() - start) * 1e-9;
    qsort(load.latencies_us, load.requests, sizeof(float), compare);
    (void)printf("{\"seconds\": %.6f, \"bad\": %lu, \"bytes\": %llu, "
                 "\"p50_us\": %.1f, \"p99_us\": %.1f}\n",
                 seconds, load.bad, (unsigned long long)load.bytes,
                 (double)load.latencies_us[load.requests / 2],
                 (double)load.latencies_us[load.requests * 99 / 100]);
    return 0;
}
