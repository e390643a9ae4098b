/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * JSON at speed on one core, on BALP events made here (about 2 kB each, as
 * the standard's own examples without their narrative): checking, framing,
 * the whole way to events; beside it jansson parsing the same bytes, where
 * its library is installed.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "codec/json.h"
#include "ingest/form.h"
#include "ingest/json_frame.h"

#define EVENTS 20000u
#define ROUNDS 5
#define FEED_BYTES (256u << 10)

static void
need(bool good)
{
    if (!good) {
        (void)fputs("json_bench: out of memory or out of step\n", stderr);
        exit(1);
    }
}

/* -- the bytes -- */

#define DCM "http://dicom.nema.org/resources/ontology/DCM"
#define THO "http://terminology.hl7.org/CodeSystem/"

static void
make_event(struct buffer *out, unsigned i)
{
    need(buffer_format(
             out,
             "{\"resourceType\":\"AuditEvent\",\"id\":\"%08x-bench\",\"meta\":"
             "{\"profile\":[\"https://profiles.ihe.net/ITI/BALP/"
             "StructureDefinition/IHE.BasicAudit.PatientRead\"]},\"type\":{"
             "\"system\":\"" THO "audit-event-type\",\"code\":\"rest\","
             "\"display\":\"Restful Operation\"},\"subtype\":[{\"system\":"
             "\"http://hl7.org/fhir/restful-interaction\",\"code\":\"read\","
             "\"display\":\"read\"}],\"action\":\"R\",\"recorded\":"
             "\"2026-03-02T%02u:%02u:%02u.%03uZ\",\"outcome\":\"0\",",
             i, i / 3600 % 24, i / 60 % 60, i % 60, i % 1000) == OK);
    need(buffer_format(
             out,
             "\"agent\":[{\"type\":{\"coding\":[{\"system\":\"" DCM "\","
             "\"code\":\"110153\",\"display\":\"Source Role ID\"}]},\"who\":{"
             "\"reference\":\"Device/srv-01\"},\"requestor\":false,"
             "\"network\":{\"address\":\"https://srv.example.fr/fhir\","
             "\"type\":\"5\"}},{\"type\":{\"coding\":[{\"system\":\"" DCM
             "\",\"code\":\"110152\",\"display\":\"Destination Role ID\"}]},"
             "\"who\":{\"identifier\":{\"value\":\"poste-%u\"},\"display\":"
             "\"poste de consultation\"},\"requestor\":false,\"network\":{"
             "\"address\":\"192.0.2.%u\",\"type\":\"2\"}},{\"type\":{"
             "\"coding\":[{\"system\":\"" THO "v3-ParticipationType\","
             "\"code\":\"IRCP\",\"display\":\"information recipient\"}]},"
             "\"who\":{\"identifier\":{\"system\":\"https://auth.example.fr/"
             "auth/realms/wallet\",\"value\":\"8997%08u\"},\"display\":"
             "\"M. Exemple\"},\"requestor\":true,\"policy\":[\"urn:ietf:"
             "params:oauth:jti:%08x-9f1e\"],\"purposeOfUse\":[{\"coding\":[{"
             "\"system\":\"" THO "v3-ActReason\",\"code\":\"TREAT\","
             "\"display\":\"treatment\"}]}]}],",
             i % 500, i % 250, i % 700, i / 20) == OK);
    need(buffer_format(
             out,
             "\"source\":{\"site\":\"srv.example.fr\",\"observer\":{"
             "\"reference\":\"Device/srv-01\"},\"type\":[{\"system\":\"" THO
             "security-source-type\",\"code\":\"4\",\"display\":"
             "\"Application Server\"}]},\"entity\":[{\"what\":{\"reference\":"
             "\"Observation/%u\"},\"type\":{\"system\":\"" THO
             "audit-entity-type\",\"code\":\"2\",\"display\":\"System "
             "Object\"},\"role\":{\"system\":\"" THO "object-role\",\"code\":"
             "\"4\",\"display\":\"Domain Resource\"}},{\"what\":{"
             "\"reference\":\"Patient/%u\"},\"type\":{\"system\":\"" THO
             "audit-entity-type\",\"code\":\"1\",\"display\":\"Person\"},"
             "\"role\":{\"system\":\"" THO "object-role\",\"code\":\"1\","
             "\"display\":\"Patient\"}},{\"what\":{\"identifier\":{\"value\":"
             "\"%08x-586d-11ec\"}},\"type\":{\"system\":\"https://profiles."
             "ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType\",\"code\":"
             "\"XrequestId\"}}]}\n",
             i, i * 7 % 9000, i) == OK);
}

/* -- what is timed -- */

static enum result
skip_event(void *context, const struct event *event, uint64_t offset)
{
    uint64_t *sum = context;

    *sum += offset + event->person_count + event->professional.length;
    return OK;
}

static enum result
skip_ignored(void *context, const char *kind, uint64_t offset)
{
    (void)context;
    (void)kind;
    (void)offset;
    return E_ARGUMENT;
}

static enum result
skip_refused(void *context, const struct reason *why)
{
    (void)context;
    (void)why;
    return E_ARGUMENT;
}

struct work {
    struct form_context context;
    uint64_t records;
    bool extract;
};

static enum result
take_record(void *context, struct text record, uint64_t offset)
{
    struct work *work = context;

    work->records++;
    return work->extract ? form_json(&work->context, record, offset) : OK;
}

static void
frame_all(struct text bytes, struct work *work)
{
    const struct json_frame_sink sink = {work, take_record, skip_refused};
    struct json_frame *frame = NULL;
    size_t used = 0;

    need(json_frame_new(&sink, &frame) == OK);
    for (size_t at = 0; at < bytes.length; at += used) {
        size_t piece = bytes.length - at;
        need(json_frame_feed(frame, (const uint8_t *)bytes.bytes + at,
                             piece < FEED_BYTES ? piece : FEED_BYTES, at,
                             &used) == OK);
    }
    need(json_frame_end(frame) == OK);
    json_frame_free(frame);
}

static void
run_check(struct text bytes, struct work *work)
{
    const char *at = bytes.bytes, *end = bytes.bytes + bytes.length;

    (void)work;
    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        need(line != NULL &&
             json_check((struct text){at, (size_t)(line - at)}, NULL) == OK);
        at = line + 1;
    }
}

