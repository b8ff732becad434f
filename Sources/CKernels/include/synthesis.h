// SPDX-License-Identifier: Apache-2.0
#ifndef SOTTO_SYNTHESIS_H
#define SOTTO_SYNTHESIS_H

#include "kernels.h"

// What the synthesis computes for each bin and each sample. All instructions give the same bits; what is no number gives none.

/// The log gains (natural) that filters are clamped to, −87 to 87 at most.
struct sotto_gain_range {
    float low, high;
};

/// spectrum = pulses · exp(gain + i · phase) + noise · exp(noise_gain), bin by bin, in single precision. In spectra, real and
/// imaginary parts alternate.
///
/// An exponential is within 1.5e-7 of itself, relatively; a sine or cosine within 1e-7, for angles of −8192 to 8192. Angles beyond
/// are clamped to that.
///
/// \param gain, phase, noise_gain  [bins]
/// \param pulses, noise, spectrum  [2 · bins]
void sotto_filter(enum sotto_instructions instructions, struct sotto_gain_range range, const float *gain,
                  const float *phase, const float *noise_gain, const float *pulses, const float *noise, size_t bins,
                  float *spectrum);

/// The Dirichlet kernel Σ_{k=1…harmonics} cos(2πk · cycles) at each place, times `scale`; where sin(π · cycles) is less than 1e-4 it is
/// taken to be `harmonics`. It is within 1e-12 of its height, before it is rounded to single precision.
///
/// \param cycles  [count], each 0 ≤ cycles < 1.
/// \param harmonics  a whole number, 1 to 2^20.
void sotto_pulses(enum sotto_instructions instructions, const double *cycles, size_t count, double harmonics,
                  double scale, float *pulses);

#endif
