// SPDX-License-Identifier: Apache-2.0
#ifndef SOTTO_KERNELS_H
#define SOTTO_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// Products of matrices. Hashes and Fourier transforms have headers of their own beside this one.

/// The sets of instructions that a product can be computed with: of ARM, NEON without and with products of bytes; of x86, AVX2 and
/// AVX-512, without and with products of bytes. All of them give the same bits, whatever the processor or the number of rows.
enum sotto_instructions {
    SOTTO_PORTABLE,
    SOTTO_NEON,
    SOTTO_DOT_PRODUCT,
    SOTTO_AVX2,
    SOTTO_AVX_VNNI,
    SOTTO_AVX512,
    SOTTO_VNNI
};

/// Those that everything is computed with: the best that this processor has, until others are chosen.
enum sotto_instructions sotto_instructions_in_use(void);

/// Chooses those that everything is computed with from now on, in all threads. Returns 0, and changes nothing, if this processor doesn't
/// have them.
int sotto_use_instructions(enum sotto_instructions instructions);

/// Whether this processor has them.
int sotto_has_instructions(enum sotto_instructions instructions);

/// Columns of outputs that lie together in the packed weights.
enum { SOTTO_PANEL = 32 };

/// Values that packed weights take: the outputs are rounded up to whole panels.
size_t sotto_packed_count(size_t inputs, size_t outputs);

/// Packs weights [outputs, inputs] as halves: panel after panel of 32 outputs, input after input. Values that are no
/// halves are rounded to the nearest.
void sotto_pack(const float *weights, size_t inputs, size_t outputs, uint16_t *packed);

/// The same of weights [outputs, inputs] that are halves already, which are kept as they are.
void sotto_pack_halves(const uint16_t *weights, size_t inputs, size_t outputs, uint16_t *packed);

/// Whether all values are ones that halves have.
int sotto_are_halves(const float *values, size_t count);

/// The numbers that halves are, which lie at any place, the low byte first.
void sotto_widen_halves(const void *halves, size_t count, float *values);

/// The largest magnitude of all values, infinity if one is no number; 0 of none.
float sotto_largest_magnitude(const float *values, size_t count);

/// Whether no half is beyond the magnitude of `limit`, itself a positive half; infinities and what is no number are.
int sotto_halves_are_within(const uint16_t *halves, size_t count, uint16_t limit);

/// Sets `place` to that of the first value above the threshold; to `count` if there is none.
void sotto_first_above(enum sotto_instructions instructions, const float *values, size_t count, float threshold,
                       size_t *place);

/// Values of which `sotto_maxima` tells the largest.
enum { SOTTO_PART = 64 };

/// The largest of each SOTTO_PART values, the last ones of what is left; none of them may be no number.
void sotto_maxima(enum sotto_instructions instructions, const float *values, size_t count, float *largest);

/// The places of all values above the threshold, in their order; `places` has room for one more than there are values. \param largest
/// what `sotto_maxima` says of them
void sotto_all_above(enum sotto_instructions instructions, const float *values, size_t count, const float *largest,
                     float threshold, int32_t *places, size_t *found);

/// y [rows, outputs] = bias [outputs] + x [rows, inputs] · packed weights, which are finite: one chain of fused multiply-adds over the
/// inputs in their order for each output.
void sotto_product(enum sotto_instructions instructions, const uint16_t *packed, const float *bias, const float *x,
                   size_t rows, size_t inputs, size_t outputs, float *y);

/// Some outputs of that product for one row x [inputs], by weights that are halves, as single-precision numbers [all outputs, inputs]: the
/// same bits. \param outputs, y  [count]
void sotto_some_products(enum sotto_instructions instructions, const float *weights, const float *bias, const float *x,
                         size_t inputs, const int32_t *outputs, size_t count, float *y);

#endif