static void
run_frame(struct text bytes, struct work *work)
{
    work->extract = false;
    work->records = 0;
    frame_all(bytes, work);
    need(work->records == EVENTS);
}

static void
run_extract(struct text bytes, struct work *work)
{
    work->extract = true;
    work->records = 0;
    frame_all(bytes, work);
    need(work->records == EVENTS);
}

/* jansson's two functions, by name: the bench needs no header of it. */
typedef void *json_loadb_function(const char *bytes, size_t length,
                                  size_t flags, void *error);
typedef void json_delete_function(void *json);
static json_loadb_function *jansson_load;
static json_delete_function *jansson_delete;

static void
run_jansson(struct text bytes, struct work *work)
{
    const char *at = bytes.bytes, *end = bytes.bytes + bytes.length;

    (void)work;
    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        void *json = line == NULL
                         ? NULL
                         : jansson_load(at, (size_t)(line - at), 0, NULL);
        need(json != NULL);
        jansson_delete(json);
        at = line + 1;
    }
}

static double
now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Best of some rounds, in seconds. */
static double
best(void (*run)(struct text bytes, struct work *work), struct text bytes,
     struct work *work)
{
    double least = 1e9;

    for (int i = 0; i < ROUNDS; i++) {
        double from = now(), took;
        run(bytes, work);
        took = now() - from;
        least = took < least ? took : least;
    }
    return least;
}

static void
figure(const char *name, struct text bytes, double seconds, double target)
{
    double rate = (double)bytes.length / seconds / 1e6;

    (void)printf("figure %s %.0f MB/s (target %.0f MB/s, %.2f us an event) "
                 "%s\n",
                 name, rate, target, seconds * 1e6 / EVENTS,
                 rate >= target ? "ok" : "short");
}

static void
compare_jansson(struct text bytes, struct work *work, double extract)
{
    void *library = dlopen("libjansson.so.4", RTLD_NOW);
    double seconds;

    if (library == NULL) {
        (void)puts("jansson is not installed: not compared");
        return;
    }
    *(void **)&jansson_load = dlsym(library, "json_loadb");
    *(void **)&jansson_delete = dlsym(library, "json_delete");
    need(jansson_load != NULL && jansson_delete != NULL);
    seconds = best(run_jansson, bytes, work);
    (void)printf("jansson, parse only: %.0f MB/s, %.2f us an event\n",
                 (double)bytes.length / seconds / 1e6, seconds * 1e6 / EVENTS);
    (void)printf("figure json-against-jansson %.1f times (target 5) %s\n",
                 seconds / extract, seconds / extract >= 5 ? "ok" : "short");
}

int
main(void)
{
    static struct event event;
    struct buffer bytes = {0}, scratch = {0};
    uint64_t sum = 0;
    const struct trail_options options = {.fallback_time_us = 0};
    const struct trail_sink sink = {&sum, skip_event, skip_ignored,
                                    skip_refused};
    struct work work = {
        .context = {.sink = &sink,
                    .options = &options,
                    .event = &event,
                    .scratch = &scratch},
    };
    struct text text;
    double extract;

    for (unsigned i = 0; i < EVENTS; i++)
        make_event(&bytes, i);
    text = buffer_as_text(&bytes);
    (void)printf("%u events of %zu bytes\n", EVENTS, text.length / EVENTS);
    figure("json-check", text, best(run_check, text, &work), 1000);
    figure("json-frame", text, best(run_frame, text, &work), 5000);
    extract = best(run_extract, text, &work);
    figure("json-extract", text, extract, 600);
    compare_jansson(text, &work, extract);
    buffer_free(&bytes);
    buffer_free(&scratch);
    return 0;
}
