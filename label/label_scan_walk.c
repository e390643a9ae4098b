/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One batch of the fast scanner: from bracket to bracket, and from name to
 * name in what is walked into.
 */
#include "label/label_member.h"
#include "label/label_scan_fast.h"
#include "model/resource.h"

/* -- names and values -- */

/* The last quote before byte `at` of this batch; *ret_at: its place. */
static inline bool
quote_before(const struct fast *fast, size_t at, size_t *ret_at)
{
    size_t block = at / INDEX_BLOCK_BYTES;
    uint64_t some =
        fast->bits.quote[block] & ((1ull << at % INDEX_BLOCK_BYTES) - 1);

    while (some == 0) {
        if (block == 0)
            return false;
        some = fast->bits.quote[--block];
    }
    *ret_at = block * INDEX_BLOCK_BYTES + 63 - (size_t)__builtin_clzll(some);
    return true;
}

/* The quote that closes the string which opens at p: NULL where that is not
 * before the end. */
static const uint8_t *
closing_quote(const struct fast *fast, const uint8_t *p)
{
    const uint8_t *at = p + 1;
    const size_t behind = (size_t)(p + 1 - fast->batch);
    size_t i = behind / INDEX_BLOCK_BYTES;

    if (i < fast->blocks) {
        uint64_t some =
            fast->bits.quote[i] & (~0ull << behind % INDEX_BLOCK_BYTES);
        while (some == 0 && ++i < fast->blocks)
            some = fast->bits.quote[i];
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

/* The string behind a colon at p, where it is one. */
static void
take_value(struct fast *fast, const uint8_t *p, uint8_t node)
{
    const unsigned kind = label_node_kinds[node];
    const uint8_t *close;

    do
        p++;
    while (p < fast->end &&
           (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'));
    if (p >= fast->end || *p != '"')
        return;
    if ((kind == LABEL_IN_DATA || kind == LABEL_IN_DISPLAY) &&
        p + 1 < fast->end) {
        if (p[1] != '"') /* that there is something is all that matters */
            label_walk_value(fast->label, node, (const char *)p + 1, 1);
        return;
    }
    close = closing_quote(fast, p);
    if (close == NULL) {
        fast->value = p + 1;
        return;
    }
    label_fast_stand(fast, close);
    if (fast->escapes == 0 && close - p <= LABEL_VALUE_BYTES_MAX)
        label_walk_value(fast->label, node, (const char *)p + 1,
                         (size_t)(close - p - 1));
    else
        label_scan_value(fast->label, node, (const char *)p + 1,
                         (size_t)(close - p - 1),
                         has_backslash(fast, p, close));
}

/* The name before the colon at place `at`, wherever it begins. */
static __attribute__((noinline)) void
take_odd_member(struct fast *fast, size_t at)
{
    struct label *label = fast->label;
    const uint8_t *colon = fast->batch + at;
    const uint8_t *close = fast->quote, *begin = fast->quote_before;

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

/* The name before the colon, and its value. */
static inline void
take_member(struct fast *fast, size_t at)
{
    struct label *label = fast->label;
    const uint8_t *colon = fast->batch + at;
    size_t begin;

    if (at > 1 && colon[-1] == '"' && fast->escapes == 0 &&
        quote_before(fast, at - 1, &begin) && at - begin < LABEL_ID_BYTES_MAX) {
        label_fast_stand(fast, colon - 1);
        label->at.member =
            label_member(label, label->at.nodes[fast->level],
                         (const char *)fast->batch + begin + 1, at - begin - 2);
    } else {
        take_odd_member(fast, at);
    }
    if (label->at.member != LABEL_PASS &&
        label_node_kinds[label->at.member] >= LABEL_IN_RESOURCE_TYPE) {
        take_value(fast, colon, label->at.member);
        if (label_node_kinds[label->at.member] == LABEL_IN_RESOURCE_TYPE)
            label_fast_look(fast);
    }
}

/* True where the name before the colon can be none that matters in the
 * resource that is open: told by its last bytes, without the name's start. */
static inline bool
passes(const struct fast *fast, const struct label_frame *frame, size_t at)
{
    const uint8_t *close = fast->batch + at - 1;
    const size_t block = at / INDEX_BLOCK_BYTES;
    unsigned key;

    if (at < INDEX_BLOCK_BYTES || *close != '"' ||
        (fast->escapes != 0 &&
         (fast->bits.backslash[block] | fast->bits.backslash[block - 1]) != 0))
        return false;
    key = label_tail(close);
    return key == 0 ||
           (label_types[frame->type].visit[key / 64] >> key % 64 & 1) == 0;
}

/* The resource that is open, where the type is known and its categories do
 * not hang on its members; else NULL. */
static inline const struct label_frame *
plain_resource(const struct label *label)
{
    const struct label_frame *frame;

    if (label->frames_count == 0)
        return NULL;
    frame = &label->frames[label->frames_count - 1];
    return frame->typed && frame->type != RESOURCE_UNKNOWN &&
                   label_types[frame->type].rule == 0
               ? frame
               : NULL;
}

void
label_fast_look(struct fast *fast)
{
    const struct label *label = fast->label;
    const uint8_t node = label->at.nodes[fast->level];

    fast->plain = NULL;
    fast->visits =
        fast->level > 0 && node != LABEL_PASS &&
        (label->at.kinds >> (label->at.depth - fast->level) & 1) != 0;
    if (fast->visits && label_member_of_resource(node))
        fast->plain = plain_resource(label);
}

/* The members whose colons are from place `from` up to before `to`; all at
 * the level that is walked into. */
static inline void
take_members(struct fast *fast, size_t from, size_t to)
{
    size_t block = from / INDEX_BLOCK_BYTES;
    uint64_t some;

    if (from >= to)
        return;
    const size_t last = (to - 1) / INDEX_BLOCK_BYTES;
    const uint64_t upto = ~0ull >> (63 - (to - 1) % INDEX_BLOCK_BYTES);

    some = fast->bits.colon[block] & (~0ull << from % INDEX_BLOCK_BYTES);
    for (;; some = fast->bits.colon[++block]) {
        if (block == last)
            some &= upto;
        for (; some != 0; some &= some - 1) {
            const size_t at =
                block * INDEX_BLOCK_BYTES + (size_t)__builtin_ctzll(some);

            if (fast->plain != NULL && passes(fast, fast->plain, at))
                fast->label->at.member = LABEL_PASS;
            else
                take_member(fast, at);
        }
        if (block == last)
            return;
    }
}

/* -- brackets -- */

/* Where the next text of an NDJSON begins behind p: the index takes that for
 * a fault. False where this batch does not show it. */
static bool
next_line(struct fast *fast, const uint8_t *p)
{
    const uint8_t *end = fast->batch + fast->blocks * INDEX_BLOCK_BYTES;
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

/* An opening bracket at the level that is walked into; depth and kinds are
 * the scanner's. False: no further. */
static inline bool
open_bracket(struct fast *fast, bool curly, const uint8_t *p)
{
    struct label *label = fast->label;
    struct label_scanner *at = &label->at;
    uint8_t node;

    node = (at->kinds & 1) != 0 ? at->member : at->nodes[at->depth];
    if (at->depth == 0) {
        label_fast_stand(fast, p);
        node = label_walk_start(label, curly);
    } else if (node == LABEL_PASS && at->depth < LABEL_DEPTH_MAX) {
        at->depth++;
        at->kinds = at->kinds << 1 | curly;
        return true;
    }
    label_fast_stand(fast, p);
    if (!label_scan_push(label, curly, node) || label->failed != OK)
        return false;
    fast->level = at->depth;
    label_fast_look(fast);
    return true;
}

static bool
close_bracket(struct fast *fast, bool curly, const uint8_t *p)
{
    struct label *label = fast->label;
    struct label_scanner *at = &label->at;

    if (at->depth == 0 || (at->kinds & 1) != curly) {
        fast->fault = true;
        return false;
    }
    label_fast_stand(fast, p);
    label_scan_pop(label);
    fast->level = at->depth;
    label_fast_look(fast);
    if (at->depth == 0) {
        label_walk_end(label);
        if (label->type != LABEL_FHIR_LINES || !next_line(fast, p)) {
            fast->stop = p + 1;
            return false;
        }
    }
    return label->failed == OK;
}

/* Does what stands since the bracket before not belong into this kind of
 * container? INDEX_PLAIN in an object, INDEX_COLON in an array. */
static inline unsigned
misplaced(unsigned code, uint64_t kinds)
{
    return code & INDEX_COLON >> (kinds & 1);
}

/* Passes over brackets below the level; the first that is on it. */
static inline uint32_t
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

bool
label_fast_walk(struct fast *fast)
{
    struct label *label = fast->label;
    struct label_scanner *at = &label->at;
    size_t behind = 0;
    uint32_t i = 0;

    for (;;) {
        if (at->depth != fast->level) {
            i = pass_over(fast, i);
            if (fast->fault)
                return false;
            behind = i == 0 ? 0 : fast->bits.at[i - 1] + 1u;
        }
        if (i >= fast->bits.count)
            break;
        const unsigned code = fast->bits.code[i];
        const size_t place = fast->bits.at[i];

        if (fast->visits && (code & INDEX_COLON) != 0) {
            take_members(fast, behind, place);
            if (label->failed != OK)
                return false;
        }
        if (misplaced(code, at->kinds) != 0) {
            fast->fault = true;
            return false;
        }
        if (!((code & INDEX_OPEN) != 0
                  ? open_bracket(fast, (code & INDEX_CURLY) != 0,
                                 fast->batch + place)
                  : close_bracket(fast, (code & INDEX_CURLY) != 0,
                                  fast->batch + place)))
            return false;
        behind = place + 1;
        i++;
    }
    if (fast->visits && at->depth == fast->level)
        take_members(fast, behind, fast->blocks * INDEX_BLOCK_BYTES);
    return label->failed == OK;
}

void
label_fast_remember(struct fast *fast)
{
    size_t at = fast->blocks * INDEX_BLOCK_BYTES, before;
    const uint8_t *old = fast->quote;
    size_t block = fast->blocks - 1;

    /* place `at` is one past: from the last bit of the last block */
    if ((fast->bits.quote[block] >> 63) != 0)
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
}
