/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One batch of the fast scanner: from bracket to bracket, and from name to
 * name in what is walked into.
 */
#include "label/label_member.h"
#include "label/label_scan_take.h"
#include "model/resource.h"

/* -- names and values -- */

/* Zeros above the highest bit. */
static inline WALK unsigned
leading(uint64_t word)
{
#ifdef __x86_64__
    return (unsigned)_lzcnt_u64(word);
#else
    return word == 0 ? 64 : (unsigned)__builtin_clzll(word);
#endif
}

/* The last quote before byte `at` of this batch; *ret_at: its place. */
static inline bool
quote_before(const struct fast *fast, size_t at, size_t *ret_at)
{
    size_t block = at / INDEX_BLOCK_BYTES;
    uint64_t some = fast->bits.quote[INDEX_EDGE + block] &
                    ((1ull << at % INDEX_BLOCK_BYTES) - 1);

    while (some == 0) {
        if (block == 0)
            return false;
        some = fast->bits.quote[INDEX_EDGE + --block];
    }
    *ret_at = block * INDEX_BLOCK_BYTES + 63 - (size_t)__builtin_clzll(some);
    return true;
}

/* The quote that closes the string which opens at p: NULL where that is not
 * before the end. */
static const uint8_t *
closing_quote(const struct fast *fast, const uint8_t *p)
{
    const size_t behind = (size_t)(p + 1 - fast->batch);
    const uint8_t *at = p + 1;

    for (size_t i = behind / INDEX_BLOCK_BYTES; i < fast->blocks; i++) {
        uint64_t some = fast->bits.quote[INDEX_EDGE + i];

        if (i == behind / INDEX_BLOCK_BYTES)
            some &= ~0ull << behind % INDEX_BLOCK_BYTES;
        if (some != 0)
            return fast->batch + i * INDEX_BLOCK_BYTES +
                   (unsigned)__builtin_ctzll(some);
    }
    /* beyond this batch: an even number of backslashes before it */
    while (at < fast->end &&
           (at = memchr(at, '"', (size_t)(fast->end - at))) != NULL) {
        const uint8_t *run = at;
        while (run > p + 1 && run[-1] == '\\')
            run--;
        if ((at - run) % 2 == 0)
            return at;
        at++;
    }
    return NULL;
}

static inline bool
has_backslash(const struct fast *fast, const uint8_t *p, const uint8_t *end)
{
    return fast->escapes != 0 && memchr(p, '\\', (size_t)(end - p)) != NULL;
}

/* A string that is longer, escaped, or not wholly in this batch. */
void
label_fast_far_value(struct fast *fast, const uint8_t *p, uint8_t node)
{
    const uint8_t *close = closing_quote(fast, p);

    if (close == NULL) {
        fast->value = p + 1;
        return;
    }
    label_fast_stand(fast, close);
    label_scan_value(fast->label, node, (const char *)p + 1,
                     (size_t)(close - p - 1), has_backslash(fast, p, close));
}

/* The name before the colon at place `at`, wherever it begins. */
static __attribute__((noinline)) void
take_odd_member(struct fast *fast, size_t at)
{
    struct label *label = fast->label;
    const uint8_t *colon = fast->batch + at;
    const uint8_t *close = fast->quote, *begin = fast->quote_before;

    fast->record = NULL;
    if (quote_before(fast, at, &at)) {
        close = fast->batch + at;
        begin = quote_before(fast, at, &at) ? fast->batch + at : fast->quote;
    }
    label->at.member = LABEL_PASS;
    label_fast_stand(fast, close == NULL ? colon : close);
    if (begin == NULL || begin >= close) /* no name: a fault, found below */
        return;
    label_scan_key(label, (const char *)begin + 1, (size_t)(close - begin - 1),
                   has_backslash(fast, begin, close));
}

/* A backslash in the name of that length whose closing quote is before the
 * colon at `at`. */
