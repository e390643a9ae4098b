/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sixty-four bytes at a time: where strings, brackets, colons and commas are,
 * as bits, and which bytes break the grammar for a reason that can be seen
 * from the tokens beside them. Only label_scan_*.c include it.
 *
 * Two neighbours in the row of tokens, white space left out, decide most of
 * RFC 8259: a value stands behind {, [, comma or colon and nowhere else, and
 * so on. "What comes next behind these" is one addition: the carry runs
 * through the ones of the white space (follow()), or through a string's
 * (closing()). What neighbours cannot tell, which kind of container a comma
 * or a colon stands in, is left to label_scan_fast.c in `colon` and `plain`.
 */
#ifndef VIGIE_LABEL_LABEL_SCAN_INDEX_H
#define VIGIE_LABEL_LABEL_SCAN_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INDEX_BLOCK_BYTES 64u
#define INDEX_BLOCKS 64u /* of one batch: the bits of 4 kB stay in L1 */

/* One bit a byte, the first byte lowest. */
struct index_block {
    uint64_t bracket; /* { } [ ] outside strings */
    uint64_t open;    /* { [ of them */
    uint64_t curly;   /* { } and what shares that bit: to be asked at a
                       * bracket only */
    uint64_t colon;   /* only in an object */
    uint64_t plain;   /* the end of what only an array may hold */
    uint64_t quote;   /* that is not escaped */
    uint64_t token;   /* a token's last byte: bracket, colon, comma, quote
                       * that closes */
    uint64_t wrong;
};

/* What one block leaves to the next. */
struct index_state {
    const uint8_t *end;  /* of the bytes that may be looked at */
    uint64_t in_string;  /* all ones or none */
    uint64_t escaped;    /* the next byte is behind a backslash */
    uint64_t other;      /* the last byte was of a number or literal */
    uint64_t key;        /* the string that is open may be a name */
    uint64_t behind_key; /* … and is closed, its colon to come */
    uint64_t behind_curly, behind_square, behind_comma, behind_colon;
    uint64_t tail;      /* continuation bytes that are still due */
    uint64_t backslash; /* any: the caller clears it */
};

/* The raw bits of one block. */
struct index_raw {
    uint64_t quote, backslash, curly_bit, open, close, colon, comma, space,
        control, high;
};

/* The first byte behind each of `tokens`, white space passed over. */
static inline uint64_t
index_follow(uint64_t tokens, uint64_t space, uint64_t *carry)
{
    const uint64_t start = tokens << 1 | *carry;
    uint64_t sum;
    const bool over = __builtin_add_overflow(start, space, &sum);

    *carry = tokens >> 63 | over;
    return sum & ~space;
}

/* The quotes that close the strings which begin at `quotes`. */
static inline uint64_t
index_closing(uint64_t quotes, uint64_t string, uint64_t *carry)
{
    uint64_t sum, more;
    const bool first = __builtin_add_overflow(string, quotes, &sum);
    const bool second = __builtin_add_overflow(sum, *carry, &more);

    *carry = first | second;
    return more & ~string;
}

/* Bytes behind a backslash that starts an escape. */
static inline uint64_t
index_escaped(uint64_t backslash, uint64_t *carry)
{
    uint64_t escaped = *carry;

    backslash &= ~escaped;
    *carry = 0;
    while (backslash != 0) {
        const uint64_t bit = backslash & (0 - backslash);

        escaped |= bit << 1;
        *carry = bit >> 63;
        backslash &= ~(bit | bit << 1);
    }
    return escaped;
}

/* Bits of the bytes at p that are wrong: escapes (the byte behind the
 * backslash is at each bit), multi-byte characters, numbers and literals (at
 * their first byte). Beyond state->end nothing is judged. */
uint64_t label_index_escapes(const struct index_state *state, const uint8_t *p,
                             uint64_t escaped);
uint64_t label_index_utf8(struct index_state *state, const uint8_t *p,
                          uint64_t high);
uint64_t label_index_scalars(const struct index_state *state, const uint8_t *p,
                             uint64_t first);

/* `string`: prefix sums of the quotes, the state's in_string not in them. */
static inline __attribute__((always_inline)) void
index_combine(struct index_state *state, const uint8_t *p,
              const struct index_raw *raw, uint64_t escaped, uint64_t string,
              struct index_block *block)
{
    const uint64_t quote = raw->quote & ~escaped;
    string ^= state->in_string;
    state->in_string = 0 - (string >> 63);
    const uint64_t begin = quote & string, outside = ~(string | quote);
    const uint64_t open = raw->open & outside, close = raw->close & outside;
    const uint64_t colon = raw->colon & outside;
    const uint64_t comma = raw->comma & outside;
    const uint64_t space = raw->space & outside;
    const uint64_t other = outside & ~(open | close | colon | comma | space);
    const uint64_t first = other & ~(other << 1 | state->other);
    const uint64_t value = begin | open | first;
    state->other = other >> 63;

    const uint64_t curly =
        index_follow(open & raw->curly_bit, space, &state->behind_curly);
    const uint64_t square =
        index_follow(open & ~raw->curly_bit, space, &state->behind_square);
    const uint64_t next = index_follow(comma, space, &state->behind_comma);
    const uint64_t valued = index_follow(colon, space, &state->behind_colon);
    const uint64_t named =
        index_closing(begin & (next | curly), string, &state->key);
    const uint64_t key = index_follow(named, space, &state->behind_key);
    const uint64_t due = curly | square | next | valued;

    block->bracket = open | close;
    block->open = open;
    block->curly = raw->curly_bit;
    block->colon = colon;
    block->plain = (key & ~colon) | (next & ~begin);
    block->quote = quote;
    block->token = open | close | colon | comma | (quote & ~string);
    uint64_t wrong = (value & ~due) | (due & (colon | comma)) |
                     ((next | valued) & close) | (curly & (open | first)) |
                     (colon & ~key) | (raw->control & string);
    if (first != 0)
        wrong |= label_index_scalars(state, p, first);
    if (escaped != 0)
        wrong |= label_index_escapes(state, p, escaped & string);
    if ((raw->high | state->tail) != 0)
        wrong |= label_index_utf8(state, p, raw->high);
    block->wrong = wrong;
    state->backslash |= raw->backslash;
}

/* `blocks` of 64 bytes each from p. */
void label_index_avx2(struct index_state *state, const uint8_t *p,
                      size_t blocks, struct index_block *ret_blocks);
void label_index_avx512(struct index_state *state, const uint8_t *p,
                        size_t blocks, struct index_block *ret_blocks);
bool label_index_avx2_here(void);
bool label_index_avx512_here(void);

#endif
