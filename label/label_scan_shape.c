/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Entries of a Bundle are much alike: what was done with one is noted as a
 * list, and where the next has the same brackets, colons and names (and the
 * same resource types), the list is gone through instead of the walk. Nothing
 * is done before all of that was compared, so that an entry which differs is
 * walked as if there were no list. Strings are never part of a shape but for
 * names and types.
 */
#include "label/label_member.h"
#include "label/label_scan_take.h"

enum act {
    ACT_OPEN,
    ACT_CLOSE,
    ACT_VALUE,
    ACT_NOTE, /* a member of a resource */
};

#define NAME_BYTES_MAX (LABEL_SHAPE_BYTES - 2) /* and its quotes */

/* -- noting -- */

static void
note_act(struct fast *fast, enum act what, uint32_t i, uint8_t node,
         unsigned key)
{
    struct label_shape *shape = fast->record;

    if (shape == NULL)
        return;
    if (shape->acts_count >= LABEL_SHAPE_ACTS ||
        i - fast->record_from >= LABEL_SHAPE_CODES) {
        fast->record = NULL;
        return;
    }
    shape->acts[shape->acts_count++] = (struct label_shape_act){
        .what = (uint8_t)what,
        .node = node,
        .key = (uint8_t)key,
        .at = (uint8_t)(i - fast->record_from),
    };
}

/* `length` bytes that end before the colon, or begin at it. */
static void
note_check(struct fast *fast, uint32_t i, size_t length, bool behind)
{
    struct label_shape *shape = fast->record;
    const uint8_t *colon = fast->batch + fast->bits.at[i];
    struct label_shape_check *check;

    if (shape->checks_count >= LABEL_SHAPE_CHECKS ||
        i - fast->record_from >= LABEL_SHAPE_CODES || length < 3 ||
        length > LABEL_SHAPE_BYTES) {
        fast->record = NULL;
        return;
    }
    check = &shape->checks[shape->checks_count++];
    check->colon = (uint8_t)(i - fast->record_from);
    if (behind)
        shape->last_type = check->colon;
    check->quote = (uint8_t)length;
    check->from = behind ? 0 : -(int8_t)LABEL_SHAPE_BYTES;
    check->others = ~(behind ? ~0u >> (32 - length) : ~0u << (32 - length));
    memset(check->bytes, 0, LABEL_SHAPE_BYTES);
    if (behind)
        memcpy(check->bytes, colon, length);
    else
        memcpy(check->bytes + LABEL_SHAPE_BYTES - length, colon - length,
               length);
}

/* A resource's type, from the colon on to its closing quote. */
static void
note_type(struct fast *fast, uint32_t i, const uint8_t *colon)
{
    const uint8_t *p = colon + 1, *end = colon + LABEL_SHAPE_BYTES;

    if (end > fast->end) {
        fast->record = NULL;
        return;
    }
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    for (p++; p < end && *p != '"' && *p != '\\';)
        p++;
    if (p >= end || *p != '"')
        fast->record = NULL;
    else
        note_check(fast, i, (size_t)(p + 1 - colon), true);
}

void
label_shape_member(struct fast *fast, uint32_t i, size_t length,
                   const uint8_t *colon)
{
    const uint8_t node = fast->label->at.member;
    const unsigned kind = label_node_kinds[node];

    if (length == 0 || length > NAME_BYTES_MAX ||
        label_node_kinds[fast->node] == LABEL_PARAMETER) {
        fast->record = NULL; /* also where values alone are noted */
        return;
    }
    note_check(fast, i, length + 2, false);
    if (colon == NULL || fast->record == NULL)
        return;
    if (fast->resource && fast->plain == NULL) {
        const char *name = (const char *)colon - 1 - length;

        if (name[0] == '_')
            fast->record = NULL;
        else
            note_act(fast, ACT_NOTE, i, fast->node, label_key(name, length));
    }
    if (fast->record != NULL && kind == LABEL_IN_RESOURCE_TYPE)
        note_type(fast, i, colon);
    if (kind >= LABEL_IN_RESOURCE_TYPE)
        note_act(fast, ACT_VALUE, i, node, 0);
}

void
label_shape_enter(struct fast *fast, uint32_t i, uint8_t node)
{
    if (node != LABEL_PASS)
        note_act(fast, ACT_OPEN, i, node, 0);
}

/* Containers inside each other. */
static uint32_t
deepest(const uint8_t *code, uint32_t count)
{
    uint32_t depth = 0, most = 0;

    for (uint32_t i = 0; i < count; i++) {
        if ((code[i] & INDEX_BRACKET) == 0)
            continue;
        depth += (code[i] & INDEX_OPEN) != 0 ? 1 : UINT32_MAX;
        most = depth > most ? depth : most;
    }
    return most;
}

/* Two places for each beginning. */
static inline uint32_t
place_of(const uint8_t *code, uint8_t *ret_tag)
{
    uint64_t words[6];

    memcpy(words, code, sizeof(words));
    words[0] = (words[0] ^ words[1] << 1 ^ words[4] << 2) * 0x9e3779b97f4a7c15u;
    words[2] = (words[2] ^ words[3] << 1 ^ words[5] << 2) * 0xd6e8feb86659fd93u;
    *ret_tag = (uint8_t)((words[0] ^ words[2]) >> 52 | 1);
    return (uint32_t)((words[0] ^ words[2]) >> 59) * LABEL_SHAPE_WAYS;
}

