/* SPDX-License-Identifier: Apache-2.0 */
/* A recording to codes and back in pieces of many sizes: tokens MODEL IN.wav CODES AVERAGE OUT.csv OUT.f32 [TEXT]
   Writes what `sotto export` and `sotto decode --float` write, the latter without a header. */
#include "../../Docs/examples/C/wav.h"

#include <sotto.h>

static sotto_error error;

static void check(int32_t status) {
    if (status == SOTTO_OK) return;
    fprintf(stderr, "status %d: %s\n", (int)status, error.message);
    exit(1);
}

/* 0 to most, another one each time. */
static size_t some(size_t most) {
    static uint32_t state = 7;
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % (most + 1);
}

int main(int argc, char **argv) {
    sotto_model *model;
    sotto_encoder *encoder;
    sotto_decoder *decoder;
    sotto_model_info info;
    int32_t width;
    size_t count, at, frames, got, told, timing_count = 0, done = 0;
    double match = -2;
    uint32_t *timing = NULL;
    uint16_t codes[64 * 8];
    uint8_t counts[64], levels[64];
    if (argc < 7) return 64;
    const char *text = argc > 7 ? argv[7] : NULL;

    check(sotto_model_open(argv[1], &model, &error));
    check(sotto_model_describe(model, &info, &error));
    int16_t *samples = wav_read(argv[2], (uint32_t)info.sample_rate, &count);
    float *floats = (float *)malloc(count * sizeof *floats + 1);
    for (at = 0; at < count; at++) floats[at] = (float)samples[at] / 32768;
    check(sotto_encoder_open(model, atoi(argv[3]), atoi(argv[4]), text, &encoder, &error));
    check(sotto_encoder_width(encoder, &width, &error));
    for (at = 0; at < count;) {
        const size_t piece = some(5000) < count - at ? some(5000) : 1, left = count - at;
        const size_t taken = piece < left ? piece : left;
        check(taken % 2 ? sotto_encoder_push(encoder, floats + at, taken, &error)
                        : sotto_encoder_push_int16(encoder, samples + at, taken, &error));
        at += taken;
    }
    check(sotto_encoder_finish(encoder, &error));
    if (text) {
        check(sotto_encoder_timing(encoder, NULL, 0, &timing_count, &match, &error));
        timing = (uint32_t *)malloc(timing_count * sizeof *timing + 1);
        check(sotto_encoder_timing(encoder, timing, timing_count, &timing_count, NULL, &error));
        if (timing_count == 0 || match < 0.5) return fprintf(stderr, "no timing: the match is %g\n", match), 1;
    }
    /* It lives on without its model's handle. */
    check(sotto_decoder_open(model, (int64_t)count, text != NULL, &decoder, &error));
    sotto_model_close(model);
    if (text) check(sotto_decoder_add_transcript(decoder, text, timing, timing_count, 0, &error));

    FILE *csv = fopen(argv[5], "w"), *raw = fopen(argv[6], "wb");
    if (!csv || !raw) return 74;
    float out[3000];
    for (;;) {
        const size_t room = 1 + some(63);
        check(sotto_encoder_levels(encoder, levels, room, &told, &error));
        check(sotto_encoder_read(encoder, codes, counts, room, &frames, &error));
        if (told != 0 && told != frames) return fprintf(stderr, "levels of other frames\n"), 1;
        if (frames == 0) break;
        for (size_t row = 0; row < frames; row++)
            for (int k = 0; k < width; k++) {
                if (k < counts[row]) fprintf(csv, "%d", codes[row * (size_t)width + (size_t)k]);
                fputc(k + 1 < width ? ',' : '\n', csv);
            }
        if (told == 0) check(sotto_decoder_push(decoder, codes, counts, frames, (size_t)width, &error));
        for (size_t row = 0; row < told; row++) {
            check(sotto_decoder_set_level(decoder, levels[row], &error));
            check(sotto_decoder_push(decoder, codes + row * (size_t)width, counts + row, 1, (size_t)width, &error));
        }
        if (some(2) == 0) {
            check(sotto_decoder_read(decoder, out, some(3000), &got, &error));
            fwrite(out, sizeof *out, got, raw);
            done += got;
        }
    }
    check(sotto_decoder_finish(decoder, &error));
    do {
        check(sotto_decoder_read(decoder, out, 3000, &got, &error));
        fwrite(out, sizeof *out, got, raw);
        done += got;
    } while (got > 0);
    if (done != count) return fprintf(stderr, "%u samples became %u\n", (unsigned)count, (unsigned)done), 1;
    check(sotto_decoder_match(decoder, &match, &error));
    sotto_encoder_close(encoder);
    sotto_decoder_close(decoder);
    free(samples), free(floats), free(timing);
    return fclose(csv) || fclose(raw);
}
