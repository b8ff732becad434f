// SPDX-License-Identifier: Apache-2.0
#include "elementary.h"

#include <stdint.h>
#include <string.h>

// A sum and a product that are contracted would round once where others round twice.
#pragma STDC FP_CONTRACT OFF

// ln 2 in two parts; products of the first with exponents are exact.
static const double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;

double sotto_log_double(double x) {
    // x = 2^power · m, with m in [√½, √2).
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int64_t power = (int64_t)(bits - 0x3fe6a09e667f3bcd) >> 52;
    bits -= (uint64_t)power << 52;
    double m;
    memcpy(&m, &bits, sizeof m);
    // ln m = 2 artanh s = 2 s (1 + s² / 3 + s⁴ / 5 + …), with |s| < .1716: what is left out is below 1e−18 of it.
    static const double terms[] = {1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11,
                                   1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21};
    const double s = (m - 1) / (m + 1), square = s * s;
    double series = terms[9];
    for (int i = 8; i >= 0; i--) series = series * square + terms[i];
    const double small = 2 * s * square * series + (double)power * ln2_low;
    return (double)power * ln2_high + (2 * s + small);
}

double sotto_exp_double(double x) {
    // x = power · ln 2 + r, with |r| < .35; adding and taking away 1.5 · 2^52 rounds to a whole number.
    const double power = (x * 0x1.71547652b82fep+0 + 0x1.8p52) - 0x1.8p52;
    const double r = (x - power * ln2_high) - power * ln2_low;
    // Taylor's series; what is left out is below 1e−17.
    static const double terms[] = {1.0,        1.0,         1.0 / 2,       1.0 / 6,        1.0 / 24,
                                   1.0 / 120,  1.0 / 720,   1.0 / 5040,    1.0 / 40320,    1.0 / 362880,
                                   1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
    double series = terms[13];
    for (int i = 12; i >= 0; i--) series = series * r + terms[i];
    const uint64_t bits = (uint64_t)((int64_t)power + 1023) << 52;
    double scale;
    memcpy(&scale, &bits, sizeof scale);
    return series * scale;
}
