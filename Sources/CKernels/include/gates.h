// SPDX-License-Identifier: Apache-2.0
#ifndef SOTTO_GATES_H
#define SOTTO_GATES_H

#include "kernels.h"

/// One step of a gated recurrent unit; `h` [hidden] becomes the next hidden vector:
///
///     r = σ(x_r + y_r)
///     z = σ(x_z + y_z)
///     n = tanh(x_n + r * y_n)
///     h ← (1 - z) * n + z * h
///
/// All instructions give the same bits. σ and tanh are computed in double precision and rounded once: each is within 0.501 units in
/// the last place, for every argument. What is no number gives none.
///
/// \param x, y  [3 · hidden]: what the input's and the hidden vector's weights give, for r, z and n in this order.
void sotto_gru_step(enum sotto_instructions instructions, const float *x, const float *y, size_t hidden, float *h);

#endif
