// SPDX-License-Identifier: Apache-2.0
#ifndef SOTTO_BYTE_PRODUCT_TILES_H
#define SOTTO_BYTE_PRODUCT_TILES_H

#include "include/byte_product.h"

/// Rows that are rounded together, and what those take at most.
enum { ROUNDED_ROWS = 8, ROUNDED_BYTES = 1 << 16 };

/// Up to ROUNDED_ROWS rows of x, rounded, and where their outputs go. The integers are as wide as those who read them
/// like; inputs are padded to a multiple of 4 with zeros.
struct rounded {
    const int8_t *blocks;
    const float *scales;
    const float *bias;
    size_t rows, inputs, outputs;
    float *y;
    /// Elements from one row to the next.
    size_t stride;
    float row_scales[ROUNDED_ROWS];
    /// The sum of a row's integers, for who needs it.
    int32_t sums[ROUNDED_ROWS];
    _Alignas(64) unsigned char integers[ROUNDED_BYTES];
};

/// What a row's values are multiplied by before they are rounded; sets its scale. \param largest  the bits of its largest magnitude.
float sotto_row_factor(uint32_t largest, float *scale);

/// Rounds the row x [inputs] to integers of its own width.
typedef void sotto_round_row(struct rounded *r, size_t row, const float *x);
/// All outputs of the rounded rows.
typedef void sotto_multiply_rows(const struct rounded *r);

sotto_round_row sotto_round_row_avx2, sotto_round_row_avxvnni, sotto_round_row_vnni, sotto_round_row_neon;
sotto_multiply_rows sotto_multiply_rows_avx2, sotto_multiply_rows_avxvnni, sotto_multiply_rows_vnni, sotto_multiply_rows_neon,
    sotto_multiply_rows_dot_product;

#endif
