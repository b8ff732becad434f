// SPDX-License-Identifier: Apache-2.0
#include "sha256.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotated(uint32_t x, int bits) { return x >> bits | x << (32 - bits); }

static void portable_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
    for (; blocks > 0; blocks--, bytes += 64) {
        uint32_t w[64], s[8];
        for (int i = 0; i < 16; i++)
            w[i] = (uint32_t)bytes[4 * i] << 24 | (uint32_t)bytes[4 * i + 1] << 16 | (uint32_t)bytes[4 * i + 2] << 8 |
                   bytes[4 * i + 3];
        for (int i = 16; i < 64; i++) {
            const uint32_t a = w[i - 15], b = w[i - 2];
            w[i] = w[i - 16] + (rotated(a, 7) ^ rotated(a, 18) ^ a >> 3) + w[i - 7] +
                   (rotated(b, 17) ^ rotated(b, 19) ^ b >> 10);
        }
        memcpy(s, state, sizeof s);
        for (int i = 0; i < 64; i++) {
            const uint32_t a = s[0], e = s[4];
            const uint32_t one = s[7] + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) +
                                 ((e & s[5]) ^ (~e & s[6])) + constants[i] + w[i];
            const uint32_t two =
                (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
            memmove(s + 1, s, 7 * sizeof *s);
            s[4] += one;
            s[0] = one + two;
        }
        for (int i = 0; i < 8; i++) state[i] += s[i];
    }
}

#if defined(__x86_64__)
int sotto_sha256_has_instructions(void) {
    unsigned a, b, c, d;
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3") && __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
           (b >> 29 & 1);
}

#define TARGET __attribute__((target("sha,sse4.1,ssse3")))
#define INLINE static inline __attribute__((always_inline))

/// A hash in work. The instructions keep the state as two vectors, of the words f, e, b, a and h, g, d, c.
struct lane {
    __m128i feba, hgdc, feba_before, hgdc_before;
    __m128i w[4];
};

TARGET INLINE void begin(struct lane *lane, const uint32_t state[8]) {
    lane->feba = _mm_set_epi32((int)state[0], (int)state[1], (int)state[4], (int)state[5]);
    lane->hgdc = _mm_set_epi32((int)state[2], (int)state[3], (int)state[6], (int)state[7]);
}

/// Four of a block's 64 rounds.
TARGET INLINE void rounds(struct lane *lane, const int i, const uint8_t *block) {
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i words;
    if (i < 4) {
        words = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i)), order);
    } else {
        // Words 16, 15, 7 and 2 before each of these.
        const __m128i last = lane->w[(i + 3) & 3], seventh = _mm_alignr_epi8(last, lane->w[(i + 2) & 3], 4);
        words = _mm_add_epi32(_mm_sha256msg1_epu32(lane->w[i & 3], lane->w[(i + 1) & 3]), seventh);
        words = _mm_sha256msg2_epu32(words, last);
    }
    lane->w[i & 3] = words;
    const __m128i sums = _mm_add_epi32(words, _mm_loadu_si128((const __m128i *)(const void *)(constants + 4 * i)));
    lane->hgdc = _mm_sha256rnds2_epu32(lane->hgdc, lane->feba, sums);
    lane->feba = _mm_sha256rnds2_epu32(lane->feba, lane->hgdc, _mm_shuffle_epi32(sums, 0x0e));
}

TARGET INLINE void end(const struct lane *lane, uint32_t state[8]) {
    uint32_t words[8];
    _mm_storeu_si128((__m128i *)(void *)words, lane->feba);
    _mm_storeu_si128((__m128i *)(void *)(words + 4), lane->hgdc);
    state[5] = words[0], state[4] = words[1], state[1] = words[2], state[0] = words[3];
    state[7] = words[4], state[6] = words[5], state[3] = words[6], state[2] = words[7];
}

