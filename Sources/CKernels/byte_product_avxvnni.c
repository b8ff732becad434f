// SPDX-License-Identifier: Apache-2.0
#include "byte_product_avx2.h"

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma,avxvnni")))
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 8, VECTORS = SOTTO_BLOCK_OUTPUTS / LANES };

/// As bytes, padded to whole groups of 4.
TARGET void sotto_round_row_avxvnni(struct rounded *r, size_t row, const float *x) {
    int8_t *integers = (int8_t *)r->integers + row * r->stride;
    const float factor = sotto_row_factor(sotto_largest_avx2(x, r->inputs), &r->row_scales[row]);
    r->sums[row] = 0;
    if (factor == 0) {
        memset(integers, 0, r->stride);
        return;
    }
    const size_t whole = r->inputs / LANES * LANES;
    float last[LANES] = {0};
    memcpy(last, x + whole, (r->inputs - whole) * sizeof *last);
    const __m256 factors = _mm256_set1_ps(factor);
    __m256i sums = _mm256_setzero_si256();
    for (size_t k = 0; k < r->stride; k += LANES) {
        const __m256i rounded = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(k < whole ? x + k : last), factors));
        sums = _mm256_add_epi32(sums, rounded);
        const __m128i halves = _mm_packs_epi32(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
        const int64_t bytes = _mm_cvtsi128_si64(_mm_packs_epi16(halves, halves));
        memcpy(integers + k, &bytes, r->stride - k < sizeof bytes ? r->stride - k : sizeof bytes);
    }
    int32_t lanes[LANES];
    _mm256_storeu_si256((__m256i *)(void *)lanes, sums);
    for (size_t i = 0; i < LANES; i++) r->sums[row] += lanes[i];
}

/// As in byte_product_vnni.c, with half as many lanes: what of AVX-512 came to processors that have none.
TARGET INLINE void tile(const struct rounded *r, size_t row, size_t first, const size_t rows, const size_t panels) {
    __m256i sums[8];
    const __m256i signs = _mm256_set1_epi8((char)0x80);
    const int8_t *blocks = r->blocks + first * r->stride;
    const int8_t *integers = (const int8_t *)r->integers + row * r->stride;
    const size_t panel_size = SOTTO_BLOCK_OUTPUTS * r->stride, vectors = panels * VECTORS;
    for (size_t i = 0; i < rows * vectors; i++) sums[i] = _mm256_setzero_si256();
    for (size_t k = 0; k < r->stride; k += SOTTO_BLOCK_INPUTS) {
        for (size_t v = 0; v < vectors; v++) {
            const int8_t *block = blocks + v / VECTORS * panel_size + k * SOTTO_BLOCK_OUTPUTS + v % VECTORS * 32;
            const __m256i weights =
                _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(const void *)block), signs);
            for (size_t i = 0; i < rows; i++) {
                int32_t group;
                memcpy(&group, integers + i * r->stride + k, sizeof group);
                __m256i *sum = &sums[i * vectors + v];
                *sum = _mm256_dpbusd_avx_epi32(*sum, weights, _mm256_set1_epi32(group));
            }
        }
    }
    for (size_t v = 0; v < vectors; v++)
        for (size_t i = 0; i < rows; i++) {
            const __m256i excess = _mm256_set1_epi32(r->sums[row + i] * 128);
            sotto_finish_avx2(r, row + i, first + v * LANES, _mm256_sub_epi32(sums[i * vectors + v], excess));
        }
}

TARGET void sotto_multiply_rows_avxvnni(const struct rounded *r) {
    size_t row = 0;
    for (; row + 4 <= r->rows; row += 4)
        for (size_t first = 0; first < r->outputs; first += SOTTO_BLOCK_OUTPUTS) tile(r, row, first, 4, 1);
    for (; row < r->rows; row++) {
        size_t first = 0;
        for (; first + 3 * SOTTO_BLOCK_OUTPUTS < r->outputs; first += 4 * SOTTO_BLOCK_OUTPUTS) tile(r, row, first, 1, 4);
        for (; first < r->outputs; first += SOTTO_BLOCK_OUTPUTS) tile(r, row, first, 1, 1);
    }
}
#endif
