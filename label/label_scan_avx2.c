/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The bits of label_scan_index.h with AVX2.
 */
#include "label/label_scan_index.h"

#include <string.h>

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>

/* The raw bits of one block. */
struct index_raw {
    uint64_t quote, backslash, curly, open, close, colon, comma, space, control,
        high;
};

#define AVX2 __attribute__((target("avx2,pclmul,bmi,lzcnt,popcnt")))

struct pair {
    __m256i low, high;
};

static inline AVX2 uint64_t
bits(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

static inline AVX2 uint64_t
equal(struct pair v, char byte)
{
    const __m256i all = _mm256_set1_epi8(byte);

    return bits(_mm256_cmpeq_epi8(v.low, all), _mm256_cmpeq_epi8(v.high, all));
}

static inline AVX2 uint64_t
spaces(struct pair v)
{
    /* the four at the place of their low half, elsewhere what cannot match */
    const __m256i table = _mm256_setr_epi8(
        ' ', 2, 1, 1, 1, 1, 1, 1, 1, '\t', '\n', 1, 1, '\r', 1, 1, ' ', 2, 1, 1,
        1, 1, 1, 1, 1, '\t', '\n', 1, 1, '\r', 1, 1);

    return bits(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, v.low), v.low),
                _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, v.high), v.high));
}

static inline AVX2 void
classify(const uint8_t *p, struct index_raw *raw)
{
    const __m256i bit = _mm256_set1_epi8(0x20);
    const __m256i last = _mm256_set1_epi8(0x1f);
    const struct pair v = {
        _mm256_loadu_si256((const __m256i *)(const void *)p),
        _mm256_loadu_si256((const __m256i *)(const void *)(p + 32))};
    const struct pair lower = {_mm256_or_si256(v.low, bit),
                               _mm256_or_si256(v.high, bit)};

    raw->quote = equal(v, '"');
    raw->backslash = equal(v, '\\');
    raw->open = equal(lower, '{');
    raw->close = equal(lower, '}');
    raw->colon = equal(v, ':');
    raw->comma = equal(v, ',');
    raw->space = spaces(v);
    raw->high = bits(v.low, v.high);
    /* bit 5 where movemask looks for it */
    raw->curly =
        bits(_mm256_slli_epi16(v.low, 2), _mm256_slli_epi16(v.high, 2));
    raw->control =
        bits(_mm256_cmpeq_epi8(_mm256_min_epu8(v.low, last), v.low),
             _mm256_cmpeq_epi8(_mm256_min_epu8(v.high, last), v.high));
}

static inline AVX2 uint64_t
prefix_xor(uint64_t quotes)
{
    const __m128i product = _mm_clmulepi64_si128(
        _mm_set_epi64x(0, (long long)quotes), _mm_set1_epi8((char)0xff), 0);

    return (uint64_t)_mm_cvtsi128_si64(product);
}

/* a + b + carry; what leaves at the top is *carry. */
static inline uint64_t
add(uint64_t a, uint64_t b, uint64_t *carry)
{
    uint64_t sum, more;
    const bool first = __builtin_add_overflow(a, b, &sum);
    const bool second = __builtin_add_overflow(sum, *carry, &more);

    *carry = first | second;
    return more;
}

/* The first byte behind each of `tokens`, the ones of `run` passed over. A
 * token is one of the ones that its own bit, added, carries through. */
static inline uint64_t
follow(uint64_t tokens, uint64_t run, uint64_t *carry)
{
    return add(run | tokens, tokens, carry) & ~run;
}

/* Brackets and colons to the list. */
static inline AVX2 void
list(struct index_state *state, const uint8_t *p, size_t block,
     uint64_t bracket, uint64_t colon, uint64_t plain,
     struct index_batch *batch)
{
    /* the first bracket behind what is plain */
    const uint64_t impure =
        (plain & bracket) |
        (add(~bracket, plain & ~bracket, &state->since_plain) & bracket);

    for (bracket |= colon; bracket != 0; bracket &= bracket - 1) {
        const unsigned at = (unsigned)__builtin_ctzll(bracket);

        batch->at[batch->count] = (uint16_t)(block * INDEX_BLOCK_BYTES + at);
        batch->code[batch->count] =
            (uint8_t)(p[at] | (unsigned)(impure >> at & 1) << 7);
        batch->count++;
    }
}

