/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The bits of label_scan_index.h with AVX-512: one comparison gives the bits
 * of a block, and what follows from them is worked out for eight blocks at
 * once, a block in each lane of 64 bits.
 */
#include "label/label_scan_index.h"

#ifdef __x86_64__
#include <immintrin.h>

#define AVX512             \
    __attribute__((target( \
        "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,bmi,lzcnt,popcnt")))
#define INLINE static inline AVX512 __attribute__((always_inline))
#define LANES 8u

/* The raw bits of some blocks: all are found before the first is used, since
 * a load of 64 bytes waits for the eight stores that it covers. */
#define RAW_BLOCKS 64u

struct raw {
    _Alignas(64) uint64_t quote[RAW_BLOCKS];
    uint64_t backslash[RAW_BLOCKS], curly[RAW_BLOCKS];
    uint64_t open[RAW_BLOCKS], close[RAW_BLOCKS], colon[RAW_BLOCKS];
    uint64_t comma[RAW_BLOCKS], space[RAW_BLOCKS];
    uint64_t control[RAW_BLOCKS], high[RAW_BLOCKS];
};

INLINE void
classify(const uint8_t *p, size_t block, struct raw *raw)
{
    /* the four at the place of their low half, elsewhere what cannot match */
    const __m512i table = _mm512_broadcast_i32x4(_mm_setr_epi8(
        ' ', 2, 1, 1, 1, 1, 1, 1, 1, '\t', '\n', 1, 1, '\r', 1, 1));
    const __m512i bit = _mm512_set1_epi8(0x20);
    const __m512i v = _mm512_loadu_si512(p);
    const __m512i lower = _mm512_or_si512(v, bit);

    raw->quote[block] = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"'));
    raw->backslash[block] = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\'));
    raw->open[block] = _mm512_cmpeq_epi8_mask(lower, _mm512_set1_epi8('{'));
    raw->close[block] = _mm512_cmpeq_epi8_mask(lower, _mm512_set1_epi8('}'));
    raw->colon[block] = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(':'));
    raw->comma[block] = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(','));
    raw->space[block] =
        _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(table, v), v);
    raw->high[block] = _mm512_movepi8_mask(v);
    raw->curly[block] = _mm512_test_epi8_mask(v, bit);
    raw->control[block] = _mm512_cmplt_epu8_mask(v, bit);
}

INLINE __m512i
both(__m512i a, __m512i b)
{
    return _mm512_and_si512(a, b);
}

INLINE __m512i
either(__m512i a, __m512i b)
{
    return _mm512_or_si512(a, b);
}

/* a without b */
INLINE __m512i
less(__m512i a, __m512i b)
{
    return _mm512_andnot_si512(b, a);
}

/* One bit up across the lanes; `carry` enters at the bottom. */
INLINE __m512i
up(__m512i v, uint64_t carry)
{
    const __m512i in = _mm512_set1_epi64((long long)(carry << 63));

    return _mm512_shldi_epi64(v, _mm512_alignr_epi64(v, in, 7), 1);
}

/* a + b + carry over all lanes; what leaves at the top is *carry. */
INLINE __m512i
add(__m512i a, __m512i b, uint64_t *carry)
{
    const __m512i ones = _mm512_set1_epi64(-1);
    const __m512i sum = _mm512_add_epi64(a, b);
    const unsigned over = _mm512_cmplt_epu64_mask(sum, a);
    const unsigned full = _mm512_cmpeq_epi64_mask(sum, ones);
    /* lanes of ones pass a carry on, as digits of nine do */
    const unsigned in = over << 1 | (unsigned)*carry;
    const unsigned rippled = full + in;

    /* a lane cannot overflow and be full of ones at once */
    *carry = rippled >> 8 & 1;
    return _mm512_mask_sub_epi64(sum, (__mmask8)(rippled ^ full), sum, ones);
}

/* The first byte behind each of `tokens`, the ones of `run` passed over. A
 * token is one of the ones that its own bit, added, carries through. */
INLINE __m512i
follow(__m512i tokens, __m512i run, uint64_t *carry)
{
    return less(add(either(run, tokens), tokens, carry), run);
}

/* The first bracket behind each of `tokens`; none of them is one. */
INLINE __m512i
reach(__m512i tokens, __m512i bracket, uint64_t *carry)
{
    const __m512i run = _mm512_xor_si512(bracket, _mm512_set1_epi64(-1));

    return both(add(run, tokens, carry), bracket);
}

/* Prefix sums modulo 2 of the quotes: ones from each that opens up to the
 * one that closes. */
