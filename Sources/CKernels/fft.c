// SPDX-License-Identifier: Apache-2.0
#include "fft.h"

#include <math.h>
#include <string.h>

// Sums are rounded in the same places on every processor.
#pragma STDC FP_CONTRACT OFF

typedef struct {
    double re, im;
} number;

/// A real transform is a complex one of half the size, of pairs of samples, and a step that takes the halves apart.
struct sotto_fft {
    size_t half;
    size_t factor_count, factors[64];
    /// e^(−2πi k / half), and e^(−2πi k / size), of k from 0 to half.
    number *roots, *fine_roots;
};

static number sum(number a, number b) { return (number){a.re + b.re, a.im + b.im}; }
static number difference(number a, number b) { return (number){a.re - b.re, a.im - b.im}; }
static number product(number a, number b) {
    return (number){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
static number conjugate(number a) { return (number){a.re, -a.im}; }
/// a · −i
static number turned(number a) { return (number){a.im, -a.re}; }

static number root(size_t k, size_t n) {
    static const double turn = 6.283185307179586476925286766559;
    return (number){cos(turn * (double)k / (double)n), -sin(turn * (double)k / (double)n)};
}

size_t sotto_fft_room(size_t size) { return sizeof(struct sotto_fft) + 2 * (size / 2 + 1) * sizeof(number); }

struct sotto_fft *sotto_fft_prepare(void *room, size_t size) {
    struct sotto_fft *fft = room;
    memset(fft, 0, sizeof *fft);
    fft->half = size / 2;
    fft->roots = (number *)(fft + 1);
    fft->fine_roots = fft->roots + fft->half + 1;
    for (size_t k = 0; k <= fft->half; k++) {
        fft->roots[k] = root(k, fft->half);
        fft->fine_roots[k] = root(k, 2 * fft->half);
    }
    size_t rest = fft->half;
    for (; rest % 4 == 0; rest /= 4) fft->factors[fft->factor_count++] = 4;
    for (size_t factor = 2; rest > 1; factor++)
        for (; rest % factor == 0; rest /= factor) fft->factors[fft->factor_count++] = factor;
    return fft;
}

/// The transform of five points, which lie so far apart.
static void five(const number *a, size_t apart, number *x) {
    // Cosines and sines of 72 and of 144 degrees.
    static const double c1 = 0.30901699437494742410, c2 = -0.80901699437494742410;
    static const double s1 = 0.95105651629515357212, s2 = 0.58778525229247312917;
    const number b = a[apart], c = a[2 * apart], d = a[3 * apart], e = a[4 * apart];
    const number be = sum(b, e), cd = sum(c, d), b_e = difference(b, e), c_d = difference(c, d);
    const number m1 = {a->re + (c1 * be.re + c2 * cd.re), a->im + (c1 * be.im + c2 * cd.im)};
    const number m2 = {a->re + (c2 * be.re + c1 * cd.re), a->im + (c2 * be.im + c1 * cd.im)};
    const number n1 = turned((number){s1 * b_e.re + s2 * c_d.re, s1 * b_e.im + s2 * c_d.im});
    const number n2 = turned((number){s2 * b_e.re - s1 * c_d.re, s2 * b_e.im - s1 * c_d.im});
    x[0] = sum(*a, sum(be, cd));
    x[1] = sum(m1, n1);
    x[2] = sum(m2, n2);
    x[3] = difference(m2, n2);
    x[4] = difference(m1, n1);
}

/// One factor's step (Stockham's algorithm): `blocks` transforms of `factor` points each, `stride` of them side by side.
static void step(const struct sotto_fft *fft, size_t factor, size_t blocks, size_t stride, const number *in, number *out) {
    const size_t apart = stride * blocks, turn = fft->half / factor;
    for (size_t block = 0; block < blocks; block++, in += stride, out += factor * stride)
        for (size_t j = 0; j < stride; j++) {
            if (factor == 4) {
                const number a = in[j], b = in[j + apart], c = in[j + 2 * apart], d = in[j + 3 * apart];
                const number ac = sum(a, c), bd = sum(b, d), a_c = difference(a, c), b_d = turned(difference(b, d));
                out[j] = sum(ac, bd);
                out[j + stride] = product(sum(a_c, b_d), fft->roots[block * stride]);
                out[j + 2 * stride] = product(difference(ac, bd), fft->roots[2 * block * stride]);
                out[j + 3 * stride] = product(difference(a_c, b_d), fft->roots[3 * block * stride]);
                continue;
            }
            if (factor == 2) {
                const number a = in[j], b = in[j + apart];
                out[j] = sum(a, b);
                out[j + stride] = product(difference(a, b), fft->roots[block * stride]);
                continue;
            }
            if (factor == 5) {
                number x[5];
                five(in + j, apart, x);
                out[j] = x[0];
                for (size_t k = 1; k < 5; k++) out[j + k * stride] = product(x[k], fft->roots[k * block * stride]);
                continue;
            }
            for (size_t k = 0; k < factor; k++) {
                number total = in[j];
                for (size_t i = 1; i < factor; i++)
                    total = sum(total, product(in[j + i * apart], fft->roots[i * k % factor * turn]));
                out[j + k * stride] = product(total, fft->roots[k * block * stride]);
            }
        }
}

/// The transform of half the size, of what lies in the first half of `work`.
///
/// \returns where it lies.
static number *transform(const struct sotto_fft *fft, number *work) {
    number *in = work, *out = work + fft->half;
    size_t stride = 1, blocks = fft->half;
    for (size_t i = 0; i < fft->factor_count; i++) {
        blocks /= fft->factors[i];
        step(fft, fft->factors[i], blocks, stride, in, out);
        stride *= fft->factors[i];
        number *swapped = in;
        in = out;
        out = swapped;
    }
    return in;
}

/// Bin k of a real signal, of the transform of its pairs.
static number bin(const struct sotto_fft *fft, const number *z, size_t k) {
    const size_t half = fft->half;
    const number a = z[k % half], b = conjugate(z[(half - k) % half]);
    const number even = sum(a, b), odd = product(turned(difference(a, b)), fft->fine_roots[k]);
    // Exactly zero where it is by definition.
    return (number){(even.re + odd.re) / 2, k % half == 0 ? 0 : (even.im + odd.im) / 2};
}

/// What becomes pair k of a real signal, of bins k and half − k of its spectrum.
static number pair(const struct sotto_fft *fft, number a, number b, size_t k) {
    // The imaginary parts of the first bin and the last are those of no real signal.
    if (k == 0) a.im = b.im = 0;
    b = conjugate(b);
    const number odd = product(difference(a, b), conjugate(fft->fine_roots[k]));
    // even + i · odd, conjugated, since the transform goes the other way.
    return conjugate(difference(sum(a, b), turned(odd)));
}

void sotto_fft_forward(const struct sotto_fft *fft, const float *signal, float *spectrum, double *work) {
    number *pairs = (number *)(void *)work;
    for (size_t k = 0; k < fft->half; k++) pairs[k] = (number){signal[2 * k], signal[2 * k + 1]};
    const number *z = transform(fft, pairs);
    for (size_t k = 0; k <= fft->half; k++) {
        const number value = bin(fft, z, k);
        spectrum[2 * k] = (float)value.re;
        spectrum[2 * k + 1] = (float)value.im;
    }
}

void sotto_fft_forward_double(const struct sotto_fft *fft, const double *signal, double *spectrum, double *work) {
    number *pairs = (number *)(void *)work;
    memcpy(pairs, signal, fft->half * sizeof(number));
    const number *z = transform(fft, pairs);
    for (size_t k = 0; k <= fft->half; k++) {
        const number value = bin(fft, z, k);
        spectrum[2 * k] = value.re;
        spectrum[2 * k + 1] = value.im;
    }
}

void sotto_fft_inverse(const struct sotto_fft *fft, const float *spectrum, float *signal, double *work) {
    const size_t half = fft->half;
    number *pairs = (number *)(void *)work;
    for (size_t k = 0; k < half; k++) {
        const float *a = spectrum + 2 * k, *b = spectrum + 2 * (half - k);
        pairs[k] = pair(fft, (number){a[0], a[1]}, (number){b[0], b[1]}, k);
    }
    const number *z = transform(fft, pairs);
    const double scale = 1 / (2 * (double)half);
    for (size_t k = 0; k < half; k++) {
        signal[2 * k] = (float)(z[k].re * scale);
        signal[2 * k + 1] = (float)(-z[k].im * scale);
    }
}
