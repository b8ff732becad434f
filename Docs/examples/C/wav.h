/* SPDX-License-Identifier: Apache-2.0 */
/* WAV files of one channel of 16-bit samples: as much as the examples need. */
#ifndef WAV_H
#define WAV_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t wav_number(const unsigned char *bytes, int count) {
    uint32_t value = 0;
    while (count-- > 0) value = value << 8 | bytes[count];
    return value;
}

/* The samples of a file; its rate must be `rate`. Ends the program if it can't be read. */
static inline int16_t *wav_read(const char *path, uint32_t rate, size_t *count) {
    unsigned char head[24];
    FILE *file = fopen(path, "rb");
    int known = 0;
    if (!file || fread(head, 1, 12, file) != 12 || memcmp(head, "RIFF", 4) || memcmp(head + 8, "WAVE", 4)) goto bad;
    while (fread(head, 1, 8, file) == 8) {
        const uint32_t size = wav_number(head + 4, 4);
        if (!memcmp(head, "data", 4) && known) {
            int16_t *samples = (int16_t *)malloc(size + 2);
            if (!samples) break;
            *count = fread(samples, 2, size / 2, file);
            fclose(file);
            return samples;
        }
        if (!memcmp(head, "fmt ", 4) && size >= 16 && size < 1024) {
            if (fread(head + 8, 1, 16, file) != 16) break;
            known = wav_number(head + 10, 2) == 1 && wav_number(head + 12, 4) == rate && wav_number(head + 22, 2) == 16;
            fseek(file, (long)(size - 16 + size % 2), SEEK_CUR);
        } else {
            fseek(file, (long)(size + size % 2), SEEK_CUR);
        }
    }
bad:
    fprintf(stderr, "%s: this is no WAV file of one channel of 16-bit samples at %u Hz\n", path, (unsigned)rate);
    exit(65);
}

/* Writes samples -1 to 1, rounded. */
static inline void wav_write(const char *path, uint32_t rate, const float *samples, size_t count) {
    const uint32_t bytes = (uint32_t)(2 * count);
    const uint32_t fields[] = {0x46464952, bytes + 36, 0x45564157, 0x20746d66, 16,    0x00010001,
                               rate,       2 * rate,   0x00100002, 0x61746164, bytes};
    FILE *file = fopen(path, "wb");
    size_t i;
    int whole = file != NULL && fwrite(fields, 4, 11, file) == 11;
    for (i = 0; whole && i < count; i++) {
        const float scaled = samples[i] * 32768.0f;
        const int16_t value = scaled >= 32767.0f    ? (int16_t)32767
                              : scaled <= -32768.0f ? (int16_t)-32768
                                                    : (int16_t)(scaled < 0 ? scaled - 0.5f : scaled + 0.5f);
        whole = fwrite(&value, 2, 1, file) == 1;
    }
    if (!file || fclose(file) || !whole) {
        fprintf(stderr, "%s can't be written\n", path);
        exit(74);
    }
}

#endif
