// SPDX-License-Identifier: Apache-2.0
// Times products with weights of 16 and of 8 bits by each set of instructions that the processor has, in turn, the least of
// many runs, and says if all sets of a width give the same.
//
//     cc -O2 -ISources/CKernels -ISources/CKernels/include Benchmarks/products.c Sources/CKernels/*product*.c \
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
    return differ;
}
