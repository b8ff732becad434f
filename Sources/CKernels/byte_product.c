// SPDX-License-Identifier: Apache-2.0
#include "byte_product.h"

#include <math.h>
#include <string.h>

float sotto_row_factor(uint32_t largest, float *scale) {
    // From 2^-100 to the largest number: beyond are infinity and what is no number.
    if (largest < 0x0D800000 || largest >= 0x7F800000) {
        *scale = 0;
        return 0;
    }
    float magnitude;
    memcpy(&magnitude, &largest, sizeof magnitude);
    *scale = magnitude / 127;
    return 127 / magnitude;
}

static void round_row_portable(struct rounded *r, size_t row, const float *x) {
    int16_t *integers = (int16_t *)(void *)r->integers + row * r->stride;
    uint32_t largest = 0;
    for (size_t k = 0; k < r->inputs; k++) {
        // Magnitudes are in the order of their bits, which numbers that are none come after.
        uint32_t bits;
        memcpy(&bits, x + k, sizeof bits);
        bits &= 0x7FFFFFFF;
        largest = bits > largest ? bits : largest;
    }
    const float factor = sotto_row_factor(largest, &r->row_scales[row]);
    for (size_t k = 0; k < r->inputs; k++) integers[k] = factor == 0 ? 0 : (int16_t)rintf(x[k] * factor);
    for (size_t k = r->inputs; k < r->stride; k++) integers[k] = 0;
}

static void multiply_rows_portable(const struct rounded *r) {
    for (size_t first = 0; first < r->outputs; first += SOTTO_BLOCK_OUTPUTS) {
        const size_t columns = r->outputs - first < SOTTO_BLOCK_OUTPUTS ? r->outputs - first : SOTTO_BLOCK_OUTPUTS;
        for (size_t row = 0; row < r->rows; row++) {
            const int16_t *q = (const int16_t *)(const void *)r->integers + row * r->stride;
            const int8_t *block = r->blocks + first * r->stride;
            uint32_t sums[SOTTO_BLOCK_OUTPUTS] = {0};
            for (size_t k = 0; k < r->stride; k += SOTTO_BLOCK_INPUTS, q += SOTTO_BLOCK_INPUTS)
                for (size_t o = 0; o < SOTTO_BLOCK_OUTPUTS; o++, block += SOTTO_BLOCK_INPUTS)
                    sums[o] += (uint32_t)(block[0] * q[0] + block[1] * q[1] + block[2] * q[2] + block[3] * q[3]);
            float *y = r->y + row * r->outputs + first;
            for (size_t o = 0; o < columns; o++)
                y[o] = fmaf((float)(int32_t)sums[o] * r->row_scales[row], r->scales[first + o], r->bias[first + o]);
        }
    }
}

/// Functions for a set of instructions, and bytes of an integer that they share.
struct functions {
    sotto_round_row *round_row;
    sotto_multiply_rows *multiply_rows;
    size_t size;
};

static struct functions functions_of(enum sotto_instructions instructions) {
    switch (instructions) {
#if defined(__x86_64__)
    case SOTTO_VNNI: return (struct functions){sotto_round_row_vnni, sotto_multiply_rows_vnni, 1};
    case SOTTO_AVX_VNNI: return (struct functions){sotto_round_row_avxvnni, sotto_multiply_rows_avxvnni, 1};
    case SOTTO_AVX512:
    case SOTTO_AVX2: return (struct functions){sotto_round_row_avx2, sotto_multiply_rows_avx2, 2};
#elif defined(__aarch64__)
    case SOTTO_DOT_PRODUCT: return (struct functions){sotto_round_row_neon, sotto_multiply_rows_dot_product, 1};
    case SOTTO_NEON: return (struct functions){sotto_round_row_neon, sotto_multiply_rows_neon, 1};
#endif
    default: return (struct functions){round_row_portable, multiply_rows_portable, 2};
    }
}

