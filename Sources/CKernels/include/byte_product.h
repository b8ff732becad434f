// SPDX-License-Identifier: Apache-2.0
#ifndef SOTTO_BYTE_PRODUCT_H
#define SOTTO_BYTE_PRODUCT_H

#include "kernels.h"

// Products with weights of 8 bits. A row of weights is integers of -127 to 127 with a scale; a row of x is rounded to such
// integers when it comes. Their products are summed exactly, so that every processor gives the same.

/// Weights lie in blocks of 16 outputs by 4 inputs, [outputs / 16, inputs / 4, 16, 4], both rounded up with zeros. Products
/// read them where they are; nothing needs to be aligned, though blocks that begin at multiples of 64 bytes are faster.
enum { SOTTO_BLOCK_OUTPUTS = 16, SOTTO_BLOCK_INPUTS = 4 };

/// Inputs that a product takes at most.
enum { SOTTO_MOST_INPUTS = 1 << 15 };

/// y [rows, outputs] = bias [outputs] + x [rows, inputs] · (scales [outputs] · blocks).
///
/// With m the largest magnitude in a row of x, q is x · (127 / m) rounded to the nearest integers, ties to even, and
/// y = fma(float(sum of blocks · q) · (m / 127), scale, bias), all in single precision. A row counts as zeros if m is less
/// than 2^-100, or not finite.
void sotto_byte_product(enum sotto_instructions instructions, const int8_t *blocks, const float *scales,
                        const float *bias, const float *x, size_t rows, size_t inputs, size_t outputs, float *y);

/// Rounds weights [outputs, inputs], which are finite, to such integers by their rows' largest magnitudes. Sets `scales` [outputs], and
/// `largest_sum` to the largest sum of a row's magnitudes.
void sotto_round_weights(const float *weights, size_t inputs, size_t outputs, int8_t *blocks, float *scales,
                         float *largest_sum);

#endif
