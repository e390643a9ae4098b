/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From what a Reference or an Identifier says to the name of a person
 * (FHIR R4: references.html, Bundle resolution).
 */
#include "label/label_segment.h"
#include "label/label_state.h"
#include "model/event.h"
#include "model/resource.h"

static struct label_frame *
top_frame(struct label *label)
{
    return &label->frames[label->frames_count - 1];
}

/* The resource whose contained ones `#…` means: the nearest that is not
 * contained itself. */
static struct label_frame *
container_frame(struct label *label)
{
    uint32_t i = label->frames_count - 1;

    while (i > 0 && label_node_kinds[label->frames[i].node] == LABEL_CONTAINED)
        i--;
    return &label->frames[i];
}

uint16_t
label_type_number(struct text name)
{
    const uint64_t word = label_word(name.bytes, name.length);
    const uint8_t number = label_type_slots[label_slot(
        word, name.length, label_type_multiplier, label_type_shift)];

    if (number == RESOURCE_UNKNOWN ||
        !label_row_is(&label_type_rows[number], word, name.bytes,
                      name.length) ||
        (name.length > 16 && memcmp(resource_name(number) + 8, name.bytes + 8,
                                    name.length - 16) != 0))
        return RESOURCE_UNKNOWN;
    return number;
}

bool
label_reference_split(struct text reference, struct text *ret_base,
                      struct text *ret_relative, struct text *ret_type)
{
    static const char version[] = "/_history";
    const size_t cut = sizeof(version) - 1;
    const char *bytes = reference.bytes;
    const char *slash = memrchr(bytes, '/', reference.length);
    struct text rest = reference, type;

    if (slash != NULL && (size_t)(slash - bytes) > cut &&
        memcmp(slash - cut, version, cut) == 0) {
        rest.length = (size_t)(slash - bytes) - cut;
        slash = memrchr(bytes, '/', rest.length);
    }
    if (slash == NULL || slash == bytes || slash + 1 == bytes + rest.length)
        return false;
    type = (struct text){bytes, (size_t)(slash - bytes)};
    slash = memrchr(bytes, '/', type.length);
    if (slash != NULL)
        type = text_after(type, (size_t)(slash + 1 - bytes));
    if (type.length == 0 || type.bytes[0] < 'A' || type.bytes[0] > 'Z')
        return false;
    *ret_type = type;
    *ret_base = (struct text){bytes, (size_t)(type.bytes - bytes)};
    *ret_relative = text_after(rest, (size_t)(type.bytes - bytes));
    return memchr(ret_relative->bytes, '?', ret_relative->length) == NULL &&
           memchr(ret_relative->bytes, '#', ret_relative->length) == NULL;
}

/* Whatever the body may resolve: urn:uuid:…, a URL without a type in it. */
static uint32_t
open_name(struct label *label, struct text reference, bool strong, bool patient)
{
    const bool local = reference.bytes[0] == '#';
    const uint64_t space = local ? container_frame(label)->serial : 0;
    const uint8_t rank = local                            ? LABEL_RANK_LOCAL
                         : text_starts(reference, "urn:") ? LABEL_RANK_URN
                                                          : LABEL_RANK_URL;
    const uint32_t name = label_name_of(label, space, reference, rank,
                                        local || strong || patient);

    if (name == UINT32_MAX)
        return name;
    const uint32_t root = label_name_root(label, name);
    label->names[root].strong |= strong;
    if (patient && label->names[root].kind == LABEL_NAME_OPEN)
        label->names[root].kind = LABEL_NAME_PATIENT;
    return name;
}

/* A type that is no Patient's: whoever it is, or may be. */
static uint32_t
other_name(struct label *label, struct text type, struct text reference,
           bool strong, bool patient)
{
    return label_type_number(type) == RESOURCE_UNKNOWN
               ? open_name(label, reference, strong, patient)
               : LABEL_NOBODY;
}

static uint32_t
relative_name(struct label *label, struct text reference)
{
    const uint32_t name =
        label_name_of(label, 0, reference, LABEL_RANK_RELATIVE, true);

    if (name != UINT32_MAX)
        label_name_is(label, name, LABEL_NAME_PATIENT);
    return name;
}