void sotto_byte_product(enum sotto_instructions instructions, const int8_t *blocks, const float *scales,
                        const float *bias, const float *x, size_t rows, size_t inputs, size_t outputs, float *y) {
    const struct functions f = functions_of(instructions);
    struct rounded r;
    r.blocks = blocks, r.scales = scales, r.bias = bias, r.inputs = inputs, r.outputs = outputs;
    r.stride = (inputs + SOTTO_BLOCK_INPUTS - 1) / SOTTO_BLOCK_INPUTS * SOTTO_BLOCK_INPUTS;
    const size_t room = sizeof r.integers / (r.stride * f.size), most = room < ROUNDED_ROWS ? room : ROUNDED_ROWS;
    for (size_t first = 0; first < rows; first += most) {
        r.rows = rows - first < most ? rows - first : most;
        r.y = y + first * outputs;
        for (size_t row = 0; row < r.rows; row++) f.round_row(&r, row, x + (first + row) * inputs);
        f.multiply_rows(&r);
    }
}

/// To the nearest whole number, ties to even, of what is rounded to -127 … 127 at most.
static inline int8_t whole(float x) {
    x = x < -127 ? -127 : x > 127 ? 127 : x;
    return (int8_t)(int32_t)((x + 0x1.8p23f) - 0x1.8p23f);
}

/// The largest of some magnitudes, and their sum.
static float largest_of(const float *values, size_t count, float *sum) {
    enum { LANES = 8 };
    float largest[LANES] = {0}, sums[LANES] = {0};
    size_t first = 0;
    for (; first + LANES <= count; first += LANES)
        for (size_t i = 0; i < LANES; i++) {
            const float magnitude = fabsf(values[first + i]);
            largest[i] = magnitude > largest[i] ? magnitude : largest[i];
            sums[i] += magnitude;
        }
    for (; first < count; first++) {
        const float magnitude = fabsf(values[first]);
        largest[0] = magnitude > largest[0] ? magnitude : largest[0];
        sums[0] += magnitude;
    }
    *sum = sums[0];
    for (size_t i = 1; i < LANES; i++) {
        largest[0] = largest[i] > largest[0] ? largest[i] : largest[0];
        *sum += sums[i];
    }
    return largest[0];
}

void sotto_round_weights(const float *weights, size_t inputs, size_t outputs, int8_t *blocks, float *scales,
                         float *largest_sum) {
    enum { PIECE = 64, BLOCK = SOTTO_BLOCK_OUTPUTS * SOTTO_BLOCK_INPUTS };
    const size_t groups = (inputs + SOTTO_BLOCK_INPUTS - 1) / SOTTO_BLOCK_INPUTS;
    const size_t panels = (outputs + SOTTO_BLOCK_OUTPUTS - 1) / SOTTO_BLOCK_OUTPUTS;
    memset(blocks, 0, panels * groups * BLOCK);
    *largest_sum = 0;
    for (size_t o = 0; o < outputs; o++, weights += inputs) {
        float sum;
        scales[o] = largest_of(weights, inputs, &sum) / 127;
        *largest_sum = sum > *largest_sum ? sum : *largest_sum;
        if (scales[o] == 0) continue;
        int8_t *place = blocks + o / SOTTO_BLOCK_OUTPUTS * groups * BLOCK + o % SOTTO_BLOCK_OUTPUTS * SOTTO_BLOCK_INPUTS;
        for (size_t start = 0; start < inputs; start += PIECE) {
            const size_t count = inputs - start < PIECE ? inputs - start : PIECE;
            int8_t rounded[PIECE] = {0};
            for (size_t k = 0; k < count; k++) rounded[k] = whole(weights[start + k] / scales[o]);
            for (size_t k = 0; k < count; k += SOTTO_BLOCK_INPUTS, place += BLOCK) memcpy(place, rounded + k, SOTTO_BLOCK_INPUTS);
        }
    }
}