/* What was noted, in place of another, which is noted over next time. */
static void
keep(struct label *label, const uint8_t *code, uint32_t count)
{
    const uint8_t noted = label->shape_spare;
    uint8_t tag;
    uint32_t place = place_of(code, &tag);

    if (label->shape_of[place] != 0 && (label->shape_turn++ & 1) != 0)
        place++;
    label->shape_spare = label->shape_of[place] == 0
                             ? ++label->shapes_count
                             : (uint8_t)(label->shape_of[place] - 1);
    label->shape_of[place] = (uint8_t)(noted + 1);
    memcpy(label->shapes[noted].codes, code, count);
    label->shapes[noted].codes_count = count;
}

void
label_shape_leave(struct fast *fast, uint32_t i, uint8_t node)
{
    struct label *label = fast->label;
    struct label_shape *shape;
    const uint32_t count = i + 1 - fast->record_from;

    if (node != LABEL_PASS)
        note_act(fast, ACT_CLOSE, i, node, 0);
    shape = fast->record;
    if (shape == NULL || label->at.depth != fast->record_depth)
        return;
    fast->record = NULL;
    if (count <= LABEL_SHAPE_CODES &&
        deepest(fast->bits.code + fast->record_from, count) <=
            LABEL_SHAPE_DEPTH)
        keep(label, fast->bits.code + fast->record_from, count);
}

/* -- the same again -- */

#ifdef __x86_64__
static inline WALK uint32_t
same_bytes(const uint8_t *a, const uint8_t *b)
{
    const __m256i va = _mm256_loadu_si256((const __m256i *)(const void *)a);
    const __m256i vb = _mm256_loadu_si256((const __m256i *)(const void *)b);

    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(va, vb));
}
#else
static inline uint32_t
same_bytes(const uint8_t *a, const uint8_t *b)
{
    uint32_t same = 0;

    for (unsigned i = 0; i < LABEL_SHAPE_BYTES; i++)
        same |= (uint32_t)(a[i] == b[i]) << i;
    return same;
}
#endif

static inline WALK bool
same_codes(const uint8_t *code, const struct label_shape *shape, uint32_t count)
{
    uint32_t i = 0;

    for (; i + 32 <= count; i += 32)
        if (same_bytes(code + i, shape->codes + i) != ~0u)
            return false;
    return i == count ||
           (same_bytes(code + i, shape->codes + i) | ~0u << (count - i)) == ~0u;
}

static inline WALK bool
same_names(const struct fast *fast, uint32_t i, const struct label_shape *shape)
{
    const struct label_shape_check *check = shape->checks;
    const struct label_shape_check *end = check + shape->checks_count;
    const uint16_t *at = fast->bits.at + i;
    const uint8_t *batch = fast->batch;

    for (; check < end; check++)
        if ((same_bytes(batch + at[check->colon] + check->from, check->bytes) |
             check->others) != ~0u)
            return false;
    if (fast->escapes == 0)
        return true;
    /* a quote behind a backslash is inside a longer name */
    for (check = shape->checks; check < end; check++)
        if (check->from < 0 &&
            batch[at[check->colon] - 1 - check->quote] == '\\')
            return false;
    return true;
}

static WALK bool
do_again(struct fast *fast, uint32_t i, const struct label_shape *shape)
{
    struct label *label = fast->label;
    const uint16_t *at = fast->bits.at + i;

    for (unsigned n = 0; n < shape->acts_count && label->failed == OK; n++) {
        const struct label_shape_act act = shape->acts[n];
        const uint8_t *p = fast->batch + at[act.at];

        switch ((enum act)act.what) {
        case ACT_OPEN:
            label_fast_stand(fast, p);
            label_walk_open(label, act.node);
            break;
        case ACT_CLOSE:
            label_fast_stand(fast, p);
            label_walk_close(label, act.node);
            break;
        case ACT_VALUE:
            label_fast_value(fast, p, act.node, label_node_kinds[act.node]);
            break;
        case ACT_NOTE:
            (void)label_member_note(&label->frames[label->frames_count - 1],
                                    act.node, act.key, false);
            break;
        }
    }
    return true;
}

static void
begin_note(struct fast *fast, uint32_t i)
{
    struct label *label = fast->label;

    fast->record = &label->shapes[label->shape_spare];
    fast->record->checks_count = fast->record->acts_count = 0;
    fast->record->last_type = 0;
    fast->record_from = i;
    fast->record_depth = label->at.depth + 1;
}

WALK bool
label_shape_replay(struct fast *fast, uint32_t i, uint32_t *ret_next)
{
    struct label *label = fast->label;
    const uint8_t *code = fast->bits.code + i;
    uint8_t tag;
    const uint32_t place = place_of(code, &tag), left = fast->bits.count - i;

    if (fast->record != NULL ||
        label->at.depth + LABEL_SHAPE_DEPTH > LABEL_DEPTH_MAX)
        return false;
    if (fast->batch + fast->bits.at[i] - fast->start < LABEL_SHAPE_BYTES)
        return false;
    for (uint32_t way = 0; way < LABEL_SHAPE_WAYS; way++) {
        const uint32_t which = label->shape_of[place + way];
        const struct label_shape *shape;
        uint32_t count;

        if (which == 0)
            break;
        shape = &label->shapes[which - 1];
        count = shape->codes_count;
        if (count > left || !same_codes(code, shape, count) ||
            fast->index.end -
                    (fast->batch + fast->bits.at[i + shape->last_type]) <
                (ptrdiff_t)LABEL_SHAPE_BYTES ||
            !same_names(fast, i, shape))
            continue;
        *ret_next = i + count;
        return do_again(fast, i, shape);
    }
    if (label->shape_seen[place] == tag)
        begin_note(fast, i);
    label->shape_seen[place] = tag; /* noted when it comes again */
    return false;
}
