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

INLINE void all_above(const float *values, size_t count, const float *largest, float threshold, int32_t *places, size_t *found) {
    enum { PIECE = 16 };
    size_t number = 0;
    for (size_t part = 0; part < count; part += SOTTO_PART) {
        // Most parts have none.
        if (!(largest[part / SOTTO_PART] > threshold)) continue;
        const size_t end = count - part < SOTTO_PART ? count : part + SOTTO_PART;
        for (size_t first = part; first < end; first += PIECE) {
            const size_t last = end - first < PIECE ? end : first + PIECE;
            if (last == first + PIECE && !any_above(values + first, PIECE, threshold)) continue;
            for (size_t i = first; i < last; i++) {
                // Written in any case: no branch to guess.
                places[number] = (int32_t)i;
                number += values[i] > threshold;
            }
        }
    }
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
        // Halves against each other: one by one, each would wait for the one before it.
        for (size_t half = LANES / 2; half > 0; half /= 2)
            for (size_t i = 0; i < half; i++) lanes[i] = lanes[i + half] > lanes[i] ? lanes[i + half] : lanes[i];
        *largest = lanes[0];
        values += part, count -= part;
    }
}

FOR_ALL_INSTRUCTIONS(sotto_first_above, first_above,
                     (const float *values, size_t count, float threshold, size_t *place), (values, count, threshold, place))
FOR_ALL_INSTRUCTIONS(sotto_all_above, all_above,
                     (const float *values, size_t count, const float *largest, float threshold, int32_t *places, size_t *found),
                     (values, count, largest, threshold, places, found))
FOR_ALL_INSTRUCTIONS(sotto_maxima, maxima, (const float *values, size_t count, float *largest), (values, count, largest))
