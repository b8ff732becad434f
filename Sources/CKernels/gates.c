// SPDX-License-Identifier: Apache-2.0
#include "gates.h"

#include "series.h"

#pragma STDC FP_CONTRACT OFF

INLINE void step(const float *restrict x, const float *restrict y, size_t hidden, float *restrict h) {
    for (size_t i = 0; i < hidden; i++) {
        const float r = sigmoid(x[i] + y[i]), z = sigmoid(x[hidden + i] + y[hidden + i]);
        const float n = hyperbolic_tangent(x[2 * hidden + i] + r * y[2 * hidden + i]);
        h[i] = (1 - z) * n + z * h[i];
    }
}

FOR_ALL_INSTRUCTIONS(sotto_gru_step, step, (const float *x, const float *y, size_t hidden, float *h), (x, y, hidden, h))
