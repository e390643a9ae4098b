/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The bits of label_scan_index.h with AVX-512: one comparison gives the bits
 * of a block, and what follows from them is worked out for eight blocks at
 * once, a block in each lane of 64 bits.
 */
#include "label/label_scan_index.h"

#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>

#define AVX512                                                             \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi," \
                          "avx512vbmi2,gfni,vpclmulqdq,"                   \
                          "bmi,lzcnt,popcnt")))
#define INLINE static inline AVX512 __attribute__((always_inline))
#define LANES 8u

/* What a byte is, in four bits: bit 3 are the tokens. */
enum class {
    CLASS_OTHER = 0,
    CLASS_QUOTE = 1,
    CLASS_BACKSLASH = 2,
    CLASS_BLANK = 4,
    CLASS_BLANK_CONTROL = 5, /* tab, line ends */
    CLASS_CONTROL = 6,
    CLASS_CURLY = 8,
    CLASS_SQUARE = 9,
    CLASS_CURLY_CLOSE = 10,
    CLASS_SQUARE_CLOSE = 11,
    CLASS_COMMA = 12,
    CLASS_COLON = 13,
};

/* By byte, those from 0x7f on as 0x7f. */
static const uint8_t classes[128] = {
    [0 ... 8] = CLASS_CONTROL,    ['\t'] = CLASS_BLANK_CONTROL,
    ['\n'] = CLASS_BLANK_CONTROL, [11] = CLASS_CONTROL,
    [12] = CLASS_CONTROL,         ['\r'] = CLASS_BLANK_CONTROL,
    [14 ... 31] = CLASS_CONTROL,  [' '] = CLASS_BLANK,
    ['"'] = CLASS_QUOTE,          ['\\'] = CLASS_BACKSLASH,
    ['{'] = CLASS_CURLY,          ['['] = CLASS_SQUARE,
    ['}'] = CLASS_CURLY_CLOSE,    [']'] = CLASS_SQUARE_CLOSE,
    [','] = CLASS_COMMA,          [':'] = CLASS_COLON,
};

/* The four bits of the classes, each as 64 bits a block, a block a lane. */
struct planes {
    __m512i bit[4];
    bool high; /* some bytes are of longer characters */
};

/* From eight bytes with a column in each to a lane of 128 bits a column. */
static const uint8_t gathering[64] = {
    0, 8,  16, 24, 32, 40, 48, 56, 4, 12, 20, 28, 36, 44, 52, 60,
    1, 9,  17, 25, 33, 41, 49, 57, 5, 13, 21, 29, 37, 45, 53, 61,
    2, 10, 18, 26, 34, 42, 50, 58, 6, 14, 22, 30, 38, 46, 54, 62,
    3, 11, 19, 27, 35, 43, 51, 59, 7, 15, 23, 31, 39, 47, 55, 63};

/* Two blocks: lanes of 128 bits, each with one bit of both. */
INLINE __m512i
planes_of_two(__m512i a, __m512i b)
{
    const __m512i low = _mm512_loadu_si512(classes);
    const __m512i high = _mm512_loadu_si512(classes + 64);
    const __m512i top = _mm512_set1_epi8(0x7f);
    /* eight bytes as a matrix that is turned over; it comes with the bits of
     * each byte backwards, hence once more */
    const __m512i turn = _mm512_set1_epi64((long long)0x8040201008040201u);
    const __m512i gather = _mm512_loadu_si512(gathering);
    __m512i v;

    a = _mm512_permutex2var_epi8(low, _mm512_min_epu8(a, top), high);
    b = _mm512_permutex2var_epi8(low, _mm512_min_epu8(b, top), high);
    v = _mm512_or_si512(a, _mm512_slli_epi16(b, 4));
    v = _mm512_gf2p8affine_epi64_epi8(turn, v, 0);
    v = _mm512_gf2p8affine_epi64_epi8(v, turn, 0);
    return _mm512_permutexvar_epi8(gather, v);
}