/* LABEL_NOBODY where it names no patient. */
uint32_t
label_reference_name(struct label *label, struct text reference, bool strong,
                     bool patient)
{
    const size_t simple = label_segment_type(reference.bytes, reference.length);
    struct text base, relative, type;
    uint32_t name;

    if (simple > 0 &&
        text_is((struct text){reference.bytes, simple}, "Patient"))
        return relative_name(label, reference);
    if (simple > 0)
        return other_name(label, (struct text){reference.bytes, simple},
                          reference, strong, patient);
    if (reference.length == 0 || text_is(reference, "#"))
        return LABEL_NOBODY;
    if (reference.bytes[0] == '#' || text_starts(reference, "urn:") ||
        !label_reference_split(reference, &base, &relative, &type))
        return open_name(label, reference, strong, patient);
    if (!text_is(type, "Patient"))
        return other_name(label, type, reference, strong, patient);
    if (base.length > 0 && base.length == label->base_length &&
        memcmp(base.bytes, label->texts + label->base_text, base.length) == 0)
        base.length = 0; /* the server that the Bundle is from */
    if (base.length == 0)
        return relative_name(label, relative);
    name = label_name_of(
        label, 0, (struct text){base.bytes, base.length + relative.length},
        LABEL_RANK_URL, true);
    if (name != UINT32_MAX)
        label_name_is(label, name, LABEL_NAME_PATIENT);
    return name;
}

/* "system|value", in label->scratch. */
static struct text
joined(struct label *label, const struct label_value *value)
{
    char *to = label->scratch;

    memcpy(to, value->system, value->system_length);
    to += value->system_length;
    *to++ = '|';
    memcpy(to, value->value, value->value_length);
    to += value->value_length;
    return (struct text){label->scratch, (size_t)(to - label->scratch)};
}

static bool
system_is_ins(const struct label_value *value)
{
    bool test;

    return value->system_length > 0 &&
           event_system_is_ins(
               (struct text){value->system, value->system_length}, &test);
}

static uint32_t
identified(struct label *label, const struct label_value *value)
{
    const uint32_t name = label_name_of(label, 0, joined(label, value),
                                        LABEL_RANK_IDENTIFIER, true);

    if (name != UINT32_MAX)
        label_name_is(label, name, LABEL_NAME_PATIENT);
    return name;
}

void
label_reference_close(struct label *label, uint8_t path)
{
    struct label_value *value = &label->value;
    const bool strong = (label_strong_paths >> path & 1) != 0;
    uint32_t name = LABEL_NOBODY;

    if (label->failed != OK || value->other)
        return;
    if (value->reference_length > 0)
        name = label_reference_name(
            label, (struct text){value->reference, value->reference_length},
            strong, value->patient);
    else if (value->value_length > 0 &&
             (strong || value->patient || system_is_ins(value)))
        name = identified(label, value);
    if (name == LABEL_NOBODY || name == UINT32_MAX)
        return;
    if (label->pending_count >= LABEL_REFERENCES_MAX) {
        (void)label_fail(label, E_LIMIT, "label-references-max", "",
                         label->at.offset);
        return;
    }
    label->pending[label->pending_count++] = (struct label_pending){
        .name = (uint16_t)name,
        .path = path,
        .flags = value->shown ? LABEL_SHOWN : 0,
    };
}

/* INS-NIR and the billing number stand under one system: the type says which
 * (domain: §3). Both carry the NIR; only the INS identifies. */
void
label_identifier_close(struct label *label)
{
    struct label_frame *frame = top_frame(label);
    struct label_value *value = &label->value;
    const bool system = system_is_ins(value);
    uint32_t at;
    struct text text;

    if (value->value_length == 0)
        return;
    if (system || value->ins_type ||
        (value->billing && value->system_length == 0))
        frame->nir = true;
    else
        frame->plain = true;
    const bool ins = system && !value->billing;
    if (ins ? frame->ins_length > 0 : frame->identifier_length > 0)
        return;
    text = joined(label, value);
    at = label_text_keep(label, text);
    if (at == UINT32_MAX)
        return;
    if (ins) {
        frame->ins = at;
        frame->ins_length = (uint16_t)text.length;
    } else if (!value->billing) {
        frame->identifier = at;
        frame->identifier_length = (uint16_t)text.length;
    }
}
