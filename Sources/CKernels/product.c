// SPDX-License-Identifier: Apache-2.0
#include "product.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#if defined(__x86_64__)
static enum sotto_instructions best(void) {
    if (sotto_has_instructions(SOTTO_VNNI)) return SOTTO_VNNI;
    if (sotto_has_instructions(SOTTO_AVX512)) return SOTTO_AVX512;
    if (sotto_has_instructions(SOTTO_AVX_VNNI)) return SOTTO_AVX_VNNI;
    return sotto_has_instructions(SOTTO_AVX2) ? SOTTO_AVX2 : SOTTO_PORTABLE;
}

int sotto_has_instructions(enum sotto_instructions instructions) {
    __builtin_cpu_init();
    switch (instructions) {
    case SOTTO_VNNI:
        return sotto_has_instructions(SOTTO_AVX512) && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
    case SOTTO_AVX512: return sotto_has_instructions(SOTTO_AVX2) && __builtin_cpu_supports("avx512f");
    case SOTTO_AVX_VNNI: return sotto_has_instructions(SOTTO_AVX2) && __builtin_cpu_supports("avxvnni");
    case SOTTO_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    default: return instructions == SOTTO_PORTABLE;
    }
}
#elif defined(__aarch64__)
static enum sotto_instructions best(void) {
    return sotto_has_instructions(SOTTO_DOT_PRODUCT) ? SOTTO_DOT_PRODUCT : SOTTO_NEON;
}

int sotto_has_instructions(enum sotto_instructions instructions) {
    switch (instructions) {
#if defined(__ARM_FEATURE_DOTPROD)
    case SOTTO_DOT_PRODUCT: return 1;
#elif defined(__linux__)
    case SOTTO_DOT_PRODUCT: return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#endif
    case SOTTO_NEON: return 1;
    default: return instructions == SOTTO_PORTABLE;
    }
}
#else
static enum sotto_instructions best(void) { return SOTTO_PORTABLE; }

int sotto_has_instructions(enum sotto_instructions instructions) { return instructions == SOTTO_PORTABLE; }
#endif

/// -1 until somebody asks or chooses.
static atomic_int in_use = -1;

enum sotto_instructions sotto_instructions_in_use(void) {
    int found = atomic_load_explicit(&in_use, memory_order_relaxed);
    if (found < 0) {
        int none = -1;
        found = (int)best();
        // Who chooses meanwhile is right.
        if (!atomic_compare_exchange_strong(&in_use, &none, found)) found = none;
    }
    return (enum sotto_instructions)found;
}

int sotto_use_instructions(enum sotto_instructions instructions) {
    if (!sotto_has_instructions(instructions)) return 0;
    atomic_store_explicit(&in_use, (int)instructions, memory_order_relaxed);
    return 1;
}

static inline float float_of(uint16_t half) {
#if defined(__ARM_FP16_FORMAT_IEEE)
    __fp16 value;
    memcpy(&value, &half, 2);
    return value;
#else
    // Exponent and fraction keep their places; the factor makes up for the exponents' different biases.
    const uint32_t bits = (uint32_t)(half & 0x7FFF) << 13;
    float magnitude;
    memcpy(&magnitude, &bits, 4);
    magnitude *= 0x1p112f;
    return half & 0x8000 ? -magnitude : magnitude;
#endif
}

/// One row by one panel.
static void portable_panel(const uint16_t *panel, const float *x, size_t inputs, float sums[SOTTO_PANEL]) {
    for (size_t k = 0; k < inputs; k++)
        for (size_t column = 0; column < SOTTO_PANEL; column++)
            sums[column] = fmaf(x[k], float_of(panel[k * SOTTO_PANEL + column]), sums[column]);
}

static void portable_product(const struct product *p) {
    for (size_t first = 0; first < p->outputs; first += SOTTO_PANEL) {
        const size_t columns = p->outputs - first < SOTTO_PANEL ? p->outputs - first : SOTTO_PANEL;
        for (size_t row = 0; row < p->rows; row++) {
            float sums[SOTTO_PANEL] = {0};
            memcpy(sums, p->bias + first, columns * sizeof(float));
            portable_panel(p->packed + first * p->inputs, p->x + row * p->inputs, p->inputs, sums);
            memcpy(p->y + row * p->outputs + first, sums, columns * sizeof(float));
        }
    }
}

void sotto_product(enum sotto_instructions instructions, const uint16_t *packed, const float *bias, const float *x,
                   size_t rows, size_t inputs, size_t outputs, float *y) {
    const struct product p = {packed, bias, x, rows, inputs, outputs, y};
    switch (instructions) {
#if defined(__x86_64__)
    case SOTTO_VNNI:
    case SOTTO_AVX512: sotto_product_avx512(&p); break;
    case SOTTO_AVX_VNNI:
    case SOTTO_AVX2: sotto_product_avx2(&p); break;
#endif
    default: portable_product(&p);
    }
}
