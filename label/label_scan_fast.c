/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The scanner that works on the bits of label_scan_index.h. It walks from
 * bracket to bracket; inside what is passed over it looks at nothing else
 * but the two masks that say whether a colon, or an array's element, stands
 * in the wrong kind of container. Inside what is walked into it also looks at
 * the names before the colons.
 *
 * It takes whole blocks, begins and ends between two tokens (or inside a
 * string that is not read), and leaves the state as label_scan_plain would.
 * Where it finds a fault, label_scan_plain goes over the same bytes, mute, to
 * say which byte and why.
 */
#include "label/label_scan.h"
#include "label/label_scan_index.h"

#define FAST_BYTES_MIN 128

struct fast {
    struct label *label;
    struct index_state index;
    uint64_t base;        /* offset of the first block of all */
    const uint8_t *start; /* of it */
    const uint8_t *end;   /* of the last block of all */
    const uint8_t *batch; /* of the first block of this batch */
    /* the last of their kind before this batch */
    const uint8_t *token, *quote, *quote_before;
    const uint8_t *value; /* a string that is read and not at its end */
    const uint8_t *stop;  /* behind a text, or NULL */
    uint32_t pass;        /* depth of what is passed over; 0: nothing is */
    uint32_t escapes;     /* bit 0: a backslash in this batch, 1: in the last */
    struct index_block blocks[INDEX_BLOCKS];
};

bool
label_scan_fast_has(enum label_scan scan)
{
    switch (scan) {
    case LABEL_SCAN_AVX512:
        return label_index_avx512_here();
    case LABEL_SCAN_AVX2:
        return label_index_avx2_here();
    default:
        return scan == LABEL_SCAN_PLAIN;
    }
}

/* What follows is told of the byte at p. */
static inline void
stand_at(struct fast *fast, const uint8_t *p)
{
    fast->label->at.offset = fast->base + (uint64_t)(p - fast->start);
}

/* -- names and values -- */

/* The last quote before bit `at` of block `i` of this batch. */
static const uint8_t *
quote_before(const struct fast *fast, size_t *i, unsigned *at)
{
    uint64_t some = fast->blocks[*i].quote & ((1ull << *at) - 1);

    while (some == 0) {
        if (*i == 0)
            return NULL;
        some = fast->blocks[--*i].quote;
    }
    *at = 63 - (unsigned)__builtin_clzll(some);
    return fast->batch + *i * INDEX_BLOCK_BYTES + *at;
}

/* The quote that closes the string which opens at p: NULL where that is not
 * before the end. */
