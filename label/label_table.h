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

struct label_type_row {
    uint64_t paths;              /* which elements name its patient */
    uint64_t visit[LABEL_WORDS]; /* top-level names worth walking into */
    uint8_t rule;                /* 0: by model/resource.h */
};

struct label_rule_row {
    uint64_t categories[CATEGORY_COUNT][LABEL_WORDS];
    uint64_t named[LABEL_WORDS];
    uint16_t others; /* what every other element shows */
};

extern const char *const label_key_names[LABEL_KEYS];
extern const uint8_t label_key_lengths[LABEL_KEYS];
extern const uint64_t label_key_words[LABEL_KEYS]; /* label_word() of each */
extern const unsigned label_top_count; /* keys 1 … are top-level names */
extern const uint64_t label_key_multiplier, label_type_multiplier;
extern const unsigned label_key_shift, label_type_shift;
extern const uint8_t label_key_slots[];
extern const uint8_t label_type_slots[];
/* By the last seven bytes of a name: those that are walked into in types
 * without a rule. */
#define LABEL_TAILS 128
extern const uint64_t label_tail_multiplier;
extern const uint64_t label_tails[LABEL_TAILS];
extern const uint8_t label_tail_keys[LABEL_TAILS];
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

/* Eight bytes that, with the length, tell the names apart. length > 0. */
static inline uint64_t
label_word(const char *name, size_t length)
{
    const unsigned char *b = (const unsigned char *)name;
    uint32_t head, tail;

    if (length < 4)
        return (uint64_t)b[0] | (uint64_t)b[length / 2] << 8 |
               (uint64_t)b[length - 1] << 16;
    memcpy(&head, b, 4);
    memcpy(&tail, b + length - 4, 4);
    return (uint64_t)head | (uint64_t)tail << 32;
}

/* Number of a member's name, 0 where none has it. length > 0. */
static inline unsigned
label_key(const char *name, size_t length)
{
    const uint64_t word = label_word(name, length);
    const unsigned key =
        label_key_slots[((word + length * 0x9e3779b97f4a7c15u) *
                         label_key_multiplier) >>
                        label_key_shift];

    if (label_key_words[key] != word || label_key_lengths[key] != length)
        return 0;
    /* the first four bytes and the last four are the word */
    for (size_t i = 4; i + 4 < length; i += 4)
        if (memcmp(label_key_names[key] + i, name + i, 4) != 0)
            return 0;
    return key;
}

/* `closing` stands on the quote behind a name, eight bytes behind the start
 * of what may be read, no backslash among them. The key that such a name may
 * be (where its first bytes fit too), or 0 where it is none of those that
 * label_tails has. */
static inline unsigned
label_tail(const uint8_t *closing)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu, ones = 0x0101010101010101u;
    uint64_t word, quotes;

    memcpy(&word, closing - 8, 8); /* eight bytes before the quote */
    /* the bytes that are quotes, exactly */
    quotes = word ^ ones * 0x22;
    quotes = ~(((quotes & low) + low) | quotes | low);
    word &= ~(uint64_t)0xff; /* seven of them are the tail */
    if (quotes != 0) {
        /* bytes from the last quote on, itself too, are not of the name */
        const unsigned bits = 64 - (unsigned)__builtin_clzll(quotes);
        word = bits >= 64 ? 0 : word >> bits << bits;
    }
    word >>= 8;
    const unsigned slot = (unsigned)((word * label_tail_multiplier) >> 57);
    return label_tails[slot] == word ? label_tail_keys[slot] : 0;
}

#endif
