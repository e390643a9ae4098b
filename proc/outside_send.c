/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * libcurl is loaded by the process that goes out, and by no other: with all
 * that it brings it would make every command start three times as slowly.
 */
#include "proc/outside_send.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ledger/note_check.h"
#include "ledger/timestamp.h"

#define ANSWER_BYTES_MAX (48u << 10)
#define CONNECT_MS 10000L
#define ANSWER_MS 30000L

static struct {
    CURLcode (*global_init)(long flags);
    CURL *(*easy_init)(void);
    CURLcode (*easy_setopt)(CURL *curl, CURLoption option, ...);
    CURLcode (*easy_perform)(CURL *curl);
    CURLcode (*easy_getinfo)(CURL *curl, CURLINFO info, ...);
    void (*easy_cleanup)(CURL *curl);
    struct curl_slist *(*slist_append)(struct curl_slist *list,
                                       const char *text);
    void (*slist_free_all)(struct curl_slist *list);
} lib;

static bool
find(void *library, const char *name, void *ret_function)
{
    void *found = dlsym(library, name);

    memcpy(ret_function, &found, sizeof(found));
    return found != NULL;
}

enum result
outside_start(void)
{
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);

    if (library == NULL ||
        !find(library, "curl_global_init", &lib.global_init) ||
        !find(library, "curl_easy_init", &lib.easy_init) ||
        !find(library, "curl_easy_setopt", &lib.easy_setopt) ||
        !find(library, "curl_easy_perform", &lib.easy_perform) ||
        !find(library, "curl_easy_getinfo", &lib.easy_getinfo) ||
        !find(library, "curl_easy_cleanup", &lib.easy_cleanup) ||
        !find(library, "curl_slist_append", &lib.slist_append) ||
        !find(library, "curl_slist_free_all", &lib.slist_free_all))
        return E_NOTFOUND;
    return lib.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? OK : E_NOMEM;
}

static size_t
take(char *bytes, size_t one, size_t count, void *context)
{
    struct buffer *body = context;

    return buffer_append(body, bytes, one * count) == OK ? one * count : 0;
}

/* "unix:PATH" is a witness on this machine: for tests, and behind a tunnel. */
static CURLcode
set_place(CURL *curl, const char *url, const char *path)
{
    char whole[2048];
    const bool local = strncmp(url, "unix:", 5) == 0;
    CURLcode code = CURLE_OK;

    if (snprintf(whole, sizeof(whole), "%s%s", local ? "http://localhost" : url,
                 path) >= (int)sizeof(whole))
        return CURLE_URL_MALFORMAT;
    if (local)
        code = lib.easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, url + 5);
    return code == CURLE_OK ? lib.easy_setopt(curl, CURLOPT_URL, whole) : code;
}

static CURLcode
set_rest(CURL *curl, struct text body, struct curl_slist *fields,
         struct buffer *answer)
{
    CURLcode code = lib.easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");

    if (code == CURLE_OK)
        code = lib.easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                               (curl_off_t)body.length);
    if (code == CURLE_OK)
        code = lib.easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, body.bytes);
    if (code == CURLE_OK)
        code = lib.easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    if (code == CURLE_OK)
        code = lib.easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    if (code == CURLE_OK)
        code = lib.easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (code == CURLE_OK)
        code = lib.easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (code == CURLE_OK)
        code = lib.easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    if (code == CURLE_OK)
        code = lib.easy_setopt(curl, CURLOPT_TIMEOUT_MS, ANSWER_MS);
    return code;
}

/* No redirect is followed. E_IO: no answer, or one that is too long. */
static enum result
post(const char *url, const char *path, const char *type, struct text body,
     struct buffer *answer, unsigned *ret_status)
{
    CURL *curl = lib.easy_init();
    struct curl_slist *fields = NULL, *more;
    char content[128];
    long status = 0;
    CURLcode code = curl == NULL ? CURLE_OUT_OF_MEMORY : CURLE_OK;

    (void)snprintf(content, sizeof(content), "Content-Type: %s", type);
    fields = lib.slist_append(NULL, content);
    more = fields == NULL ? NULL : lib.slist_append(fields, "Expect:");
    if (more == NULL)
        code = CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK)
        code = set_place(curl, url, path);
    if (code == CURLE_OK)
        code = set_rest(curl, body, fields, answer);
    if (code == CURLE_OK)
        code = lib.easy_perform(curl);
    if (code == CURLE_OK)
        code = lib.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    lib.slist_free_all(fields);
    lib.easy_cleanup(curl);
    if (code != CURLE_OK)
        return E_IO;
    *ret_status = (unsigned)status;
    return OK;
}

static void
refuse(struct wire_published *published, const char *rule)
{
    published->outcome = PUBLISH_REFUSED;
    published->bytes = text_of(rule == NULL ? "refused" : rule);
}

