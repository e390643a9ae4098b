/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From members and values as the scanner meets them to what they mean: which
 * are walked into, which are read, where resources begin and end.
 */
#include "label/label_member.h"
#include "label/label_ruled.h"
#include "label/label_state.h"
#include "model/resource.h"

enum result
label_fail(struct label *label, enum result code, const char *rule,
           const char *field, uint64_t at)
{
    if (label->failed == OK)
        label->failed = reason_set(&label->why, code, rule, field, at);
    return label->failed;
}

static struct label_frame *
top_frame(struct label *label)
{
    return &label->frames[label->frames_count - 1];
}

static void
twice(struct label *label, const char *field)
{
    (void)label_fail(label, E_FORMAT, "label-member-twice", field,
                     label->at.offset);
}

/* -- members -- */

uint8_t
label_walk_member(struct label *label, uint8_t node, const char *key,
                  size_t length)
{
    return label->type == LABEL_JSON
               ? label_ruled_member(label, node, key, length)
               : label_member(label, node, key, length);
}

/* -- objects -- */

static void
forget_value(struct label *label)
{
    memset(&label->value, 0, offsetof(struct label_value, reference));
}

/* A reference within one (performer.actor): what stood there before it. */
static void
open_reference(struct label *label, uint8_t node)
{
    if (label->value.given != 0)
        label_reference_close(label, label->value.path);
    forget_value(label);
    label->value.path = label_node_paths[node];
}

void
label_walk_open(struct label *label, uint8_t node)
{
    if (label->type == LABEL_JSON) {
        label_ruled_open(label, node);
        return;
    }
    switch ((enum label_kind)label_node_kinds[node]) {
    case LABEL_RESOURCE:
    case LABEL_CONTAINED:
    case LABEL_ENTERED:
        label_fhir_open(label, node);
        break;
    case LABEL_ENTRY:
        top_frame(label)->url_length = 0;
        top_frame(label)->url_given = false;
        break;
    case LABEL_REFERENCE:
        open_reference(label, node);
        break;
    case LABEL_IDENTIFIER:
        forget_value(label);
        break;
    case LABEL_CONTACT:
        top_frame(label)->third++;
        break;
    default:
        break;
    }
}

static void
close_entry(struct label *label)
{
    if (top_frame(label)->complete)
        label_fhir_settle(label);
    if (label->frames_count == 1)
        label->settled = label->at.offset + 1;
}

void
label_walk_close(struct label *label, uint8_t node)
{
    if (label->type == LABEL_JSON) {
        label_ruled_close(label, node);
        return;
    }
    if (label->failed != OK)
        return;
    switch ((enum label_kind)label_node_kinds[node]) {
    case LABEL_RESOURCE:
    case LABEL_CONTAINED:
    case LABEL_ENTERED:
        label_fhir_complete(label);
        break;
    case LABEL_ENTRY:
        close_entry(label);
        break;
    case LABEL_REFERENCE:
        label_reference_close(label, label_node_paths[node]);
        forget_value(label);
        break;
    case LABEL_IDENTIFIER:
        label_identifier_close(label);
        forget_value(label);
        break;
    default:
        break;
    }
}

/* -- values -- */

/* A copy that is bounded, and of a member that was not there before. */
static void
take(struct label *label, const char *field, unsigned bit, char *to,
     uint16_t *length, struct text text)
{
    struct label_value *value = &label->value;

    if ((value->given & bit) != 0) {
        twice(label, field);
        return;
    }
    if (text.length > LABEL_VALUE_BYTES_MAX) {
        (void)label_fail(label, E_LIMIT, "label-value-bytes-max", field,
                         label->at.offset);
        return;
    }
    value->given |= (uint8_t)bit;
    if (text.length > 0)
        memcpy(to, text.bytes, text.length);
    *length = (uint16_t)text.length;
}

static void
take_type(struct label *label, struct text text)
{
    struct label_frame *frame = top_frame(label);

    if (frame->typed) {
        twice(label, "resourceType");
        return;
    }
    frame->typed = true;
    frame->type = label_type_number(text);
}

