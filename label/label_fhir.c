/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a complete resource shows, and of whom: its categories by the members
 * that were there, its persons by the Patient compartment. Nothing is
 * decided before the end, so that the members' order never matters.
 */
#include "label/label_segment.h"
#include "label/label_state.h"
#include "model/resource.h"

void
label_fhir_open(struct label *label, uint8_t node)
{
    struct label_frame *frame;

    if (label_node_kinds[node] == LABEL_ENTERED && label->frames_count > 0 &&
        label->frames[label->frames_count - 1].complete)
        label_fhir_settle(label); /* `resource` twice in one entry */
    if (label->frames_count >= LABEL_RESOURCES_MAX) {
        (void)label_fail(label, E_LIMIT, "label-resources-max", "",
                         label->at.offset);
        return;
    }
    frame = &label->frames[label->frames_count++];
    memset(frame, 0, offsetof(struct label_frame, id));
    frame->node = node;
    frame->serial = ++label->serials;
    frame->pending = label->pending_count;
    
}

void
label_fhir_complete(struct label *label)
{
    struct label_frame *frame = &label->frames[label->frames_count - 1];

    if (label_node_kinds[frame->node] == LABEL_ENTERED)
        frame->complete = true; /* the entry's fullUrl may still come */
    else
        label_fhir_settle(label);
}

/* -- categories -- */

static bool
meets(const uint64_t *a, const uint64_t *b)
{
    uint64_t both = 0;

    for (unsigned i = 0; i < LABEL_WORDS; i++)
        both |= a[i] & b[i];
    return both != 0;
}

/* By label/elements.txt. */
static uint16_t
ruled_categories(const struct label_frame *frame, unsigned row)
{
    const struct label_rule_row *rule = &label_rule_rows[row];
    uint64_t seen[LABEL_WORDS];
    uint16_t set = frame->extensions;
    bool other = frame->unknown;

    memcpy(seen, frame->seen, sizeof(seen));
    if (frame->nir && !frame->plain) {
        const unsigned key = label_key_identifier;
        seen[key / 64] &= ~(1ull << key % 64);
    }
    for (unsigned i = 0; i < CATEGORY_COUNT; i++)
        if (meets(seen, rule->categories[i]))
            set |= (uint16_t)(1u << i);
    for (unsigned i = 0; i < LABEL_WORDS; i++)
        other = other || (seen[i] & ~rule->named[i]) != 0;
    if (other)
        set |= rule->others;
    if ((seen[label_key_text / 64] >> label_key_text % 64 & 1) != 0)
        set |= CATEGORY_MEDICAL;
    if (frame->nir || frame->nir_address)
        set |= CATEGORY_NIR;
    return set;
}

/* 0 where it shows nothing of a person. */
static uint16_t
frame_categories(const struct label_frame *frame)
{
    const uint16_t type = frame->type;
    const uint16_t usual = resource_categories(type) & CATEGORY_SEEN_MASK;
    uint16_t set;

    if (!frame->typed || type == RESOURCE_UNKNOWN)
        return LABEL_UNKNOWN_ELEMENT;
    if (type == label_type_bundle)
        return 0; /* what it holds is told by itself */
    if (type == label_type_parameters)
        return frame->values ? LABEL_UNKNOWN_ELEMENT : 0;
    if (usual == 0)
        return 0;
    set = label_types[type].rule == 0
              ? usual
              : ruled_categories(frame, label_types[type].rule);
    if (frame->data)
        set |= CATEGORY_DOCUMENT | CATEGORY_MEDICAL;
    /* an id alone says that the person, the stay, the cover exists */
    return set != 0 ? set : (uint16_t)(usual & -usual);
}

/* -- persons -- */

static struct text
frame_id(const struct label_frame *frame)
{
    return (struct text){frame->id, frame->id_length};
}

/* "Type/id", then "#id" where it is contained, in label->scratch. */
static struct text
composed(struct label *label, struct text a, const char *between, struct text b)
{
    const size_t middle = strlen(between);

    memcpy(label->scratch, a.bytes, a.length);
    memcpy(label->scratch + a.length, between, middle);
    memcpy(label->scratch + a.length + middle, b.bytes, b.length);
    return (struct text){label->scratch, a.length + middle + b.length};
}

static uint32_t
kept_name(struct label *label, struct text text, uint8_t rank)
{
    return label_name_of(label, 0, text, rank, true);
}

