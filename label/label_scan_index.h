/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sixty-four bytes at a time: where strings, brackets, colons and commas are,
 * as bits, and which bytes break the grammar for a reason that can be seen
 * from the tokens beside them. Only label_scan_*.c include it.
 *
 * Two neighbours in the row of tokens, white space left out, decide most of
 * RFC 8259: a value stands behind {, [, comma or colon and nowhere else, and
 * so on. "What comes next behind these" is one addition: the carry runs
 * through the ones of the white space, or of a string.
 * What neighbours cannot tell, which kind of container a comma or a colon
 * stands in, is left to the walk, which gets a list of the brackets and the
 * colons: each bracket says whether there was what only an array may hold
 * ("plain") since the bracket before.
 */
#ifndef VIGIE_LABEL_LABEL_SCAN_INDEX_H
#define VIGIE_LABEL_LABEL_SCAN_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INDEX_BLOCK_BYTES 64u
#define INDEX_BLOCKS 384u /* of one batch: its bits stay in L1 */
#define INDEX_EDGE 8u     /* keeps the bits of a batch aligned */
#define INDEX_BATCH_BYTES (INDEX_BLOCK_BYTES * INDEX_BLOCKS)

/* The code of a bracket or a colon is its own byte, whose bits say: */
#define INDEX_BRACKET 0x01u
#define INDEX_OPEN 0x02u  /* { [ (and the colon) */
#define INDEX_CURLY 0x20u /* { } */
#define INDEX_PLAIN 0x80u /* ours: something plain since the bracket before */

/* One bit a byte, the first byte lowest. */
struct index_batch {
    /* Quotes that are not escaped. From INDEX_EDGE on; the block of bits before
     * is that of the batch before, or 0, and the one behind the last is 0 */
    _Alignas(64) uint64_t quote[INDEX_EDGE + INDEX_BLOCKS + INDEX_EDGE];
    uint64_t backslash[INDEX_EDGE + INDEX_BLOCKS + INDEX_EDGE];
    /* a token's last byte: bracket, colon, comma, quote that closes */
    uint64_t token[INDEX_BLOCKS];
    uint64_t wrong[INDEX_BLOCKS];
    uint64_t slashed, flawed; /* not 0: some backslash, something wrong */
    /* brackets and colons; the arrays have room for a full store */
    uint32_t count;
    uint16_t at[INDEX_BATCH_BYTES + 64];
    uint8_t code[INDEX_BATCH_BYTES + 256];
};

/* What one block leaves to the next; counts and flags are 0 or 1. */
struct index_state {
    const uint8_t *end; /* of the bytes that may be looked at */
    uint64_t in_string;
    uint64_t escaped;    /* the next byte is behind a backslash */
    uint64_t other;      /* the last byte was of a number or literal */
    uint64_t key;        /* the string that is open may be a name */
    uint64_t behind_key; /* … and is closed, its colon to come */
    /* of the next byte that is no white space: behind { [ comma colon;
     * behind { [; behind [ colon */
    uint64_t behind_any, behind_open, behind_valued;
    uint64_t since_plain; /* seen since the last bracket */
    uint64_t tail;        /* continuation bytes still due */
};

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

/* `blocks` of 64 bytes each from p, a batch at most. Of the last what is
 * beyond state->end counts as white space; behind it, and behind less than a
 * batch, the state tells only what is open. */
void label_index_avx2(struct index_state *state, const uint8_t *p,
                      size_t blocks, struct index_batch *batch);
void label_index_avx512(struct index_state *state, const uint8_t *p,
                        size_t blocks, struct index_batch *batch);
bool label_index_avx2_here(void);
bool label_index_avx512_here(void);

#endif
