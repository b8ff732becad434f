// SPDX-License-Identifier: Apache-2.0
#include "byte_product.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define INLINE static inline __attribute__((always_inline))

/// Loops over sums: what isn't in them by its own name goes through memory.
#define UNROLLED _Pragma("clang loop unroll(full)")

enum { LANES = 16, BLOCK = SOTTO_BLOCK_OUTPUTS * SOTTO_BLOCK_INPUTS };

TARGET INLINE __mmask16 first_lanes(size_t count) { return count < LANES ? (__mmask16)((1u << count) - 1) : 0xFFFF; }

TARGET INLINE __m512i magnitudes(__mmask16 mask, const float *x) {
    return _mm512_and_si512(_mm512_maskz_loadu_epi32(mask, x), _mm512_set1_epi32(0x7FFFFFFF));
}

TARGET INLINE __m512i rounded(__mmask16 mask, const float *x, __m512 factors) {
    return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_maskz_loadu_ps(mask, x), factors));
}

/// As bytes, padded to whole groups of 4.
TARGET void sotto_round_row_vnni(struct rounded *r, size_t row, const float *x) {
    int8_t *integers = (int8_t *)r->integers + row * r->stride;
    const size_t whole = r->inputs / LANES * LANES, quads = r->inputs / (4 * LANES) * (4 * LANES);
    const __mmask16 rest = first_lanes(r->inputs - whole);
    __m512i largest = magnitudes(rest, x + whole), others[3] = {largest, largest, largest};
    size_t k = 0;
    for (; k < quads; k += 4 * LANES) {
        largest = _mm512_max_epu32(largest, magnitudes(0xFFFF, x + k));
        for (size_t i = 0; i < 3; i++) others[i] = _mm512_max_epu32(others[i], magnitudes(0xFFFF, x + k + (i + 1) * LANES));
    }
    for (; k < whole; k += LANES) largest = _mm512_max_epu32(largest, magnitudes(0xFFFF, x + k));
    largest = _mm512_max_epu32(_mm512_max_epu32(largest, others[0]), _mm512_max_epu32(others[1], others[2]));
    const float factor = sotto_row_factor(_mm512_reduce_max_epu32(largest), &r->row_scales[row]);
    if (factor == 0) {
        memset(integers, 0, r->stride);
        r->sums[row] = 0;
        return;
    }
    const __m512 factors = _mm512_set1_ps(factor);
    __m512i sum = _mm512_setzero_si512(), other = sum;
    if (rest != 0) {
        sum = rounded(rest, x + whole, factors);
        _mm_mask_storeu_epi8(integers + whole, first_lanes(r->stride - whole), _mm512_cvtepi32_epi8(sum));
    }
    for (k = 0; k + LANES < whole; k += 2 * LANES) {
        const __m512i first = rounded(0xFFFF, x + k, factors), second = rounded(0xFFFF, x + k + LANES, factors);
        sum = _mm512_add_epi32(sum, first);
        other = _mm512_add_epi32(other, second);
        _mm_storeu_si128((__m128i *)(void *)(integers + k), _mm512_cvtepi32_epi8(first));
        _mm_storeu_si128((__m128i *)(void *)(integers + k + LANES), _mm512_cvtepi32_epi8(second));
    }
    if (k < whole) {
        const __m512i last = rounded(0xFFFF, x + k, factors);
        sum = _mm512_add_epi32(sum, last);
        _mm_storeu_si128((__m128i *)(void *)(integers + k), _mm512_cvtepi32_epi8(last));
    }
    r->sums[row] = _mm512_reduce_add_epi32(_mm512_add_epi32(sum, other));
}

/// `rows` rows by `panels` panels of 16 outputs, all sums in registers.
///
/// The instruction multiplies unsigned bytes by signed ones: the weights' sign bits are turned over, which adds 128 to each,
/// and 128 times the sum of the row comes off at the end.
TARGET INLINE void tile(const struct rounded *r, size_t row, size_t first, const size_t rows, const size_t panels) {
    __m512i sums[16];
    const __m512i signs = _mm512_set1_epi8((char)0x80);
    const int8_t *blocks = r->blocks + first * r->stride;
    const int8_t *integers = (const int8_t *)r->integers + row * r->stride;
    const size_t panel_size = SOTTO_BLOCK_OUTPUTS * r->stride;
    UNROLLED for (size_t i = 0; i < rows * panels; i++) sums[i] = _mm512_setzero_si512();
    for (size_t k = 0; k < r->stride; k += SOTTO_BLOCK_INPUTS) {
        for (size_t panel = 0; panel < panels; panel++) {
            const void *block = blocks + panel * panel_size + k * SOTTO_BLOCK_OUTPUTS;
            const __m512i weights = _mm512_xor_si512(_mm512_loadu_si512(block), signs);
            for (size_t i = 0; i < rows; i++) {
                int32_t group;
                memcpy(&group, integers + i * r->stride + k, sizeof group);
                __m512i *sum = &sums[i * panels + panel];
                *sum = _mm512_dpbusd_epi32(*sum, weights, _mm512_set1_epi32(group));
            }
        }
    }
    UNROLLED for (size_t panel = 0; panel < panels; panel++) {
        const size_t column = first + panel * LANES;
        const __mmask16 mask = first_lanes(r->outputs - column);
        const __m512 scales = _mm512_maskz_loadu_ps(mask, r->scales + column);
        const __m512 bias = _mm512_maskz_loadu_ps(mask, r->bias + column);
        UNROLLED for (size_t i = 0; i < rows; i++) {
            const __m512i excess = _mm512_set1_epi32(r->sums[row + i] * 128);
            const __m512 sum = _mm512_cvtepi32_ps(_mm512_sub_epi32(sums[i * panels + panel], excess));
            const __m512 scaled = _mm512_mul_ps(sum, _mm512_set1_ps(r->row_scales[row + i]));
            _mm512_mask_storeu_ps(r->y + (row + i) * r->outputs + column, mask, _mm512_fmadd_ps(scaled, scales, bias));
        }
    }
}

/// More sums at a time than the instruction takes cycles keep it busy: fewer rows take more panels.
#define ROWS_BY_PANELS(ROWS, PANELS)                                                                                   \
    for (; row + (ROWS) <= r->rows; row += (ROWS)) {                                                                   \
        size_t first = 0;                                                                                              \
        for (; first + ((PANELS)-1) * LANES < r->outputs; first += (PANELS)*LANES) tile(r, row, first, ROWS, PANELS);  \
        for (; first < r->outputs; first += LANES) tile(r, row, first, ROWS, 1);                                       \
    }

// All rows at once, whatever their number: weights are read once for them.
TARGET void sotto_multiply_rows_vnni(const struct rounded *r) {
    size_t row = 0;
    ROWS_BY_PANELS(8, 2)
    ROWS_BY_PANELS(7, 2)
    ROWS_BY_PANELS(6, 2)
    ROWS_BY_PANELS(5, 2)
    ROWS_BY_PANELS(4, 2)
    ROWS_BY_PANELS(3, 4)
    ROWS_BY_PANELS(2, 4)
    ROWS_BY_PANELS(1, 4)
}
#endif