/* Names the server of the first fullUrl: references by its URL are then the
 * same as relative ones; those that were there before are joined. */
static void
set_base(struct label *label, struct text base)
{
    const uint32_t count = label->names_count;

    label->base_text = label_text_keep(label, base);
    if (label->base_text == UINT32_MAX)
        return;
    label->base_length = (uint32_t)base.length;
    for (uint32_t i = 1; i < count; i++) {
        const struct label_name *name = &label->names[i];
        const struct text text = {label->texts + name->text, name->length};

        if (name->rank != LABEL_RANK_URL || text.length <= base.length ||
            memcmp(text.bytes, base.bytes, base.length) != 0 ||
            memcmp(text.bytes + base.length, "Patient/",
                   text.length - base.length < 8 ? text.length - base.length
                                                 : 8) != 0)
            continue;
        const uint32_t relative = kept_name(
            label, text_after(text, base.length), LABEL_RANK_RELATIVE);
        if (relative == UINT32_MAX)
            return;
        label_name_is(label, relative, LABEL_NAME_PATIENT);
        (void)label_name_join(label, relative, i);
    }
}

/* The entry's fullUrl of a complete resource, or the empty text. */
static struct text
entry_url(const struct label *label, const struct label_frame *frame)
{
    const struct label_frame *around = frame - 1;

    if (label_node_kinds[frame->node] != LABEL_ENTERED ||
        frame == label->frames)
        return (struct text){NULL, 0};
    return (struct text){around->url, around->url_length};
}

/* True for what every entry of an ordinary Bundle has: the Bundle's server,
 * a type and an id. */
static bool
domestic(const struct label *label, struct text url)
{
    const size_t base = label->base_length;

    return base > 0 && url.length > base &&
           memcmp(url.bytes, label->texts + label->base_text, base) == 0 &&
           label_segment_type(url.bytes + base, url.length - base) > 0;
}

/* True where the url is of another server than the Bundle's first. */
static bool
foreign(struct label *label, struct text url, struct text *ret_base)
{
    struct text relative, type;

    if (domestic(label, url)) {
        *ret_base = (struct text){url.bytes, label->base_length};
        return false;
    }
    if (url.length == 0 || text_starts(url, "urn:") ||
        !label_reference_split(url, ret_base, &relative, &type) ||
        ret_base->length == 0)
        return false;
    if (label->base_length == 0)
        set_base(label, *ret_base);
    return ret_base->length != label->base_length ||
           memcmp(ret_base->bytes, label->texts + label->base_text,
                  ret_base->length) != 0;
}

/* Joins a Patient's name with its fullUrl. Two of one id under two urns are
 * two persons. */
static uint32_t
join_url(struct label *label, uint32_t own, struct text url)
{
    struct text base = {NULL, 0};
    uint32_t alias;

    if (foreign(label, url, &base))
        return own; /* is called by it */
    if (label->failed != OK)
        return UINT32_MAX;
    if (base.length > 0 && !text_starts(url, "urn:")) {
        alias = label_name_find(label, 0, url);
        return alias == 0 ? own : label_name_join(label, own, alias);
    }
    alias = label_name_of(label, 0, url, LABEL_RANK_URN, false);
    if (alias == UINT32_MAX || own == alias)
        return alias;
    label_name_is(label, alias, LABEL_NAME_PATIENT);
    if (label->names[own].alias != 0 && label->names[own].alias != alias)
        return kept_name(label, url, LABEL_RANK_URN);
    label->names[own].alias = alias;
    return label_name_join(label, own, alias);
}

static uint32_t
patient_name(struct label *label, const struct label_frame *frame,
             struct text type)
{
    const struct text id = frame_id(frame);
    const struct text url = entry_url(label, frame);
    struct text base = {NULL, 0};
    uint32_t own = LABEL_NOBODY;

    if (foreign(label, url, &base))
        own = kept_name(label, url, LABEL_RANK_URL);
    else if (id.length > 0)
        own = kept_name(label, composed(label, type, "/", id),
                        LABEL_RANK_RELATIVE);
    else if (url.length > 0)
        own = kept_name(label, url, LABEL_RANK_URN);
    else if (frame->ins_length + frame->identifier_length > 0)
        own = frame->ins_length > 0
                  ? kept_name(label,
                              (struct text){label->texts + frame->ins,
                                            frame->ins_length},
                              LABEL_RANK_IDENTIFIER)
                  : kept_name(label,
                              (struct text){label->texts + frame->identifier,
                                            frame->identifier_length},
                              LABEL_RANK_IDENTIFIER);
    if (own == UINT32_MAX || own == LABEL_NOBODY)
        return own;
    label_name_is(label, own, LABEL_NAME_PATIENT);
    return url.length > 0 ? join_url(label, own, url) : own;
}

