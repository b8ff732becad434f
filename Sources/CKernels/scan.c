// SPDX-License-Identifier: Apache-2.0
#include "kernels.h"

#include "series.h"

/// Whether there is one among `count` values; without a branch inside, the compiler compares several at a time.
INLINE int any_above(const float *values, size_t count, float threshold) {
    int found = 0;
    for (size_t i = 0; i < count; i++) found |= values[i] > threshold;
    return found;
}

INLINE void first_above(const float *values, size_t count, float threshold, size_t *place) {
    enum { BLOCK = 64, PART = 16 };
    size_t first = 0;
    // Most blocks have none.
    while (first + BLOCK <= count && !any_above(values + first, BLOCK, threshold)) first += BLOCK;
    while (first + PART <= count && !any_above(values + first, PART, threshold)) first += PART;
    while (first < count && !(values[first] > threshold)) first++;
    *place = first;
}

INLINE void all_above(const float *values, size_t count, float threshold, int32_t *places, size_t *found) {
    enum { PART = 16 };
    size_t number = 0, first = 0;
    for (; first + PART <= count; first += PART)
        if (any_above(values + first, PART, threshold))
            for (size_t i = first; i < first + PART; i++) {
                // Written in any case: no branch to guess.
                places[number] = (int32_t)i;
                number += values[i] > threshold;
            }
    for (; first < count; first++)
        if (values[first] > threshold) places[number++] = (int32_t)first;
    *found = number;
}

INLINE void maxima(const float *values, size_t count, float *largest) {
    enum { LANES = 16 };
    for (; count > 0; largest++) {
        const size_t part = count < SOTTO_PART ? count : SOTTO_PART;
        float lanes[LANES];
        for (size_t i = 0; i < LANES; i++) lanes[i] = values[i < part ? i : 0];
        size_t first = LANES;
        for (; first + LANES <= part; first += LANES)
            for (size_t i = 0; i < LANES; i++) lanes[i] = values[first + i] > lanes[i] ? values[first + i] : lanes[i];
        for (; first < part; first++) lanes[0] = values[first] > lanes[0] ? values[first] : lanes[0];
        *largest = lanes[0];
        for (size_t i = 1; i < LANES; i++) *largest = lanes[i] > *largest ? lanes[i] : *largest;
        values += part, count -= part;
    }
}

FOR_ALL_INSTRUCTIONS(sotto_first_above, first_above,
                     (const float *values, size_t count, float threshold, size_t *place), (values, count, threshold, place))
FOR_ALL_INSTRUCTIONS(sotto_all_above, all_above,
                     (const float *values, size_t count, float threshold, int32_t *places, size_t *found),
                     (values, count, threshold, places, found))
FOR_ALL_INSTRUCTIONS(sotto_maxima, maxima, (const float *values, size_t count, float *largest), (values, count, largest))
