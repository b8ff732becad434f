// SPDX-License-Identifier: Apache-2.0
#include "kernels.h"

size_t sotto_first_above(const float *values, size_t count, float threshold) {
    enum { BLOCK = 64 };
    size_t first = 0;
    // Most blocks have none. Without a branch inside, the compiler compares several values at a time.
    for (; first + BLOCK <= count; first += BLOCK) {
        int found = 0;
        for (size_t i = 0; i < BLOCK; i++) found |= values[first + i] > threshold;
        if (found) break;
    }
    while (first < count && !(values[first] > threshold)) first++;
    return first;
}
