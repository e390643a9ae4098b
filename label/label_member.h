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

/* Notes that the member was there; the node of its value. `key` is the number
 * of its name, without the line of a primitive's twin (_birthDate). */
static inline uint8_t
label_member_note(struct label_frame *frame, uint8_t node, unsigned key,
                  bool twin)
{
    const uint64_t bit = 1ull << key % 64;

    if (key == 0 || key > label_top_count) {
        frame->unknown = true;
        return LABEL_PASS;
    }
    frame->seen[key / 64] |= bit;
    if (twin ||
        (frame->typed && (label_types[frame->type].visit[key / 64] & bit) == 0))
        return LABEL_PASS;
    return label_children[node][key];
}

static inline uint8_t
label_member(struct label *label, uint8_t node, const char *name, size_t length)
{
    struct label_frame *frame = &label->frames[label->frames_count - 1];

    if (length == 0)
        return LABEL_PASS;
    if (label_member_of_resource(node)) {
        const bool twin = length > 1 && name[0] == '_';
        return label_member_note(frame, node,
                                 label_key(name + twin, length - twin), twin);
    }
    if (label_node_kinds[node] == LABEL_PARAMETER && length >= 5 &&
        memcmp(name, "value", 5) == 0)
        frame->values = true;
    return label_children[node][label_key(name, length)];
}

#endif