INLINE __m512i
block_of(const uint8_t *p, unsigned i)
{
    return _mm512_loadu_si512(p + i * INDEX_BLOCK_BYTES);
}

INLINE void
find_planes(const uint8_t *p, struct planes *planes)
{
    const __m512i v0 = block_of(p, 0), v1 = block_of(p, 1);
    const __m512i v2 = block_of(p, 2), v3 = block_of(p, 3);
    const __m512i v4 = block_of(p, 4), v5 = block_of(p, 5);
    const __m512i v6 = block_of(p, 6), v7 = block_of(p, 7);
    const __m512i two0 = planes_of_two(v0, v1), two1 = planes_of_two(v2, v3);
    const __m512i two2 = planes_of_two(v4, v5), two3 = planes_of_two(v6, v7);
    const __m512i some = _mm512_or_si512(
        _mm512_or_si512(_mm512_or_si512(v0, v1), _mm512_or_si512(v2, v3)),
        _mm512_or_si512(_mm512_or_si512(v4, v5), _mm512_or_si512(v6, v7)));
    const __m512i low = _mm512_shuffle_i64x2(two0, two1, 0x44);
    const __m512i high = _mm512_shuffle_i64x2(two2, two3, 0x44);
    const __m512i low2 = _mm512_shuffle_i64x2(two0, two1, 0xee);
    const __m512i high2 = _mm512_shuffle_i64x2(two2, two3, 0xee);

    planes->high = _mm512_movepi8_mask(some) != 0;
    planes->bit[0] = _mm512_shuffle_i64x2(low, high, 0x88);
    planes->bit[1] = _mm512_shuffle_i64x2(low, high, 0xdd);
    planes->bit[2] = _mm512_shuffle_i64x2(low2, high2, 0x88);
    planes->bit[3] = _mm512_shuffle_i64x2(low2, high2, 0xdd);
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

/* What eight blocks leave to the next eight: in lane 7, 0 or 1, of what
 * index_state has. */
struct carries {
    __m512i any, open, valued, key, behind_key, plain, other;
};

/* One bit up across the lanes. */
INLINE __m512i
up(__m512i v, __m512i *carry)
{
    const __m512i out = _mm512_srli_epi64(v, 63);
    const __m512i in = _mm512_alignr_epi64(out, *carry, 7);

    *carry = out;
    return either(_mm512_add_epi64(v, v), in);
}

/* Lanes that were all ones and got a carry hand it on. */
static AVX512 __attribute__((noinline)) __m512i
ripple(__m512i sum, unsigned lanes, __m512i *carry)
{
    const __m512i none = _mm512_setzero_si512();

    while (lanes != 0) {
        const __m512i out = _mm512_maskz_set1_epi64((__mmask8)lanes, 1);
        const __m512i in = _mm512_alignr_epi64(out, none, 7);

        *carry = either(*carry, out);
        sum = _mm512_add_epi64(sum, in);
        lanes = _mm512_cmplt_epu64_mask(sum, in);
    }
    return sum;
}

/* a + b + carry over all lanes. */
INLINE __m512i
add(__m512i a, __m512i b, __m512i *carry)
{
    __m512i sum = _mm512_add_epi64(a, b);
    /* the highest bit: of both, or of one and not of the sum */
    const __m512i over = _mm512_ternarylogic_epi64(a, b, sum, 0xd4);
    const __m512i out = _mm512_srli_epi64(over, 63);
    const __m512i in = _mm512_alignr_epi64(out, *carry, 7);
    unsigned more;

    *carry = out;
    sum = _mm512_add_epi64(sum, in);
    more = _mm512_cmplt_epu64_mask(sum, in);
    return __builtin_expect(more != 0, 0) ? ripple(sum, more, carry) : sum;
}

/* The first byte behind each of `tokens`, the ones of `run` passed over. A
 * token is one of the ones that its own bit, added, carries through. Where
 * there is no run at all, it is the byte beside. */
INLINE __m512i
follow(__m512i tokens, __m512i run, bool runs, __m512i *carry)
{
    return runs ? less(add(either(run, tokens), tokens, carry), run)
                : up(tokens, carry);
}

/* The first bracket behind each of `tokens`; none of them is one. */
INLINE __m512i
reach(__m512i tokens, __m512i bracket, __m512i *carry)
{
    const __m512i run = _mm512_xor_si512(bracket, _mm512_set1_epi64(-1));

    return both(add(run, tokens, carry), bracket);
}

/* Prefix sums modulo 2 of the quotes: ones from each that opens up to the
 * one that closes. */
INLINE __m512i
strings(__m512i quote, uint64_t *in_string)
{
    const __m512i ones = _mm512_set1_epi64(-1);
    const __m512i v =
        _mm512_unpacklo_epi64(_mm512_clmulepi64_epi128(quote, ones, 0x00),
                              _mm512_clmulepi64_epi128(quote, ones, 0x01));
    unsigned odd;

    odd = _mm512_movepi64_mask(v);
    odd = odd << 1 | (unsigned)*in_string; /* what enters each lane */
    odd ^= odd << 1;
    odd ^= odd << 2;
    odd ^= odd << 4;
    odd ^= odd << 8;
    *in_string = odd >> 8 & 1;
    return _mm512_mask_xor_epi64(v, (__mmask8)odd, v, ones);
}

/* -- the rare ones, by hand -- */

INLINE bool
any(__m512i v)
{
    return _mm512_test_epi64_mask(v, v) != 0;
}

static void
escape(struct index_state *state, const uint64_t *backslash, uint64_t *escaped)
{
    for (size_t i = 0; i < LANES; i++)
        escaped[i] = index_escaped(backslash[i], &state->escaped);
}

/* Each gives what it found wrong, of all blocks together. */
static AVX512 __attribute__((noinline)) uint64_t
judge_escapes(const struct index_state *state, const uint8_t *p, size_t lanes,
              __m512i escaped, uint64_t *wrong)
{
    _Alignas(64) uint64_t bits[LANES];
    uint64_t all = 0;

    _mm512_store_si512(bits, escaped);
    for (size_t i = 0; i < lanes; i++) {
        const uint64_t some =
            bits[i] == 0 ? 0
                         : label_index_escapes(state, p + i * INDEX_BLOCK_BYTES,
                                               bits[i]);
        wrong[i] |= some;
        all |= some;
    }
    return all;
}

/* True where the characters of several bytes are all of two, as nearly all of
 * French are, and well formed. Without a branch: where they stand is no rule
 * to go by. */
INLINE bool
pairs(struct index_state *state, const uint8_t *bytes, size_t lanes)
{
    const __m512i first = _mm512_set1_epi8((char)0xc2);
    uint64_t tail = state->tail, bad = tail > 1;

    for (size_t i = 0; i < lanes; i++, bytes += INDEX_BLOCK_BYTES) {
        const __m512i v = _mm512_loadu_si512(bytes);
        const uint64_t high = _mm512_movepi8_mask(v);
        const uint64_t behind =
            _mm512_cmplt_epi8_mask(v, _mm512_set1_epi8((char)0xc0));
        const uint64_t two = _mm512_cmplt_epu8_mask(
            _mm512_sub_epi8(v, first), _mm512_set1_epi8(0xe0 - 0xc2));

        bad |= (high ^ (two | behind)) | ((two << 1 | tail) ^ behind);
        tail = two >> 63;
    }
    if (bad == 0)
        state->tail = tail;
    return bad == 0;
}

static AVX512 __attribute__((noinline)) uint64_t
judge_high(struct index_state *state, const uint8_t *p, const uint8_t *bytes,
           size_t lanes, uint64_t *wrong)
{
    uint64_t all = 0;

    if (pairs(state, bytes, lanes))
        return 0;
    for (size_t i = 0; i < lanes; i++) {
        const size_t at = i * INDEX_BLOCK_BYTES;
        const uint64_t high =
            _mm512_movepi8_mask(_mm512_loadu_si512(bytes + at));

        if ((high | state->tail) != 0) {
            const uint64_t some = label_index_utf8(state, p + at, high);
            wrong[i] |= some;
            all |= some;
        }
    }
    return all;
}

static AVX512 __attribute__((noinline)) uint64_t
judge_scalars(const struct index_state *state, const uint8_t *p, __m512i first,
              uint64_t *wrong)
{
    _Alignas(64) uint64_t bits[LANES];
    unsigned lanes = _mm512_test_epi64_mask(first, first);
    uint64_t all = 0;

    _mm512_store_si512(bits, first);
    for (; lanes != 0; lanes &= lanes - 1) {
        const unsigned i = (unsigned)__builtin_ctz(lanes);
        const uint64_t some =
            label_index_scalars(state, p + i * INDEX_BLOCK_BYTES, bits[i]);

        wrong[i] |= some;
        all |= some;
    }
    return all;
}

/* -- the list of brackets and colons -- */

struct marks {
    _Alignas(64) uint64_t listed[LANES];
    uint64_t plain[LANES];
};

/* Behind `count` in the list; how many there are then. */
INLINE uint32_t
list(const uint8_t *p, size_t block, uint64_t listed, uint64_t plain,
     struct index_batch *batch, uint32_t count)
{
    static const uint8_t counting[64] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    const unsigned more = (unsigned)__builtin_popcountll(listed);
    const short base = (short)(block * INDEX_BLOCK_BYTES);
    uint16_t *to = batch->at + count;
    __m512i v = _mm512_loadu_si512(p), at;

    v = _mm512_mask_add_epi8(v, plain, v, _mm512_set1_epi8((char)INDEX_PLAIN));
    v = _mm512_maskz_compress_epi8(listed, v);
    at = _mm512_maskz_compress_epi8(listed, _mm512_loadu_si512(counting));
    /* short stores: long ones would touch two lines each */
    _mm_storeu_si128((__m128i *)(void *)(batch->code + count),
                     _mm512_castsi512_si128(v));
    _mm256_storeu_si256(
        (__m256i *)(void *)to,
        _mm256_add_epi16(_mm256_cvtepu8_epi16(_mm512_castsi512_si128(at)),
                         _mm256_set1_epi16(base)));
    if (__builtin_expect(more > 16, 0)) {
        _mm512_storeu_si512(batch->code + count, v);
        _mm512_storeu_si512(
            to,
            _mm512_add_epi16(_mm512_cvtepu8_epi16(_mm512_castsi512_si256(at)),
                             _mm512_set1_epi16(base)));
        _mm512_storeu_si512(
            to + 32, _mm512_add_epi16(
                         _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(at, 1)),
                         _mm512_set1_epi16(base)));
    }
    return count + more;
}