static inline bool
slashed_before(const struct fast *fast, size_t at, size_t length)
{
    return length > 0 &&
           label_bits_before(fast->bits.backslash, at) << 1 >> (64 - length) !=
               0;
}

/* The node of the member with that name, where bytes before may be read. */
static inline uint8_t
member_node(struct fast *fast, const char *name, size_t length)
{
    struct label *label = fast->label;
    const unsigned key = label_key_inside(name, length);

    if (fast->plain != NULL)
        return (fast->plain[key / 64] >> key % 64 & 1) != 0
                   ? label_children[fast->node][key]
                   : LABEL_PASS;
    if (!fast->resource) {
        if (label_node_kinds[fast->node] == LABEL_PARAMETER)
            return label_member(label, fast->node, name, length);
        return label_children[fast->node][key];
    }
    if (key == 0 && name[0] == '_')
        return label_member(label, fast->node, name, length);
    return label_member_note(&label->frames[label->frames_count - 1],
                             fast->node, key, false);
}

/* The name before the colon, and its value. */
static inline WALK void
take_member(struct fast *fast, uint32_t i)
{
    struct label *label = fast->label;
    const size_t at = fast->bits.at[i];
    const uint8_t *colon = fast->batch + at;
    /* the highest bit is the closing quote */
    const uint64_t quotes = label_bits_before(fast->bits.quote, at);
    const size_t length = leading(quotes << 1);
    unsigned kind;

    if (quotes >> 63 == 0 || length > WINDOW_BITS - 2 ||
        (fast->escapes != 0 && slashed_before(fast, at, length))) {
        take_odd_member(fast, at);
    } else if ((fast->lengths >> length & 1) == 0) {
        label->at.member = LABEL_PASS;
        if (fast->record != NULL)
            label_shape_member(fast, i, length, NULL);
        return;
    } else if (colon - fast->start < 8) { /* too near to the first byte */
        take_odd_member(fast, at);
    } else {
        label->at.member =
            member_node(fast, (const char *)colon - 1 - length, length);
    }
    if (fast->record != NULL)
        label_shape_member(fast, i, length, colon);
    kind = label_node_kinds[label->at.member];
    if (kind >= LABEL_IN_RESOURCE_TYPE) {
        label_fast_value(fast, colon, label->at.member, kind);
        if (kind == LABEL_IN_RESOURCE_TYPE)
            label_fast_look(fast);
    }
}

/* What is known of the innermost that is walked into. */
static inline void
look(struct fast *fast)
{
    const struct label *label = fast->label;
    const uint8_t node =
        fast->level > 0 ? label->at.nodes[fast->level] : LABEL_PASS;
    const struct label_frame *frame;

    fast->node = node;
    fast->plain = NULL;
    fast->resource = false;
    fast->lengths = ~1ull;
    fast->visits =
        node != LABEL_PASS &&
        (label->at.kinds >> (label->at.depth - fast->level) & 1) != 0;
    if (!fast->visits || !label_member_of_resource(node))
        return;
    fast->resource = true;
    frame = &label->frames[label->frames_count - 1];
    if (frame->typed && frame->type != RESOURCE_UNKNOWN &&
        label_types[frame->type].rule == 0) {
        fast->plain = label_types[frame->type].visit;
        fast->lengths = label_types[frame->type].lengths;
    }
}

void
label_fast_look(struct fast *fast)
{
    look(fast);
}

/* -- brackets -- */

/* Where the next text of an NDJSON begins behind p: the index takes that for
 * a fault. False where this batch does not show it. */
static bool
next_line(struct fast *fast, const uint8_t *p)
{
    const size_t left = (size_t)(fast->end - fast->batch);
    const size_t bytes = fast->blocks * INDEX_BLOCK_BYTES;
    const uint8_t *end = fast->batch + (left < bytes ? left : bytes);
    bool line = false;
    size_t at;

    for (p++; p < end && (*p == '\n' || *p == ' ' || *p == '\r' || *p == '\t');
         p++)
        line = line || *p == '\n';
    if (p >= end || !line || *p != '{')
        return false;
    at = (size_t)(p - fast->batch);
    fast->bits.wrong[at / INDEX_BLOCK_BYTES] &=
        ~(1ull << at % INDEX_BLOCK_BYTES);
    return true;
}

