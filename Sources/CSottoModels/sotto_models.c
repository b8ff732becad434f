// SPDX-License-Identifier: Apache-2.0

#include "sotto_models.h"

#ifndef __has_embed
#error "This C compiler has no #embed. The clang of Swift 6.3 has it."
#endif

#pragma clang diagnostic ignored "-Wc23-extensions"  // #embed, which takes a second where an array of numbers takes minutes

static _Alignas(64) const unsigned char model_16k[] = {
#embed "../../Models/sotto-16k.safetensors"
};

static _Alignas(64) const unsigned char model_16k_6hz[] = {
#embed "../../Models/sotto-16k-6hz.safetensors"
};

static _Alignas(64) const unsigned char model_16k_single[] = {
#embed "../../Models/sotto-16k-single.safetensors"
};

sotto_file sotto_models_16k(void) { return (sotto_file){model_16k, sizeof model_16k}; }

sotto_file sotto_models_16k_6hz(void) { return (sotto_file){model_16k_6hz, sizeof model_16k_6hz}; }

sotto_file sotto_models_16k_single(void) { return (sotto_file){model_16k_single, sizeof model_16k_single}; }
