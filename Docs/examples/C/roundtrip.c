/* SPDX-License-Identifier: Apache-2.0 */
/* A recording to tokens and back: roundtrip MODEL IN.wav OUT.wav [CODES] */
#include "wav.h"

#include <sotto.h>

static sotto_error error;

static void check(int32_t status) {
    if (status == SOTTO_OK) return;
    fprintf(stderr, "%s\n", error.message);
    exit(status);
}

int main(int argc, char **argv) {
    sotto_model *model;
    sotto_encoder *encoder;
    sotto_decoder *decoder;
    sotto_model_info info;
    int32_t width;
    size_t count, frames, read = 0, bits = 0;

    if (argc < 4) {
        fprintf(stderr, "roundtrip MODEL IN.wav OUT.wav [CODES]\n");
        return 64;
    }
    if (sotto_abi() != SOTTO_ABI) {
        fprintf(stderr, "this libsotto is another one than this program was made for\n");
        return 70;
    }
    check(sotto_model_open(argv[1], &model, &error));
    check(sotto_model_describe(model, &info, &error));
    int16_t *samples = wav_read(argv[2], (uint32_t)info.sample_rate, &count);

    /* All at once here; pieces of any size give the same. */
    check(sotto_encoder_open(model, argc > 4 ? atoi(argv[4]) : 0, 0, NULL, &encoder, &error));
    check(sotto_encoder_width(encoder, &width, &error));
    check(sotto_encoder_push_int16(encoder, samples, count, &error));
    check(sotto_encoder_finish(encoder, &error));
    check(sotto_encoder_available(encoder, &frames, &error));
    uint16_t *codes = (uint16_t *)malloc(frames * (size_t)width * sizeof *codes + 1);
    check(sotto_encoder_read(encoder, codes, NULL, frames, &frames, &error));

    check(sotto_decoder_open(model, (int64_t)count, 0, &decoder, &error));
    check(sotto_decoder_push(decoder, codes, NULL, frames, (size_t)width, &error));
    check(sotto_decoder_finish(decoder, &error));
    float *decoded = (float *)malloc(count * sizeof *decoded + 1);
    check(sotto_decoder_read(decoder, decoded, count, &read, &error));
    wav_write(argv[3], (uint32_t)info.sample_rate, decoded, read);

    while ((1 << bits) < info.codebook_size) bits++;
    printf("%u frames of %d codes of %u bits, %u samples\n", (unsigned)frames, (int)width, (unsigned)bits, (unsigned)read);

    sotto_encoder_close(encoder);
    sotto_decoder_close(decoder);
    sotto_model_close(model);
    free(samples), free(codes), free(decoded);
    return 0;
}
