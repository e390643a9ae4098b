/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who is who in one body: names in a table by hash, names of one person in a
 * tree. Name 0 stands for whoever cannot be named.
 */
#include "label/label_state.h"

static uint64_t
mix(uint64_t a, uint64_t b)
{
    const unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t
hash_of(uint64_t seed, struct text text)
{
    uint64_t hash = seed ^ text.length, word;
    const char *at = text.bytes;
    size_t left = text.length;

    for (; left >= 8; at += 8, left -= 8) {
        memcpy(&word, at, 8);
        hash = mix(hash ^ word, 0x9fb21c651e98df25u);
    }
    word = 0;
    if (left > 0)
        memcpy(&word, at, left);
    return mix(hash ^ word ^ (uint64_t)left << 56, 0xd6e8feb86659fd93u);
}

uint32_t
label_text_keep(struct label *label, struct text text)
{
    const uint32_t start = label->texts_length;

    if (text.length > sizeof(label->texts) - start) {
        (void)label_fail(label, E_LIMIT, "label-name-bytes-max", "",
                         label->at.offset);
        return UINT32_MAX;
    }
    if (text.length > 0)
        memcpy(label->texts + start, text.bytes, text.length);
    label->texts_length += (uint32_t)text.length;
    return start;
}

static bool
is_name(const struct label *label, uint32_t name, uint64_t hash, uint64_t space,
        struct text text)
{
    const struct label_name *n = &label->names[name];

    if (n->hash != hash)
        return false;
    /* a name inside one resource, or one that is not kept, is its hash */
    return space != 0 || n->length == 0 ||
           (n->length == text.length &&
            memcmp(label->texts + n->text, text.bytes, text.length) == 0);
}

/* The slot where it is, or would be. */
static uint32_t
slot_of(const struct label *label, uint64_t hash, uint64_t space,
        struct text text)
{
    const uint32_t mask = label->index_length - 1;
    uint32_t slot = (uint32_t)hash & mask;

    while (label->index[slot] != 0 &&
           !is_name(label, label->index[slot], hash, space, text))
        slot = (slot + 1) & mask;
    return slot;
}

static void
clear_index(struct label *label, uint32_t length)
{
    label->index_length = length;
    memset(label->index, 0, length * sizeof(label->index[0]));
}

void
label_names_start(struct label *label)
{
    label->names_count = 1;
    clear_index(label, LABEL_INDEX_FIRST);
}

/* Twice as long, where it is half full: a short body does not pay for the
 * clearing of the longest. */
static void
widen(struct label *label)
{
    if (label->names_count * 2 < label->index_length ||
        label->index_length == LABEL_INDEX)
        return;
    clear_index(label, label->index_length * 2);
    for (uint32_t i = 1; i < label->names_count; i++) {
        uint32_t slot =
            (uint32_t)label->names[i].hash & (label->index_length - 1);
        while (label->index[slot] != 0)
            slot = (slot + 1) & (label->index_length - 1);
        label->index[slot] = (uint16_t)i;
    }
}

static bool
keep_name(struct label *label, struct label_name *name, struct text text)
{
    const uint32_t at = label_text_keep(label, text);

    if (at == UINT32_MAX)
        return false;
    name->text = at;
    name->length = (uint16_t)text.length;
    return true;
}

uint32_t
label_name_of(struct label *label, uint64_t space, struct text text,
              uint8_t rank, bool keep)
{
    const uint64_t hash = hash_of(label->seed + space, text);
    const uint32_t slot = slot_of(label, hash, space, text);
    uint32_t name = label->index[slot];

    if (name != 0) {
        if (keep && label->names[name].length == 0 &&
            !keep_name(label, &label->names[name], text))
            return UINT32_MAX;
        return name;
    }
    name = label->names_count;
    if (name >= LABEL_NAMES_MAX) {
        (void)label_fail(label, E_LIMIT, "label-names-max", "",
                         label->at.offset);
        return UINT32_MAX;
    }
    label->names[name] =
        (struct label_name){.hash = hash, .up = (uint16_t)name, .rank = rank};
    if (keep && !keep_name(label, &label->names[name], text))
        return UINT32_MAX;
    label->names_count++;
    label->index[slot] = (uint16_t)name;
    widen(label);
    return name;
}

uint32_t
label_name_find(const struct label *label, uint64_t space, struct text text)
{
    const uint64_t hash = hash_of(label->seed + space, text);

    return label->index[slot_of(label, hash, space, text)];
}

uint32_t
label_name_root(struct label *label, uint32_t name)
{
    while (label->names[name].up != name) {
        /* halves the way for the next one */
        label->names[name].up = label->names[label->names[name].up].up;
        name = label->names[name].up;
    }
    return name;
}

uint32_t
label_name_join(struct label *label, uint32_t a, uint32_t b)
{
    struct label_name *up, *down;

    a = label_name_root(label, a);
    b = label_name_root(label, b);
    if (a == b)
        return a;
    if (label->names[b].rank > label->names[a].rank ||
        (label->names[b].rank == label->names[a].rank && b < a)) {
        const uint32_t swap = a;
        a = b;
        b = swap;
    }
    up = &label->names[a];
    down = &label->names[b];
    down->up = (uint16_t)a;
    down->join = down->told != 0;
    up->seen |= down->seen;
    up->told |= down->told;
    up->third = (uint16_t)(up->third + down->third);
    up->strong |= down->strong;
    if (up->kind == LABEL_NAME_OPEN)
        up->kind = down->kind;
    if (up->identifier_length == 0) {
        up->identifier = down->identifier;
        up->identifier_length = down->identifier_length;
    }
    return a;
}

void
label_name_is(struct label *label, uint32_t name, enum label_name_kind kind)
{
    struct label_name *n = &label->names[label_name_root(label, name)];

    if (n->kind == LABEL_NAME_PATIENT)
        return;
    if (kind == LABEL_NAME_OTHER) {
        label->names[LABEL_NOBODY].seen |= n->strong ? n->seen : n->lonely;
        n->seen = 0;
    }
    n->kind = (uint8_t)kind;
}