INLINE __m512i
strings(__m512i quote, uint64_t *in_string)
{
    __m512i v = quote;
    unsigned odd;

    v = _mm512_xor_si512(v, _mm512_slli_epi64(v, 1));
    v = _mm512_xor_si512(v, _mm512_slli_epi64(v, 2));
    v = _mm512_xor_si512(v, _mm512_slli_epi64(v, 4));
    v = _mm512_xor_si512(v, _mm512_slli_epi64(v, 8));
    v = _mm512_xor_si512(v, _mm512_slli_epi64(v, 16));
    v = _mm512_xor_si512(v, _mm512_slli_epi64(v, 32));
    odd = _mm512_movepi64_mask(v);
    odd = odd << 1 | (unsigned)*in_string; /* what enters each lane */
    odd ^= odd << 1;
    odd ^= odd << 2;
    odd ^= odd << 4;
    odd ^= odd << 8;
    *in_string = odd >> 8 & 1;
    return _mm512_mask_xor_epi64(v, (__mmask8)odd, v, _mm512_set1_epi64(-1));
}

/* -- the rare ones, by hand -- */

INLINE bool
any(const uint64_t *lanes)
{
    const __m512i v = _mm512_load_si512(lanes);

    return _mm512_test_epi64_mask(v, v) != 0;
}

static void
escape(struct index_state *state, const struct raw *raw, size_t block,
       uint64_t *escaped)
{
    for (size_t i = 0; i < LANES; i++)
        escaped[i] = index_escaped(raw->backslash[block + i], &state->escaped);
}

static __attribute__((noinline)) void
judge_escapes(const struct index_state *state, const uint8_t *p,
              const uint64_t *escaped, uint64_t *wrong)
{
    for (size_t i = 0; i < LANES; i++, p += INDEX_BLOCK_BYTES)
        if (escaped[i] != 0)
            wrong[i] |= label_index_escapes(state, p, escaped[i]);
}

/* True where the block's characters of several bytes are all of two, as
 * nearly all of French are, and well formed. */
INLINE bool
pairs(struct index_state *state, const uint8_t *p, uint64_t high)
{
    const __m512i v = _mm512_loadu_si512(p);
    const uint64_t behind =
        _mm512_cmplt_epi8_mask(v, _mm512_set1_epi8((char)0xc0));
    const uint64_t lead = high & ~behind;
    const uint64_t two =
        lead & _mm512_cmpge_epu8_mask(v, _mm512_set1_epi8((char)0xc2)) &
        _mm512_cmple_epu8_mask(v, _mm512_set1_epi8((char)0xdf));

    if (state->tail > 1 || lead != two ||
        (two << 1 | state->tail) != (behind & high))
        return false;
    if (two >> 63 != 0 && p + INDEX_BLOCK_BYTES < state->end &&
        (p[INDEX_BLOCK_BYTES] & 0xc0) != 0x80)
        return false;
    state->tail = two >> 63;
    return true;
}

static AVX512 __attribute__((noinline)) void
judge_high(struct index_state *state, const uint8_t *p, const uint64_t *high,
           uint64_t *wrong)
{
    for (size_t i = 0; i < LANES; i++, p += INDEX_BLOCK_BYTES)
        if ((high[i] | state->tail) != 0 && !pairs(state, p, high[i]))
            wrong[i] |= label_index_utf8(state, p, high[i]);
}

static __attribute__((noinline)) void
judge_scalars(const struct index_state *state, const uint8_t *p,
              const uint64_t *first, uint64_t *wrong)
{
    for (size_t i = 0; i < LANES; i++, p += INDEX_BLOCK_BYTES)
        if (first[i] != 0)
            wrong[i] |= label_index_scalars(state, p, first[i]);
}

/* -- the list of brackets and colons -- */

struct marks {
    _Alignas(64) uint64_t listed[LANES];
    uint64_t plain[LANES];
};

INLINE void
list(const uint8_t *p, size_t block, const struct marks *marks, size_t lane,
     struct index_batch *batch)
{
    static const uint8_t counting[64] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    const uint64_t listed = marks->listed[lane];
    const __m512i base = _mm512_set1_epi16((short)(block * 64));
    __m512i v = _mm512_loadu_si512(p), at;
    uint16_t *to = batch->at + batch->count;

    v = _mm512_mask_add_epi8(v, marks->plain[lane], v,
                             _mm512_set1_epi8((char)INDEX_PLAIN));
    v = _mm512_maskz_compress_epi8(listed, v);
    at = _mm512_maskz_compress_epi8(listed, _mm512_loadu_si512(counting));
    _mm512_storeu_si512(batch->code + batch->count, v);
    _mm512_storeu_si512(
        to, _mm512_add_epi16(_mm512_cvtepu8_epi16(_mm512_castsi512_si256(at)),
                             base));
    const unsigned count = (unsigned)__builtin_popcountll(listed);
    if (__builtin_expect(count > 32, 0))
        _mm512_storeu_si512(
            to + 32,
            _mm512_add_epi16(
                _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(at, 1)), base));
    batch->count += count;
}

