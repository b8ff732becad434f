// SPDX-License-Identifier: Apache-2.0
#ifndef SOTTO_FFT_H
#define SOTTO_FFT_H

#include <stddef.h>

/// Tables for Fourier transforms of real signals of one size, computed in double precision: immutable, shared by any number of
/// threads.
struct sotto_fft;

/// The bytes that the tables take.
///
/// \param size  positive and even; fast if it has no prime factors beyond 5.
size_t sotto_fft_room(size_t size);

/// Makes tables in `room`, which is aligned to 8 bytes and stays the caller's.
struct sotto_fft *sotto_fft_prepare(void *room, size_t size);

/// signal [size] → spectrum [size + 2]: real and imaginary parts of bins 0 to size / 2. `work` is [2 · size].
void sotto_fft_forward(const struct sotto_fft *fft, const float *signal, float *spectrum, double *work);

/// spectrum [size + 2] → signal [size], scaled so that it undoes `forward`. `work` is [2 · size].
void sotto_fft_inverse(const struct sotto_fft *fft, const float *spectrum, float *signal, double *work);

/// `forward` in double precision all through.
void sotto_fft_forward_double(const struct sotto_fft *fft, const double *signal, double *spectrum, double *work);

#endif
