// SPDX-License-Identifier: Apache-2.0
#include "product.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f")))
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16, VECTORS = SOTTO_PANEL / LANES };

/// `rows` rows by `panels` panels, all sums in registers. More sums than the multiply-add takes cycles keep it busy:
/// a single row needs several panels at once for that, and reads them all as streams.
TARGET INLINE void tile(const struct product *p, size_t row, size_t first, const size_t rows, const size_t panels) {
    __m512 sums[8 * VECTORS];
    const size_t stride = p->inputs * SOTTO_PANEL;
    const uint16_t *packed = p->packed + first * p->inputs;
    const float *x = p->x + row * p->inputs;
    for (size_t j = 0; j < panels * VECTORS; j++) {
        const size_t column = first + j * LANES;
        const size_t left = column < p->outputs ? p->outputs - column : 0;
        const __mmask16 mask = left < LANES ? (__mmask16)((1u << left) - 1) : 0xFFFF;
        const __m512 bias = _mm512_maskz_loadu_ps(mask, p->bias + column);
        for (size_t i = 0; i < rows; i++) sums[i * panels * VECTORS + j] = bias;
    }
    for (size_t k = 0; k < p->inputs; k++) {
        for (size_t panel = 0; panel < panels; panel++) {
            for (size_t v = 0; v < VECTORS; v++) {
                const uint16_t *halves = packed + panel * stride + k * SOTTO_PANEL + v * LANES;
                const __m512 weights = _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)halves));
                for (size_t i = 0; i < rows; i++) {
                    __m512 *sum = &sums[(i * panels + panel) * VECTORS + v];
                    *sum = _mm512_fmadd_ps(_mm512_set1_ps(x[i * p->inputs + k]), weights, *sum);
                }
            }
        }
    }
    for (size_t j = 0; j < panels * VECTORS; j++) {
        const size_t column = first + j * LANES;
        const size_t left = column < p->outputs ? p->outputs - column : 0;
        const __mmask16 mask = left < LANES ? (__mmask16)((1u << left) - 1) : 0xFFFF;
        for (size_t i = 0; i < rows; i++)
            _mm512_mask_storeu_ps(p->y + (row + i) * p->outputs + column, mask, sums[i * panels * VECTORS + j]);
    }
}

TARGET void sotto_product_avx512(const struct product *p) {
    const size_t padded = (p->outputs + SOTTO_PANEL - 1) / SOTTO_PANEL * SOTTO_PANEL;
    size_t row = 0;
    for (; row + 8 <= p->rows; row += 8)
        for (size_t first = 0; first < padded; first += SOTTO_PANEL) tile(p, row, first, 8, 1);
    for (; row + 4 <= p->rows; row += 4)
        for (size_t first = 0; first < padded; first += SOTTO_PANEL) tile(p, row, first, 4, 1);
    for (; row < p->rows; row++) {
        size_t first = 0;
        for (; first + 4 * SOTTO_PANEL <= padded; first += 4 * SOTTO_PANEL) tile(p, row, first, 1, 4);
        for (; first < padded; first += SOTTO_PANEL) tile(p, row, first, 1, 1);
    }
}
#endif