static void
take_id(struct label *label, struct text text)
{
    struct label_frame *frame = top_frame(label);

    if (frame->named) {
        twice(label, "id");
        return;
    }
    frame->named = true;
    if (text.length > LABEL_ID_BYTES_MAX) {
        (void)label_fail(label, E_LIMIT, "label-id-bytes-max", "id",
                         label->at.offset);
        return;
    }
    if (text.length > 0)
        memcpy(frame->id, text.bytes, text.length);
    frame->id_length = (uint16_t)text.length;
}

static void
take_url(struct label *label, struct text text)
{
    struct label_frame *frame = top_frame(label);

    while (frame->complete && frame > label->frames)
        frame--;
    if (frame->url_given) {
        twice(label, "fullUrl");
        return;
    }
    frame->url_given = true;
    if (text.length > LABEL_URL_BYTES_MAX) {
        (void)label_fail(label, E_LIMIT, "label-url-bytes-max", "fullUrl",
                         label->at.offset);
        return;
    }
    if (text.length > 0)
        memcpy(frame->url, text.bytes, text.length);
    frame->url_length = (uint16_t)text.length;
}

/* The code of an identifier's type. */
static void
take_code(struct label *label, struct text text)
{
    if (text_starts(text, "INS-"))
        label->value.ins_type = true;
    else if (text_is(text, "NH"))
        label->value.billing = true;
}

static void
take_reference_type(struct label *label, struct text text)
{
    if (text_is(text, "Patient"))
        label->value.patient = true;
    else if (text.length > 0)
        label->value.other = true;
}

void
label_walk_value(struct label *label, uint8_t node, const char *bytes,
                 size_t length)
{
    const struct text text = {bytes, length};
    struct label_value *value = &label->value;

    if (label->failed != OK)
        return;
    if (label->type == LABEL_JSON) {
        label_ruled_value(label, node, text);
        return;
    }
    switch ((enum label_kind)label_node_kinds[node]) {
    case LABEL_IN_RESOURCE_TYPE:
        take_type(label, text);
        break;
    case LABEL_IN_ID:
        take_id(label, text);
        break;
    case LABEL_IN_FULL_URL:
        take_url(label, text);
        break;
    case LABEL_IN_REFERENCE:
        take(label, "reference", 1, value->reference, &value->reference_length,
             text);
        break;
    case LABEL_IN_SYSTEM:
        take(label, "system", 2, value->system, &value->system_length, text);
        break;
    case LABEL_IN_VALUE:
        take(label, "value", 4, value->value, &value->value_length, text);
        break;
    case LABEL_IN_TYPE:
        take_reference_type(label, text);
        break;
    case LABEL_IN_DISPLAY:
        value->shown = value->shown || length > 0;
        break;
    case LABEL_IN_TYPE_CODE:
        take_code(label, text);
        break;
    case LABEL_IN_TELECOM:
        if (label_telecom_is_nir(text))
            top_frame(label)->nir_address = true;
        break;
    case LABEL_IN_EXTENSION_URL:
        top_frame(label)->extensions |= label_extension_shows(text);
        break;
    case LABEL_IN_DATA:
        top_frame(label)->data = top_frame(label)->data || length > 0;
        break;
    default:
        break;
    }
}

/* -- whole texts -- */

bool
label_walk_reads(const struct label *label, uint8_t node)
{
    return label->type == LABEL_JSON
               ? label_ruled_reads(label, node)
               : label_node_kinds[node] >= LABEL_IN_RESOURCE_TYPE;
}

uint8_t
label_walk_start(struct label *label, bool object)
{
    if (label->type == LABEL_JSON)
        return label_ruled_start(label);
    if (!object)
        label->names[LABEL_NOBODY].seen |= LABEL_UNKNOWN_ELEMENT;
    return object ? LABEL_ROOT : LABEL_PASS;
}

void
label_walk_end(struct label *label)
{
    if (label->failed == OK)
        label->settled = label->at.offset + 1;
}
