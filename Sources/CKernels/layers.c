// SPDX-License-Identifier: Apache-2.0
#include "layers.h"

#include "series.h"

#include <math.h>

#pragma STDC FP_CONTRACT OFF

enum { PARTS = 8 };

INLINE void convolve(const float *restrict taps, const float *restrict bias, const float *restrict x, size_t rows,
                     size_t channels, size_t kernel, float *restrict y) {
    for (size_t row = 0; row < rows; row++, x += channels, y += channels) {
        if (kernel == 5) {
            // As many as our models have: the sum stays in a register.
            for (size_t c = 0; c < channels; c++) {
                float sum = bias[c] + taps[c] * x[c];
                sum = sum + taps[channels + c] * x[channels + c];
                sum = sum + taps[2 * channels + c] * x[2 * channels + c];
                sum = sum + taps[3 * channels + c] * x[3 * channels + c];
                y[c] = sum + taps[4 * channels + c] * x[4 * channels + c];
            }
            continue;
        }
        for (size_t c = 0; c < channels; c++) y[c] = bias[c];
        for (size_t k = 0; k < kernel; k++)
            for (size_t c = 0; c < channels; c++) y[c] = y[c] + taps[k * channels + c] * x[k * channels + c];
    }
}

/// The sum of a row's values less `less`, or of their squares.
INLINE float sum_of(const float *x, size_t channels, float less, int squares) {
    float parts[PARTS] = {0};
    size_t c = 0;
    for (; c + PARTS <= channels; c += PARTS)
        for (size_t i = 0; i < PARTS; i++) {
            const float value = x[c + i] - less;
            parts[i] = parts[i] + (squares ? value * value : value);
        }
    float sum = parts[0];
    for (size_t i = 1; i < PARTS; i++) sum = sum + parts[i];
    for (; c < channels; c++) {
        const float value = x[c] - less;
        sum = sum + (squares ? value * value : value);
    }
    return sum;
}

INLINE void normalize(const float *restrict gain, const float *restrict offset, float epsilon, size_t rows, size_t channels,
                      float *restrict x) {
    for (size_t row = 0; row < rows; row++, x += channels) {
        const float mean = sum_of(x, channels, 0, 0) / (float)channels;
        const float variance = sum_of(x, channels, mean, 1) / (float)channels;
        const float scale = 1 / sqrtf(variance + epsilon);
        for (size_t c = 0; c < channels; c++) x[c] = (x[c] - mean) * scale * gain[c] + offset[c];
    }
}

INLINE void square_positive(size_t count, float *restrict x) {
    for (size_t i = 0; i < count; i++) {
        const float positive = 0 >= x[i] ? 0 : x[i];
        x[i] = positive * positive;
    }
}

INLINE void gelu(size_t count, float *restrict x) {
    for (size_t i = 0; i < count; i++) {
        // erfc by Abramowitz and Stegun's formula 7.1.26.
        const double size = clamp(0 >= x[i] ? -(double)x[i] : (double)x[i], 0, 37) * 0.70710678118654752440;
        const double t = 1 / (1 + 0.3275911 * size);
        double sum = 1.061405429;
        sum = sum * t - 1.453152027;
        sum = sum * t + 1.421413741;
        sum = sum * t - 0.284496736;
        sum = sum * t + 0.254829592;
        double power;
        const double less = exponential_less_one(-size * size, &power);
        const double beyond = 0.5 * (sum * t) * (power + power * less);
        x[i] = (float)((double)x[i] * (0 >= x[i] ? beyond : 1 - beyond));
    }
}

INLINE void add_scaled(const float *restrict factors, const float *restrict y, size_t rows, size_t columns,
                       float *restrict x) {
    for (size_t row = 0; row < rows; row++, x += columns, y += columns)
        for (size_t c = 0; c < columns; c++) x[c] = x[c] + factors[c] * y[c];
}

FOR_ALL_INSTRUCTIONS(sotto_convolve, convolve,
                     (const float *taps, const float *bias, const float *x, size_t rows, size_t channels, size_t kernel,
                      float *y),
                     (taps, bias, x, rows, channels, kernel, y))
FOR_ALL_INSTRUCTIONS(sotto_normalize, normalize,
                     (const float *gain, const float *offset, float epsilon, size_t rows, size_t channels, float *x),
                     (gain, offset, epsilon, rows, channels, x))
FOR_ALL_INSTRUCTIONS(sotto_square_positive, square_positive, (size_t count, float *x), (count, x))
FOR_ALL_INSTRUCTIONS(sotto_gelu, gelu, (size_t count, float *x), (count, x))
FOR_ALL_INSTRUCTIONS(sotto_add_scaled, add_scaled,
                     (const float *factors, const float *y, size_t rows, size_t columns, float *x),
                     (factors, y, rows, columns, x))
