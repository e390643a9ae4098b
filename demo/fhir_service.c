/* SPDX-License-Identifier: EUPL-1.2 */
#include "demo/fhir_service.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PAGE_DEFAULT 20
#define PAGE_MAX 50
#define WAIT_S 2
#define READS_MAX 256 /* of one request */

static unsigned
outcome(unsigned status, const char *code, struct buffer *out)
{
    buffer_clear(out);
    if (buffer_format(out,
                      "{\"resourceType\":\"OperationOutcome\",\"issue\":[{"
                      "\"severity\":\"error\",\"code\":\"%s\"}]}",
                      code) != OK)
        return 500;
    return status;
}

/* The value of a query's parameter; empty where it does not stand there. */
static struct text
parameter(struct text query, const char *name)
{
    struct text one, key, value;

    while (query.length > 0) {
        (void)text_split(query, '&', &one, &query);
        if (text_split(one, '=', &key, &value) && text_is(key, name))
            return value;
    }
    return TEXT("");
}

static uint64_t
number_or(struct text digits, uint64_t most, uint64_t otherwise)
{
    uint64_t number;

    return text_to_u64(digits, most, &number) == OK ? number : otherwise;
}

static enum result
place_of(const struct fhir_book *book, struct text id, uint32_t *ret_place)
{
    uint64_t number;

    if (id.length != BOOK_DIGITS || text_to_u64(id, UINT64_MAX, &number) != OK)
        return E_NOTFOUND;
    return fhir_book_find(book, number, ret_place);
}

struct bundle {
    const struct fhir_book *book;
    struct buffer *out;
    uint32_t entries;
    enum result result;
};

static void
bundle_start(struct bundle *bundle, uint32_t total)
{
    buffer_clear(bundle->out);
    bundle->result =
        buffer_format(bundle->out,
                      "{\"resourceType\":\"Bundle\",\"type\":\"searchset\","
                      "\"total\":%u,\"entry\":[",
                      total);
}

static void
bundle_add(struct bundle *bundle, uint32_t place, enum book_kind kind,
           uint32_t nth)
{
    if (bundle->result == OK)
        bundle->result = buffer_string(bundle->out, bundle->entries++ > 0
                                                        ? ",{\"resource\":"
                                                        : "{\"resource\":");
    if (bundle->result == OK)
        bundle->result =
            fhir_book_put(bundle->book, place, kind, nth, bundle->out);
    if (bundle->result == OK)
        bundle->result = buffer_string(bundle->out, "}");
}

static unsigned
bundle_end(struct bundle *bundle)
{
    if (bundle->result == OK)
        bundle->result = buffer_string(bundle->out, "]}");
    return bundle->result == OK ? 200 : outcome(500, "exception", bundle->out);
}

static unsigned
search_persons(const struct fhir_book *book, struct text query,
               struct buffer *out)
{
    struct bundle bundle = {.book = book, .out = out};
    uint64_t count =
        number_or(parameter(query, "_count"), PAGE_MAX, PAGE_DEFAULT);
    uint64_t at = number_or(parameter(query, "_offset"), UINT32_MAX, 0);

    bundle_start(&bundle, book->count);
    for (; count > 0 && at < book->count; count--, at++)
        bundle_add(&bundle, (uint32_t)at, BOOK_PATIENT, 0);
    return bundle_end(&bundle);
}

/* All of one kind, or everything, that there is of a person. */
static unsigned
show_person(const struct fhir_book *book, uint32_t place, enum book_kind first,
            enum book_kind last, struct buffer *out)
{
    struct bundle bundle = {.book = book, .out = out};
    uint32_t total = 0;

    for (unsigned kind = first; kind <= last; kind++)
        total += fhir_book_count(book, place, (enum book_kind)kind);
    bundle_start(&bundle, total);
    for (unsigned kind = first; kind <= last; kind++) {
        uint32_t count = fhir_book_count(book, place, (enum book_kind)kind);
        for (uint32_t nth = 0; nth < count; nth++)
            bundle_add(&bundle, place, (enum book_kind)kind, nth);
    }
    return bundle_end(&bundle);
}

static unsigned
show_one(const struct fhir_book *book, enum book_kind kind, struct text id,
         struct buffer *out)
{
    struct text person, digits;
    uint64_t nth = 0;
    uint32_t place;

    if (text_split(id, '-', &person, &digits) != (kind != BOOK_PATIENT) ||
        place_of(book, person, &place) != OK ||
        (kind != BOOK_PATIENT && text_to_u64(digits, UINT32_MAX, &nth) != OK) ||
        nth >= fhir_book_count(book, place, kind))
        return outcome(404, "not-found", out);
    buffer_clear(out);
    if (fhir_book_put(book, place, kind, (uint32_t)nth, out) != OK)
        return outcome(500, "exception", out);
    return 200;
}

static unsigned
get(const struct fhir_book *book, enum book_kind kind, struct text rest,
    struct text query, struct buffer *out)
{
    struct text id, operation;
    uint32_t place;
    bool more = text_split(rest, '/', &id, &operation);

    if (more) {
        if (kind != BOOK_PATIENT || !text_is(operation, "$everything") ||
            place_of(book, id, &place) != OK)
            return outcome(404, "not-found", out);
        return show_person(book, place, BOOK_PATIENT, BOOK_DOCUMENT, out);
    }
    if (id.length > 0)
        return show_one(book, kind, id, out);
    if (kind == BOOK_PATIENT)
        return search_persons(book, query, out);
    if (place_of(book, parameter(query, "patient"), &place) != OK)
        return outcome(404, "not-found", out);
    return show_person(book, place, kind, kind, out);
}