/* Three bits, or their opposites, together. */
#define ALL_BUT(a, b, c, imm) _mm512_ternarylogic_epi64(a, b, c, imm)
#define A_NOT_B_NOT_C 0x10
#define A_NOT_B_C 0x20
#define A_B_NOT_C 0x40
#define A_B_C 0x80
#define NOT_A_NOT_B_C 0x02
#define NOT_A_B_NOT_C 0x04
#define A_AND_B_OR_C 0xe0

/* What the list is made of. */
INLINE void
mark(__m512i open, __m512i close, __m512i colon, __m512i plain,
     struct marks *marks, struct carries *carries)
{
    const __m512i bracket = either(open, close);
    const __m512i loose = less(plain, bracket);
    __m512i impure = both(plain, bracket);

    if (any(either(loose, carries->plain)))
        impure = either(impure, reach(loose, bracket, &carries->plain));
    _mm512_store_si512(marks->listed, either(bracket, colon));
    _mm512_store_si512(marks->plain, impure);
}

/* Eight blocks from block i on, which are at p; `bytes` has eight also where
 * p has fewer lanes of them. */
INLINE void
combine(struct index_state *state, const uint8_t *p, const uint8_t *bytes,
        size_t i, size_t lanes, struct index_batch *batch, struct marks *marks,
        struct carries *carries)
{
    _Alignas(64) uint64_t rare[LANES] = {0};
    struct planes planes;
    bool slashed;

