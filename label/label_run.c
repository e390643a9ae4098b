/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The labeller from outside: begin, feed, window, end.
 */
#include "label/label.h"

#include "label/label_ruled.h"
#include "label/label_scan.h"

size_t
label_bytes(void)
{
    return (sizeof(struct label) + 63) & ~(size_t)63;
}

void
label_prepare(struct label *label)
{
    memset(label, 0, offsetof(struct label, type));
}

void
label_begin(struct label *label, enum label_body type,
            const struct label_rules *rules)
{
    memset(&label->type, 0,
           offsetof(struct label, at) - offsetof(struct label, type));
    label->type = type;
    label->rules = rules;
    /* whoever writes bodies does not choose who collides */
    label->seed = (uint64_t)(uintptr_t)label * 0x9e3779b97f4a7c15u;
    label->names[LABEL_NOBODY] =
        (struct label_name){.kind = LABEL_NAME_PATIENT};
    label_names_start(label);
    memset(&label->value, 0, offsetof(struct label_value, reference));
    label_scan_start(label);
    (void)label_scan_choose(label, LABEL_SCAN_BEST);
}

bool
label_scan_choose(struct label *label, enum label_scan scan)
{
    if (scan == LABEL_SCAN_BEST) {
        label->scan = label_scan_fast_has(LABEL_SCAN_AVX512) ? LABEL_SCAN_AVX512
                      : label_scan_fast_has(LABEL_SCAN_AVX2) ? LABEL_SCAN_AVX2
                                                             : LABEL_SCAN_PLAIN;
        return true;
    }
    if (scan != LABEL_SCAN_PLAIN && !label_scan_fast_has(scan))
        return false;
    label->scan = scan;
    return true;
}

enum result
label_feed(struct label *label, const void *bytes, size_t length)
{
    const uint8_t *p = bytes, *from = NULL;
    const uint8_t *end = p + length;

    /* more than once where it stops behind a line of NDJSON */
    while (label->failed == OK && label->scan != LABEL_SCAN_PLAIN &&
           label->type != LABEL_JSON && p != from && p < end) {
        from = p;
        p = label_scan_fast(label, p, end);
    }
    if (label->failed == OK)
        label_scan_plain(label, p, end);
    return label->failed;
}

enum result
label_end(struct label *label)
{
    const enum result result = label_scan_end(label);

    if (result == OK && label->type == LABEL_JSON)
        label_ruled_end(label);
    return result;
}

const struct reason *
label_reason(const struct label *label)
{
    return &label->why;
}

uint64_t
label_settled(const struct label *label)
{
    return label->settled;
}

bool
label_pressed(const struct label *label)
{
    return label->names_count > LABEL_NAMES_MAX / 2 ||
           label->texts_length > LABEL_NAME_BYTES_MAX / 2;
}

/* What has been seen of resources that are not complete. */
static void
tell_open(struct label *label)
{
    for (uint32_t i = 0; i < label->frames_count; i++)
        if (!label->frames[i].complete)
            label_fhir_tell(label, i, false);
}

static enum result
tell_name(struct label *label, uint32_t i, const struct label_sink *sink)
{
    struct label_name *name = &label->names[i];
    struct label_person person;

    if (name->kind == LABEL_NAME_OPEN ? !name->strong
                                      : name->kind != LABEL_NAME_PATIENT)
        return OK;
    if ((name->seen & (uint16_t)~name->told) == 0 && name->third == 0)
        return OK;
    person = (struct label_person){
        .name = {label->texts + name->text, name->length},
        .identifier = {label->texts + name->identifier,
                       name->identifier_length},
        .categories = (uint16_t)(name->seen & ~name->told),
        .third_persons = name->third,
    };
    name->told |= name->seen;
    name->third = 0;
    return sink->person == NULL ? OK : sink->person(sink->context, &person);
}

static enum result
tell_join(struct label *label, uint32_t i, const struct label_sink *sink)
{
    struct label_name *name = &label->names[i];
    const struct label_name *root;

    if (!name->join)
        return OK;
    name->join = false;
    root = &label->names[label_name_root(label, i)];
    const struct label_person as = {
        .name = {label->texts + root->text, root->length},
        .identifier = {label->texts + root->identifier,
                       root->identifier_length},
        .categories = root->told,
    };
    return sink->join == NULL
               ? OK
               : sink->join(
                     sink->context,
                     (struct text){label->texts + name->text, name->length},
                     &as);
}

/* Between two lines nothing has to be resolved any more. */
static void
forget(struct label *label)
{
    if (label->type == LABEL_FHIR || label->frames_count > 0 ||
        !label_pressed(label))
        return;
    label_names_start(label);
    label->texts_length = 0;
    label->base_length = 0;
    label->names[LABEL_NOBODY].told = 0;
    label->names[LABEL_NOBODY].seen = 0;
}

enum result
label_window(struct label *label, enum label_reach reach,
             const struct label_sink *sink)
{
    enum result result = OK;

    if (reach == LABEL_ALL && label->type != LABEL_JSON && label->failed == OK)
        tell_open(label);
    for (uint32_t i = 1; i < label->names_count; i++)
        if (label->names[i].up == i &&
            label->names[i].kind == LABEL_NAME_OPEN && !label->names[i].strong)
            label->names[LABEL_NOBODY].seen |= label->names[i].lonely;
    for (uint32_t i = 0; result == OK && i < label->names_count; i++)
        if (label->names[i].up == i)
            result = tell_name(label, i, sink);
    for (uint32_t i = 1; result == OK && i < label->names_count; i++)
        result = tell_join(label, i, sink);
    if (result == OK)
        forget(label);
    return result;
}
