/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The bits of label_scan_index.h with AVX-512 (one comparison gives 64 bits).
 */
#include "label/label_scan_index.h"

#ifdef __x86_64__
#include <immintrin.h>

#define AVX512 \
    __attribute__((target("avx512f,avx512bw,pclmul,bmi,lzcnt,popcnt")))

static inline AVX512 void
classify(const uint8_t *p, struct index_raw *raw)
{
    /* the four at the place of their low half, elsewhere what cannot match */
    const __m512i table = _mm512_broadcast_i32x4(_mm_setr_epi8(
        ' ', 2, 1, 1, 1, 1, 1, 1, 1, '\t', '\n', 1, 1, '\r', 1, 1));
    const __m512i bit = _mm512_set1_epi8(0x20);
    const __m512i v = _mm512_loadu_si512(p);
    const __m512i lower = _mm512_or_si512(v, bit);

    raw->quote = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"'));
    raw->backslash = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\'));
    raw->open = _mm512_cmpeq_epi8_mask(lower, _mm512_set1_epi8('{'));
    raw->close = _mm512_cmpeq_epi8_mask(lower, _mm512_set1_epi8('}'));
    raw->colon = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(':'));
    raw->comma = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(','));
    raw->space = _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(table, v), v);
    raw->high = _mm512_movepi8_mask(v);
    raw->curly_bit = _mm512_test_epi8_mask(v, bit);
    raw->control = _mm512_cmplt_epu8_mask(v, bit);
}

static inline AVX512 uint64_t
prefix_xor(uint64_t quotes)
{
    const __m128i product = _mm_clmulepi64_si128(
        _mm_set_epi64x(0, (long long)quotes), _mm_set1_epi8((char)0xff), 0);

    return (uint64_t)_mm_cvtsi128_si64(product);
}

AVX512 void
label_index_avx512(struct index_state *state, const uint8_t *p, size_t blocks,
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
label_index_avx512_here(void)
{
    return __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("pclmul");
}
#else
void
label_index_avx512(struct index_state *state, const uint8_t *p, size_t blocks,
                   struct index_block *ret_blocks)
{
    (void)state;
    (void)p;
    (void)blocks;
    (void)ret_blocks;
}

bool
label_index_avx512_here(void)
{
    return false;
}
#endif
