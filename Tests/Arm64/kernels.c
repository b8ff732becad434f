// SPDX-License-Identifier: Apache-2.0
// Runs each kernel of CKernels on the same made-up inputs by each set of instructions that the processor has, and prints a line
// `kernel set digest` of what comes out. Processors and compilers that compute alike print the same digests; see run.
#include "byte_product.h"
#include "elementary.h"
#include "fft.h"
#include "gates.h"
#include "kernels.h"
#include "layers.h"
#include "sha256.h"
#include "synthesis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [SOTTO_PORTABLE] = "portable", [SOTTO_NEON] = "NEON",       [SOTTO_DOT_PRODUCT] = "NEON-dot-product",
    [SOTTO_AVX2] = "AVX2",         [SOTTO_AVX_VNNI] = "AVX-VNNI", [SOTTO_AVX512] = "AVX-512",
    [SOTTO_VNNI] = "AVX-512-VNNI",
};
enum { SETS = sizeof names / sizeof *names, MOST = 1 << 19 };

static uint64_t seed;

static uint32_t next(void) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 32);
}

/// −1 … 1, exactly the same everywhere.
static double uniform(void) { return (double)next() / 2147483648.0 - 1; }

static float *floats(float *values, size_t count, float scale) {
    for (size_t i = 0; i < count; i++) values[i] = (float)uniform() * scale;
    return values;
}

/// Of all magnitudes, both signs, and what is no number.
static float *any_floats(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = next();
        memcpy(values + i, &bits, sizeof bits);
    }
    return values;
}

static uint64_t digest;

static void add_bytes(const void *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) digest = (digest ^ ((const uint8_t *)bytes)[i]) * 1099511628211u;
}

// Which of the patterns stands for what is no number is the processor's affair.
static void add_floats(const float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        if (values[i] != values[i]) bits = 0x7FC00000;
        add_bytes(&bits, sizeof bits);
    }
}

static void add_doubles(const double *values, size_t count) { add_bytes(values, count * sizeof *values); }

static void begin(void) { seed = 1, digest = 14695981039346656037u; }

static void end(const char *kernel, const char *set) { printf("%s %s %016llx\n", kernel, set, (unsigned long long)digest); }

static float a[MOST], b[MOST], c[MOST], d[MOST], e[MOST], y[MOST];
static double wide[1 << 16], more[1 << 16], work[1 << 16];
static uint16_t halves[MOST], packed[MOST];
static int8_t blocks[MOST];

static void products(enum sotto_instructions set) {
    static const size_t shapes[][2] = {{1, 1}, {33, 37}, {164, 256}, {257, 95}, {384, 1152}};
    begin();
    for (size_t shape = 0; shape < 5; shape++) {
        const size_t inputs = shapes[shape][0], outputs = shapes[shape][1];
        sotto_pack(floats(a, inputs * outputs, 1), inputs, outputs, packed);
        floats(b, outputs, 1);
        for (size_t rows = 1; rows <= 9; rows++) {
            sotto_product(set, packed, b, floats(c, rows * inputs, 3), rows, inputs, outputs, y);
            add_floats(y, rows * outputs);
        }
    }
    end("product", names[set]);
}

static void byte_products(enum sotto_instructions set) {
    static const size_t shapes[][2] = {{1, 1}, {33, 37}, {164, 256}, {257, 95}, {384, 1152}};
    begin();
    for (size_t shape = 0; shape < 5; shape++) {
        const size_t inputs = shapes[shape][0], outputs = shapes[shape][1];
        const size_t size = (inputs + 3) / 4 * 4 * ((outputs + 15) / 16 * 16);
        for (size_t i = 0; i < size; i++) blocks[i] = (int8_t)(next() % 255) - 127;
        // Beyond the edges are zeros, as the exporter writes them.
        for (size_t i = 0; i < size; i++) {
            const size_t input = i / 64 % ((inputs + 3) / 4) * 4 + i % 4, output = i / (16 * ((inputs + 3) / 4 * 4)) * 16 + i / 4 % 16;
            if (input >= inputs || output >= outputs) blocks[i] = 0;
        }
        floats(a, outputs, 0.01f), floats(b, outputs, 1);
        for (size_t rows = 1; rows <= 9; rows++) {
            floats(c, rows * inputs, 5);
            // Rows that count as zeros, and one of halves exactly.
            if (rows > 2) c[inputs] = (float)INFINITY, c[2 * inputs] = (float)NAN;
            if (rows > 4)
                for (size_t i = 0; i < inputs; i++) c[3 * inputs + i] = 1e-35f, c[4 * inputs + i] = (float)(i % 128) - 0.5f;
            if (rows > 4) c[4 * inputs] = 127;
            sotto_byte_product(set, blocks, a, b, c, rows, inputs, outputs, y);
            add_floats(y, rows * outputs);
        }
    }
    end("byte-product", names[set]);
}

