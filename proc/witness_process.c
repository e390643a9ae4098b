/* SPDX-License-Identifier: EUPL-1.2 */
#include "proc/witness_process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/say.h"
#include "base/time.h"
#include "proc/sandbox.h"
#include "proc/seqpacket.h"

#define BACKLOG 64
/* nginx has the whole request before it connects. */
#define REQUEST_US (5 * TIME_SECOND_US)

static enum result
take_field(struct text line, struct reason *why, struct witness_request *ret,
           bool *seen)
{
    struct text name, value;
    uint64_t length = 0;

    if (!text_split(line, ':', &name, &value) || name.length == 0)
        return reason_set(why, E_FORMAT, "http-field", "field", 0);
    if (text_is_nocase(name, "transfer-encoding"))
        return reason_set(why, E_FORMAT, "http-chunked", "field", 0);
    if (!text_is_nocase(name, "content-length"))
        return OK;
    if (*seen || text_to_u64(text_trim(value), WITNESS_BODY_MAX, &length) != OK)
        return reason_set(why, E_LIMIT, "http-length", "content-length", 0);
    *seen = true;
    ret->body_bytes = (size_t)length;
    return OK;
}

enum result
witness_request_parse(struct text text, struct reason *why,
                      struct witness_request *ret)
{
    size_t end = text_find(text, "\r\n\r\n");
    struct text left, line, method, rest, version;
    bool seen = false;

    if (end == text.length)
        return text.length < WITNESS_HEAD_MAX
                   ? E_END
                   : reason_set(why, E_LIMIT, "http-head-max", "head", 0);
    *ret = (struct witness_request){.head_bytes = end + 4};
    if (end > WITNESS_HEAD_MAX)
        return reason_set(why, E_LIMIT, "http-head-max", "head", 0);
    left = (struct text){text.bytes, end};
    for (bool first = true; left.length > 0 || first; first = false) {
        size_t at = text_find(left, "\r\n");
        enum result result = OK;

        line = (struct text){left.bytes, at};
        left = text_after(left, at == left.length ? at : at + 2);
        if (!first)
            result = take_field(line, why, ret, &seen);
        else if (!text_split(line, ' ', &method, &rest) ||
                 !text_split(rest, ' ', &ret->path, &version) ||
                 !text_starts(version, "HTTP/1."))
            result = reason_set(why, E_FORMAT, "http-line", "line", 0);
        if (result != OK)
            return result;
    }
    ret->post = text_is(method, "POST");
    if (!ret->post && !text_is(method, "GET"))
        return reason_set(why, E_FORMAT, "http-method", "method", 0);
    return OK;
}

static enum result
listen_port(const char *where, int *ret_fd)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6,
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    const char *colon = strrchr(where, ':');
    const bool is_six = strncmp(where, "[::1]:", 6) == 0;
    const int on = 1;
    uint64_t port;
    int fd;

    if (colon == NULL || text_to_u64(text_of(colon + 1), 65535, &port) != OK ||
        (!is_six && strncmp(where, "127.0.0.1:", 10) != 0))
        return E_ARGUMENT;
    four.sin_port = six.sin6_port = htons((uint16_t)port);
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return E_IO;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd,
             is_six ? (const struct sockaddr *)&six
                    : (const struct sockaddr *)&four,
             is_six ? sizeof(six) : sizeof(four)) != 0 ||
        listen(fd, BACKLOG) != 0) {
        (void)close(fd);
        return E_IO;
    }
    *ret_fd = fd;
    return OK;
}

enum result
witness_listen(const char *where, int *ret_fd)
{
    return strncmp(where, "unix:", 5) == 0
               ? seqpacket_listen_stream(where + 5, NULL, ret_fd)
               : listen_port(where, ret_fd);
}

static const char *
phrase(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 409:
        return "Conflict";
    case 422:
        return "Unprocessable Entity";
    case 500:
        return "Internal Server Error";
    default:
        return "Bad Request";
    }
}

static void
write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = send(fd, bytes, length, MSG_NOSIGNAL);

        if (written <= 0)
            return; /* who does not wait for the answer asks again */
        bytes += written;
        length -= (size_t)written;
    }
}

