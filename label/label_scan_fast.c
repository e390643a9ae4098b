/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The scanner that works on the bits of label_scan_index.h. It walks from
 * bracket to bracket; inside what is passed over it looks at nothing else
 * but whether each is of the right kind, and whether what stood since the
 * last belongs there. Inside what is walked into it also looks at the names
 * before the colons.
 *
 * It begins between two tokens (or inside a string that is not read), takes
 * all that there is (behind the end the last block is white space), and leaves
 * the state as label_scan_plain would.
 * Where it finds a fault, label_scan_plain goes over the same bytes, mute, to
 * say which byte and why.
 */
#include "label/label_scan_fast.h"

#define FAST_BYTES_MIN 128

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

    memset(fast, 0, offsetof(struct fast, bits));
    fast->bits.quote[INDEX_EDGE - 1] = 0;
    fast->bits.backslash[INDEX_EDGE - 1] = 0;
    fast->label = label;
    fast->base = at->offset;
    fast->start = fast->batch = p;
    fast->end = fast->index.end = end;
    fast->index.in_string = at->state == SCAN_STRING;
    fast->index.key = at->state == SCAN_STRING && at->key;
    fast->index.behind_any = at->state != SCAN_NEXT && at->state != SCAN_STRING;
    fast->index.behind_open =
        at->state == SCAN_KEY_OR_CLOSE || at->state == SCAN_ELEMENT;
    fast->index.behind_valued = at->state == SCAN_ELEMENT;
    fast->level = at->depth;
    while (fast->level > 1 && at->nodes[fast->level] == LABEL_PASS)
        fast->level--;
    label_fast_look(fast);
}

/* Whoever passed over a container has not said so level by level. */
static void
note_passed(struct fast *fast)
{
    struct label_scanner *at = &fast->label->at;

    for (uint32_t depth = fast->level + 1; depth <= at->depth; depth++)
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
    label_fast_stand(fast, fast->token);
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
        if (at->nodes[at->depth] == LABEL_PASS)
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

/* Bits that are wrong, up to where it stopped. */
static bool
is_wrong(const struct fast *fast)
{
    size_t whole = fast->blocks;
    uint64_t wrong = 0;

    if (fast->bits.flawed == 0)
        return false;
    if (fast->stop != NULL) {
        const size_t last = (size_t)(fast->stop - 1 - fast->batch);
        whole = last / INDEX_BLOCK_BYTES;
        wrong = fast->bits.wrong[whole] &
                (~0ull >> (63 - last % INDEX_BLOCK_BYTES));
    }
    for (size_t i = 0; i < whole; i++)
        wrong |= fast->bits.wrong[i];
    return wrong != 0;
}

static bool
walk_batches(struct fast *fast, const struct label_scanner *saved)
{
    struct label *label = fast->label;

    while (fast->batch < fast->end) {
        const size_t left =
            ((size_t)(fast->end - fast->batch) + INDEX_BLOCK_BYTES - 1) /
            INDEX_BLOCK_BYTES;
        bool whole;

        fast->blocks = left < INDEX_BLOCKS ? left : INDEX_BLOCKS;
        if (label->scan == LABEL_SCAN_AVX512)
            label_index_avx512(&fast->index, fast->batch, fast->blocks,
                               &fast->bits);
        else
            label_index_avx2(&fast->index, fast->batch, fast->blocks,
                             &fast->bits);
        fast->bits.quote[INDEX_EDGE + fast->blocks] = 0;
        fast->escapes = (fast->escapes << 1 & 2) | (fast->bits.slashed != 0);
        whole = label_fast_walk(fast);
        /* what no bracket has come behind yet */
        if (whole && (label->at.kinds & 1) != 0 && fast->index.since_plain != 0)
            fast->fault = true;
        if (is_wrong(fast) || fast->fault || label->failed != OK)
            find_fault(fast, saved, fast->index.end);
        if (!whole || label->failed != OK)
            return false;
        label_fast_remember(fast);
        fast->batch += fast->blocks * INDEX_BLOCK_BYTES;
    }
    return true;
}

const uint8_t *
label_scan_fast(struct label *label, const uint8_t *p, const uint8_t *end)
{
    struct label_scanner *at = &label->at;
    struct fast fast;
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
