// SPDX-License-Identifier: Apache-2.0
#include "product.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,fma,f16c")))
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 8, VECTORS = SOTTO_PANEL / LANES };

/// `rows` rows by one panel, all sums in registers.
TARGET INLINE void tile(const struct product *p, size_t row, size_t first, const size_t rows) {
    __m256 sums[2 * VECTORS];
    float padded[SOTTO_PANEL] = {0};
    const size_t columns = p->outputs - first < SOTTO_PANEL ? p->outputs - first : SOTTO_PANEL;
    const uint16_t *packed = p->packed + first * p->inputs;
    const float *x = p->x + row * p->inputs;
    memcpy(padded, p->bias + first, columns * sizeof(float));
    for (size_t i = 0; i < rows; i++)
        for (size_t v = 0; v < VECTORS; v++) sums[i * VECTORS + v] = _mm256_loadu_ps(padded + v * LANES);
    for (size_t k = 0; k < p->inputs; k++) {
        for (size_t v = 0; v < VECTORS; v++) {
            const __m128i halves = _mm_loadu_si128((const __m128i *)(packed + k * SOTTO_PANEL + v * LANES));
            const __m256 weights = _mm256_cvtph_ps(halves);
            for (size_t i = 0; i < rows; i++) {
                __m256 *sum = &sums[i * VECTORS + v];
                *sum = _mm256_fmadd_ps(_mm256_set1_ps(x[i * p->inputs + k]), weights, *sum);
            }
        }
    }
    for (size_t i = 0; i < rows; i++) {
        for (size_t v = 0; v < VECTORS; v++) _mm256_storeu_ps(padded + v * LANES, sums[i * VECTORS + v]);
        memcpy(p->y + (row + i) * p->outputs + first, padded, columns * sizeof(float));
    }
}

TARGET void sotto_product_avx2(const struct product *p) {
    for (size_t first = 0; first < p->outputs; first += SOTTO_PANEL) {
        size_t row = 0;
        for (; row + 2 <= p->rows; row += 2) tile(p, row, first, 2);
        for (; row < p->rows; row++) tile(p, row, first, 1);
    }
}
#endif