static void
respond(int fd, const struct witness_answer *answer)
{
    char head[256];
    int length = snprintf(head, sizeof(head),
                          "HTTP/1.1 %u %s\r\nContent-Type: %s\r\n"
                          "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                          answer->status, phrase(answer->status), answer->type,
                          answer->body.length);

    write_all(fd, head, (size_t)length);
    write_all(fd, answer->body.bytes, answer->body.length);
}

/* A whole request, or not in time. */
static enum result
receive(int fd, char *room, struct reason *why, struct witness_request *request)
{
    const size_t most = WITNESS_HEAD_MAX + WITNESS_BODY_MAX;
    const int64_t until = time_now_us() + REQUEST_US;
    size_t length = 0;

    for (;;) {
        struct pollfd polled = {.fd = fd, .events = POLLIN};
        int64_t left = until - time_now_us();
        enum result result =
            witness_request_parse((struct text){room, length}, why, request);
        ssize_t got;

        if (result == OK && length - request->head_bytes >= request->body_bytes)
            return OK;
        if (result != OK && result != E_END)
            return result;
        if (left <= 0 || length == most ||
            poll(&polled, 1, (int)(left / 1000) + 1) <= 0)
            return E_END;
        got = recv(fd, room + length, most - length, MSG_DONTWAIT);
        if (got <= 0)
            return E_END;
        length += (size_t)got;
    }
}

static enum result
answer(struct witness *witness, const struct witness_request *request,
       const char *room, struct witness_answer *ret)
{
    struct text path = request->path, body;
    size_t at = path.length;

    if (request->post && text_ends(path, "/add-checkpoint")) {
        body = (struct text){room + request->head_bytes, request->body_bytes};
        return witness_add(witness, body,
                           (uint64_t)(time_now_us() / TIME_SECOND_US), ret);
    }
    ret->status = 404;
    ret->type = "text/plain; charset=utf-8";
    if (request->post || !text_ends(path, "/checkpoint"))
        return OK;
    path.length -= strlen("/checkpoint");
    for (at = path.length; at > 0 && path.bytes[at - 1] != '/';)
        at--;
    return witness_get(witness, text_after(path, at), ret);
}

static enum result
serve(int fd, struct witness *witness, char *room)
{
    struct witness_request request;
    struct witness_answer ret = {.status = 400, .type = "text/plain"};
    struct reason why = {0};
    enum result result = receive(fd, room, &why, &request);

    if (result == OK)
        result = answer(witness, &request, room, &ret);
    else if (result != E_END)
        result = OK; /* 400 */
    if (result != OK && result != E_END)
        ret.status = 500;
    if (ret.rule != NULL)
        say_error("witness", "%u %s", ret.status, ret.rule);
    if (result != E_END)
        respond(fd, &ret);
    buffer_free(&ret.body);
    return result == E_IO || result == E_CORRUPT ? result : OK;
}

static int
open_signals(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    return sigprocmask(SIG_BLOCK, &set, NULL) == 0
               ? signalfd(-1, &set, SFD_CLOEXEC)
               : -1;
}

enum result
witness_process_run(int listener, struct witness *witness, const char *folder)
{
    const struct sandbox sandbox = {.folders = {folder}};
    char *room = malloc(WITNESS_HEAD_MAX + WITNESS_BODY_MAX);
    int signals = open_signals();
    enum result result = room == NULL ? E_NOMEM : signals < 0 ? E_IO : OK;

    if (result == OK)
        result = sandbox_enter(&sandbox);
    while (result == OK) {
        struct pollfd polled[2] = {{.fd = signals, .events = POLLIN},
                                   {.fd = listener, .events = POLLIN}};
        int fd;

        if (poll(polled, 2, -1) < 0 && errno != EINTR)
            result = E_IO;
        if (polled[0].revents != 0)
            break;
        fd = polled[1].revents != 0
                 ? accept4(listener, NULL, NULL, SOCK_CLOEXEC)
                 : -1;
        if (fd < 0)
            continue;
        result = serve(fd, witness, room);
        (void)close(fd);
    }
    if (signals >= 0)
        (void)close(signals);
    free(room);
    return result;
}
