// SPDX-License-Identifier: Apache-2.0
#ifndef SOTTO_SHA256_H
#define SOTTO_SHA256_H

#include <stddef.h>
#include <stdint.h>

/// SHA-256 (FIPS 180-4) of bytes that come piece by piece.
struct sotto_sha256 {
    uint32_t state[8];
    uint64_t byte_count;
    /// Those that don't fill a block yet.
    uint8_t block[64];
};

/// Whether this processor has instructions for it.
int sotto_sha256_has_instructions(void);

void sotto_sha256_begin(struct sotto_sha256 *hash);

/// \param uses_instructions  whether to use them; there must be some.
void sotto_sha256_update(struct sotto_sha256 *hash, const void *bytes, size_t count, int uses_instructions);

/// Of all bytes so far; the hash has then to begin again.
void sotto_sha256_finish(struct sotto_sha256 *hash, uint8_t digest[32], int uses_instructions);

/// The digests of two messages, one after the other: in less time than each by itself if they are of about one length.
void sotto_sha256_of_two(const void *first, size_t first_count, const void *second, size_t second_count,
                         uint8_t digests[64], int uses_instructions);

#endif
