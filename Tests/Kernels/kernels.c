// SPDX-License-Identifier: Apache-2.0
// Calls every kernel with random and edge values, for UndefinedBehaviorSanitizer and AddressSanitizer to watch. What is handed over
// begins at places that vectors are not aligned to, and ends where its memory ends. Every set of instructions has to give the bits that
// plain C gives. kernels ROUNDS: how often each is called with new sizes.
#include "byte_product.h"
#include "elementary.h"
#include "fft.h"
#include "gates.h"
#include "kernels.h"
#include "layers.h"
#include "sha256.h"
#include "synthesis.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long calls;

static void require(bool holds, const char *what) {
    calls++;
    if (holds) return;
    fprintf(stderr, "kernels: %s\n", what);
    exit(1);
}

// MARK: Numbers

static uint64_t state = 26;

static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static size_t below(size_t count) { return (size_t)(next() % count); }
/// −1 … 1
static double share(void) { return (double)(next() >> 11) * 0x1p-52 - 1; }

static float any_float(void) {
    static const float edges[] = {0,       -0.0f,   FLT_MIN,   -FLT_MIN, FLT_MIN / 2, 0x1p-149f, FLT_MAX, -FLT_MAX, INFINITY,
                                  -INFINITY, NAN,     0x1p-100f, 65504,    65520,       8192,      -8193,   0.5f,     1e30f};
    const uint64_t kind = below(16);
    if (kind == 0) return edges[below(sizeof edges / sizeof *edges)];
    if (kind == 1) {
        const uint32_t bits = (uint32_t)next();
        float value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    return (float)(share() * (kind < 4 ? 1000 : 1));
}

// MARK: Memory

/// Memory of the rounds so far.
static void *held[64];
static size_t held_count;

/// So many bytes, not aligned to more than `size`, that end with their memory.
static void *bytes(size_t count, size_t size) {
    const size_t before = size * below(64 / size);
    unsigned char *memory = malloc(before + count + (before + count == 0));
    if (!memory) abort();
    require(held_count < sizeof held / sizeof *held, "too much is held");
    held[held_count++] = memory;
    return memory + before;
}

static void release(void) {
    while (held_count > 0) free(held[--held_count]);
}

static float *floats(size_t count) { return bytes(count * sizeof(float), sizeof(float)); }

static float *any_floats(size_t count) {
    float *values = floats(count);
    const bool is_tame = below(2);
    for (size_t i = 0; i < count; i++) values[i] = is_tame ? (float)share() : any_float();
    return values;
}

/// Whether they are the same bits, or no numbers both.
static bool are_same(const float *a, const float *b, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (memcmp(a + i, b + i, sizeof *a) != 0 && !(isnan(a[i]) && isnan(b[i]))) return false;
    return true;
}

/// All sets but plain C.
static const enum sotto_instructions sets[] = {SOTTO_NEON,     SOTTO_DOT_PRODUCT, SOTTO_AVX2,
                                               SOTTO_AVX_VNNI, SOTTO_AVX512,      SOTTO_VNNI};
#define FOR_EACH_SET(set)                                                  \
    for (size_t set##_i = 0; set##_i < sizeof sets / sizeof *sets; set##_i++) \
        for (enum sotto_instructions set = sets[set##_i], *once = &set; once && sotto_has_instructions(set); once = NULL)

// MARK: Products

static void products(void) {
    const size_t rows = below(20), inputs = 1 + below(90), outputs = 1 + below(150);
    float *weights = any_floats(inputs * outputs), *bias = any_floats(outputs), *x = any_floats(rows * inputs);
    for (size_t i = 0; i < inputs * outputs; i++) weights[i] = fabsf(weights[i]) <= 65504 ? weights[i] : 0.25f;
    const size_t count = sotto_packed_count(inputs, outputs);
    require(count >= inputs * outputs && count % SOTTO_PANEL == 0, "a packed count is wrong");
    uint16_t *packed = bytes(count * sizeof *packed, sizeof *packed), *again = bytes(count * sizeof *again, sizeof *again);
    sotto_pack(weights, inputs, outputs, packed);
    // Halves as they are, out of the packed ones.
    uint16_t *halves = bytes(inputs * outputs * sizeof *halves, sizeof *halves);
    for (size_t o = 0; o < outputs; o++)
        for (size_t k = 0; k < inputs; k++)
            halves[o * inputs + k] = packed[o / SOTTO_PANEL * SOTTO_PANEL * inputs + k * SOTTO_PANEL + o % SOTTO_PANEL];
    sotto_pack_halves(halves, inputs, outputs, again);
    require(memcmp(packed, again, count * sizeof *packed) == 0, "halves are packed otherwise");
    int are_within = 1;
    for (size_t i = 0; i < inputs * outputs; i++) are_within &= (halves[i] & 0x7FFF) <= 0x3C00;
    require(sotto_halves_are_within(halves, inputs * outputs, 0x3C00) == are_within, "halves are beyond a limit");
    float *wanted = floats(rows * outputs), *found = floats(rows * outputs);
    sotto_product(SOTTO_PORTABLE, packed, bias, x, rows, inputs, outputs, wanted);
    FOR_EACH_SET(set) {
        sotto_product(set, packed, bias, x, rows, inputs, outputs, found);
        require(are_same(wanted, found, rows * outputs), "products differ");
    }
    // The halves as numbers, and some of the outputs for the first row.
    if (rows == 0) return;
    float *rounded = floats(inputs * outputs), *some = floats(outputs);
    for (size_t i = 0; i < inputs * outputs; i++) {
        _Float16 half;
        memcpy(&half, halves + i, sizeof half);
        rounded[i] = (float)half;
    }
    float *widened = floats(inputs * outputs), most = 0;
    sotto_widen_halves(halves, inputs * outputs, widened);
    require(are_same(rounded, widened, inputs * outputs), "a half is another number");
    for (size_t i = 0; i < inputs * outputs; i++) most = fmaxf(most, fabsf(rounded[i]));
    require(sotto_largest_magnitude(rounded, inputs * outputs) == most, "another magnitude is the largest");
    require(sotto_are_halves(rounded, inputs * outputs), "halves are none");
    const float third = 1 / 3.0f;
    require(!sotto_are_halves(&third, 1), "what is no half is one");
    const size_t wished = below(outputs + 1);
    int32_t *places = bytes(wished * sizeof *places, sizeof *places);
    for (size_t i = 0; i < wished; i++) places[i] = (int32_t)below(outputs);
    for (size_t i = 0; i <= sizeof sets / sizeof *sets; i++) {
        const enum sotto_instructions set = i == 0 ? SOTTO_PORTABLE : sets[i - 1];
        if (!sotto_has_instructions(set)) continue;
        sotto_some_products(set, rounded, bias, x, inputs, places, wished, some);
        for (size_t n = 0; n < wished; n++) require(are_same(some + n, wanted + places[n], 1), "some products differ");
    }
}

static void byte_products(size_t rows, size_t inputs, size_t outputs) {
    const size_t blocks = (outputs + SOTTO_BLOCK_OUTPUTS - 1) / SOTTO_BLOCK_OUTPUTS;
    const size_t groups = (inputs + SOTTO_BLOCK_INPUTS - 1) / SOTTO_BLOCK_INPUTS;
    const size_t count = blocks * groups * SOTTO_BLOCK_OUTPUTS * SOTTO_BLOCK_INPUTS;
    int8_t *weights = bytes(count, 1);
    const bool are_largest = below(4) == 0;
    for (size_t i = 0; i < count; i++) weights[i] = are_largest ? 127 : (int8_t)((int)below(255) - 127);
    float *scales = any_floats(outputs), *bias = any_floats(outputs), *x = any_floats(rows * inputs);
    float *wanted = floats(rows * outputs), *found = floats(rows * outputs);
    sotto_byte_product(SOTTO_PORTABLE, weights, scales, bias, x, rows, inputs, outputs, wanted);
    FOR_EACH_SET(set) {
        sotto_byte_product(set, weights, scales, bias, x, rows, inputs, outputs, found);
        require(are_same(wanted, found, rows * outputs), "products of bytes differ");
    }
}

static void rounded_weights(void) {
    const size_t inputs = 1 + below(90), outputs = 1 + below(150);
    const size_t blocks = (outputs + SOTTO_BLOCK_OUTPUTS - 1) / SOTTO_BLOCK_OUTPUTS;
    const size_t groups = (inputs + SOTTO_BLOCK_INPUTS - 1) / SOTTO_BLOCK_INPUTS;
    float *weights = floats(inputs * outputs), *scales = floats(outputs), largest = 0;
    for (size_t i = 0; i < inputs * outputs; i++) weights[i] = (float)(share() * (below(20) == 0 ? 1000 : 1));
    int8_t *rounded = bytes(blocks * groups * SOTTO_BLOCK_OUTPUTS * SOTTO_BLOCK_INPUTS, 1);
    sotto_round_weights(weights, inputs, outputs, rounded, scales, &largest);
    float most = 0;
    for (size_t o = 0; o < outputs; o++) {
        float sum = 0, peak = 0;
        for (size_t k = 0; k < inputs; k++) {
            sum += fabsf(weights[o * inputs + k]);
            peak = fmaxf(peak, fabsf(weights[o * inputs + k]));
        }
        most = fmaxf(most, sum);
        require(fabsf(scales[o] * 127 - peak) <= 0.01f * peak, "a scale is not that of the largest weight");
    }
    require(fabsf(largest - most) <= 0.01f * most, "the largest sum is another one");
}

static void searches(void) {
    const size_t count = below(300);
    float *values = any_floats(count), *largest = floats((count + SOTTO_PART - 1) / SOTTO_PART);
    int32_t *places = bytes((count + 1) * sizeof *places, sizeof *places);
    const float threshold = any_float();
    float *numbers = floats(count);
    for (size_t i = 0; i < count; i++) numbers[i] = isnan(values[i]) ? 0 : values[i];
    for (size_t i = 0; i <= sizeof sets / sizeof *sets; i++) {
        const enum sotto_instructions set = i == 0 ? SOTTO_PORTABLE : sets[i - 1];
        if (!sotto_has_instructions(set)) continue;
        size_t first = 0, found = 0, wanted = 0;
        while (wanted < count && !(values[wanted] > threshold)) wanted++;
        sotto_first_above(set, values, count, threshold, &first);
        require(first == wanted, "the first value above is another one");
        sotto_maxima(set, numbers, count, largest);
        sotto_all_above(set, numbers, count, largest, threshold, places, &found);
        for (wanted = 0; wanted < count && !(numbers[wanted] > threshold);) wanted++;
        for (size_t n = 0; n < found; n++, wanted++) {
            while (wanted < count && !(numbers[wanted] > threshold)) wanted++;
            require((size_t)places[n] == wanted, "values above are others");
        }
        while (wanted < count && !(numbers[wanted] > threshold)) wanted++;
        require(wanted == count, "a value above is missing");
        for (size_t part = 0; part * SOTTO_PART < count; part++) {
            float most = numbers[part * SOTTO_PART];
            for (size_t n = part * SOTTO_PART; n < count && n < (part + 1) * SOTTO_PART; n++)
                most = numbers[n] > most ? numbers[n] : most;
            require(largest[part] == most, "a largest value is another one");
        }
    }
}

static void layers(void) {
    const size_t rows = below(20), channels = 1 + below(90), kernel = below(3) == 0 ? 1 + below(9) : 5;
    float *taps = any_floats(kernel * channels), *bias = any_floats(channels), *gain = any_floats(channels);
    float *x = any_floats((rows + kernel - 1) * channels), *y = any_floats(rows * channels);
    float *wanted = floats(rows * channels), *found = floats(rows * channels);
    sotto_convolve(SOTTO_PORTABLE, taps, bias, x, rows, channels, kernel, wanted);
    FOR_EACH_SET(set) {
        sotto_convolve(set, taps, bias, x, rows, channels, kernel, found);
        require(are_same(wanted, found, rows * channels), "convolutions differ");
    }
    memcpy(wanted, y, rows * channels * sizeof *y);
    sotto_normalize(SOTTO_PORTABLE, gain, bias, 1e-6f, rows, channels, wanted);
    FOR_EACH_SET(set) {
        memcpy(found, y, rows * channels * sizeof *y);
        sotto_normalize(set, gain, bias, 1e-6f, rows, channels, found);
        require(are_same(wanted, found, rows * channels), "norms differ");
    }
    memcpy(wanted, y, rows * channels * sizeof *y);
    sotto_square_positive(SOTTO_PORTABLE, rows * channels, wanted);
    FOR_EACH_SET(set) {
        memcpy(found, y, rows * channels * sizeof *y);
        sotto_square_positive(set, rows * channels, found);
        require(are_same(wanted, found, rows * channels), "squares differ");
    }
    memcpy(wanted, y, rows * channels * sizeof *y);
    sotto_gelu(SOTTO_PORTABLE, rows * channels, wanted);
    FOR_EACH_SET(set) {
        memcpy(found, y, rows * channels * sizeof *y);
        sotto_gelu(set, rows * channels, found);
        require(are_same(wanted, found, rows * channels), "GELUs differ");
    }
    memcpy(wanted, y, rows * channels * sizeof *y);
    sotto_add_scaled(SOTTO_PORTABLE, gain, x, rows, channels, wanted);
    FOR_EACH_SET(set) {
        memcpy(found, y, rows * channels * sizeof *y);
        sotto_add_scaled(set, gain, x, rows, channels, found);
        require(are_same(wanted, found, rows * channels), "scaled sums differ");
    }
}

// MARK: Functions

static void elementary(void) {
    double x;
    do {
        const uint64_t bits = next() >> 1;
        memcpy(&x, &bits, sizeof x);
    } while (!isnormal(x));
    require(fabs(sotto_log_double(x) - log(x)) <= 4 * DBL_EPSILON * (1 + fabs(log(x))), "a logarithm is wrong");
    const double edges[] = {-700, 700, 0, -0.0, DBL_MIN, 1, 700 * share()};
    const double power = edges[below(sizeof edges / sizeof *edges)];
    require(fabs(sotto_exp_double(power) / exp(power) - 1) < 4 * DBL_EPSILON, "an exponential is wrong");
}

static void gates(void) {
    const size_t hidden = below(100);
    float *x = any_floats(3 * hidden), *y = any_floats(3 * hidden), *h = any_floats(hidden);
    float *wanted = floats(hidden), *found = floats(hidden);
    memcpy(wanted, h, hidden * sizeof *h);
    sotto_gru_step(SOTTO_PORTABLE, x, y, hidden, wanted);
    FOR_EACH_SET(set) {
        memcpy(found, h, hidden * sizeof *h);
        sotto_gru_step(set, x, y, hidden, found);
        require(are_same(wanted, found, hidden), "a gated unit differs");
    }
}

static void synthesis(void) {
    const struct sotto_gain_range range = {(float)(-43.5 + 43.5 * share()), (float)(43.5 + 43.5 * share())};
    const size_t bins = below(300);
    float *gain = any_floats(bins), *phase = any_floats(bins), *noise_gain = any_floats(bins);
    float *pulses = any_floats(2 * bins), *noise = any_floats(2 * bins);
    float *wanted = floats(2 * bins), *found = floats(2 * bins);
    sotto_filter(SOTTO_PORTABLE, range, gain, phase, noise_gain, pulses, noise, bins, wanted);
    FOR_EACH_SET(set) {
        sotto_filter(set, range, gain, phase, noise_gain, pulses, noise, bins, found);
        require(are_same(wanted, found, 2 * bins), "a filter differs");
    }
    double *cycles = bytes(bins * sizeof *cycles, sizeof *cycles);
    for (size_t i = 0; i < bins; i++) {
        const double edges[] = {0, 0.5, 1 - DBL_EPSILON, DBL_MIN, 3e-5, fabs(share()) * (1 - DBL_EPSILON)};
        cycles[i] = edges[below(sizeof edges / sizeof *edges)];
    }
    const double harmonics = (double)(below(4) == 0 ? 1 << 20 : 1 + below(200)), scale = share();
    sotto_pulses(SOTTO_PORTABLE, cycles, bins, harmonics, scale, wanted);
    FOR_EACH_SET(set) {
        sotto_pulses(set, cycles, bins, harmonics, scale, found);
        require(are_same(wanted, found, bins), "pulses differ");
    }
}

static void transforms(void) {
    const size_t size = 2 * (1 + below(below(8) == 0 ? 700 : 40));
    struct sotto_fft *fft = sotto_fft_prepare(bytes(sotto_fft_room(size), sizeof(double)), size);
    double *work = bytes(2 * size * sizeof *work, sizeof *work);
    double *signal = bytes(size * sizeof *signal, sizeof *signal);
    double *spectrum = bytes((size + 2) * sizeof *spectrum, sizeof *spectrum);
    float *single = floats(size), *single_back = floats(size), *single_spectrum = floats(size + 2);
    for (size_t i = 0; i < size; i++) signal[i] = single[i] = (float)share();
    sotto_fft_forward(fft, single, single_spectrum, work);
    sotto_fft_forward_double(fft, signal, spectrum, work);
    const size_t bin = below(size / 2 + 1);
    double re = 0, im = 0;
    for (size_t i = 0; i < size; i++) {
        const double angle = 2 * M_PI * (double)(i * bin % size) / (double)size;
        re += signal[i] * cos(angle);
        im -= signal[i] * sin(angle);
    }
    require(hypot(re - spectrum[2 * bin], im - spectrum[2 * bin + 1]) < 1e-10, "a bin is wrong");
    require(hypot(re - single_spectrum[2 * bin], im - single_spectrum[2 * bin + 1]) < 1e-4, "a bin is wrong in single precision");
    sotto_fft_inverse(fft, single_spectrum, single_back, work);
    for (size_t i = 0; i < size; i++)
        require(fabsf(single_back[i] - single[i]) < 1e-5f, "a transform is not undone");
    // What is no number and what is too large is nobody's fault.
    float *odd = any_floats(size + 2);
    sotto_fft_inverse(fft, odd, single_back, work);
    sotto_fft_forward(fft, single_back, single_spectrum, work);
}

// MARK: Hashes

static void hash_in_pieces(const uint8_t *message, size_t count, int uses_instructions, uint8_t digest[32]) {
    struct sotto_sha256 hash;
    sotto_sha256_begin(&hash);
    while (count > 0) {
        const size_t piece = 1 + below(count);
        sotto_sha256_update(&hash, message, piece, uses_instructions);
        message += piece;
        count -= piece;
    }
    sotto_sha256_update(&hash, NULL, 0, uses_instructions);
    sotto_sha256_finish(&hash, digest, uses_instructions);
}

static void hashes(void) {
    static const uint8_t of_abc[4] = {0xBA, 0x78, 0x16, 0xBF};
    uint8_t wanted[32], found[32], both[64];
    hash_in_pieces((const uint8_t *)"abc", 3, 0, found);
    require(memcmp(found, of_abc, sizeof of_abc) == 0, "the hash of abc is another one");
    const size_t count = below(400), other_count = below(400);
    uint8_t *message = bytes(count, 1), *other = bytes(other_count, 1);
    for (size_t i = 0; i < count; i++) message[i] = (uint8_t)next();
    for (size_t i = 0; i < other_count; i++) other[i] = (uint8_t)next();
    hash_in_pieces(message, count, 0, wanted);
    for (int uses = 0; uses <= sotto_sha256_has_instructions(); uses++) {
        hash_in_pieces(message, count, uses, found);
        require(memcmp(wanted, found, 32) == 0, "hashes differ");
        sotto_sha256_of_two(message, count, other, other_count, both, uses);
        hash_in_pieces(other, other_count, uses, found);
        require(memcmp(both, wanted, 32) == 0 && memcmp(both + 32, found, 32) == 0, "hashes of two differ");
    }
}

int main(int count, char **arguments) {
    const long rounds = count == 2 ? strtol(arguments[1], NULL, 10) : 0;
    if (rounds <= 0) {
        fprintf(stderr, "usage: kernels ROUNDS\n");
        return 64;
    }
    const enum sotto_instructions best = sotto_instructions_in_use();
    require(sotto_has_instructions(best), "the best instructions are not there");
    require(!sotto_use_instructions((enum sotto_instructions)(SOTTO_VNNI + 1)), "instructions that nobody has are taken");
    require(sotto_use_instructions(SOTTO_PORTABLE) && sotto_instructions_in_use() == SOTTO_PORTABLE, "a choice is not kept");
    require(sotto_use_instructions(best) && sotto_instructions_in_use() == best, "a choice is not kept");
    // The widest row, with every integer at its largest.
    byte_products(3, SOTTO_MOST_INPUTS, 17);
    release();
    for (long round = 0; round < rounds; round++) {
        products();
        byte_products(below(20), 1 + below(200), 1 + below(150));
        rounded_weights();
        searches();
        layers();
        elementary();
        gates();
        synthesis();
        transforms();
        hashes();
        release();
    }
    printf("%lu checks of kernels hold, with", calls);
    FOR_EACH_SET(set) { printf(" %d", (int)set); }
    printf("\n");
}
