// SPDX-License-Identifier: Apache-2.0
#include "byte_product_avx2.h"

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 8, QUARTER = SOTTO_BLOCK_OUTPUTS / 4 };

/// As 16 bits.
TARGET void sotto_round_row_avx2(struct rounded *r, size_t row, const float *x) {
    int16_t *integers = (int16_t *)(void *)r->integers + row * r->stride;
    const float factor = sotto_row_factor(sotto_largest_avx2(x, r->inputs), &r->row_scales[row]);
    if (factor == 0) {
        memset(integers, 0, r->stride * sizeof *integers);
        return;
    }
    const size_t whole = r->inputs / LANES * LANES;
    float last[LANES] = {0};
    memcpy(last, x + whole, (r->inputs - whole) * sizeof *last);
    const __m256 factors = _mm256_set1_ps(factor);
    for (size_t k = 0; k < r->stride; k += LANES) {
        const __m256 values = _mm256_mul_ps(_mm256_loadu_ps(k < whole ? x + k : last), factors);
        const __m256i rounded = _mm256_cvtps_epi32(values);
        const __m128i narrow =
            _mm_packs_epi32(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
        if (k + LANES <= r->stride)
            _mm_storeu_si128((__m128i *)(void *)(integers + k), narrow);
        else
            _mm_storel_epi64((__m128i *)(void *)(integers + k), narrow);
    }
}

/// `rows` rows by `quarters` of blocks, 4 outputs each, in `panels` panels, all sums in registers.
///
/// Weights are widened, since the instruction for bytes saturates. A sum of two products of 16 bits goes to each lane: two
/// lanes make an output.
TARGET INLINE void tile(const struct rounded *r, size_t row, size_t first, const size_t rows, const size_t quarters) {
    __m256i sums[8];
    const size_t stride = r->stride, panel = first / SOTTO_BLOCK_OUTPUTS * SOTTO_BLOCK_OUTPUTS;
    const int8_t *blocks = r->blocks + panel * stride + (first - panel) * SOTTO_BLOCK_INPUTS;
    const int16_t *integers = (const int16_t *)(const void *)r->integers + row * stride;
    for (size_t i = 0; i < rows * quarters; i++) sums[i] = _mm256_setzero_si256();
    for (size_t k = 0; k < stride; k += SOTTO_BLOCK_INPUTS) {
        for (size_t j = 0; j < quarters; j++) {
            const int8_t *block = blocks + j / 4 * SOTTO_BLOCK_OUTPUTS * stride + k * SOTTO_BLOCK_OUTPUTS + j % 4 * 16;
            const __m256i weights = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)block));
            for (size_t i = 0; i < rows; i++) {
                int64_t group;
                memcpy(&group, integers + i * stride + k, sizeof group);
                __m256i *sum = &sums[i * quarters + j];
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(weights, _mm256_set1_epi64x(group)));
            }
        }
    }
    for (size_t j = 0; j < quarters; j += 2)
        for (size_t i = 0; i < rows; i++) {
            const __m256i pairs = _mm256_hadd_epi32(sums[i * quarters + j], sums[i * quarters + j + 1]);
            sotto_finish_avx2(r, row + i, first + j * QUARTER, _mm256_permute4x64_epi64(pairs, 0xD8));
        }
}

TARGET void sotto_multiply_rows_avx2(const struct rounded *r) {
    size_t row = 0;
    for (; row + 4 <= r->rows; row += 4)
        for (size_t first = 0; first < r->outputs; first += 2 * QUARTER) tile(r, row, first, 4, 2);
    for (; row + 2 <= r->rows; row += 2)
        for (size_t first = 0; first < r->outputs; first += 4 * QUARTER) tile(r, row, first, 2, 4);
    for (; row < r->rows; row++) {
        size_t first = 0;
        for (; first + SOTTO_BLOCK_OUTPUTS < r->outputs; first += 8 * QUARTER) tile(r, row, first, 1, 8);
        for (; first < r->outputs; first += 4 * QUARTER) tile(r, row, first, 1, 4);
    }
}
#endif
