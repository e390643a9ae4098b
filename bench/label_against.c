/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Labelling on one core: Bundles made here, 20 kB and 1 MB, as servers send
 * them (no white space) and indented; beside it simdjson over the same bytes,
 * in the same process, alternating; then files of others, where they are
 * given. bench/label.sh runs it.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/file.h"
#include "label/label.h"

#define ROUNDS 40
#define ROUND_BYTES (4u << 20)

static void
need(bool good)
{
    if (!good) {
        (void)fputs("label_against: out of memory or out of step\n", stderr);
        exit(1);
    }
}

/* -- the bodies -- */

/* Writes JSON without white space, or with two spaces a level. */
struct writer {
    struct buffer out;
    bool indent;
    unsigned depth;
    bool fresh; /* nothing in this container yet */
};

static void
line(struct writer *w)
{
    if (!w->indent)
        return;
    need(buffer_byte(&w->out, '\n') == OK);
    for (unsigned i = 0; i < w->depth; i++)
        need(buffer_string(&w->out, "  ") == OK);
}

static void
place(struct writer *w, const char *name)
{
    if (!w->fresh)
        need(buffer_byte(&w->out, ',') == OK);
    if (w->depth > 0)
        line(w);
    w->fresh = false;
    if (name != NULL)
        need(buffer_format(&w->out, "\"%s\":%s", name, w->indent ? " " : "") ==
             OK);
}

static void
begin(struct writer *w, const char *name, char bracket)
{
    place(w, name);
    need(buffer_byte(&w->out, bracket) == OK);
    w->depth++;
    w->fresh = true;
}

static void
finish(struct writer *w, char bracket)
{
    w->depth--;
    line(w);
    need(buffer_byte(&w->out, bracket) == OK);
    w->fresh = false;
}

static void
text(struct writer *w, const char *name, const char *value)
{
    place(w, name);
    need(buffer_json_string(&w->out, text_of(value)) == OK);
}

static void
numbered(struct writer *w, const char *name, const char *before, unsigned n)
{
    char value[160];

    (void)snprintf(value, sizeof(value), "%s%08x-%08x", before, n,
                   n * 2654435761u);
    text(w, name, value);
}

static void concept(struct writer *w, const char *name, const char *code,
                    const char *display)
{
    begin(w, name, '{');
    begin(w, "coding", '[');
    begin(w, NULL, '{');
    text(w, "system", "http://loinc.org");
    text(w, "code", code);
    text(w, "display", display);
    finish(w, '}');
    finish(w, ']');
    text(w, "text", display);
    finish(w, '}');
}

static void
reference(struct writer *w, const char *name, const char *before, unsigned n)
{
    begin(w, name, '{');
    numbered(w, "reference", before, n);
    finish(w, '}');
}

#define URL "https://fhir.region-a.example.fr/r4/"

static void
open_entry(struct writer *w, const char *type, unsigned n)
{
    char url[128];

    begin(w, NULL, '{');
    (void)snprintf(url, sizeof(url), URL "%s/", type);
    numbered(w, "fullUrl", url, n);
    begin(w, "resource", '{');
    text(w, "resourceType", type);
    numbered(w, "id", "", n);
    begin(w, "meta", '{');
    text(w, "versionId", "1");
    text(w, "lastUpdated", "2026-03-02T09:14:07.000+01:00");
    finish(w, '}');
}

static void
close_entry(struct writer *w)
{
    finish(w, '}');
    begin(w, "search", '{');
    text(w, "mode", "match");
    finish(w, '}');
    finish(w, '}');
}

static void
patient(struct writer *w, unsigned n)
{
    open_entry(w, "Patient", n);
    begin(w, "identifier", '[');
    begin(w, NULL, '{');
    text(w, "use", "official");
    concept(w, "type", "INS-NIR",
            "NIR d\xc3\xa9"
            "finitif");
    text(w, "system", "urn:oid:1.2.250.1.213.1.4.8");
    numbered(w, "value", "28405", n);
    finish(w, '}');
    finish(w, ']');
    begin(w, "name", '[');
    begin(w, NULL, '{');
    text(w, "family", "BENO\xc3\x8eT-L\xc3\x89VY");
    begin(w, "given", '[');
    text(w, NULL, "Aur\xc3\xa9lie");
    finish(w, ']');
    finish(w, '}');
    finish(w, ']');
    text(w, "gender", "female");
    text(w, "birthDate", "1984-05-12");
    close_entry(w);
}

static void
observation(struct writer *w, unsigned n)
{
    open_entry(w, "Observation", n);
    text(w, "status", "final");
    begin(w, "category", '[');
    concept(w, NULL, "laboratory", "Laboratory");
    finish(w, ']');
    concept(w, "code", "4548-4",
            "H\xc3\xa9moglobine glyqu\xc3\xa9"
            "e A1c / h\xc3\xa9moglobine "
            "totale");
    reference(w, "subject", "Patient/", n % 40);
    reference(w, "encounter", "Encounter/", n % 100);
    text(w, "effectiveDateTime", "2026-02-27T08:10:00+01:00");
    text(w, "issued", "2026-02-27T11:42:19.123+01:00");
    begin(w, "performer", '[');
    reference(w, NULL, "Practitioner/", n % 9);
    finish(w, ']');
    begin(w, "valueQuantity", '{');
    place(w, "value");
    need(buffer_format(&w->out, "%u.%u", 4 + n % 5, n % 10) == OK);
    text(w, "unit", "%");
    text(w, "system", "http://unitsofmeasure.org");
    text(w, "code", "%");
    finish(w, '}');
    close_entry(w);
}