/* -- contained resources -- */

static struct label_frame *
container_of(struct label *label, struct label_frame *frame)
{
    while (frame > label->frames &&
           label_node_kinds[frame->node] == LABEL_CONTAINED)
        frame--;
    return frame;
}

/* The name "#id" inside the container; the container gives it another when
 * it is complete. */
static uint32_t
contained_name(struct label *label, struct label_frame *frame)
{
    struct label_frame *around = container_of(label, frame);
    const struct text id = frame_id(frame);
    const struct text text = composed(label, TEXT("#"), "", id);
    uint32_t name =
        label_name_of(label, around->serial, text, LABEL_RANK_LOCAL, true);

    if (name == UINT32_MAX)
        return name;
    label_name_is(label, name,
                  frame->type == label_type_patient ? LABEL_NAME_PATIENT
                                                    : LABEL_NAME_OTHER);
    if (frame->type != label_type_patient)
        return LABEL_NOBODY;
    if (frame->ins_length + frame->identifier_length > 0) {
        const bool ins = frame->ins_length > 0;
        const uint32_t known = kept_name(
            label,
            (struct text){label->texts + (ins ? frame->ins : frame->identifier),
                          ins ? frame->ins_length : frame->identifier_length},
            LABEL_RANK_IDENTIFIER);
        if (known == UINT32_MAX)
            return known;
        label_name_is(label, known, LABEL_NAME_PATIENT);
        name = label_name_join(label, known, name);
    }
    return name;
}

/* Names that only this resource's inside knew. */
static void
name_contained(struct label *label, const struct label_frame *frame)
{
    for (uint32_t i = frame->pending; i < label->pending_count; i++) {
        uint32_t name = label->pending[i].name, final;
        struct text type;

        if ((label->pending[i].flags & LABEL_SELF) == 0 ||
            label->names[label_name_root(label, name)].rank != LABEL_RANK_LOCAL)
            continue;
        name = label_name_root(label, name);
        type = composed(label, text_of(resource_name(frame->type)), "/",
                        frame_id(frame));
        const struct text local = {label->texts + label->names[name].text,
                                   label->names[name].length};
        memcpy(label->scratch + type.length, local.bytes, local.length);
        final = kept_name(
            label, (struct text){label->scratch, type.length + local.length},
            LABEL_RANK_URN);
        if (final == UINT32_MAX)
            return;
        (void)label_name_join(label, final, name);
    }
}

/* -- telling -- */

static void
show(struct label *label, uint32_t name, uint16_t set, uint16_t third)
{
    struct label_name *n = &label->names[label_name_root(label, name)];

    n->seen |= set;
    n->third = (uint16_t)(n->third + third);
}

/* A reference inside an entry of another server means that server. */
static uint32_t
on_server(struct label *label, uint32_t name, struct text base)
{
    const struct label_name *n = &label->names[name];

    if (base.length == 0 || n->rank != LABEL_RANK_RELATIVE)
        return name;
    name = kept_name(label,
                     composed(label, base, "",
                              (struct text){label->texts + n->text, n->length}),
                     LABEL_RANK_URL);
    if (name != UINT32_MAX)
        label_name_is(label, name, LABEL_NAME_PATIENT);
    return name;
}

/* Everyone whom its compartment elements name. How many are patients for
 * all that is known; *ret_open: one that may become one. */
static unsigned
show_referenced(struct label *label, const struct label_frame *frame,
                bool complete, uint16_t set, uint32_t *ret_open)
{
    const uint64_t paths =
        label_types[frame->typed ? frame->type : RESOURCE_UNKNOWN].paths;
    const struct text url = entry_url(label, frame);
    struct text base = {NULL, 0};
    unsigned count = 0;

    if (!foreign(label, url, &base))
        base.length = 0;
    for (uint32_t i = frame->pending; i < label->pending_count; i++) {
        const struct label_pending pending = label->pending[i];
        uint32_t name = pending.name;

        if ((pending.flags & LABEL_SELF) != 0 ||
            (paths >> pending.path & 1) == 0)
            continue;
        name = on_server(label, name, base);
        if (name == UINT32_MAX)
            return count;
        const struct label_name *n =
            &label->names[label_name_root(label, name)];
        if (n->kind == LABEL_NAME_OTHER)
            continue;
        show(label, name,
             (uint16_t)(set | ((pending.flags & LABEL_SHOWN) != 0
                                   ? CATEGORY_POSSIBLE(CATEGORY_IDENTITY)
                                   : 0)),
             complete && frame->type == label_type_related ? 1 : 0);
        if (n->kind == LABEL_NAME_PATIENT || n->strong)
            count++;
        else
            *ret_open = name;
    }
    return count;
}

