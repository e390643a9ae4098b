/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/demo_http.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/file.h"

#define WAIT_S 5
#define READS_MAX 4096
#define ANSWER_BYTES_MAX (4u << 20)

static struct sockaddr_in
loopback(uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

enum result
demo_http_listen(int *ret_fd, uint16_t *ret_port)
{
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(fd, 64) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
        file_close(&fd);
        return E_IO;
    }
    *ret_fd = fd;
    *ret_port = ntohs(address.sin_port);
    return OK;
}

static enum result
connect_to(uint16_t port, int *ret_fd)
{
    const struct timeval wait = {WAIT_S, 0};
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        file_close(&fd);
        return E_IO;
    }
    *ret_fd = fd;
    return OK;
}

static enum result
write_request(const struct demo_request *request, struct buffer *out)
{
    enum result r = buffer_format(
        out,
        "%s %s HTTP/1.0\r\nHost: demo\r\nX-Session: %s\r\nX-Professional: "
        "%s\r\nX-Auth-Time: %" PRId64 "\r\nX-Forwarded-For: %s\r\n"
        "User-Agent: %s\r\n",
        request->method, request->path, request->session, request->professional,
        request->auth_time, request->address, request->device);

    if (r == OK && request->body != NULL)
        r = buffer_format(out,
                          "Content-Type: application/fhir+json\r\n"
                          "Content-Length: %zu\r\n",
                          strlen(request->body));
    if (r == OK)
        r = buffer_string(out, "\r\n");
    if (r == OK && request->body != NULL)
        r = buffer_string(out, request->body);
    return r;
}

static enum result
send_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return E_IO;
        bytes += sent;
        length -= (size_t)sent;
    }
    return OK;
}

/* All there is, up to the end of the connection. */
static enum result
read_answer(int fd, struct buffer *out)
{
    for (unsigned i = 0; i < READS_MAX; i++) {
        enum result r = buffer_reserve(out, 16384);
        ssize_t got =
            r == OK ? recv(fd, out->bytes + out->length, 16384, 0) : -1;
        if (got == 0)
            return OK;
        if (got < 0)
            return r == OK ? E_IO : r;
        out->length += (size_t)got;
    }
    return E_LIMIT;
}

static enum result
split_answer(struct buffer *answer, unsigned *ret_status)
{
    struct text all = buffer_as_text(answer), version, status;
    size_t head = text_find(all, "\r\n\r\n");
    uint64_t number;

    (void)text_split(all, ' ', &version, &status);
    if (head >= all.length || !text_starts(version, "HTTP/1.") ||
        status.length < 3 ||
        text_to_u64((struct text){status.bytes, 3}, 999, &number) != OK)
        return E_FORMAT;
    answer->length = all.length - head - 4;
    memmove(answer->bytes, all.bytes + head + 4, answer->length);
    *ret_status = (unsigned)number;
    return OK;
}

enum result
demo_http_ask(uint16_t port, const struct demo_request *request,
              struct buffer *body, unsigned *ret_status)
{
    struct buffer sent = {0};
    int fd = -1;
    enum result r = write_request(request, &sent);

    buffer_clear(body);
    body->ceiling = ANSWER_BYTES_MAX;
    if (r == OK)
        r = connect_to(port, &fd);
    if (r == OK)
        r = send_all(fd, sent.bytes, sent.length);
    if (r == OK)
        r = read_answer(fd, body);
    if (r == OK)
        r = split_answer(body, ret_status);
    file_close(&fd);
    buffer_free(&sent);
    return r;
}