static void gates(enum sotto_instructions set) {
    enum { HIDDEN = 1021 };
    begin();
    floats(a, HIDDEN, 1);
    for (int round = 0; round < 64; round++) {
        const float scale = (float)(1 << round % 8);
        sotto_gru_step(set, floats(b, 3 * HIDDEN, scale), floats(c, 3 * HIDDEN, scale), HIDDEN, a);
        add_floats(a, HIDDEN);
    }
    sotto_gru_step(set, any_floats(b, 3 * HIDDEN), any_floats(c, 3 * HIDDEN), HIDDEN, a);
    add_floats(a, HIDDEN);
    end("gated-unit", names[set]);
}

static void filters(enum sotto_instructions set) {
    enum { BINS = 241 };
    const struct sotto_gain_range range = {-14, 6};
    begin();
    for (int round = 0; round < 200; round++) {
        floats(a, BINS, 20), floats(b, BINS, round % 2 ? 4 : 10000), floats(c, BINS, 20);
        floats(d, 2 * BINS, 1), floats(e, 2 * BINS, 1);
        sotto_filter(set, range, a, b, c, d, e, BINS, y);
        add_floats(y, 2 * BINS);
    }
    sotto_filter(set, range, any_floats(a, BINS), any_floats(b, BINS), any_floats(c, BINS), d, e, BINS, y);
    add_floats(y, 2 * BINS);
    end("filter", names[set]);
}

static void pulse_trains(enum sotto_instructions set) {
    begin();
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 160; i++) wide[i] = (double)next() / 4294967296.0;
        wide[0] = 0, wide[1] = 0.5, wide[2] = 1e-5;
        sotto_pulses(set, wide, 160, 1 + next() % 250, 1 + uniform() / 2, y);
        add_floats(y, 160);
    }
    end("pulses", names[set]);
}

static void elementary(void) {
    enum { COUNT = 1 << 16 };
    begin();
    for (int i = 0; i < COUNT; i++) wide[i] = ldexp(1 + fabs(uniform()), (int)(next() % 2000) - 1000);
    for (int i = 0; i < COUNT; i++) wide[i] = sotto_log_double(wide[i]);
    add_doubles(wide, COUNT);
    end("logarithm", "all");
    begin();
    for (int i = 0; i < COUNT; i++) wide[i] = sotto_exp_double(700 * uniform());
    add_doubles(wide, COUNT);
    end("exponential", "all");
}

static void transforms(void) {
    static const size_t sizes[] = {2, 96, 480, 512, 1200, 2048, 1022};
    begin();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const size_t size = sizes[i];
        void *room = malloc(sotto_fft_room(size));
        if (!room) exit(1);
        struct sotto_fft *fft = sotto_fft_prepare(room, size);
        for (int round = 0; round < 4; round++) {
            sotto_fft_forward(fft, floats(a, size, 1), y, work);
            add_floats(y, size + 2);
            sotto_fft_inverse(fft, floats(a, size + 2, 1), y, work);
            add_floats(y, size);
            for (size_t k = 0; k < size + 2; k++) wide[k] = uniform();
            sotto_fft_forward_double(fft, wide, more, work);
            add_doubles(more, size + 2);
        }
        free(room);
    }
    end("Fourier-transform", "all");
}