/* Eight blocks from block i on, whose bits are from r on. */
static AVX512 void
combine(struct index_state *state, const uint8_t *p, size_t i,
        const struct raw *raw, size_t r, struct index_batch *batch)
{
    const bool slashed = state->escaped != 0 || any(raw->backslash + r);
    _Alignas(64) uint64_t rare[LANES] = {0};
    struct marks marks;

    p += i * INDEX_BLOCK_BYTES;

    if (slashed)
        escape(state, raw, r, rare);
    const __m512i quote =
        less(_mm512_load_si512(raw->quote + r), _mm512_load_si512(rare));
    const __m512i string = strings(quote, &state->in_string);
    const __m512i inner = either(string, quote);
    const __m512i open = less(_mm512_load_si512(raw->open + r), inner);
    const __m512i close = less(_mm512_load_si512(raw->close + r), inner);
    const __m512i colon = less(_mm512_load_si512(raw->colon + r), inner);
    const __m512i comma = less(_mm512_load_si512(raw->comma + r), inner);
    const __m512i space = less(_mm512_load_si512(raw->space + r), inner);
    const __m512i curled = both(open, _mm512_load_si512(raw->curly + r));
    const __m512i token = either(either(open, close), either(colon, comma));
    const __m512i other =
        less(_mm512_set1_epi64(-1), either(either(inner, token), space));
    const __m512i first = less(other, up(other, state->other));
    const __m512i begin = both(quote, string);
    const __m512i square = less(open, curled);
    /* behind {, [, comma or colon; behind { or [; behind [ or colon */
    const __m512i due =
        follow(either(either(open, comma), colon), space, &state->behind_any);
    const __m512i inside = follow(open, space, &state->behind_open);
    const __m512i valued =
        follow(either(square, colon), space, &state->behind_valued);
    const __m512i next = less(due, either(inside, valued));
    const __m512i curly = less(inside, valued);
    const __m512i named = less(
        add(string, both(begin, either(next, curly)), &state->key), string);
    const __m512i key = follow(named, space, &state->behind_key);
    const __m512i opened = either(open, first);
    const __m512i plain = either(less(key, colon), less(next, begin));
    const __m512i bracket = either(open, close);
    __m512i wrong = less(either(opened, begin), due);

    wrong = either(wrong, both(due, either(colon, comma)));
    wrong = either(wrong, both(less(due, inside), close));
    wrong = either(wrong, both(curly, opened));
    wrong = either(wrong, less(colon, key));
    wrong = either(wrong, both(_mm512_load_si512(raw->control + r), string));
    state->other = _mm512_movepi64_mask(other) >> 7;
    _mm512_store_si512(batch->quote + INDEX_EDGE + i, quote);
    _mm512_store_si512(batch->backslash + INDEX_EDGE + i,
                       _mm512_load_si512(raw->backslash + r));
    _mm512_store_si512(batch->token + i, either(token, less(quote, string)));
    _mm512_store_si512(batch->wrong + i, wrong);
    if (slashed) {
        _mm512_store_si512(rare, both(_mm512_load_si512(rare), string));
        judge_escapes(state, p, rare, batch->wrong + i);
    }
    if (state->tail != 0 || any(raw->high + r))
        judge_high(state, p, raw->high + r, batch->wrong + i);
    if (_mm512_test_epi64_mask(first, first) != 0) {
        _mm512_store_si512(rare, first);
        judge_scalars(state, p, rare, batch->wrong + i);
    }
    _mm512_store_si512(marks.listed, either(bracket, colon));
    _mm512_store_si512(marks.plain, either(both(plain, bracket),
                                           reach(less(plain, bracket), bracket,
                                                 &state->since_plain)));
    for (size_t lane = 0; lane < LANES; lane++)
        list(p + lane * INDEX_BLOCK_BYTES, i + lane, &marks, lane, batch);
}

AVX512 void
label_index_avx512(struct index_state *state, const uint8_t *p, size_t blocks,
                   struct index_batch *batch)
{
    const size_t most = blocks / LANES * LANES;
    struct raw raw;

    batch->count = 0;
    for (size_t from = 0; from < most; from += RAW_BLOCKS) {
        const size_t some = most - from < RAW_BLOCKS ? most - from : RAW_BLOCKS;

        for (size_t i = 0; i < some; i++)
            classify(p + (from + i) * INDEX_BLOCK_BYTES, i, &raw);
        for (size_t i = 0; i < some; i += LANES)
            combine(state, p, from + i, &raw, i, batch);
    }
    label_index_rest(state, p, most, blocks, batch);
}

bool
label_index_avx512_here(void)
{
    return __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vbmi2") && label_index_avx2_here();
}
#else
void
label_index_avx512(struct index_state *state, const uint8_t *p, size_t blocks,
                   struct index_batch *batch)
{
    (void)state;
    (void)p;
    (void)blocks;
    (void)batch;
}

bool
label_index_avx512_here(void)
{
    return false;
}
#endif
