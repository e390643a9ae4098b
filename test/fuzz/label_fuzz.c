/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Bodies from outside: no bytes may break the labeller; every scanner of this
 * processor gives the same labels or the same refusal, whole and in pieces; a
 * body that is labelled is JSON by the other reader of ours too. The first
 * byte chooses the kind and the pieces.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "label/label.h"

#define LINES_BYTES (1u << 16)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct told {
    enum result result;
    struct reason why;
    size_t length;
    uint64_t sum; /* of the lines, in no order */
};

static enum result
add(void *context, const struct label_person *person)
{
    struct told *told = context;
    uint64_t hash = person->categories * 31u + person->third_persons;

    for (size_t i = 0; i < person->name.length; i++)
        hash = (hash ^ (uint8_t)person->name.bytes[i]) * 0x100000001b3u;
    told->sum += hash;
    told->length++;
    return OK;
}

static void
run(struct label *label, enum label_body body, enum label_scan scan,
    struct text bytes, size_t piece, struct told *told)
{
    const struct label_sink sink = {.context = told, .person = add};
    size_t length;

    memset(told, 0, sizeof(*told));
    label_begin(label, body, NULL);
    if (!label_scan_choose(label, scan))
        return;
    for (size_t at = 0; at < bytes.length && told->result == OK; at += length) {
        char *copy;
        length = bytes.length - at < piece ? bytes.length - at : piece;
        copy = malloc(length);
        if (copy == NULL)
            abort();
        memcpy(copy, bytes.bytes + at, length);
        told->result = label_feed(label, copy, length);
        free(copy);
    }
    if (told->result == OK)
        told->result = label_end(label);
    told->why = *label_reason(label);
    assert((told->result == OK) == (told->why.rule == NULL));
    assert(told->why.offset <= bytes.length);
    if (told->result == OK && label_window(label, LABEL_ALL, &sink) != OK)
        abort();
}

static void
same(const struct told *a, const struct told *b)
{
    assert(a->result == b->result);
    if (a->result == OK) {
        assert(a->sum == b->sum && a->length == b->length);
    } else {
        assert(strcmp(a->why.rule, b->why.rule) == 0);
        assert(a->why.offset == b->why.offset);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct label *label;
    const struct text body = {(const char *)bytes + 1, length - 1};
    struct told want, got;
    enum label_body kind;
    size_t piece;

    if (label == NULL)
        label = aligned_alloc(64, label_bytes());
    if (label == NULL || length < 2)
        return 0;
    label_prepare(label); /* what fails once fails again */
    kind = (bytes[0] & 1) != 0 ? LABEL_FHIR_LINES : LABEL_FHIR;
    piece = (bytes[0] >> 1) * 13u + 1;
    run(label, kind, LABEL_SCAN_PLAIN, body, body.length, &want);
    for (int scan = LABEL_SCAN_PLAIN; scan <= LABEL_SCAN_AVX512; scan++) {
        label_begin(label, kind, NULL);
        if (!label_scan_choose(label, (enum label_scan)scan))
            continue;
        /* seen, noted, done again: label_scan_shape.c */
        for (int time = 0; time < 3; time++) {
            run(label, kind, (enum label_scan)scan, body, body.length, &got);
            same(&want, &got);
        }
        run(label, kind, (enum label_scan)scan, body, piece, &got);
        same(&want, &got);
    }
    if (kind == LABEL_FHIR && want.result == OK)
        assert(json_check(body, NULL) == OK);
    return 0;
}
