// SPDX-License-Identifier: Apache-2.0
// Times products with weights of 16 and of 8 bits by each set of instructions that the processor has, in turn, the least of
// many runs, and says if all sets of a width give the same. Then, by the best set, all products of 8 bits of each stage of the networks for
// a frame, of one stream and of several together: how much of what the processor can multiply, and how fast weights are read.
//
//     clang -O2 -ISources/CKernels -ISources/CKernels/include Benchmarks/products.c Sources/CKernels/*product*.c \
//         Sources/CKernels/pack.c -lm -o products && ./products
//
// With aarch64-linux-gnu-gcc -static and qemu-aarch64 it says the latter of ARM's, on any machine.
#include "byte_product.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { INPUTS = 384, OUTPUTS = 1152, MOST_ROWS = 8, SETS = SOTTO_VNNI + 1 };

static const char *const names[SETS] = {
    [SOTTO_PORTABLE] = "portable",  [SOTTO_NEON] = "NEON",       [SOTTO_DOT_PRODUCT] = "NEON, dot products",
    [SOTTO_AVX2] = "AVX2",          [SOTTO_AVX_VNNI] = "AVX-VNNI", [SOTTO_AVX512] = "AVX-512",
    [SOTTO_VNNI] = "AVX-512 VNNI",
};

static uint16_t halves[INPUTS * OUTPUTS];
static _Alignas(64) int8_t bytes[INPUTS * OUTPUTS];
static float floats[INPUTS * OUTPUTS], scales[OUTPUTS], bias[OUTPUTS], x[MOST_ROWS * INPUTS];
static float y[MOST_ROWS * OUTPUTS], first[2][MOST_ROWS * OUTPUTS];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

/// Microseconds of a product, at best.
static double least(enum sotto_instructions set, size_t rows, int width) {
    double best = 1e30;
    for (int run = 0; run < (set == SOTTO_PORTABLE ? 5 : 200); run++) {
        const double begin = now();
        if (width == 16)
            sotto_product(set, halves, bias, x, rows, INPUTS, OUTPUTS, y);
        else
            sotto_byte_product(set, bytes, scales, bias, x, rows, INPUTS, OUTPUTS, y);
        const double taken = now() - begin;
        best = taken < best ? taken : best;
    }
    return best;
}

static float random_float(void) { return (float)rand() / (float)RAND_MAX * 2 - 1; }

/// Matrices of a stage, and rows that a frame has there.
struct stage {
    const char *name;
    size_t rows;
    struct { size_t count, inputs, outputs; } products[4];
};

static const struct stage stages[] = {
    {"encoder, 50 Hz", 4, {{2, 256, 768}, {2, 768, 256}}},
    {"encoder, 12.5 Hz", 1, {{1, 1024, 384}, {6, 384, 1152}, {4, 1152, 384}}},
    {"decoder, 12.5 Hz", 1, {{6, 384, 1152}, {4, 1152, 384}, {1, 384, 2048}}},
    {"decoder, 100 Hz", 8, {{8, 256, 768}, {8, 768, 256}, {1, 256, 723}}},
};

enum { STREAMS = 16, MOST_VALUES = STREAMS * 8 * 2048, MOST_WEIGHTS = 6 << 20 };
static float many[MOST_VALUES], result[MOST_VALUES];
static _Alignas(64) int8_t weights[MOST_WEIGHTS];

/// Microseconds of a stage for a frame of each of so many streams, at best; `bytes` is set to those of its weights.
static double least_of_stage(const struct stage *stage, size_t streams, size_t *bytes) {
    static float ones[2048];
    double best = 1e30;
    for (int run = 0; run < 300; run++) {
        const double begin = now();
        const int8_t *place = weights;
        for (size_t p = 0; p < 4; p++)
            for (size_t n = 0; n < stage->products[p].count; n++) {
                const size_t inputs = stage->products[p].inputs, outputs = stage->products[p].outputs;
                sotto_byte_product(sotto_instructions_in_use(), place, ones, ones, many, stage->rows * streams, inputs,
                                   outputs, result);
                place += inputs * ((outputs + 15) / 16 * 16);
            }
        const double taken = now() - begin;
        best = taken < best ? taken : best;
        *bytes = (size_t)(place - weights);
    }
    return best;
}

/// Multiplications in a nanosecond where nothing but them takes time: eight long rows, weights in the second cache.
static double most_multiplications(void) {
    static float ones[256];
    enum { TIMES = 4, WIDE = 2000, HIGH = 256 };
    double best = 1e30;
    for (int run = 0; run < 300; run++) {
        const double begin = now();
        for (int i = 0; i < TIMES; i++)
            sotto_byte_product(sotto_instructions_in_use(), weights, ones, ones, many, 8, WIDE, HIGH, result);
        const double taken = now() - begin;
        best = taken < best ? taken : best;
    }
    return TIMES * 8.0 * WIDE * HIGH / best / 1e3;
}

static void report_stages(void) {
    for (size_t i = 0; i < MOST_VALUES; i++) many[i] = random_float();
    for (size_t i = 0; i < MOST_WEIGHTS; i++) weights[i] = (int8_t)(rand() % 255 - 127);
    const double most = most_multiplications();
    printf("\nat most %.0f multiplications in a nanosecond; for a frame:\n", most);
    for (size_t s = 0; s < sizeof stages / sizeof *stages; s++)
        for (size_t streams = 1; streams <= STREAMS; streams = streams == 1 ? 10 : 16 + (streams == 16)) {
            size_t bytes;
            const double taken = least_of_stage(&stages[s], streams, &bytes);
            printf("%-18s %2zu streams %7.1f us a stream, %4.0f %% of the multiplications, %5.1f GB/s of weights\n",
                   stages[s].name, streams, taken / (double)streams,
                   100 * (double)(bytes * stages[s].rows * streams) / taken / 1e3 / most, (double)bytes / taken / 1e3);
        }
}

int main(void) {
    int differ = 0;
    for (size_t i = 0; i < INPUTS * OUTPUTS; i++) floats[i] = random_float(), bytes[i] = (int8_t)(rand() % 255 - 127);
    for (size_t i = 0; i < OUTPUTS; i++) scales[i] = random_float(), bias[i] = random_float();
    for (size_t i = 0; i < MOST_ROWS * INPUTS; i++) x[i] = random_float();
    sotto_pack(floats, INPUTS, OUTPUTS, halves);
    printf("%d x %d, microseconds\n%-20s %26s %26s %26s\n", INPUTS, OUTPUTS, "", "1 row", "4 rows", "8 rows");
    for (int set = 0; set < SETS; set++) {
        if (!sotto_has_instructions((enum sotto_instructions)set)) continue;
        printf("%-20s", names[set]);
        for (size_t rows = 1; rows <= MOST_ROWS; rows = rows == 1 ? 4 : 2 * rows) {
            double taken[2];
            for (int kind = 0; kind < 2; kind++) {
                taken[kind] = least((enum sotto_instructions)set, rows, kind == 0 ? 16 : 8);
                if (set == SOTTO_PORTABLE) memcpy(first[kind], y, sizeof y);
                differ |= memcmp(first[kind], y, rows * OUTPUTS * sizeof *y) != 0;
            }
            printf(" %8.1f -> %6.1f (x %4.2f)", taken[0], taken[1], taken[0] / taken[1]);
        }
        printf("\n");
    }
    printf(differ ? "the sets DIFFER\n" : "all sets give the same bits\n");
    report_stages();
    return differ;
}
