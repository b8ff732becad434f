// SPDX-License-Identifier: Apache-2.0
#include "byte_product.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <string.h>

#define DOT_PRODUCT __attribute__((target("arch=armv8.2-a+dotprod")))
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 4, VECTORS = SOTTO_BLOCK_OUTPUTS / LANES };

/// As bytes, padded to whole groups of 4.
void sotto_round_row_neon(struct rounded *r, size_t row, const float *x) {
    int8_t *integers = (int8_t *)r->integers + row * r->stride;
    const size_t whole = r->inputs / LANES * LANES;
    float last[LANES] = {0};
    memcpy(last, x + whole, (r->inputs - whole) * sizeof *last);
    const uint32x4_t magnitude = vdupq_n_u32(0x7FFFFFFF);
    uint32x4_t largest = vandq_u32(vreinterpretq_u32_f32(vld1q_f32(last)), magnitude);
    for (size_t k = 0; k < whole; k += LANES)
        largest = vmaxq_u32(largest, vandq_u32(vreinterpretq_u32_f32(vld1q_f32(x + k)), magnitude));
    const float factor = sotto_row_factor(vmaxvq_u32(largest), &r->row_scales[row]);
    if (factor == 0) {
        memset(integers, 0, r->stride);
        return;
    }
    for (size_t k = 0; k < r->stride; k += LANES) {
        const float32x4_t values = vmulq_n_f32(vld1q_f32(k < whole ? x + k : last), factor);
        const int16x4_t halves = vqmovn_s32(vcvtnq_s32_f32(values));
        const int8x8_t bytes = vqmovn_s16(vcombine_s16(halves, halves));
        memcpy(integers + k, &bytes, LANES);
    }
}

INLINE int8x16_t group_at(const int8_t *integers) {
    int32_t group;
    memcpy(&group, integers, sizeof group);
    return vreinterpretq_s8_s32(vdupq_n_s32(group));
}

/// The outputs of four sums.
INLINE void finish(const struct rounded *r, size_t row, size_t column, int32x4_t sums) {
    if (column >= r->outputs) return;
    const size_t columns = r->outputs - column < LANES ? r->outputs - column : LANES;
    float scales[LANES] = {0}, bias[LANES] = {0}, y[LANES];
    memcpy(scales, r->scales + column, columns * sizeof *scales);
    memcpy(bias, r->bias + column, columns * sizeof *bias);
    const float32x4_t scaled = vmulq_n_f32(vcvtq_f32_s32(sums), r->row_scales[row]);
    vst1q_f32(y, vfmaq_f32(vld1q_f32(bias), scaled, vld1q_f32(scales)));
    memcpy(r->y + row * r->outputs + column, y, columns * sizeof *y);
}

/// `rows` rows by one panel of 16 outputs, all sums in registers, two lanes to an output.
INLINE void tile(const struct rounded *r, size_t row, size_t first, const size_t rows) {
    int32x4_t sums[2 * 2 * VECTORS];
    const int8_t *block = r->blocks + first * r->stride;
    const int8_t *integers = (const int8_t *)r->integers + row * r->stride;
    for (size_t i = 0; i < 2 * rows * VECTORS; i++) sums[i] = vdupq_n_s32(0);
    for (size_t k = 0; k < r->stride; k += SOTTO_BLOCK_INPUTS) {
        for (size_t v = 0; v < VECTORS; v++, block += 16) {
            const int8x16_t weights = vld1q_s8(block);
            for (size_t i = 0; i < rows; i++) {
                const int8x16_t group = group_at(integers + i * r->stride + k);
                int32x4_t *sum = &sums[2 * (i * VECTORS + v)];
                sum[0] = vpadalq_s16(sum[0], vmull_s8(vget_low_s8(weights), vget_low_s8(group)));
                sum[1] = vpadalq_s16(sum[1], vmull_high_s8(weights, group));
            }
        }
    }
    for (size_t v = 0; v < VECTORS; v++)
        for (size_t i = 0; i < rows; i++) {
            const int32x4_t *sum = &sums[2 * (i * VECTORS + v)];
            finish(r, row + i, first + v * LANES, vpaddq_s32(sum[0], sum[1]));
        }
}

void sotto_multiply_rows_neon(const struct rounded *r) {
    size_t row = 0;
    for (; row + 2 <= r->rows; row += 2)
        for (size_t first = 0; first < r->outputs; first += SOTTO_BLOCK_OUTPUTS) tile(r, row, first, 2);
    for (; row < r->rows; row++)
        for (size_t first = 0; first < r->outputs; first += SOTTO_BLOCK_OUTPUTS) tile(r, row, first, 1);
}

/// The same with an instruction that sums four products to a lane.
DOT_PRODUCT INLINE void dot_tile(const struct rounded *r, size_t row, size_t first, const size_t rows) {
    int32x4_t sums[4 * VECTORS];
    const int8_t *block = r->blocks + first * r->stride;
    const int8_t *integers = (const int8_t *)r->integers + row * r->stride;
    for (size_t i = 0; i < rows * VECTORS; i++) sums[i] = vdupq_n_s32(0);
    for (size_t k = 0; k < r->stride; k += SOTTO_BLOCK_INPUTS) {
        for (size_t v = 0; v < VECTORS; v++, block += 16) {
            const int8x16_t weights = vld1q_s8(block);
            for (size_t i = 0; i < rows; i++) {
                int32x4_t *sum = &sums[i * VECTORS + v];
                *sum = vdotq_s32(*sum, weights, group_at(integers + i * r->stride + k));
            }
        }
    }
    for (size_t v = 0; v < VECTORS; v++)
        for (size_t i = 0; i < rows; i++) finish(r, row + i, first + v * LANES, sums[i * VECTORS + v]);
}

DOT_PRODUCT void sotto_multiply_rows_dot_product(const struct rounded *r) {
    size_t row = 0;
    for (; row + 4 <= r->rows; row += 4)
        for (size_t first = 0; first < r->outputs; first += SOTTO_BLOCK_OUTPUTS) dot_tile(r, row, first, 4);
    for (; row < r->rows; row++)
        for (size_t first = 0; first < r->outputs; first += SOTTO_BLOCK_OUTPUTS) dot_tile(r, row, first, 1);
}
#endif
