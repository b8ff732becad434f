// SPDX-License-Identifier: Apache-2.0
#include "kernels.h"

#include <string.h>

size_t sotto_packed_count(size_t inputs, size_t outputs) {
    return (outputs + SOTTO_PANEL - 1) / SOTTO_PANEL * SOTTO_PANEL * inputs;
}

/// To the nearest half, ties to even; beyond the range of halves, infinity. Without branches, as it is for many at a time.
static inline uint16_t half_of(float value) {
    uint32_t bits, small;
    memcpy(&bits, &value, 4);
    const uint32_t sign = bits >> 16 & 0x8000;
    bits &= 0x7FFFFFFF;
    // Subnormal halves are multiples of 2^-24; adding 1/2, whose last bit is that, rounds to one.
    float magnitude;
    memcpy(&magnitude, &bits, 4);
    magnitude += 0.5f;
    memcpy(&small, &magnitude, 4);
    const uint32_t normal = (bits + 0xFFF + (bits >> 13 & 1) - 0x38000000) >> 13;
    const uint32_t half = bits < 0x38800000 ? small - 0x3F000000 : normal;
    return (uint16_t)(sign | (bits >= 0x47800000 ? 0x7C00 : half));
}

void sotto_pack(const float *weights, size_t inputs, size_t outputs, uint16_t *packed) {
    enum { PIECE = 64 };
    for (size_t first = 0; first < outputs; first += SOTTO_PANEL, packed += inputs * SOTTO_PANEL)
        for (size_t column = 0; column < SOTTO_PANEL; column++)
            for (size_t start = 0; start < inputs; start += PIECE) {
                const size_t count = inputs - start < PIECE ? inputs - start : PIECE;
                // By themselves first, which the compiler makes vectors of.
                uint16_t halves[PIECE] = {0};
                if (first + column < outputs) {
                    const float *row = weights + (first + column) * inputs + start;
                    for (size_t k = 0; k < count; k++) halves[k] = half_of(row[k]);
                }
                for (size_t k = 0; k < count; k++) packed[(start + k) * SOTTO_PANEL + column] = halves[k];
            }
}

void sotto_pack_halves(const uint16_t *weights, size_t inputs, size_t outputs, uint16_t *packed) {
    for (size_t first = 0; first < outputs; first += SOTTO_PANEL) {
        const size_t columns = outputs - first < SOTTO_PANEL ? outputs - first : SOTTO_PANEL;
        for (size_t column = 0; column < SOTTO_PANEL; column++) {
            const uint16_t *row = weights + (first + column) * inputs;
            for (size_t k = 0; k < inputs; k++) packed[k * SOTTO_PANEL + column] = column < columns ? row[k] : 0;
        }
        packed += inputs * SOTTO_PANEL;
    }
}

int sotto_halves_are_within(const uint16_t *halves, size_t count, uint16_t limit) {
    int beyond = 0;
    for (size_t i = 0; i < count; i++) beyond |= (halves[i] & 0x7FFF) > limit;
    return !beyond;
}

int sotto_are_halves(const float *values, size_t count) {
    int others = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, 4);
        const uint32_t exponent = bits >> 23 & 0xFF;
        // Normal halves have ten bits of fraction, subnormal ones are multiples of 2^-24.
        const int is_normal = exponent >= 127 - 14;
        const float multiple = is_normal ? 0 : values[i] * 0x1p24f;
        others |= (exponent > 127 + 15) | (is_normal & ((bits & 0x1FFF) != 0)) | (multiple != (float)(int32_t)multiple);
    }
    return !others;
}

void sotto_widen_halves(const void *halves, size_t count, float *values) {
    const unsigned char *bytes = halves;
    for (size_t i = 0; i < count; i++) {
        const uint32_t half = (uint32_t)bytes[2 * i] | (uint32_t)bytes[2 * i + 1] << 8;
        // Exponent and fraction keep their places; the factor makes up for the exponents' different biases (127 - 15).
        uint32_t bits = (half & 0x7FFF) << 13;
        float magnitude;
        memcpy(&magnitude, &bits, 4);
        magnitude *= 0x1p112f;
        memcpy(&bits, &magnitude, 4);
        bits |= (half & 0x8000) << 16 | ((half & 0x7C00) == 0x7C00 ? 0x7F800000 : 0);
        memcpy(values + i, &bits, 4);
    }
}

float sotto_largest_magnitude(const float *values, size_t count) {
    // Magnitudes are in the order of their bits, which numbers that are none come after.
    int32_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        int32_t bits;
        memcpy(&bits, values + i, 4);
        bits &= 0x7FFFFFFF;
        largest = bits > largest ? bits : largest;
    }
    largest = largest < 0x7F800000 ? largest : 0x7F800000;
    float magnitude;
    memcpy(&magnitude, &largest, 4);
    return magnitude;
}