static struct text
make_body(struct writer *w, size_t bytes, bool indent)
{
    unsigned n = 0;

    w->indent = indent;
    w->fresh = true;
    begin(w, NULL, '{');
    text(w, "resourceType", "Bundle");
    text(w, "type", "searchset");
    begin(w, "entry", '[');
    while (w->out.length < bytes) {
        if (n % 12 == 0)
            patient(w, n / 12);
        else
            observation(w, n);
        n++;
    }
    finish(w, ']');
    finish(w, '}');
    return buffer_as_text(&w->out);
}

/* -- what is timed -- */

typedef void load_function(const char *bytes, size_t length);
typedef int parse_function(void);
typedef size_t walk_function(void);
typedef const char *name_function(void);
static load_function *peer_load;
static parse_function *peer_parse;
static walk_function *peer_walk;
static struct label *label;
static struct text body;

static void
run_label(void)
{
    const struct label_sink sink = {0};

    label_begin(label, LABEL_FHIR, NULL);
    need(label_feed(label, body.bytes, body.length) == OK);
    need(label_end(label) == OK);
    need(label_window(label, LABEL_ALL, &sink) == OK);
}

static void
run_parse(void)
{
    need(peer_parse() == 0);
}

static void
run_walk(void)
{
    need(peer_walk() > 0);
}

static double
seconds_of(void (*run)(void))
{
    const size_t times = 1 + ROUND_BYTES / body.length;
    struct timespec from, to;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (size_t i = 0; i < times; i++)
        run();
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    return ((double)(to.tv_sec - from.tv_sec) +
            (double)(to.tv_nsec - from.tv_nsec) / 1e9) /
           (double)times;
}

static void
figure(const char *name, double value, double target)
{
    (void)printf("figure %s %.2f times (target %g) %s\n", name, value, target,
                 value >= target ? "ok" : "short");
}

/* The same for `body`. */
static void
compare_body(const char *name)
{
    void (*const runs[])(void) = {run_label, run_parse, run_walk};
    double best[3] = {1e9, 1e9, 1e9};
    char told[64];

    if (peer_load != NULL)
        peer_load(body.bytes, body.length);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < (peer_load != NULL ? 3 : 1); i++) {
            const double seconds = seconds_of(runs[i]);
            best[i] = seconds < best[i] ? seconds : best[i];
        }
    }
    (void)printf("%s: %zu bytes, labelled at %.2f GB/s", name, body.length,
                 (double)body.length / best[0] / 1e9);
    if (peer_load != NULL) {
        (void)printf(", simdjson DOM %.2f, on demand %.2f GB/s\n",
                     (double)body.length / best[1] / 1e9,
                     (double)body.length / best[2] / 1e9);
        (void)snprintf(told, sizeof(told), "%s-against-dom", name);
        figure(told, best[1] / best[0], 1);
        (void)snprintf(told, sizeof(told), "%s-against-on-demand", name);
        figure(told, best[2] / best[0], 2);
    } else {
        (void)puts("");
    }
}

static void
compare(const char *name, size_t bytes, bool indent)
{
    struct writer writer = {0};

    body = make_body(&writer, bytes, indent);
    compare_body(name);
    buffer_free(&writer.out);
}

/* A body that was not made here, as it stands. */
static void
compare_file(const char *path)
{
    struct buffer bytes = {0};
    const char *slash = strrchr(path, '/');
    char name[24];

    need(file_load(path, 1u << 24, &bytes) == OK);
    body = buffer_as_text(&bytes);
    (void)snprintf(name, sizeof(name), "%s", slash ? slash + 1 : path);
    compare_body(name);
    buffer_free(&bytes);
}

int
main(int argc, char **argv)
{
    void *peer = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;

    if (peer != NULL) {
        name_function *name = NULL;
        *(void **)&peer_load = dlsym(peer, "peer_load");
        *(void **)&peer_parse = dlsym(peer, "peer_parse");
        *(void **)&peer_walk = dlsym(peer, "peer_walk");
        *(void **)&name = dlsym(peer, "peer_name");
        need(peer_load != NULL && peer_parse != NULL && peer_walk != NULL &&
             name != NULL);
        (void)printf("simdjson with %s\n", name());
    }
    label = aligned_alloc(64, label_bytes());
    need(label != NULL);
    label_prepare(label);
    compare("label-20kB", 20000, false);
    compare("label-1MB", 1000000, false);
    compare("label-20kB-indented", 20000, true);
    compare("label-1MB-indented", 1000000, true);
    for (int i = 2; i < argc; i++)
        compare_file(argv[i]);
    free(label);
    return 0;
}
