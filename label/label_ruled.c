/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A record is an object that holds an identifying member, by the rules. What
 * the rules say of members in it, or below it, is shown of its persons; where
 * it turns out to name none, of those of the record around it.
 */
#include "label/label_ruled.h"

static const struct label_rule *
step_at(const struct label *label, uint8_t node)
{
    return &label->rules->steps[node - 1];
}

uint8_t
label_ruled_start(struct label *label)
{
    return label->rules == NULL ? LABEL_PASS : 1;
}

static void
show(struct label *label, uint16_t set)
{
    label->ruled = true;
    if (label->frames_count > 0)
        label->frames[label->frames_count - 1].extensions |= set;
    else
        label->names[LABEL_NOBODY].seen |= set;
}

uint8_t
label_ruled_member(struct label *label, uint8_t node, const char *key,
                   size_t length)
{
    const uint8_t step = label_rules_child(label->rules, (uint8_t)(node - 1),
                                           (struct text){key, length});

    if (step == 0)
        return LABEL_PASS;
    if (label->rules->steps[step].shows != 0)
        show(label, label->rules->steps[step].shows);
    return (uint8_t)(step + 1);
}

void
label_ruled_open(struct label *label, uint8_t node)
{
    struct label_frame *frame;

    if (!step_at(label, node)->record)
        return;
    if (label->frames_count >= LABEL_RESOURCES_MAX) {
        (void)label_fail(label, E_LIMIT, "label-resources-max", "",
                         label->at.offset);
        return;
    }
    frame = &label->frames[label->frames_count++];
    memset(frame, 0, offsetof(struct label_frame, id));
    frame->pending = label->pending_count;
    frame->node = node;
}

void
label_ruled_close(struct label *label, uint8_t node)
{
    struct label_frame *frame;

    if (!step_at(label, node)->record || label->failed != OK)
        return;
    frame = &label->frames[label->frames_count - 1];
    const uint32_t first = frame->pending;
    uint16_t set = frame->extensions;
    label->frames_count--;
    if (label->pending_count == first) {
        if (set != 0)
            show(label, set);
        return;
    }
    if (set == 0)
        set = CATEGORY_IDENTITY; /* an identifier alone */
    for (uint32_t i = first; i < label->pending_count; i++)
        label->names[label_name_root(label, label->pending[i].name)].seen |=
            set;
    label->pending_count = first;
    if (label->frames_count == 0)
        label->settled = label->at.offset + 1;
}

void
label_ruled_value(struct label *label, uint8_t node, struct text text)
{
    const struct label_rule *rule = step_at(label, node);
    uint32_t name;

    if (!rule->person || text.length == 0)
        return;
    if (text.length > LABEL_VALUE_BYTES_MAX ||
        label->pending_count >= LABEL_REFERENCES_MAX) {
        (void)label_fail(label, E_LIMIT,
                         text.length > LABEL_VALUE_BYTES_MAX
                             ? "label-value-bytes-max"
                             : "label-references-max",
                         "", label->at.offset);
        return;
    }
    if (rule->system_length > 0) {
        memmove(label->scratch + rule->system_length + 1, text.bytes,
                text.length);
        memcpy(label->scratch, rule->system, rule->system_length);
        label->scratch[rule->system_length] = '|';
        text = (struct text){label->scratch,
                             rule->system_length + 1u + text.length};
    }
    name = label_name_of(label, 0, text, LABEL_RANK_IDENTIFIER, true);
    if (name == UINT32_MAX)
        return;
    label_name_is(label, name, LABEL_NAME_PATIENT);
    if (rule->ins && label->names[name].identifier_length == 0) {
        label->names[name].identifier = label->names[name].text;
        label->names[name].identifier_length = label->names[name].length;
    }
    label->ruled = true;
    label->pending[label->pending_count++] =
        (struct label_pending){.name = (uint16_t)name};
}

bool
label_ruled_reads(const struct label *label, uint8_t node)
{
    return node != LABEL_PASS && step_at(label, node)->person;
}

void
label_ruled_end(struct label *label)
{
    if (!label->ruled)
        label->names[LABEL_NOBODY].seen |= LABEL_UNKNOWN_ELEMENT;
}
