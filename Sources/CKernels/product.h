// SPDX-License-Identifier: Apache-2.0
#include "kernels.h"

/// The arguments of sotto_product.
struct product {
    const uint16_t *packed;
    const float *bias;
    const float *x;
    size_t rows, inputs, outputs;
    float *y;
};

void sotto_product_avx2(const struct product *p);
void sotto_product_avx512(const struct product *p);
