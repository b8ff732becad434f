// SPDX-License-Identifier: Apache-2.0
#ifndef SOTTO_SERIES_H
#define SOTTO_SERIES_H

#include <stdint.h>
#include <string.h>

// Exponentials, sines and hyperbolic tangents for loops that the compiler makes vectors of: Taylor series of reduced arguments, without
// branches, tables or calls. They are made of sums, products and divisions that are each rounded by themselves, so that every set of
// instructions and every compiler gives the same bits. Who includes this gives the same pragma and the functions no other one.
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))

// Added to a small number, they round it to a whole one, which is then in the lowest bits of the sum.
#define ROUND 0x1.8p52
#define ROUND_FLOAT 0x1.8p23f

// What is no number stays none.
INLINE double clamp(double x, double low, double high) { return x < low ? low : x > high ? high : x; }
INLINE float clamp_float(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

INLINE uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

INLINE uint32_t bits_of_float(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/// 2^n, −1022 ≤ n ≤ 1023; `rounded` is n + ROUND.
INLINE double power_of_two(double rounded) {
    const uint64_t bits = (bits_of(rounded) + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/// 2^n, −126 ≤ n ≤ 127; `rounded` is n + ROUND_FLOAT.
INLINE float power_of_two_float(float rounded) {
    const uint32_t bits = (bits_of_float(rounded) + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/// e^x as a power of two and, less one, what it is multiplied by; |x| ≤ 700. What is left when whole powers are taken out is at most
/// ln 2 / 2; what the series leaves out is below 1e-12 of it.
INLINE double exponential_less_one(double x, double *power) {
    const double rounded = x * 1.4426950408889634074 + ROUND, n = rounded - ROUND;
    // ln 2 in two parts, the first one of so few bits that its multiples are exact.
    const double r = (x - n * 0x1.62e42fefp-1) - n * 0x1.473de6af278edp-34;
    double sum = 1.0 / 39916800;
    sum = sum * r + 1.0 / 3628800;
    sum = sum * r + 1.0 / 362880;
    sum = sum * r + 1.0 / 40320;
    sum = sum * r + 1.0 / 5040;
    sum = sum * r + 1.0 / 720;
    sum = sum * r + 1.0 / 120;
    sum = sum * r + 1.0 / 24;
    sum = sum * r + 1.0 / 6;
    sum = sum * r + 1.0 / 2;
    *power = power_of_two(rounded);
    return r + r * r * sum;
}

/// e^x for −87 ≤ x ≤ 87.
INLINE float exponential_float(float x) {
    const float rounded = x * 1.44269504f + ROUND_FLOAT, n = rounded - ROUND_FLOAT;
    const float r = (x - n * 0x1.63p-1f) + n * 0x1.bd0106p-13f;
    float sum = 1.0f / 5040;
    sum = sum * r + 1.0f / 720;
    sum = sum * r + 1.0f / 120;
    sum = sum * r + 1.0f / 24;
    sum = sum * r + 1.0f / 6;
    sum = sum * r + 0.5f;
    // The small terms are added to the large ones last.
    return (1 + (r + r * r * sum)) * power_of_two_float(rounded);
}

INLINE float sigmoid(float x) {
    double power;
    const double less = exponential_less_one(clamp(-(double)x, -700, 700), &power);
    return (float)(1 / (1 + (power + power * less)));
}

INLINE float hyperbolic_tangent(float x) {
    // Beyond 20 it is 1 to the last bit. Near zero e^2x − 1 keeps its digits, as the power is then 1.
    double power;
    const double less = exponential_less_one(2 * clamp((double)x, -20, 20), &power);
    const double above = power * less + (power - 1);
    return (float)(above / (above + 2));
}

/// sin and cos of an angle, by quarters of a turn.
INLINE void turn(float angle, float *sine, float *cosine) {
    angle = clamp_float(angle, -8192, 8192);
    const float rounded = angle * 0.636619772f + ROUND_FLOAT, n = rounded - ROUND_FLOAT;
    // π / 2 in three parts; multiples of the first two are exact.
    const float r = ((angle - n * 0x1.92p0f) - n * 0x1.fb4p-12f) - n * 0x1.4442d2p-24f;
    const float square = r * r;
    float s = 1.0f / 362880;
    s = s * square - 1.0f / 5040;
    s = s * square + 1.0f / 120;
    s = s * square - 1.0f / 6;
    s = r + r * (square * s);
    float c = -1.0f / 3628800;
    c = c * square + 1.0f / 40320;
    c = c * square - 1.0f / 720;
    c = c * square + 1.0f / 24;
    c = (1 - 0.5f * square) + square * square * c;
    const uint32_t quarter = bits_of_float(rounded);
    const float across = quarter & 1 ? c : s, along = quarter & 1 ? s : c;
    *sine = quarter & 2 ? -across : across;
    *cosine = (quarter + 1) & 2 ? -along : along;
}

/// sin(π · turns), |turns| ≤ 1/2; what the series leaves out is below 5e-14 of it.
INLINE double sine_of_half_turns(double turns) {
    const double x = turns * 3.14159265358979323846, square = x * x;
    double sum = 1.0 / 355687428096000;
    sum = sum * square - 1.0 / 1307674368000;
    sum = sum * square + 1.0 / 6227020800;
    sum = sum * square - 1.0 / 39916800;
    sum = sum * square + 1.0 / 362880;
    sum = sum * square - 1.0 / 5040;
    sum = sum * square + 1.0 / 120;
    sum = sum * square - 1.0 / 6;
    return x + x * (square * sum);
}

// Defines `function`(instructions, …), which is the inline function `name` compiled for each set of instructions. `parameters` are those
// of both, `arguments` their names.
#if defined(__x86_64__)
#define FOR_ALL_INSTRUCTIONS(function, name, parameters, arguments)                                \
    __attribute__((target("avx512f"))) static void name##_avx512 parameters { name arguments; }    \
    __attribute__((target("avx2"))) static void name##_avx2 parameters { name arguments; }         \
    static void name##_portable parameters { name arguments; }                                     \
    void function(enum sotto_instructions instructions, UNWRAP parameters) {                       \
        switch (instructions) {                                                                    \
        case SOTTO_VNNI:                                                                           \
        case SOTTO_AVX512: name##_avx512 arguments; break;                                         \
        case SOTTO_AVX_VNNI:                                                                       \
        case SOTTO_AVX2: name##_avx2 arguments; break;                                             \
        default: name##_portable arguments;                                                        \
        }                                                                                          \
    }
#else
// NEON is what the compiler makes vectors with anyway.
#define FOR_ALL_INSTRUCTIONS(function, name, parameters, arguments)          \
    void function(enum sotto_instructions instructions, UNWRAP parameters) { \
        (void)instructions;                                                  \
        name arguments;                                                      \
    }
#endif
#define UNWRAP(...) __VA_ARGS__

#endif
