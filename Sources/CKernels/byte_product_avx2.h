// SPDX-License-Identifier: Apache-2.0
#ifndef SOTTO_BYTE_PRODUCT_AVX2_H
#define SOTTO_BYTE_PRODUCT_AVX2_H

#include "byte_product.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

/// The bits of the largest magnitude of x [count].
__attribute__((target("avx2,fma"), always_inline)) static inline uint32_t sotto_largest_avx2(const float *x,
                                                                                          size_t count) {
    const __m256i magnitude = _mm256_set1_epi32(0x7FFFFFFF);
    const size_t whole = count / 8 * 8;
    float last[8] = {0};
    memcpy(last, x + whole, (count - whole) * sizeof *last);
    __m256i largest = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(const void *)last), magnitude);
    for (size_t k = 0; k < whole; k += 8) {
        const __m256i bits = _mm256_loadu_si256((const __m256i *)(const void *)(x + k));
        largest = _mm256_max_epu32(largest, _mm256_and_si256(bits, magnitude));
    }
    __m128i four = _mm_max_epu32(_mm256_castsi256_si128(largest), _mm256_extracti128_si256(largest, 1));
    four = _mm_max_epu32(four, _mm_shuffle_epi32(four, 0x4E));
    four = _mm_max_epu32(four, _mm_shuffle_epi32(four, 0xB1));
    return (uint32_t)_mm_cvtsi128_si32(four);
}

/// The outputs of eight sums.
__attribute__((target("avx2,fma"), always_inline)) static inline void sotto_finish_avx2(const struct rounded *r,
                                                                                      size_t row, size_t column,
                                                                                      __m256i sums) {
    if (column >= r->outputs) return;
    float *y = r->y + row * r->outputs + column;
    const size_t columns = r->outputs - column < 8 ? r->outputs - column : 8;
    const __m256 scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(sums), _mm256_set1_ps(r->row_scales[row]));
    if (columns == 8) {
        const __m256 scales = _mm256_loadu_ps(r->scales + column), bias = _mm256_loadu_ps(r->bias + column);
        _mm256_storeu_ps(y, _mm256_fmadd_ps(scaled, scales, bias));
        return;
    }
    float scales[8] = {0}, bias[8] = {0}, some[8];
    memcpy(scales, r->scales + column, columns * sizeof *scales);
    memcpy(bias, r->bias + column, columns * sizeof *bias);
    _mm256_storeu_ps(some, _mm256_fmadd_ps(scaled, _mm256_loadu_ps(scales), _mm256_loadu_ps(bias)));
    memcpy(y, some, columns * sizeof *y);
}
#endif

#endif
