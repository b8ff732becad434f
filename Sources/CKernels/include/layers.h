// SPDX-License-Identifier: Apache-2.0
#ifndef SOTTO_LAYERS_H
#define SOTTO_LAYERS_H

#include "kernels.h"

// What layers do element by element. Sums and products are each rounded by themselves and taken in one order, so that all
// instructions give the same bits.

/// Convolution in time of each channel with its own kernel: y [rows, channels] is the bias [channels] plus, tap after tap, taps
/// [kernel, channels] times the rows of x [rows + kernel - 1, channels].
void sotto_convolve(enum sotto_instructions instructions, const float *taps, const float *bias, const float *x, size_t rows,
                    size_t channels, size_t kernel, float *y);

/// Normalises each row of x [rows, channels] to mean 0 and variance 1, then gives each channel its gain and its offset [channels]. Sums
/// over a row are eight, of every eighth value, which are then added in their order.
void sotto_normalize(enum sotto_instructions instructions, const float *gain, const float *offset, float epsilon,
                     size_t rows, size_t channels, float *x);

/// x [count] becomes the squares of its positive values, 0 for the others.
void sotto_square_positive(enum sotto_instructions instructions, size_t count, float *x);

/// x [count] becomes x · Φ(x), with the normal distribution's Φ (GELU, Hendrycks and Gimpel 2016), to 2e-7 of x. What is no number gives none.
void sotto_gelu(enum sotto_instructions instructions, size_t count, float *x);

/// Adds y [rows, columns], each column times its own factor, to x.
void sotto_add_scaled(enum sotto_instructions instructions, const float *factors, const float *y, size_t rows, size_t columns,
                      float *x);

#endif
