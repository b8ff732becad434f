// SPDX-License-Identifier: Apache-2.0
#include "kernels.h"

#include <math.h>

#define INLINE static inline __attribute__((always_inline))

INLINE void chains(const float *weights, const float *bias, const float *x, size_t inputs, const int32_t *outputs, size_t count,
                   float *y) {
    enum { CHAINS = 8 };
    size_t i = 0;
    // Several at a time: a sum waits for the one before it.
    for (; i + CHAINS <= count; i += CHAINS) {
        const float *rows[CHAINS];
        float sums[CHAINS];
        for (size_t c = 0; c < CHAINS; c++) {
            rows[c] = weights + (size_t)outputs[i + c] * inputs;
            sums[c] = bias[outputs[i + c]];
        }
        for (size_t k = 0; k < inputs; k++)
            for (size_t c = 0; c < CHAINS; c++) sums[c] = fmaf(x[k], rows[c][k], sums[c]);
        for (size_t c = 0; c < CHAINS; c++) y[i + c] = sums[c];
    }
    for (; i < count; i++) {
        const float *row = weights + (size_t)outputs[i] * inputs;
        float sum = bias[outputs[i]];
        for (size_t k = 0; k < inputs; k++) sum = fmaf(x[k], row[k], sum);
        y[i] = sum;
    }
}

#if defined(__x86_64__)
__attribute__((target("fma"))) static void chains_fma(const float *weights, const float *bias, const float *x, size_t inputs,
                                                      const int32_t *outputs, size_t count, float *y) {
    chains(weights, bias, x, inputs, outputs, count, y);
}
#endif

void sotto_some_products(enum sotto_instructions instructions, const float *weights, const float *bias, const float *x,
                         size_t inputs, const int32_t *outputs, size_t count, float *y) {
#if defined(__x86_64__)
    if (instructions != SOTTO_PORTABLE) {
        chains_fma(weights, bias, x, inputs, outputs, count, y);
        return;
    }
#endif
    (void)instructions;
    chains(weights, bias, x, inputs, outputs, count, y);
}
