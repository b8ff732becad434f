// SPDX-License-Identifier: Apache-2.0
#include "kernels.h"

#include <string.h>

size_t sotto_packed_count(size_t inputs, size_t outputs) {
    return (outputs + SOTTO_PANEL - 1) / SOTTO_PANEL * SOTTO_PANEL * inputs;
}

/// To the nearest half, ties to even; beyond the range of halves, infinity.
static uint16_t half_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    bits &= 0x7FFFFFFF;
    if (bits >= 0x47800000) return sign | 0x7C00;
    if (bits < 0x38800000) {
        // Subnormal halves are multiples of 2^-24; adding 1/2, whose last bit is that, rounds to one.
        float magnitude;
        memcpy(&magnitude, &bits, 4);
        magnitude += 0.5f;
        memcpy(&bits, &magnitude, 4);
        return sign | (uint16_t)(bits - 0x3F000000);
    }
    bits += 0xFFF + (bits >> 13 & 1);
    return sign | (uint16_t)((bits - 0x38000000) >> 13);
}

void sotto_pack(const float *weights, size_t inputs, size_t outputs, uint16_t *packed) {
    for (size_t first = 0; first < outputs; first += SOTTO_PANEL) {
        const size_t columns = outputs - first < SOTTO_PANEL ? outputs - first : SOTTO_PANEL;
        for (size_t column = 0; column < SOTTO_PANEL; column++) {
            const float *row = weights + (first + column) * inputs;
            for (size_t k = 0; k < inputs; k++)
                packed[k * SOTTO_PANEL + column] = column < columns ? half_of(row[k]) : 0;
        }
        packed += inputs * SOTTO_PANEL;
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
    for (size_t i = 0; i < count; i++) {
        float value = values[i];
        uint32_t bits;
        memcpy(&bits, &value, 4);
        const uint32_t exponent = bits >> 23 & 0xFF;
        // Normal halves have ten bits of fraction, subnormal ones are multiples of 2^-24.
        if (exponent > 127 + 15) return 0;
        if (exponent >= 127 - 14 ? bits & 0x1FFF : value * 0x1p24f != (float)(int32_t)(value * 0x1p24f)) return 0;
    }
    return 1;
}