    find_planes(bytes, &planes);
    const __m512i b0 = planes.bit[0], b1 = planes.bit[1];
    const __m512i b2 = planes.bit[2], b3 = planes.bit[3];
    const __m512i backslash = ALL_BUT(b3, b2, b1, NOT_A_NOT_B_C);
    __m512i quote = ALL_BUT(b3, b2, b0, NOT_A_NOT_B_C);

    _mm512_store_si512(batch->backslash + INDEX_EDGE + i, backslash);
    slashed = state->escaped != 0 || any(backslash);
    if (slashed) {
        escape(state, batch->backslash + INDEX_EDGE + i, rare);
        quote = less(quote, _mm512_load_si512(rare));
    }
    const __m512i string = strings(quote, &state->in_string);
    const __m512i inner = either(string, quote);
    const __m512i token = less(b3, inner);
    const __m512i open = ALL_BUT(token, b2, b1, A_NOT_B_NOT_C);
    const __m512i close = ALL_BUT(token, b2, b1, A_NOT_B_C);
    const __m512i colon = ALL_BUT(token, b2, b0, A_B_C);
    const __m512i comma = ALL_BUT(token, b2, b0, A_B_NOT_C);
    const __m512i space = less(ALL_BUT(b3, b2, b1, NOT_A_B_NOT_C), inner);
    const bool spaced = any(space);
    const __m512i control = ALL_BUT(less(b2, b3), b1, b0, A_AND_B_OR_C);
    const __m512i curled = less(open, b0);
    const __m512i other =
        less(_mm512_set1_epi64(-1), either(either(inner, token), space));
    const __m512i first = less(other, up(other, &carries->other));
    const __m512i begin = both(quote, string);
    const __m512i square = less(open, curled);
    /* behind {, [, comma or colon; behind { or [; behind [ or colon */
    const __m512i due = follow(either(either(open, comma), colon), space,
                               spaced, &carries->any);
    const __m512i inside = follow(open, space, spaced, &carries->open);
    const __m512i valued =
        follow(either(square, colon), space, spaced, &carries->valued);
    const __m512i next = less(due, either(inside, valued));
    const __m512i curly = less(inside, valued);
    const __m512i named = less(
        add(string, both(begin, either(next, curly)), &carries->key), string);
    const __m512i key = follow(named, space, spaced, &carries->behind_key);
    const __m512i opened = either(open, first);
    const __m512i plain = either(less(key, colon), less(next, begin));
    __m512i wrong = less(either(opened, begin), due);