/* A measurement of a person that the body names. */
static unsigned
post(struct fhir_book *book, struct text body, struct buffer *out)
{
    size_t at = text_find(body, "Patient/");
    uint32_t place, nth;
    struct text id;

    if (at >= body.length)
        return outcome(422, "required", out);
    id = text_after(body, at + sizeof("Patient/") - 1);
    if (id.length > BOOK_DIGITS)
        id.length = BOOK_DIGITS;
    if (place_of(book, id, &place) != OK)
        return outcome(422, "not-found", out);
    if (book->writes[place] == UINT8_MAX)
        return outcome(422, "too-costly", out);
    book->writes[place]++;
    nth = fhir_book_count(book, place, BOOK_OBSERVATION) - 1;
    buffer_clear(out);
    if (fhir_book_put(book, place, BOOK_OBSERVATION, nth, out) != OK)
        return outcome(500, "exception", out);
    return 201;
}

unsigned
fhir_service_answer(struct fhir_book *book, struct text method,
                    struct text target, struct text body, struct buffer *out)
{
    struct text path, query = {0}, type, rest = {0};

    (void)text_split(target, '?', &path, &query);
    if (!text_starts(path, "/fhir/"))
        return outcome(404, "not-found", out);
    (void)text_split(text_after(path, sizeof("/fhir/") - 1), '/', &type, &rest);
    for (unsigned kind = 0; kind < BOOK_KINDS; kind++) {
        if (!text_is(type, fhir_book_type((enum book_kind)kind)))
            continue;
        if (text_is(method, "GET"))
            return get(book, (enum book_kind)kind, rest, query, out);
        if (text_is(method, "POST") && kind == BOOK_OBSERVATION &&
            rest.length == 0)
            return post(book, body, out);
        return outcome(405, "not-supported", out);
    }
    return outcome(404, "not-found", out);
}

/* How long the body says it is. */
static size_t
body_length(struct text head)
{
    size_t length = 0;
    struct text line, name, value;

    while (head.length > 0) {
        (void)text_split(head, '\n', &line, &head);
        if (text_split(line, ':', &name, &value) &&
            text_is_nocase(name, "content-length"))
            length = number_or(text_trim(value), FHIR_REQUEST_BYTES_MAX,
                               FHIR_REQUEST_BYTES_MAX);
    }
    return length;
}

enum result
fhir_service_split(struct text received, struct text *ret_method,
                   struct text *ret_target, struct text *ret_body)
{
    size_t at = text_find(received, "\r\n\r\n"), length;
    struct text line, method, target, rest;

    if (at >= received.length)
        return received.length < FHIR_REQUEST_BYTES_MAX ? E_END : E_LIMIT;
    length = body_length((struct text){received.bytes, at});
    if (length > FHIR_REQUEST_BYTES_MAX - at - 4)
        return E_LIMIT;
    if (received.length - at - 4 < length)
        return E_END;
    (void)text_split((struct text){received.bytes, at}, '\r', &line, &rest);
    if (!text_split(line, ' ', &method, &rest) ||
        !text_split(rest, ' ', &target, &rest) || !text_starts(rest, "HTTP/1."))
        return E_FORMAT;
    *ret_method = method;
    *ret_target = target;
    *ret_body = (struct text){received.bytes + at + 4, length};
    return OK;
}

/* A whole request in `room`. */
static enum result
receive(int peer, char room[FHIR_REQUEST_BYTES_MAX], struct text *ret_method,
        struct text *ret_target, struct text *ret_body)
{
    size_t length = 0;
    enum result r = E_END;

    for (unsigned i = 0; i < READS_MAX && r == E_END; i++) {
        ssize_t got =
            recv(peer, room + length, FHIR_REQUEST_BYTES_MAX - length, 0);
        if (got <= 0)
            return E_IO;
        length += (size_t)got;
        r = fhir_service_split((struct text){room, length}, ret_method,
                               ret_target, ret_body);
    }
    return r;
}

static void
send_all(int peer, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(peer, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes += sent;
        length -= (size_t)sent;
    }
}

static void
serve(int peer, struct fhir_book *book, struct buffer *out)
{
    static char room[FHIR_REQUEST_BYTES_MAX];
    const struct timeval wait = {WAIT_S, 0};
    struct text method, target, body;
    char answer[192];
    unsigned status;
    int length;

    (void)setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    (void)setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    if (receive(peer, room, &method, &target, &body) != OK)
        return;
    status = fhir_service_answer(book, method, target, body, out);
    length = snprintf(answer, sizeof(answer),
                      "HTTP/1.1 %u -\r\nContent-Type: application/fhir+json\r\n"
                      "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                      status, out->length);
    send_all(peer, answer, (size_t)length);
    send_all(peer, out->bytes, out->length);
    (void)shutdown(peer, SHUT_WR);
}

void
fhir_service_run(int listener, struct fhir_book *book)
{
    struct buffer out = {.ceiling = 4u << 20};

    for (;;) {
        int peer = accept(listener, NULL, NULL);
        if (peer < 0 && errno != EINTR && errno != ECONNABORTED)
            return;
        if (peer < 0)
            continue;
        serve(peer, book, &out);
        (void)close(peer);
    }
}
