// SPDX-License-Identifier: Apache-2.0
// The models that ship, as part of the program: the bytes of the files in Models/.

#ifndef SOTTO_MODELS_H
#define SOTTO_MODELS_H

#include <stddef.h>

typedef struct {
    const void *_Nonnull start;  // aligned to 64
    size_t count;
} sotto_file;

sotto_file sotto_models_16k(void);
sotto_file sotto_models_16k_6hz(void);
sotto_file sotto_models_16k_single(void);

#endif
