/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The table that tools/label-table makes: the names that the labeller looks
 * for, what is walked into, which elements name the patient, what an element
 * shows. Knows no body.
 */
#ifndef VIGIE_LABEL_LABEL_TABLE_H
#define VIGIE_LABEL_LABEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "model/category.h"

#define LABEL_NODES 80
#define LABEL_KEYS 181
#define LABEL_PATHS 36
#define LABEL_RULES 29
#define LABEL_WORDS 4
#define LABEL_ROOT 1 /* the node of a resource */
#define LABEL_UNKNOWN_ELEMENT (CATEGORY_MEDICAL | CATEGORY_UNCLASSIFIED)

/* What stands at a node. Those from IN_RESOURCE_TYPE on are strings that are
 * read; the others are walked into. */
enum label_kind {
    LABEL_PASS,
    LABEL_PLAIN,
    LABEL_RESOURCE,
    LABEL_CONTAINED, /* a resource inside another */
    LABEL_ENTERED,   /* a Bundle entry's resource */
    LABEL_ENTRY,
    LABEL_PARAMETER,
    LABEL_IDENTIFIER,
    LABEL_REFERENCE,
    LABEL_REFERENCE_IDENTIFIER,
    LABEL_CONTACT,
    LABEL_EXTENSION,
    LABEL_RULED, /* inside other JSON, by declared rules */
    LABEL_IN_RESOURCE_TYPE,
    LABEL_IN_ID,
    LABEL_IN_FULL_URL,
    LABEL_IN_REFERENCE,
    LABEL_IN_TYPE,
    LABEL_IN_DISPLAY,
    LABEL_IN_SYSTEM,
    LABEL_IN_VALUE,
    LABEL_IN_TYPE_CODE,
    LABEL_IN_TELECOM,
    LABEL_IN_EXTENSION_URL,
    LABEL_IN_DATA,
};

/* A name by parts of it that are compared at once. */
struct label_key_row {
    uint64_t word;        /* label_word() */
    uint64_t first, last; /* eight bytes each, 0 where it has fewer */
    uint64_t length;
};

struct label_type_row {
    uint64_t paths;              /* which elements name its patient */
    uint64_t visit[LABEL_WORDS]; /* top-level names worth walking into */
    uint32_t lengths;            /* of these names, a bit each */
    uint8_t rule;                /* 0: by model/resource.h */
};

struct label_rule_row {
    uint64_t categories[CATEGORY_COUNT][LABEL_WORDS];
    uint64_t named[LABEL_WORDS];
    uint16_t others; /* what every other element shows */
};

extern const char *const label_key_names[LABEL_KEYS];
extern const struct label_key_row label_key_rows[LABEL_KEYS];
extern const unsigned label_top_count; /* keys 1 … are top-level names */
extern const uint64_t label_key_multiplier, label_type_multiplier;
extern const unsigned label_key_shift, label_type_shift;
extern const uint8_t label_key_slots[];
extern const uint8_t label_type_slots[];
extern const struct label_key_row label_type_rows[];
extern const uint8_t label_node_kinds[LABEL_NODES];
extern const uint8_t label_node_paths[LABEL_NODES];
extern const uint8_t label_children[LABEL_NODES][LABEL_KEYS];
extern const uint64_t label_strong_paths;
extern const char *const label_path_names[LABEL_PATHS];
extern const uint16_t label_type_bundle, label_type_parameters,
    label_type_patient, label_type_person, label_type_related, label_type_group,
    label_type_device;
extern const uint8_t label_key_text, label_key_identifier;
extern const struct label_type_row label_types[];
extern const struct label_rule_row label_rule_rows[LABEL_RULES];

static inline uint64_t
label_load(const char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* The first four bytes and the last four: with the length, they tell the
 * names apart. Of shorter ones the last alone. */
static inline uint64_t
label_word(const char *name, size_t length)
{
    uint32_t head, tail;
    uint64_t word = 0;

    if (length < 4) {
        for (size_t i = 0; i < length; i++)
            word = word >> 8 | (uint64_t)(uint8_t)name[i] << 56;
        return word;
    }
    memcpy(&head, name, 4);
    memcpy(&tail, name + length - 4, 4);
    return (uint64_t)head | (uint64_t)tail << 32;
}

static inline size_t
label_slot(uint64_t word, size_t length, uint64_t multiplier, unsigned shift)
{
    return (size_t)((word + length) * multiplier >> shift);
}

/* Is the name, of that word, the one of the row? Of more than 16 bytes those
 * in the middle are not looked at. */
static inline bool
label_row_is(const struct label_key_row *row, uint64_t word, const char *name,
             size_t length)
{
    if (row->word != word || row->length != length)
        return false;
    return length <= 8 || (label_load(name) == row->first &&
                           label_load(name + length - 8) == row->last);
}

/* Number of the name with that word, 0 where none is the same. */
static inline unsigned
label_key_of(uint64_t word, const char *name, size_t length)
{
    const unsigned key = label_key_slots[label_slot(
        word, length, label_key_multiplier, label_key_shift)];

    if (!label_row_is(&label_key_rows[key], word, name, length) ||
        (length > 16 &&
         memcmp(label_key_names[key] + 8, name + 8, length - 16) != 0))
        return 0;
    return key;
}

/* Number of a member's name, 0 where none has it. */
static inline unsigned
label_key(const char *name, size_t length)
{
    return label_key_of(label_word(name, length), name, length);
}

/* The same where four bytes before the name may be read. */
static inline unsigned
label_key_inside(const char *name, size_t length)
{
    uint32_t head, tail;
    uint64_t word;

    memcpy(&tail, name + length - 4, 4);
    /* what is behind a short one may not be read */
    memcpy(&head, length < 4 ? name + length - 4 : name, 4);
    word = (uint64_t)head | (uint64_t)tail << 32;
    if (length < 4) /* what is before the name is not of it */
        word &= ~0ull << (64 - 8 * length);
    return label_key_of(word, name, length);
}

#endif
