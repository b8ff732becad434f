// SPDX-License-Identifier: Apache-2.0
#include "byte_product_avx2.h"

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define INLINE static inline __attribute__((always_inline))

/// Loops over sums: what isn't in them by its own name goes through memory.
#define UNROLLED _Pragma("clang loop unroll(full)")

enum { LANES = 8, VECTOR = LANES * SOTTO_BLOCK_INPUTS };

// There is an exact product of 16 bits alone, and to widen each weight takes as long as to multiply it. So two weights of 8 bits stay
// together as one number of 16, w = 256 b + a + 128 once the sign bit of the lower one is turned over, and with the upper one, b = w >> 8,
//
//     a p + b q = w p + b (q - 256 p) - 128 p.
//
// For each four values p, q, r, s a rounded row therefore holds p, r, q - 256 p, s - 256 r, which 16 bits have room for. What whole numbers
// of 32 bits lose at their upper end in between comes back.

/// As 16 bits, in that way.
TARGET void sotto_round_row_avx2(struct rounded *r, size_t row, const float *x) {
    int16_t *integers = (int16_t *)(void *)r->integers + row * r->stride;
    const float factor = sotto_row_factor(sotto_largest_avx2(x, r->inputs), &r->row_scales[row]);
    r->sums[row] = 0;
    if (factor == 0) {
        memset(integers, 0, r->stride * sizeof *integers);
        return;
    }
    const size_t whole = r->inputs / LANES * LANES;
    float last[LANES] = {0};
    memcpy(last, x + whole, (r->inputs - whole) * sizeof *last);
    const __m256 factors = _mm256_set1_ps(factor);
    const __m128i order = _mm_setr_epi8(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15);
    const __m128i upper = _mm_setr_epi8(-1, -1, -1, -1, -1, 0, -1, 4, -1, -1, -1, -1, -1, 8, -1, 12);
    __m256i sums = _mm256_setzero_si256();
    for (size_t k = 0; k < r->stride; k += LANES) {
        const __m256 values = _mm256_mul_ps(_mm256_loadu_ps(k < whole ? x + k : last), factors);
        const __m256i rounded = _mm256_cvtps_epi32(values);
        sums = _mm256_add_epi32(sums, rounded);
        const __m128i narrow =
            _mm_packs_epi32(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
        const __m128i both = _mm_sub_epi16(_mm_shuffle_epi8(narrow, order), _mm_shuffle_epi8(narrow, upper));
        if (k + LANES <= r->stride)
            _mm_storeu_si128((__m128i *)(void *)(integers + k), both);
        else
            _mm_storel_epi64((__m128i *)(void *)(integers + k), both);
    }
    int32_t lanes[LANES];
    _mm256_storeu_si256((__m256i *)(void *)lanes, sums);
    for (size_t i = 0; i < LANES; i += 2) r->sums[row] += lanes[i];
}

TARGET INLINE __m256i pair(const int16_t *integers) {
    int32_t both;
    memcpy(&both, integers, sizeof both);
    return _mm256_set1_epi32(both);
}

/// `rows` rows by `vectors` times 8 outputs, all sums in registers.
TARGET INLINE void tile(const struct rounded *r, size_t row, size_t first, const size_t rows, const size_t vectors) {
    __m256i sums[8];
    const __m256i signs = _mm256_set1_epi16(0x80);
    const size_t stride = r->stride, panel = first / SOTTO_BLOCK_OUTPUTS * SOTTO_BLOCK_OUTPUTS;
    const int8_t *blocks = r->blocks + panel * stride + (first - panel) * SOTTO_BLOCK_INPUTS;
    const int16_t *integers = (const int16_t *)(const void *)r->integers + row * stride;
    UNROLLED for (size_t i = 0; i < rows * vectors; i++) sums[i] = _mm256_set1_epi32(-128 * r->sums[row + i / vectors]);
    for (size_t k = 0; k < stride; k += SOTTO_BLOCK_INPUTS) {
        __m256i both[8], above[8];
        UNROLLED for (size_t v = 0; v < vectors; v++) {
            const int8_t *block = blocks + v / 2 * SOTTO_BLOCK_OUTPUTS * stride + k * SOTTO_BLOCK_OUTPUTS + v % 2 * VECTOR;
            const __m256i weights = _mm256_loadu_si256((const __m256i *)(const void *)block);
            both[v] = _mm256_xor_si256(weights, signs), above[v] = _mm256_srai_epi16(weights, 8);
        }
        UNROLLED for (size_t i = 0; i < rows; i++) {
            const __m256i for_both = pair(integers + i * stride + k), for_above = pair(integers + i * stride + k + 2);
            UNROLLED for (size_t v = 0; v < vectors; v++) {
                const __m256i products =
                    _mm256_add_epi32(_mm256_madd_epi16(both[v], for_both), _mm256_madd_epi16(above[v], for_above));
                sums[i * vectors + v] = _mm256_add_epi32(sums[i * vectors + v], products);
            }
        }
    }
    UNROLLED for (size_t v = 0; v < vectors; v++)
        UNROLLED for (size_t i = 0; i < rows; i++) sotto_finish_avx2(r, row + i, first + v * LANES, sums[i * vectors + v]);
}

TARGET void sotto_multiply_rows_avx2(const struct rounded *r) {
    size_t row = 0;
    for (; row + 4 <= r->rows; row += 4)
        for (size_t first = 0; first < r->outputs; first += 2 * LANES) tile(r, row, first, 4, 2);
    for (; row + 2 <= r->rows; row += 2) {
        size_t first = 0;
        for (; first + SOTTO_BLOCK_OUTPUTS < r->outputs; first += 4 * LANES) tile(r, row, first, 2, 4);
        for (; first < r->outputs; first += 2 * LANES) tile(r, row, first, 2, 2);
    }
    for (; row < r->rows; row++) {
        size_t first = 0;
        for (; first + 3 * SOTTO_BLOCK_OUTPUTS < r->outputs; first += 8 * LANES) tile(r, row, first, 1, 8);
        for (; first < r->outputs; first += 2 * LANES) tile(r, row, first, 1, 2);
    }
}
#endif