/* What only an array may hold since the bracket before, in an object. */
static inline unsigned
misplaced(unsigned code, uint64_t kinds)
{
    return code / INDEX_PLAIN & (unsigned)kinds & 1;
}

/* Passes over brackets below the level; the first that is on it. */
static WALK uint32_t
pass_over(struct fast *fast, uint32_t i)
{
    struct label_scanner *at = &fast->label->at;
    const uint8_t *code = fast->bits.code;
    const uint32_t count = fast->bits.count, above = fast->level + 1;
    const uint32_t room = LABEL_DEPTH_MAX - fast->level;
    uint64_t kinds = at->kinds;
    uint32_t depth = at->depth;
    unsigned bad = 0;

    /* depth - above wraps where it is on the level again */
    for (; i < count && depth - above < room; i++) {
        const unsigned c = code[i];
        const uint64_t curly = c >> 5 & 1;

        if ((c & INDEX_BRACKET) == 0) { /* a colon */
            bad |= (unsigned)~kinds & 1;
            continue;
        }
        bad |= misplaced(c, kinds);
        if ((c & INDEX_OPEN) != 0) {
            kinds = kinds << 1 | curly;
            depth++;
        } else {
            bad |= (unsigned)(kinds ^ curly) & 1;
            kinds >>= 1;
            depth--;
        }
    }
    at->kinds = kinds;
    at->depth = depth;
    if (bad != 0 || depth > LABEL_DEPTH_MAX)
        fast->fault = true;
    return i;
}

/* Passes over what opens at bracket i on the level, as far as this batch
 * goes: the bracket or colon behind it. */
static inline WALK uint32_t
pass_whole(struct fast *fast, uint32_t i)
{
    struct label_scanner *at = &fast->label->at;
    const uint8_t *code = fast->bits.code + i;
    const uint32_t left = fast->bits.count - i, from = i;
    struct fast_run *run;
    uint64_t codes[2];

    memcpy(&codes, code, sizeof(codes));
    run = &fast->runs[(codes[0] * 0x9e3779b97f4a7c15u) >> 60];
    if (((run->codes[0] ^ codes[0]) & run->mask[0]) == 0 &&
        ((run->codes[1] ^ codes[1]) & run->mask[1]) == 0 &&
        run->count - 1 < left && at->depth + 8 < LABEL_DEPTH_MAX)
        return i + (uint32_t)run->count;
    at->kinds = at->kinds << 1 | (code[0] >> 5 & 1);
    at->depth++;
    i = pass_over(fast, i + 1);
    if (!fast->fault && at->depth == fast->level && i - from <= 16) {
        const uint32_t count = i - from;

        run->count = count;
        run->mask[0] = count >= 8 ? ~0ull : ~0ull >> (64 - 8 * count);
        run->mask[1] = count <= 8 ? 0 : ~0ull >> (128 - 8 * count);
        memcpy(run->codes, codes, sizeof(codes));
    }
    return i;
}

/* An opening bracket on the level, of what is walked into. False: no
 * further. */
static inline WALK bool
enter(struct fast *fast, uint32_t i, bool curly, uint8_t node, const uint8_t *p)
{
    struct label *label = fast->label;

    label_fast_stand(fast, p);
    if (label->at.depth == 0)
        node = label_walk_start(label, curly);
    if (!label_scan_push(label, curly, node) || label->failed != OK)
        return false;
    if (fast->record != NULL)
        label_shape_enter(fast, i, curly ? node : LABEL_PASS);
    fast->level = label->at.depth;
    look(fast);
    return true;
}