    wrong = either(wrong, both(due, either(colon, comma)));
    wrong = either(wrong, both(less(due, inside), close));
    wrong = either(wrong, both(curly, opened));
    wrong = either(wrong, less(colon, key));
    wrong = either(wrong, both(control, string));
    _mm512_store_si512(batch->quote + INDEX_EDGE + i, quote);
    _mm512_store_si512(batch->token + i, either(token, less(quote, string)));
    _mm512_store_si512(batch->wrong + i, wrong);
    batch->flawed |= _mm512_test_epi64_mask(wrong, wrong);
    batch->slashed |= slashed;
    if (slashed)
        batch->flawed |= judge_escapes(state, p, lanes,
                                       both(_mm512_load_si512(rare), string),
                                       batch->wrong + i);
    if (state->tail != 0 || planes.high)
        batch->flawed |= judge_high(state, p, bytes, lanes, batch->wrong + i);
    if (any(first))
        batch->flawed |= judge_scalars(state, p, first, batch->wrong + i);
    mark(open, close, colon, plain, marks, carries);
}

INLINE void
list_all(const uint8_t *bytes, size_t i, size_t lanes,
         const struct marks *marks, struct index_batch *batch)
{
    uint32_t count = batch->count;

    for (size_t lane = 0; lane < lanes; lane++)
        count = list(bytes + lane * INDEX_BLOCK_BYTES, i + lane,
                     marks->listed[lane], marks->plain[lane], batch, count);
    batch->count = count;
}

