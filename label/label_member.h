/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a member of FHIR JSON means where it stands: the hot path of the
 * labeller, hence inline. Only label/ includes it.
 */
#ifndef VIGIE_LABEL_LABEL_MEMBER_H
#define VIGIE_LABEL_LABEL_MEMBER_H

#include "label/label_state.h"

static inline bool
label_member_of_resource(uint8_t node)
{
    const unsigned kind = label_node_kinds[node];

    return kind == LABEL_RESOURCE || kind == LABEL_CONTAINED ||
           kind == LABEL_ENTERED;
}

/* Notes that it was there; the node of its value. */
static inline uint8_t
label_member_note(struct label_frame *frame, uint8_t node, const char *key,
                  size_t length)
{
    const bool twin = length > 1 && key[0] == '_'; /* _birthDate */
    unsigned number;

    if (length == 0)
        return LABEL_PASS;
    number = twin ? label_key(key + 1, length - 1) : label_key(key, length);
    if (number == 0 || number > label_top_count) {
        frame->unknown = true;
        return LABEL_PASS;
    }
    const uint64_t bit = 1ull << number % 64;
    frame->seen[number / 64] |= bit;
    if (twin || (frame->typed &&
                 (label_types[frame->type].visit[number / 64] & bit) == 0))
        return LABEL_PASS;
    return label_children[node][number];
}

static inline uint8_t
label_member(struct label *label, uint8_t node, const char *key, size_t length)
{
    struct label_frame *frame = &label->frames[label->frames_count - 1];

    if (label_member_of_resource(node))
        return label_member_note(frame, node, key, length);
    if (length == 0)
        return LABEL_PASS;
    if (label_node_kinds[node] == LABEL_PARAMETER && length >= 5 &&
        memcmp(key, "value", 5) == 0)
        frame->values = true;
    return label_children[node][label_key(key, length)];
}

#endif
