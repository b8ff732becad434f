// SPDX-License-Identifier: Apache-2.0
#ifndef SOTTO_ELEMENTARY_H
#define SOTTO_ELEMENTARY_H

// Functions in double precision with the same bits on every processor and with every C library: made of sums, products and divisions
// alone, which IEEE 754 rounds in one way. They are within two units in the last place.

/// The natural logarithm of `x`, which is positive, finite and no subnormal number.
double sotto_log_double(double x);

/// e to the power of `x`, which lies in −700 … 700.
double sotto_exp_double(double x);

#endif
