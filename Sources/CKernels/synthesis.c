// SPDX-License-Identifier: Apache-2.0
#include "synthesis.h"

#include "series.h"

#pragma STDC FP_CONTRACT OFF

INLINE void filter(struct sotto_gain_range range, const float *restrict gain, const float *restrict phase,
                   const float *restrict noise_gain, const float *restrict pulses, const float *restrict noise,
                   size_t bins, float *restrict spectrum) {
    for (size_t bin = 0; bin < bins; bin++) {
        const float scale = exponential_float(clamp_float(gain[bin], range.low, range.high));
        const float noise_scale = exponential_float(clamp_float(noise_gain[bin], range.low, range.high));
        float sine, cosine;
        turn(phase[bin], &sine, &cosine);
        const float along = scale * cosine, across = scale * sine;
        const float real = pulses[2 * bin], imaginary = pulses[2 * bin + 1];
        spectrum[2 * bin] = real * along - imaginary * across + noise[2 * bin] * noise_scale;
        spectrum[2 * bin + 1] = real * across + imaginary * along + noise[2 * bin + 1] * noise_scale;
    }
}

/// In closed form, sin((K + ½)p) / (2 sin(p / 2)) − ½.
INLINE void pulse_train(const double *restrict cycles, size_t count, double harmonics, double scale,
                        float *restrict pulses) {
    for (size_t i = 0; i < count; i++) {
        // A half turn more or less changes the sign of both sines.
        const double half = cycles[i] > 0.5 ? cycles[i] - 1 : cycles[i];
        const double many = (2 * harmonics + 1) * half;
        const double rounded = many + ROUND, turns = many - (rounded - ROUND);
        const double above = sine_of_half_turns(turns), below = sine_of_half_turns(half);
        const double sign = bits_of(rounded) & 1 ? -1 : 1;
        const double magnitude = below < 0 ? -below : below;
        // Where it is nearly a whole number of turns, all cosines are nearly one.
        const double kernel = magnitude < 1e-4 ? harmonics : sign * above / (2 * below) - 0.5;
        pulses[i] = (float)(kernel * scale);
    }
}

FOR_ALL_INSTRUCTIONS(sotto_filter, filter,
                     (struct sotto_gain_range range, const float *gain, const float *phase, const float *noise_gain,
                      const float *pulses, const float *noise, size_t bins, float *spectrum),
                     (range, gain, phase, noise_gain, pulses, noise, bins, spectrum))
FOR_ALL_INSTRUCTIONS(sotto_pulses, pulse_train,
                     (const double *cycles, size_t count, double harmonics, double scale, float *pulses),
                     (cycles, count, harmonics, scale, pulses))