static enum result
read_cosignature(const char *vkey, struct text text, struct text body,
                 struct reason *why, struct buffer *room,
                 struct wire_published *published)
{
    struct note note, lines;
    struct note_checked checked;
    struct note_key key;
    enum result result = note_key_parse(text_of(vkey), why, &key);

    if (result == OK)
        result = note_parse(text, why, &note);
    if (result == OK)
        result = note_parse_signatures(body, why, &lines);
    if (result == OK)
        result = note_check(note.text, &lines, &key, 1, why, &checked);
    /* only what was checked goes on to core */
    for (size_t i = 0; result == OK && i < lines.signature_count; i++) {
        if ((checked.lines >> i & 1) != 0)
            result = buffer_text(room, lines.signatures[i].line);
    }
    if (result == OK) {
        published->outcome = PUBLISH_DONE;
        published->bytes = buffer_as_text(room);
    }
    return result;
}

enum result
outside_witness_read(const char *vkey, struct text note, unsigned status,
                     struct text body, struct reason *why, struct buffer *room,
                     struct wire_published *published)
{
    struct text number = body;

    if (status == 200)
        return read_cosignature(vkey, note, body, why, room, published);
    if (status != 409)
        return reason_set(why, E_DENIED, "witness-status", "status", status);
    if (number.length > 0 && number.bytes[number.length - 1] == '\n')
        number.length--;
    if (text_to_u64(number, INT64_MAX, &published->known) != OK)
        return reason_set(why, E_FORMAT, "witness-size", "body", 0);
    published->outcome = PUBLISH_CONFLICT;
    published->bytes = TEXT("witness-conflict");
    return OK;
}

static void
ask_witness(const struct settings_destination *destination,
            const struct wire_publish *publish, struct buffer *room,
            struct wire_published *published)
{
    struct buffer body = {0}, answer = {.ceiling = ANSWER_BYTES_MAX};
    struct reason why = {0};
    unsigned status = 0;
    enum result result = buffer_text(&body, publish->proof);

    if (result == OK)
        result = buffer_byte(&body, '\n');
    if (result == OK)
        result = buffer_text(&body, publish->note);
    if (result == OK)
        result = post(destination->place, "/add-checkpoint", "text/plain",
                      buffer_as_text(&body), &answer, &status);
    if (result == OK) {
        published->known = status;
        if (outside_witness_read(destination->key, publish->note, status,
                                 buffer_as_text(&answer), &why, room,
                                 published) != OK)
            refuse(published, why.rule);
    }
    buffer_free(&body);
    buffer_free(&answer);
}

static void
ask_time(const struct settings_destination *destination,
         const struct wire_publish *publish, struct buffer *room,
         struct wire_published *published)
{
    struct buffer request = {0}, answer = {.ceiling = ANSWER_BYTES_MAX};
    struct reason why = {0};
    struct note note;
    unsigned status = 0;
    int64_t seconds;
    enum result result = note_parse(publish->note, &why, &note);

    if (result == OK)
        result = timestamp_request(note.text, &request);
    if (result == OK)
        result = post(destination->place, "", "application/timestamp-query",
                      buffer_as_text(&request), &answer, &status);
    if (result != OK)
        goto out; /* unreachable */
    published->known = status;
    if (status != 200)
        result = reason_set(&why, E_DENIED, "timestamp-status", "status", 0);
    if (result == OK)
        result = timestamp_check(note.text, buffer_as_text(&answer),
                                 buffer_as_text(&request), destination->key,
                                 &why, &seconds);
    if (result == OK)
        result = buffer_text(room, buffer_as_text(&answer));
    if (result == OK) {
        published->outcome = PUBLISH_DONE;
        published->bytes = buffer_as_text(room);
    } else {
        refuse(published, why.rule);
    }
out:
    buffer_free(&request);
    buffer_free(&answer);
}

static void
write_file(const struct settings_destination *destination,
           const struct wire_publish *publish, struct wire_published *published)
{
    char path[4096];

    if (snprintf(path, sizeof(path), "%s/%020" PRIu64 ".checkpoint",
                 destination->place, publish->size) < (int)sizeof(path) &&
        file_replace(path, publish->note.bytes, publish->note.length, 0644) ==
            OK) {
        published->outcome = PUBLISH_DONE;
        published->bytes = TEXT("");
    }
}

void
outside_send(const struct settings_destination *destination,
             const struct wire_publish *publish, struct buffer *room,
             struct wire_published *ret_published)
{
    *ret_published = (struct wire_published){
        .destination = publish->destination,
        .size = publish->size,
        .outcome = PUBLISH_UNREACHABLE,
        .bytes = TEXT("no-answer"),
    };
    buffer_clear(room);
    switch (destination->kind) {
    case SETTINGS_FILE:
        write_file(destination, publish, ret_published);
        break;
    case SETTINGS_WITNESS:
        ask_witness(destination, publish, room, ret_published);
        break;
    default:
        ask_time(destination, publish, room, ret_published);
        break;
    }
}
