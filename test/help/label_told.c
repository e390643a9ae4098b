/* SPDX-License-Identifier: EUPL-1.2 */
#include "test/help/label_told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 8192

struct lines {
    char *line[LINES_MAX];
    size_t count;
};

static enum result
add_person(void *context, const struct label_person *person)
{
    struct lines *lines = context;
    char *line = NULL;

    if (lines->count >= LINES_MAX ||
        asprintf(&line, "%.*s=%04x+%u\n", (int)person->name.length,
                 person->name.bytes, person->categories,
                 person->third_persons) < 0)
        return E_NOMEM;
    lines->line[lines->count++] = line;
    return OK;
}

static int
compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct label *
label_told_new(void)
{
    struct label *label = aligned_alloc(64, label_bytes());

    if (label != NULL)
        label_prepare(label);
    return label;
}

static enum result
feed_all(struct label *label, struct text bytes, size_t piece, uint32_t seed)
{
    enum result result = OK;
    size_t length;

    for (size_t at = 0; result == OK && at < bytes.length; at += length) {
        /* an exact copy, so that a sanitizer sees what is read beyond it */
        char *copy;
        length = piece == 0 ? bytes.length : piece;
        if (seed > 0)
            length = (seed = seed * 1664525u + 1013904223u) % piece + 1;
        if (length > bytes.length - at)
            length = bytes.length - at;
        copy = malloc(length);
        if (copy == NULL)
            return E_NOMEM;
        memcpy(copy, bytes.bytes + at, length);
        result = label_feed(label, copy, length);
        free(copy);
    }
    return result;
}

void
label_told(struct label *label, enum label_body body,
           const struct label_rules *rules, enum label_scan scan,
           struct text bytes, size_t piece, uint32_t seed,
           struct label_told *ret_told)
{
    struct lines *lines = calloc(1, sizeof(*lines));
    const struct label_sink sink = {.context = lines, .person = add_person};

    memset(ret_told, 0, sizeof(*ret_told));
    if (lines == NULL)
        abort();
    label_begin(label, body, rules);
    if (!label_scan_choose(label, scan))
        abort();
    ret_told->result = feed_all(label, bytes, piece, seed);
    if (ret_told->result == OK)
        ret_told->result = label_end(label);
    ret_told->why = *label_reason(label);
    if (ret_told->result == OK && label_window(label, LABEL_ALL, &sink) != OK)
        abort();
    qsort(lines->line, lines->count, sizeof(char *), compare);
    for (size_t i = 0; i < lines->count; i++) {
        if (buffer_string(&ret_told->lines, lines->line[i]) != OK)
            abort();
        free(lines->line[i]);
    }
    free(lines);
}

void
label_told_free(struct label_told *told)
{
    buffer_free(&told->lines);
}
