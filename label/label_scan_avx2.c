/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The bits of label_scan_index.h with AVX2.
 */
#include "label/label_scan_index.h"

#ifdef __x86_64__
#include <immintrin.h>

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
    raw->curly_bit =
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

AVX2 void
label_index_avx2(struct index_state *state, const uint8_t *p, size_t blocks,
                 struct index_block *ret_blocks)
{
    for (size_t i = 0; i < blocks; i++, p += INDEX_BLOCK_BYTES) {
        struct index_raw raw;
        uint64_t escaped = 0;

        classify(p, &raw);
        if ((raw.backslash | state->escaped) != 0)
            escaped = index_escaped(raw.backslash, &state->escaped);
        index_combine(state, p, &raw, escaped, prefix_xor(raw.quote & ~escaped),
                      &ret_blocks[i]);
    }
}

bool
label_index_avx2_here(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("pclmul");
}
#else
void
label_index_avx2(struct index_state *state, const uint8_t *p, size_t blocks,
                 struct index_block *ret_blocks)
{
    (void)state;
    (void)p;
    (void)blocks;
    (void)ret_blocks;
}

bool
label_index_avx2_here(void)
{
    return false;
}
#endif