/// Blocks of `lanes` messages, each into its own state: one alone would wait for each instruction.
TARGET INLINE void fast_lanes(uint32_t *const states[], const uint8_t *const bytes[], size_t blocks, const size_t lanes) {
    struct lane lane[2];
    for (size_t l = 0; l < lanes; l++) begin(&lane[l], states[l]);
    for (size_t block = 0; block < blocks; block++) {
        for (size_t l = 0; l < lanes; l++) lane[l].feba_before = lane[l].feba, lane[l].hgdc_before = lane[l].hgdc;
        for (int i = 0; i < 16; i++)
            for (size_t l = 0; l < lanes; l++) rounds(&lane[l], i, bytes[l] + 64 * block);
        for (size_t l = 0; l < lanes; l++) {
            lane[l].feba = _mm_add_epi32(lane[l].feba, lane[l].feba_before);
            lane[l].hgdc = _mm_add_epi32(lane[l].hgdc, lane[l].hgdc_before);
        }
    }
    for (size_t l = 0; l < lanes; l++) end(&lane[l], states[l]);
}

TARGET static void fast_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
    fast_lanes(&state, &bytes, blocks, 1);
}

TARGET static void fast_pairs(uint32_t *const states[2], const uint8_t *const bytes[2], size_t blocks) {
    fast_lanes(states, bytes, blocks, 2);
}
#else
int sotto_sha256_has_instructions(void) { return 0; }

static void fast_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
    portable_blocks(state, bytes, blocks);
}

static void fast_pairs(uint32_t *const states[2], const uint8_t *const bytes[2], size_t blocks) {
    for (int i = 0; i < 2; i++) portable_blocks(states[i], bytes[i], blocks);
}
#endif

static void take(uint32_t state[8], const uint8_t *bytes, size_t blocks, int uses_instructions) {
    if (uses_instructions)
        fast_blocks(state, bytes, blocks);
    else
        portable_blocks(state, bytes, blocks);
}

void sotto_sha256_begin(struct sotto_sha256 *hash) {
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memset(hash, 0, sizeof *hash);
    memcpy(hash->state, start, sizeof start);
}

void sotto_sha256_update(struct sotto_sha256 *hash, const void *bytes, size_t count, int uses_instructions) {
    const uint8_t *next = bytes;
    const size_t held = hash->byte_count % 64;
    hash->byte_count += count;
    if (held > 0) {
        const size_t more = count < 64 - held ? count : 64 - held;
        if (more > 0) memcpy(hash->block + held, next, more);
        if (held + more < 64) return;
        take(hash->state, hash->block, 1, uses_instructions);
        next += more;
        count -= more;
    }
    take(hash->state, next, count / 64, uses_instructions);
    if (count % 64 > 0) memcpy(hash->block, next + count / 64 * 64, count % 64);
}

void sotto_sha256_finish(struct sotto_sha256 *hash, uint8_t digest[32], int uses_instructions) {
    static const uint8_t padding[64] = {0x80};
    const uint64_t bits = hash->byte_count * 8, held = hash->byte_count % 64;
    uint8_t length[8];
    for (int i = 0; i < 8; i++) length[i] = (uint8_t)(bits >> (56 - 8 * i));
    sotto_sha256_update(hash, padding, (held < 56 ? 56 : 120) - held, uses_instructions);
    sotto_sha256_update(hash, length, sizeof length, uses_instructions);
    for (int i = 0; i < 32; i++) digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

void sotto_sha256_of_two(const void *first, size_t first_count, const void *second, size_t second_count,
                         uint8_t digests[64], int uses_instructions) {
    const size_t common = (first_count < second_count ? first_count : second_count) / 64;
    const uint8_t *const bytes[2] = {first, second};
    const size_t counts[2] = {first_count, second_count};
    struct sotto_sha256 hashes[2];
    for (int i = 0; i < 2; i++) sotto_sha256_begin(&hashes[i]);
    if (uses_instructions) {
        uint32_t *const states[2] = {hashes[0].state, hashes[1].state};
        fast_pairs(states, bytes, common);
    } else {
        for (int i = 0; i < 2; i++) portable_blocks(hashes[i].state, bytes[i], common);
    }
    for (int i = 0; i < 2; i++) {
        hashes[i].byte_count = common * 64;
        if (counts[i] > common * 64)
            sotto_sha256_update(&hashes[i], bytes[i] + common * 64, counts[i] - common * 64, uses_instructions);
        sotto_sha256_finish(&hashes[i], digests + 32 * i, uses_instructions);
    }
}