/* At p, fewer than eight blocks, the last of all, or less than the last: white
 * space behind them leaves what is open as it is. */
static AVX512 __attribute__((noinline)) void
combine_last(struct index_state *state, const uint8_t *p, size_t i,
             size_t lanes, struct index_batch *batch, struct carries *carries)
{
    _Alignas(64) uint8_t bytes[LANES * INDEX_BLOCK_BYTES];
    struct marks marks;

    memset(bytes, ' ', sizeof(bytes));
    memcpy(bytes, p,
           (size_t)(state->end - p) < lanes * INDEX_BLOCK_BYTES
               ? (size_t)(state->end - p)
               : lanes * INDEX_BLOCK_BYTES);
    combine(state, p, bytes, i, lanes, batch, &marks, carries);
    list_all(bytes, i, lanes, &marks, batch);
}

INLINE __m512i
carry_of(uint64_t value)
{
    return _mm512_maskz_set1_epi64(0x80, (long long)value);
}

INLINE uint64_t
value_of(__m512i carry)
{
    return _mm512_test_epi64_mask(carry, carry) >> 7;
}

INLINE void
take_carries(const struct index_state *state, struct carries *carries)
{
    carries->any = carry_of(state->behind_any);
    carries->open = carry_of(state->behind_open);
    carries->valued = carry_of(state->behind_valued);
    carries->key = carry_of(state->key);
    carries->behind_key = carry_of(state->behind_key);
    carries->plain = carry_of(state->since_plain);
    carries->other = carry_of(state->other);
}

INLINE void
give_carries(struct index_state *state, const struct carries *carries)
{
    state->behind_any = value_of(carries->any);
    state->behind_open = value_of(carries->open);
    state->behind_valued = value_of(carries->valued);
    state->key = value_of(carries->key);
    state->behind_key = value_of(carries->behind_key);
    state->since_plain = value_of(carries->plain);
    state->other = value_of(carries->other);
}

AVX512 void
label_index_avx512(struct index_state *state, const uint8_t *p, size_t blocks,
                   struct index_batch *batch)
{
    const size_t whole = (size_t)(state->end - p) / INDEX_BLOCK_BYTES;
    const size_t most = (whole < blocks ? whole : blocks) / LANES * LANES;
    const size_t step = LANES * INDEX_BLOCK_BYTES;
    struct carries carries;
    struct marks marks[2];

    batch->count = 0;
    batch->flawed = batch->slashed = 0;
    take_carries(state, &carries);
    /* the list waits for the next eight: nothing of them hangs on it */
    for (size_t i = 0; i < most; i += LANES, p += step) {
        combine(state, p, p, i, LANES, batch, &marks[i / LANES % 2], &carries);
        if (i > 0)
            list_all(p - step, i - LANES, LANES, &marks[1 - i / LANES % 2],
                     batch);
    }
    if (most > 0)
        list_all(p - step, most - LANES, LANES, &marks[(most / LANES - 1) % 2],
                 batch);
    if (most < blocks)
        combine_last(state, p, most, blocks - most, batch, &carries);
    give_carries(state, &carries);
}

bool
label_index_avx512_here(void)
{
    return __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vbmi") &&
           __builtin_cpu_supports("avx512vbmi2") &&
           __builtin_cpu_supports("gfni") &&
           __builtin_cpu_supports("vpclmulqdq") && label_index_avx2_here();
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