static const uint8_t *
closing_quote(const struct fast *fast, size_t count, const uint8_t *p)
{
    const uint8_t *at = p + 1;
    const size_t behind = (size_t)(p + 1 - fast->batch);
    size_t i = behind / INDEX_BLOCK_BYTES;

    if (i < count) {
        uint64_t some =
            fast->blocks[i].quote & (~0ull << behind % INDEX_BLOCK_BYTES);
        while (some == 0 && ++i < count)
            some = fast->blocks[i].quote;
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
take_value(struct fast *fast, size_t count, const uint8_t *p, uint8_t node)
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
    close = closing_quote(fast, count, p);
    if (close == NULL) {
        fast->value = p + 1;
        return;
    }
    stand_at(fast, close);
    label_scan_value(fast->label, node, (const char *)p + 1,
                     (size_t)(close - p - 1), has_backslash(fast, p, close));
}

/* The name whose colon is bit `at` of block i, and its value. */
static inline void
take_member(struct fast *fast, size_t i, size_t count, unsigned at)
{
    struct label *label = fast->label;
    const uint8_t *colon = fast->batch + i * INDEX_BLOCK_BYTES + at;
    const uint8_t *close, *begin;
    size_t block = i;
    unsigned bit = at;

    close = quote_before(fast, &block, &bit);
    if (close == NULL) {
        close = fast->quote;
        begin = fast->quote_before;
    } else {
        begin = quote_before(fast, &block, &bit);
        if (begin == NULL)
            begin = fast->quote;
    }
    label->at.member = LABEL_PASS;
    stand_at(fast, close == NULL ? colon : close);
    if (begin == NULL || begin >= close) /* no name: a fault, found below */
        return;
    label_scan_key(label, (const char *)begin + 1, (size_t)(close - begin - 1),
                   has_backslash(fast, begin, close));
    if (label->at.member != LABEL_PASS &&
        label_walk_reads(label, label->at.member))
        take_value(fast, count, colon, label->at.member);
}

/* -- brackets -- */

/* Where the next text of an NDJSON begins at p: the index takes that for a
 * fault. NULL where this batch does not show it. */
static bool
next_line(struct fast *fast, size_t count, const uint8_t *p)
{
    const uint8_t *end = fast->batch + count * INDEX_BLOCK_BYTES;
    bool line = false;
    size_t at;

    for (p++; p < end && (*p == '\n' || *p == ' ' || *p == '\r' || *p == '\t');
         p++)
        line = line || *p == '\n';
    if (p >= end || !line || *p != '{')
        return false;
    at = (size_t)(p - fast->batch);
    fast->blocks[at / INDEX_BLOCK_BYTES].wrong &=
        ~(1ull << at % INDEX_BLOCK_BYTES);
    return true;
}

/* False: a fault, or the end of a text. */
static inline bool
open_bracket(struct fast *fast, bool curly, const uint8_t *p)
{
    struct label *label = fast->label;
    struct label_scanner *at = &label->at;
    const bool object = at->kinds & 1;
    uint8_t node;

    stand_at(fast, p);
    if (fast->pass != 0 && at->depth < LABEL_DEPTH_MAX) {
        at->depth++;
        at->kinds = at->kinds << 1 | curly;
        return true;
    }
    node = at->depth == 0 ? label_walk_start(label, curly)
           : object       ? at->member
                          : at->nodes[at->depth];
    if (!label_scan_push(label, curly, node))
        return false;
    if (at->nodes[at->depth] == LABEL_PASS)
        fast->pass = at->depth;
    return true;
}

static inline bool
close_bracket(struct fast *fast, size_t count, bool curly, const uint8_t *p)
{
    struct label *label = fast->label;
    struct label_scanner *at = &label->at;

    if (at->depth == 0 || (at->kinds & 1) != curly)
        return false;
    if (fast->pass != 0 && fast->pass < at->depth) {
        at->kinds >>= 1;
        at->depth--;
        return true;
    }
    fast->pass = 0;
    stand_at(fast, p);
    label_scan_pop(label);
    if (at->depth == 0) {
        label_walk_end(label);
        if (label->type != LABEL_FHIR_LINES || !next_line(fast, count, p)) {
            fast->stop = p + 1;
            return false;
        }
    }
    return true;
}

/* One block; false: a fault (wrong bits are left in it), or the end of a
 * text. */
static inline bool
walk_block(struct fast *fast, size_t i, size_t count)
{
    struct label_scanner *at = &fast->label->at;
    struct index_block *block = &fast->blocks[i];
    const uint8_t *p = fast->batch + i * INDEX_BLOCK_BYTES;
    uint64_t bracket = block->bracket, left = ~0ull;

    for (;;) {
        const uint64_t bit = bracket & (0 - bracket);
        /* up to this bracket: everything where there is none */
        const uint64_t part = (bit ^ (bit - 1)) & left;
        const bool object = at->kinds & 1;
        const unsigned where = bit == 0 ? 0 : (unsigned)__builtin_ctzll(bit);

        const uint64_t fault = part & (object ? block->plain : block->colon);

        if (fast->pass == 0 && object) {
            /* those before a fault count, as they do byte by byte */
            const uint64_t before = ((fault & (0 - fault)) - 1) & part;
            for (uint64_t c = before & block->colon; c != 0; c &= c - 1)
                take_member(fast, i, count, (unsigned)__builtin_ctzll(c));
        }
        if (fault != 0) {
            block->wrong |= fault;
            return false;
        }
        if (bit == 0)
            return true;
        left &= ~part;
        bracket ^= bit;
        const bool curly = (block->curly & bit) != 0;
        if ((block->open & bit) != 0
                ? !open_bracket(fast, curly, p + where)
                : !close_bracket(fast, count, curly, p + where)) {
            if (fast->stop == NULL && fast->label->failed == OK)
                block->wrong |= bit;
            return false;
        }
    }
}

/* The last ones of this batch, for the next. */
static void
remember(struct fast *fast, size_t count)
{
    size_t i = count;
    unsigned seen = 0;

    while (i-- > 0 && seen < 2) {
        uint64_t some = fast->blocks[i].quote;
        while (some != 0 && seen < 2) {
            const unsigned at = 63 - (unsigned)__builtin_clzll(some);
            const uint8_t *p = fast->batch + i * INDEX_BLOCK_BYTES + at;
            if (seen == 0) {
                fast->quote_before = fast->quote;
                fast->quote = p;
            } else {
                fast->quote_before = p;
            }
            seen++;
            some &= ~(1ull << at);
        }
    }
    for (i = count; i-- > 0;) {
        const uint64_t some = fast->blocks[i].token;
        if (some != 0) {
            fast->token = fast->batch + i * INDEX_BLOCK_BYTES + 63 -
                          (unsigned)__builtin_clzll(some);
            break;
        }
    }
}

/* -- from and to the state of the plain scanner -- */

/* A state that the index can begin from. */
static bool
suits(struct label *label)
{
    struct label_scanner *at = &label->at;

    if (at->state == SCAN_STRING && at->take && !at->key &&
        label_node_kinds[at->member] == LABEL_IN_DATA && at->collected > 0) {
        /* a document: that there is one is all that matters of it */
        label_walk_value(label, at->member, at->text, 1);
        at->take = false;
    }
    return at->state == SCAN_NEXT || at->state == SCAN_KEY ||
           at->state == SCAN_KEY_OR_CLOSE || at->state == SCAN_ELEMENT ||
           (at->state == SCAN_STRING && !at->take);
}

static void
begin(struct fast *fast, struct label *label, const uint8_t *p,
      const uint8_t *end)
{
    const struct label_scanner *at = &label->at;

    memset(fast, 0, offsetof(struct fast, blocks));
    fast->label = label;
    fast->base = at->offset;
    fast->start = fast->batch = p;
    fast->end = p + (size_t)(end - p) / INDEX_BLOCK_BYTES * INDEX_BLOCK_BYTES;
    fast->index.end = end;
    fast->index.in_string = at->state == SCAN_STRING ? ~0ull : 0;
    fast->index.key = at->state == SCAN_STRING && at->key;
    fast->index.behind_comma = at->state == SCAN_KEY;
    fast->index.behind_curly = at->state == SCAN_KEY_OR_CLOSE;
    fast->index.behind_square = at->state == SCAN_ELEMENT;
    for (uint32_t depth = at->depth;
         depth > 0 && at->nodes[depth] == LABEL_PASS; depth--)
        fast->pass = depth;
}

/* Whoever passed over a container has not said so level by level. */
static void
note_passed(struct fast *fast)
{
    struct label_scanner *at = &fast->label->at;

    if (fast->pass != 0)
        for (uint32_t depth = fast->pass; depth <= at->depth; depth++)
            at->nodes[depth] = LABEL_PASS;
}

/* Where the last escape, or character of several bytes, that is not complete
 * at `end` begins; `end` where all are. */
static const uint8_t *
sequence_start(const uint8_t *from, const uint8_t *end)
{
    for (int i = 1; i <= 3 && end - from >= i && end[-i] >= 0x80; i++) {
        const int length = end[-i] >= 0xf0 ? 4 : end[-i] >= 0xe0 ? 3 : 2;
        if (end[-i] >= 0xc0)
            return length > i ? end - i : end;
    }
    for (int i = 1; i <= 5 && end - from >= i; i++) {
        const uint8_t *p = end - i, *run = p;
        if (*p != '\\')
            continue;
        while (run > from && run[-1] == '\\')
            run--;
        /* it starts an escape where the run before it is even */
        return (p - run) % 2 == 0 && (i == 1 || p[1] == 'u') ? p : end;
    }
    return end;
}

/* Inside a string at the end of the last block. */
static const uint8_t *
leave_string(struct fast *fast)
{
    struct label_scanner *at = &fast->label->at;
    const uint8_t *from = fast->quote == NULL ? fast->start : fast->quote + 1;
    const uint8_t *end = sequence_start(from, fast->end);
    const size_t length = (size_t)(end - from);

    at->state = SCAN_STRING;
    if (fast->quote == NULL)
        return end; /* still the one that was open at the start */
    at->key = fast->index.key != 0 && (at->kinds & 1) != 0;
    at->escaped = false;
    at->collected = 0;
    at->take =
        at->key ? at->nodes[at->depth] != LABEL_PASS : fast->value != NULL;
    if (at->take) {
        memcpy(at->text, from,
               length < LABEL_RAW_BYTES_MAX ? length : LABEL_RAW_BYTES_MAX);
        at->collected = (uint32_t)length;
        at->escaped = memchr(from, '\\', length) != NULL;
    }
    return end;
}

/* Behind a string that closed last: a name whose colon is still to come, or
 * a value. */
static void
leave_quote(struct fast *fast)
{
    struct label *label = fast->label;
    struct label_scanner *at = &label->at;

    at->state = SCAN_NEXT;
    if ((at->kinds & 1) == 0 || fast->index.behind_key == 0)
        return;
    at->state = SCAN_COLON;
    at->member = LABEL_PASS;
    if (at->nodes[at->depth] == LABEL_PASS || fast->quote_before == NULL)
        return;
    stand_at(fast, fast->token);
    label_scan_key(label, (const char *)fast->quote_before + 1,
                   (size_t)(fast->token - fast->quote_before - 1),
                   memchr(fast->quote_before, '\\',
                          (size_t)(fast->token - fast->quote_before)) != NULL);
}

/* Behind the last token before the end of the last block. */
static const uint8_t *
leave_token(struct fast *fast)
{
    struct label_scanner *at = &fast->label->at;

    if (fast->token == NULL)
        return fast->start; /* the state is still that of the start */
    switch (*fast->token) {
    case '{':
        at->state = SCAN_KEY_OR_CLOSE;
        break;
    case '[':
        at->state = SCAN_ELEMENT;
        break;
    case ':':
        at->state = SCAN_VALUE;
        if (fast->pass != 0)
            at->member = LABEL_PASS;
        break;
    case ',':
        at->state = (at->kinds & 1) != 0 ? SCAN_KEY : SCAN_VALUE;
        at->member = at->nodes[at->depth];
        break;
    case '"':
        leave_quote(fast);
        break;
    default:
        at->state = SCAN_NEXT;
        break;
    }
    return fast->token + 1;
}

/* A fault somewhere before `end`: the plain scanner says which. A limit that
 * was reached counts where no fault stands before it. */
static void
find_fault(struct fast *fast, const struct label_scanner *saved,
           const uint8_t *end)
{
    struct label *label = fast->label;
    const enum result failed = label->failed;
    const struct reason why = label->why;

    if (failed != OK)
        end = fast->start + (label->why.offset - fast->base);
    label->failed = OK;
    memcpy(&label->at, saved, offsetof(struct label_scanner, text));
    label->at.mute = true;
    label_scan_plain(label, fast->start, end);
    if (label->failed != OK)
        return;
    label->failed = failed;
    label->why = why;
    if (failed == OK)
        label_scan_wrong(label, "json-syntax");
}

/* The blocks of one batch; false where it is over before their end. */
static bool
walk_batch(struct fast *fast, size_t count, const struct label_scanner *saved)
{
    struct label *label = fast->label;

    for (size_t i = 0; i < count; i++) {
        const bool whole = walk_block(fast, i, count);
        uint64_t wrong = fast->blocks[i].wrong;

        if (fast->stop != NULL)
            wrong &= ~0ull >> (63 - (size_t)(fast->stop - 1 - fast->batch) %
                                        INDEX_BLOCK_BYTES);
        if (wrong != 0 || label->failed != OK)
            find_fault(fast, saved, fast->index.end);
        if (!whole || label->failed != OK)
            return false;
    }
    return true;
}

static bool
walk_batches(struct fast *fast, const struct label_scanner *saved)
{
    const bool wide = fast->label->scan == LABEL_SCAN_AVX512;

    while (fast->batch < fast->end) {
        size_t count = (size_t)(fast->end - fast->batch) / INDEX_BLOCK_BYTES;

        count = count < INDEX_BLOCKS ? count : INDEX_BLOCKS;
        fast->index.backslash = 0;
        if (wide)
            label_index_avx512(&fast->index, fast->batch, count, fast->blocks);
        else
            label_index_avx2(&fast->index, fast->batch, count, fast->blocks);
        fast->escapes = (fast->escapes << 1 & 2) | (fast->index.backslash != 0);
        if (!walk_batch(fast, count, saved))
            return false;
        remember(fast, count);
        fast->batch += count * INDEX_BLOCK_BYTES;
    }
    return true;
}

const uint8_t *
label_scan_fast(struct label *label, const uint8_t *p, const uint8_t *end)
{
    struct label_scanner *at = &label->at;
    _Alignas(64) struct fast fast;
    uint64_t saved[(offsetof(struct label_scanner, text) + 7) / 8];

    while (p < end && label->failed == OK && !suits(label)) {
        label_scan_plain(label, p, p + 1);
        p++;
    }
    if (label->failed != OK || end - p < FAST_BYTES_MIN)
        return p;
    begin(&fast, label, p, end);
    memcpy(saved, at, offsetof(struct label_scanner, text));
    if (!walk_batches(&fast, (const struct label_scanner *)(void *)saved)) {
        if (label->failed != OK)
            return end;
        at->state = SCAN_DONE;
        at->lines = false;
        at->offset = fast.base + (uint64_t)(fast.stop - fast.start);
        return fast.stop;
    }
    note_passed(&fast);
    p = fast.index.in_string != 0 ? leave_string(&fast) : leave_token(&fast);
    at->offset = fast.base + (uint64_t)(p - fast.start);
    if (label->failed == OK)
        label_scan_plain(label, p, fast.end);
    return fast.end;
}