static inline AVX2 void
combine(struct index_state *state, const uint8_t *p, size_t i,
        const struct index_raw *raw, uint64_t escaped,
        struct index_batch *batch)
{
    const uint64_t quote = raw->quote & ~escaped;
    const uint64_t string = prefix_xor(quote) ^ (0 - state->in_string);
    const uint64_t begin = quote & string, outside = ~(string | quote);
    const uint64_t open = raw->open & outside, close = raw->close & outside;
    const uint64_t colon = raw->colon & outside;
    const uint64_t comma = raw->comma & outside;
    const uint64_t space = raw->space & outside;
    const uint64_t other = outside & ~(open | close | colon | comma | space);
    const uint64_t first = other & ~(other << 1 | state->other);
    const uint64_t square = open & ~raw->curly;
    /* behind {, [, comma or colon; behind { or [; behind [ or colon */
    const uint64_t due =
        follow(open | comma | colon, space, &state->behind_any);
    const uint64_t inside = follow(open, space, &state->behind_open);
    const uint64_t valued =
        follow(square | colon, space, &state->behind_valued);
    const uint64_t next = due & ~(inside | valued); /* behind a comma */
    const uint64_t curly = inside & ~valued;
    const uint64_t named =
        add(string, begin & (next | curly), &state->key) & ~string;
    const uint64_t key = follow(named, space, &state->behind_key);
    uint64_t wrong = ((begin | open | first) & ~due) | (due & (colon | comma)) |
                     (due & ~inside & close) | (curly & (open | first)) |
                     (colon & ~key) | (raw->control & string);

    state->in_string = string >> 63;
    state->other = other >> 63;
    batch->quote[INDEX_EDGE + i] = quote;
    batch->backslash[INDEX_EDGE + i] = raw->backslash;
    batch->token[i] = open | close | colon | comma | (quote & ~string);
    if (first != 0)
        wrong |= label_index_scalars(state, p, first);
    if (escaped != 0)
        wrong |= label_index_escapes(state, p, escaped & string);
    if ((raw->high | state->tail) != 0)
        wrong |= label_index_utf8(state, p, raw->high);
    batch->wrong[i] = wrong;
    batch->flawed |= wrong;
    batch->slashed |= raw->backslash;
    list(state, p, i, open | close, colon, (key & ~colon) | (next & ~begin),
         batch);
}

AVX2 void
label_index_avx2(struct index_state *state, const uint8_t *p, size_t blocks,
                 struct index_batch *batch)
{
    batch->count = 0;
    batch->flawed = batch->slashed = 0;
    for (size_t i = 0; i < blocks; i++) {
        const uint8_t *at = p + i * INDEX_BLOCK_BYTES;
        uint8_t last[INDEX_BLOCK_BYTES];
        struct index_raw raw;
        uint64_t escaped = 0;

        if (state->end - at < (ptrdiff_t)INDEX_BLOCK_BYTES) {
            memset(last, ' ', sizeof(last));
            memcpy(last, at, (size_t)(state->end - at));
            classify(last, &raw);
        } else {
            classify(at, &raw);
        }
        if ((raw.backslash | state->escaped) != 0)
            escaped = index_escaped(raw.backslash, &state->escaped);
        combine(state, at, i, &raw, escaped, batch);
    }
}

/* Without LZCNT its bytes are those of another instruction; clang has no name
 * for it. Asked once: a virtual machine takes microseconds to answer. */
static bool
has_lzcnt(void)
{
    static int has = -1;
    unsigned a, b, c = 0, d;

    if (has < 0)
        has = __get_cpuid(0x80000001u, &a, &b, &c, &d) != 0 &&
              (c & bit_LZCNT) != 0;
    return has != 0;
}

bool
label_index_avx2_here(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
           __builtin_cpu_supports("pclmul") && has_lzcnt();
}
#else
void
label_index_avx2(struct index_state *state, const uint8_t *p, size_t blocks,
                 struct index_batch *batch)
{
    (void)state;
    (void)p;
    (void)blocks;
    (void)batch;
}

bool
label_index_avx2_here(void)
{
    return false;
}
#endif