static inline WALK bool
leave(struct fast *fast, uint32_t i, bool curly, const uint8_t *p)
{
    struct label *label = fast->label;
    struct label_scanner *at = &label->at;

    if (at->depth == 0 || (at->kinds & 1) != curly) {
        fast->fault = true;
        return false;
    }
    label_fast_stand(fast, p);
    if (fast->record != NULL)
        label_shape_leave(fast, i, curly ? fast->node : LABEL_PASS);
    label_scan_pop(label);
    fast->level = at->depth;
    look(fast);
    if (at->depth == 0) {
        label_walk_end(label);
        if (label->type != LABEL_FHIR_LINES || !next_line(fast, p)) {
            fast->stop = p + 1;
            return false;
        }
    }
    return label->failed == OK;
}

/* The bracket i, which is on the level; *ret_next: the one behind what it
 * opens where that is passed over. False: no further. */
static inline WALK bool
take_bracket(struct fast *fast, uint32_t i, uint32_t *ret_next)
{
    struct label_scanner *at = &fast->label->at;
    const unsigned code = fast->bits.code[i];
    const bool curly = (code & INDEX_CURLY) != 0;
    const uint8_t *p = fast->batch + fast->bits.at[i];
    uint8_t node;

    if (misplaced(code, at->kinds) != 0) {
        fast->fault = true;
        return false;
    }
    if ((code & INDEX_OPEN) == 0)
        return leave(fast, i, curly, p);
    node = (at->kinds & 1) != 0 ? at->member : fast->node;
    if (label_node_kinds[node] >= LABEL_IN_RESOURCE_TYPE)
        node = LABEL_PASS; /* where a string was wanted */
    if (label_node_kinds[node] == LABEL_ENTRY && curly &&
        (at->kinds & 1) == 0 && label_shape_replay(fast, i, ret_next))
        return fast->label->failed == OK;
    if (node != LABEL_PASS || at->depth == 0 || at->depth >= LABEL_DEPTH_MAX)
        return enter(fast, i, curly, node, p);
    *ret_next = pass_whole(fast, i);
    return !fast->fault;
}

WALK bool
label_fast_walk(struct fast *fast)
{
    struct label *label = fast->label;
    uint32_t i = 0;

    if (label->at.depth != fast->level)
        i = pass_over(fast, i);
    if (fast->fault)
        return false;
    while (i < fast->bits.count) {
        uint32_t next = i + 1;

        if ((fast->bits.code[i] & INDEX_BRACKET) != 0) {
            if (!take_bracket(fast, i, &next))
                return false;
        } else if (fast->visits) {
            take_member(fast, i);
            if (label->failed != OK)
                return false;
        } else {
            fast->fault = true; /* a colon in an array */
            return false;
        }
        i = next;
    }
    fast->record = NULL;
    return true;
}

void
label_fast_remember(struct fast *fast)
{
    size_t at = fast->blocks * INDEX_BLOCK_BYTES, before;
    const uint8_t *old = fast->quote;
    size_t block = fast->blocks - 1;

    /* place `at` is one past: from the last bit of the last block */
    if ((fast->bits.quote[INDEX_EDGE + block] >> 63) != 0)
        before = at - 1;
    else if (!quote_before(fast, at - 1, &before))
        before = at;
    if (before < at) {
        fast->quote = fast->batch + before;
        fast->quote_before =
            quote_before(fast, before, &at) ? fast->batch + at : old;
    }
    for (block = fast->blocks; block-- > 0;) {
        const uint64_t some = fast->bits.token[block];
        if (some != 0) {
            fast->token = fast->batch + block * INDEX_BLOCK_BYTES + 63 -
                          (unsigned)__builtin_clzll(some);
            break;
        }
    }
    fast->bits.quote[INDEX_EDGE - 1] =
        fast->bits.quote[INDEX_EDGE + fast->blocks - 1];
    fast->bits.backslash[INDEX_EDGE - 1] =
        fast->bits.backslash[INDEX_EDGE + fast->blocks - 1];
}