static void weights(void) {
    begin();
    sotto_pack(any_floats(a, 300 * 70), 300, 70, packed);
    // Those of what is no number aren't told: no weights are.
    for (size_t i = 0; i < sotto_packed_count(300, 70); i++)
        if ((packed[i] & 0x7FFF) > 0x7C00) packed[i] = 0x7E00;
    add_bytes(packed, sotto_packed_count(300, 70) * sizeof *packed);
    for (int i = 0; i < 33 * 45; i++) halves[i] = (uint16_t)next();
    sotto_pack_halves(halves, 33, 45, packed);
    add_bytes(packed, sotto_packed_count(33, 45) * sizeof *packed);
    for (int i = 0; i < 1000; i++) {
        const int within = sotto_halves_are_within(halves + i, 8, (uint16_t)(next() % 0x7C00));
        add_bytes(&within, sizeof within);
    }
    for (size_t i = 0; i < 1 << 16; i++) halves[i] = (uint16_t)i;
    sotto_widen_halves(halves, 1 << 16, y);
    for (size_t i = 0; i < 1 << 16; i++) y[i] = isnan(y[i]) ? 1 : y[i];
    add_floats(y, 1 << 16);
    for (size_t i = 0; i < 1000; i++) {
        const float largest = sotto_largest_magnitude(y + i * 64, i % 64);
        add_floats(&largest, 1);
    }
    end("packing", "all");
}

static int32_t places[1 << 10];

static void searches(enum sotto_instructions set) {
    begin();
    for (size_t round = 0; round < 1000; round++) {
        const size_t count = 1 + next() % 300, inputs = 33, outputs = 40;
        size_t place, found;
        sotto_first_above(set, floats(a, count, 1), count, 0.99f, &place);
        sotto_maxima(set, a, count, y);
        sotto_all_above(set, a, count, y, 0.5f, places, &found);
        add_bytes(&(uint64_t){place}, 8), add_bytes(places, found * sizeof *places);
        add_floats(y, (count + SOTTO_PART - 1) / SOTTO_PART);
        floats(a, inputs * outputs, 1), floats(b, outputs, 1), floats(c, inputs, 3);
        for (size_t i = 0; i < inputs * outputs; i++) a[i] = roundf(a[i] * 1024) / 1024;
        for (size_t i = 0; i < 50; i++) places[i] = (int32_t)(next() % outputs);
        sotto_some_products(set, a, b, c, inputs, places, 50, y);
        add_floats(y, 50);
    }
    end("search", names[set]);
}

static void layers(enum sotto_instructions set) {
    begin();
    for (size_t round = 0; round < 100; round++) {
        const size_t rows = 1 + next() % 10, channels = 1 + next() % 400, kernel = round % 2 == 0 ? 5 : 1 + next() % 9;
        floats(a, kernel * channels, 1), floats(b, channels, 1), floats(c, (rows + kernel - 1) * channels, 3);
        sotto_convolve(set, a, b, c, rows, channels, kernel, y);
        add_floats(y, rows * channels);
        sotto_normalize(set, a, b, 1e-6f, rows, channels, y);
        add_floats(y, rows * channels);
        sotto_add_scaled(set, a, c, rows, channels, y);
        add_floats(y, rows * channels);
        sotto_gelu(set, rows * channels, y);
        add_floats(y, rows * channels);
        sotto_square_positive(set, rows * channels, y);
        add_floats(y, rows * channels);
    }
    end("layers", names[set]);
}

static void rounded_weights(void) {
    begin();
    float largest = 0;
    sotto_round_weights(floats(a, 300 * 70, 1), 300, 70, blocks, b, &largest);
    add_bytes(blocks, 300 * 80), add_floats(b, 70), add_floats(&largest, 1);
    end("rounding", "all");
}

static void hashes(int uses_instructions) {
    begin();
    for (size_t i = 0; i < sizeof blocks; i++) blocks[i] = (int8_t)next();
    for (size_t count = 0; count < 300; count += 7) {
        struct sotto_sha256 hash;
        uint8_t found[64];
        sotto_sha256_begin(&hash);
        sotto_sha256_update(&hash, blocks, count, uses_instructions);
        sotto_sha256_update(&hash, blocks + count, 4 * count, uses_instructions);
        sotto_sha256_finish(&hash, found, uses_instructions);
        add_bytes(found, 32);
        sotto_sha256_of_two(blocks, count, blocks, 3 * count, found, uses_instructions);
        add_bytes(found, 64);
    }
    end("SHA-256", uses_instructions ? "instructions" : "portable");
}

int main(void) {
    for (int set = 0; set < SETS; set++) {
        const enum sotto_instructions instructions = (enum sotto_instructions)set;
        if (!sotto_has_instructions(instructions)) continue;
        products(instructions), byte_products(instructions), gates(instructions), filters(instructions), pulse_trains(instructions);
        searches(instructions), layers(instructions);
    }
    elementary(), transforms(), weights(), rounded_weights(), hashes(0);
    if (sotto_sha256_has_instructions()) hashes(1);
    return 0;
}