static uint32_t
own_name(struct label *label, struct label_frame *frame)
{
    if (label_node_kinds[frame->node] == LABEL_CONTAINED)
        return frame->id_length > 0 ? contained_name(label, frame)
               : frame->type == label_type_patient
                   ? patient_name(label, frame, TEXT("Patient"))
                   : LABEL_NOBODY;
    if (frame->type == label_type_patient)
        return patient_name(label, frame, TEXT("Patient"));
    return LABEL_NOBODY;
}

static void
add_identifier(struct label *label, const struct label_frame *frame,
               uint32_t own)
{
    struct label_name *n = &label->names[label_name_root(label, own)];

    if (frame->ins_length > 0 && n->identifier_length == 0) {
        n->identifier = frame->ins;
        n->identifier_length = frame->ins_length;
    }
}

void
label_fhir_tell(struct label *label, uint32_t index, bool complete)
{
    struct label_frame *frame = &label->frames[index];
    const uint16_t set = frame_categories(frame);
    /* before its end the name could still be another */
    const uint32_t own = complete || frame->id_length > 0
                             ? own_name(label, frame)
                             : LABEL_NOBODY;
    uint32_t open = LABEL_NOBODY;
    unsigned count;

    if (set == 0 || label->failed != OK)
        return;
    count = show_referenced(label, frame, complete, set, &open);
    if (label->failed != OK)
        return;
    if (frame->type == label_type_patient) {
        show(label, own, set, complete ? frame->third : 0);
        if (own != LABEL_NOBODY)
            add_identifier(label, frame, own);
    } else if (count == 0 && frame->type == label_type_person &&
               frame->id_length > 0) {
        const uint32_t self = patient_name(label, frame, TEXT("Person"));
        if (self != UINT32_MAX)
            show(label, self, set, 0);
    } else if (count == 0 && open != LABEL_NOBODY) {
        label->names[label_name_root(label, open)].lonely |= set;
    } else if (count == 0) {
        show(label, LABEL_NOBODY, set, 0);
    }
}

/* What a reference to the entry by its fullUrl means, where it is no
 * Patient. Types that nothing calls a subject are not kept. */
static void
name_other(struct label *label, const struct label_frame *frame)
{
    const struct text url = entry_url(label, frame);
    struct text base;
    uint32_t name;

    if (label->base_length == 0)
        (void)foreign(label, url, &base); /* may be the Bundle's first */
    if (!text_starts(url, "urn:"))
        return; /* any other names its type */
    name = label_name_find(label, 0, url);
    if (name == 0 && resource_is_personal(frame->type) &&
        frame->type != label_type_group && frame->type != label_type_device)
        return;
    if (name == 0)
        name = label_name_of(label, 0, url, LABEL_RANK_URN, false);
    if (name != UINT32_MAX)
        label_name_is(label, name, LABEL_NAME_OTHER);
}

void
label_fhir_settle(struct label *label)
{
    struct label_frame *frame = &label->frames[label->frames_count - 1];
    uint32_t self = LABEL_NOBODY;

    if (label->failed == OK)
        label_fhir_tell(label, label->frames_count - 1, true);
    if (label->failed == OK && frame->type != label_type_patient)
        name_other(label, frame);
    if (label->failed == OK && frame->serial != 0 &&
        label_node_kinds[frame->node] != LABEL_CONTAINED)
        name_contained(label, frame);
    if (label->failed == OK && frame->type == label_type_patient &&
        label_node_kinds[frame->node] == LABEL_CONTAINED &&
        frame->id_length > 0)
        self = contained_name(label, frame);
    label->pending_count = frame->pending;
    label->frames_count--;
    if (self != LABEL_NOBODY && self != UINT32_MAX &&
        label->pending_count < LABEL_REFERENCES_MAX)
        label->pending[label->pending_count++] =
            (struct label_pending){.name = (uint16_t)self, .flags = LABEL_SELF};
}
