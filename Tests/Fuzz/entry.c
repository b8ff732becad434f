// SPDX-License-Identifier: Apache-2.0
// libFuzzer's entry point. Which target is meant, SOTTO_FUZZ_TARGET says.
#include <stddef.h>
#include <stdint.h>

void sotto_fuzz(const uint8_t *bytes, ptrdiff_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    sotto_fuzz(bytes, (ptrdiff_t)count);
    return 0;
}
