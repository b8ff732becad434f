/* SPDX-License-Identifier: Apache-2.0 */
/* Every function with arguments that can't be: each is refused with a status and a message, and nothing traps.
   refusals MODEL OTHER-MODEL */
#include <sotto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sotto_error error;
static int wrong, refused;

static void expect(int holds, const char *what, int line) {
    if (holds) return;
    printf("line %d: %s\n", line, what);
    wrong++;
}

static void expect_refusal(int32_t status, int32_t expected, const char *what, int line) {
    refused++;
    if (expected ? status != expected : status == SOTTO_OK) printf("status %d: ", (int)status), expect(0, what, line);
    expect(error.status == status && strlen(error.message) > 10, what, line);
    memset(&error, 0, sizeof error);
}

#define TAKE(call) expect((call) == SOTTO_OK, #call, __LINE__)
#define REFUSE(call) expect_refusal(call, SOTTO_WRONG_USAGE, #call, __LINE__)
#define REFUSE_AS(status, call) expect_refusal(call, status, #call, __LINE__)

#define MANY ((size_t)-1)

static char *contents(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    char *bytes;
    if (!file || fseek(file, 0, SEEK_END)) exit(66);
    *size = (size_t)ftell(file);
    rewind(file);
    bytes = (char *)malloc(*size + 1);
    if (!bytes || fread(bytes, 1, *size, file) != *size) exit(74);
    fclose(file);
    return bytes;
}

static void vectors(sotto_model *model) {
    static float values[8 * 1024 * 33];
    int32_t width = 0;
    REFUSE(sotto_model_vectors(NULL, values, 8 * 1024 * 33, &width, &error));
    REFUSE(sotto_model_vectors(model, NULL, 5, &width, &error));
    REFUSE(sotto_model_vectors(model, values, MANY, &width, &error));
    REFUSE(sotto_model_vectors(model, values, 8 * 1024 * 33, NULL, &error));
    REFUSE_AS(SOTTO_NO_ROOM, sotto_model_vectors(model, values, 8 * 1024 * 33 - 1, &width, &error));
    width = 0;
    TAKE(sotto_model_vectors(model, NULL, 0, &width, &error));
    expect(width == 33, "how many values latents are", __LINE__);
    TAKE(sotto_model_vectors(model, values, 8 * 1024 * 33, &width, &error));
    expect(values[8 * 1024 * 33 - 1] != 0, "the last value", __LINE__);
}

static void alignments(sotto_model *model) {
    uint16_t codes[3 * 8] = {0};
    uint8_t counts[3] = {8, 0, 2};
    const char *text = " so, \xe2\x80\x94 \xc3\xa9t\xc3\xa9\nso\t! ";
    sotto_word words[3];
    size_t count = 0;
    double match = -2;
    REFUSE(sotto_model_align(NULL, codes, counts, 3, 8, -1, text, words, 3, &count, &match, &error));
    REFUSE(sotto_model_align(model, NULL, counts, 3, 8, -1, text, words, 3, &count, &match, &error));
    REFUSE(sotto_model_align(model, codes, counts, MANY, 8, -1, text, words, 3, &count, &match, &error));
    REFUSE(sotto_model_align(model, codes, counts, 3, 0, -1, text, words, 3, &count, &match, &error));
    REFUSE(sotto_model_align(model, codes, counts, 3, MANY, -1, text, words, 3, &count, &match, &error));
    REFUSE(sotto_model_align(model, codes, counts, 3, 8, -2, text, words, 3, &count, &match, &error));
    REFUSE(sotto_model_align(model, codes, counts, 3, 8, -1, NULL, words, 3, &count, &match, &error));
    REFUSE(sotto_model_align(model, codes, counts, 3, 8, -1, text, NULL, 3, &count, &match, &error));
    REFUSE(sotto_model_align(model, codes, counts, 3, 8, -1, text, words, MANY, &count, &match, &error));
    REFUSE(sotto_model_align(model, codes, counts, 3, 8, -1, text, words, 3, NULL, &match, &error));
    REFUSE_AS(SOTTO_BAD_DATA, sotto_model_align(model, codes, counts, 3, 4, -1, text, words, 3, &count, &match, &error));
    REFUSE_AS(SOTTO_BAD_DATA, sotto_model_align(model, codes, counts, 3, 8, -1, "\xff", words, 3, &count, &match, &error));
    codes[1] = 1024;
    REFUSE_AS(SOTTO_BAD_DATA, sotto_model_align(model, codes, NULL, 3, 8, -1, text, words, 3, &count, &match, &error));
    codes[1] = 0;
    REFUSE_AS(SOTTO_NO_ROOM, sotto_model_align(model, codes, counts, 3, 8, 0, text, words, 2, &count, &match, &error));
    expect(count == 3, "how many words there are", __LINE__);
    TAKE(sotto_model_align(model, codes, counts, 3, 8, INT64_MAX, text, words, 3, &count, NULL, &error));
    expect(words[0].offset == 1 && words[0].byte_count == 3, "the first word", __LINE__);
    expect(words[1].offset == 9 && words[1].byte_count == 5, "the second word", __LINE__);
    expect(words[2].offset == 15 && words[2].byte_count == 2, "the third word", __LINE__);
    TAKE(sotto_model_align(model, NULL, NULL, 0, 0, -1, "", NULL, 0, &count, &match, &error));
    expect(count == 0, "no words", __LINE__);
}

static void models(const char *path) {
    sotto_model *model = NULL;
    sotto_model_info info;
    char text[] = "this is no model at all", *bytes;
    size_t size, cut;
    REFUSE(sotto_model_open(NULL, &model, &error));
    REFUSE(sotto_model_open(path, NULL, &error));
    REFUSE_AS(SOTTO_MISSING_INPUT, sotto_model_open("/no/such/file", &model, &error));
    REFUSE_AS(SOTTO_MISSING_INPUT, sotto_model_open("/", &model, &error));
    REFUSE_AS(0, sotto_model_open("", &model, &error));
    REFUSE_AS(0, sotto_model_open("\xff\xfe", &model, &error));
    REFUSE_AS(SOTTO_BAD_DATA, sotto_model_open("/proc/self/exe", &model, &error));
    REFUSE(sotto_model_open_bytes(NULL, 5, NULL, 0, &model, &error));
    REFUSE_AS(0, sotto_model_open_bytes(NULL, 0, NULL, 0, &model, &error));
    REFUSE(sotto_model_open_bytes(text, MANY, NULL, 0, &model, &error));
    REFUSE(sotto_model_open_bytes(text, sizeof text, NULL, 3, &model, &error));
    REFUSE(sotto_model_open_bytes(text, sizeof text, NULL, 0, NULL, &error));
    REFUSE_AS(SOTTO_BAD_DATA, sotto_model_open_bytes(text, sizeof text, NULL, 0, &model, &error));
    bytes = contents(path, &size);
    for (cut = 0; cut < size; cut = 3 * cut + 1)
        REFUSE_AS(SOTTO_BAD_DATA, sotto_model_open_bytes(bytes, cut, bytes, size, &model, &error));
    bytes[size / 2] ^= 1;
    REFUSE_AS(SOTTO_BAD_DATA, sotto_model_open_bytes(bytes, size, NULL, 0, &model, &error));
    bytes[size / 2] ^= 1;
    expect(model == NULL, "no model was made", __LINE__);
    /* Where the bytes begin doesn't matter. */
    memmove(bytes + 1, bytes, size);
    TAKE(sotto_model_open_bytes(bytes + 1, size, NULL, 0, &model, &error));
    free(bytes);
    TAKE(sotto_model_describe(model, &info, &error));
    expect(info.sample_rate == 16000 && info.frame_size == 1280 && info.codebooks == 8, "what the model is", __LINE__);
    REFUSE(sotto_model_describe(NULL, &info, &error));
    vectors(model);
    alignments(model);
    REFUSE(sotto_model_describe(model, NULL, &error));
    sotto_model_close(model);
    REFUSE(sotto_model_describe(model, &info, &error));
    REFUSE(sotto_model_describe((sotto_model *)&info, &info, &error));
    REFUSE(sotto_model_describe((sotto_model *)1, &info, &error));
    sotto_model_close(model);
    sotto_model_close(NULL);
    sotto_model_close((sotto_model *)&info);
}

static void encoders(sotto_model *model) {
    sotto_encoder *encoder = NULL, *average = NULL;
    float samples[2000] = {0};
    int16_t integers[4] = {0};
    uint16_t codes[8 * 8];
    uint8_t counts[8];
    uint32_t timing[4];
    int32_t width;
    size_t count;
    double match;
    static const int32_t numbers[] = {-1, 9, 255, 65536, INT32_MAX, INT32_MIN};
    size_t i;
    for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        REFUSE(sotto_encoder_open(model, numbers[i], 0, NULL, &encoder, &error));
        REFUSE(sotto_encoder_open(model, 4, numbers[i], NULL, &encoder, &error));
        REFUSE(sotto_encoder_open(model, numbers[i], 1, NULL, &encoder, &error));
    }
    REFUSE(sotto_encoder_open(NULL, 0, 0, NULL, &encoder, &error));
    REFUSE(sotto_encoder_open(model, 0, 1, NULL, &encoder, &error));
    REFUSE(sotto_encoder_open(model, 0, 0, NULL, NULL, &error));
    REFUSE_AS(SOTTO_BAD_DATA, sotto_encoder_open(model, 0, 0, "\xc3(", &encoder, &error));
    expect(encoder == NULL, "no encoder was made", __LINE__);
    TAKE(sotto_encoder_open(model, 8, 0, "hello", &encoder, &error));
    TAKE(sotto_encoder_open(model, 4, 1, NULL, &average, &error));
    REFUSE(sotto_encoder_width(NULL, &width, &error));
    REFUSE(sotto_encoder_width(encoder, NULL, &error));
    REFUSE(sotto_encoder_width((sotto_encoder *)model, &width, &error));
    REFUSE(sotto_encoder_push(NULL, samples, 1, &error));
    REFUSE(sotto_encoder_push(encoder, NULL, 1, &error));
    REFUSE(sotto_encoder_push(encoder, samples, MANY, &error));
    REFUSE(sotto_encoder_push(encoder, samples, MANY / 2, &error));
    REFUSE(sotto_encoder_push_int16(encoder, NULL, 1, &error));
    REFUSE(sotto_encoder_push_int16(encoder, integers, MANY - 7, &error));
    REFUSE(sotto_encoder_push_int16((sotto_encoder *)model, integers, 4, &error));
    TAKE(sotto_encoder_push(encoder, NULL, 0, &error));
    REFUSE(sotto_encoder_available(NULL, &count, &error));
    REFUSE(sotto_encoder_available(encoder, NULL, &error));
    REFUSE(sotto_encoder_timing(encoder, timing, 4, &count, &match, &error));
    for (i = 0; i < 2000; i++) samples[i] = (float)(i % 3 == 0 ? 1e30 : i % 3 == 1 ? -1e-40 : 0) / (float)(i % 7);
    TAKE(sotto_encoder_push(encoder, samples, 2000, &error));
    TAKE(sotto_encoder_push(average, samples, 2000, &error));
    REFUSE(sotto_encoder_read(NULL, codes, counts, 8, &count, &error));
    REFUSE(sotto_encoder_read(encoder, NULL, counts, 8, &count, &error));
    REFUSE(sotto_encoder_read(encoder, codes, counts, 8, NULL, &error));
    REFUSE(sotto_encoder_read(encoder, codes, counts, MANY, &count, &error));
    REFUSE(sotto_encoder_read(average, codes, NULL, 8, &count, &error));
    TAKE(sotto_encoder_read(encoder, NULL, NULL, 0, &count, &error));
    expect(count == 0, "nothing fits into no room", __LINE__);
    TAKE(sotto_encoder_available(encoder, &count, &error));
    expect(count == 1, "2000 samples are one frame", __LINE__);
    TAKE(sotto_encoder_read(encoder, codes, NULL, 8, &count, &error));
    expect(count == 1, "it is read", __LINE__);
    REFUSE(sotto_encoder_finish(NULL, &error));
    TAKE(sotto_encoder_finish(encoder, &error));
    REFUSE(sotto_encoder_finish(encoder, &error));
    REFUSE(sotto_encoder_push(encoder, samples, 1, &error));
    REFUSE(sotto_encoder_timing(NULL, timing, 4, &count, &match, &error));
    REFUSE(sotto_encoder_timing(encoder, timing, 4, NULL, &match, &error));
    REFUSE(sotto_encoder_timing(encoder, NULL, 4, &count, &match, &error));
    REFUSE(sotto_encoder_timing(encoder, timing, MANY, &count, &match, &error));
    TAKE(sotto_encoder_timing(encoder, timing, 4, &count, NULL, &error));
    sotto_encoder_close((sotto_encoder *)model);
    sotto_encoder_close(encoder);
    REFUSE(sotto_encoder_push(encoder, samples, 1, &error));
    sotto_encoder_close(encoder);
    sotto_encoder_close(average);
    sotto_encoder_close(NULL);
}

/* The levels of a model that tells them apart. */
static void levels(sotto_model *model) {
    sotto_encoder *encoder = NULL, *coder = NULL;
    sotto_decoder *decoder = NULL;
    uint8_t levels[8];
    size_t count = 9;
    int32_t steps = 9, nominal = 9;
    double step = 9;
    REFUSE(sotto_model_levels(NULL, &steps, &nominal, &step, &error));
    REFUSE(sotto_model_levels(model, NULL, &nominal, &step, &error));
    TAKE(sotto_model_levels(model, &steps, NULL, NULL, &error));
    TAKE(sotto_model_levels(model, &steps, &nominal, &step, &error));
    expect(steps == 64 && nominal == 40 && step == 1.5, "other levels", __LINE__);
    TAKE(sotto_encoder_open(model, 0, 0, NULL, &encoder, &error));
    TAKE(sotto_encoder_open_latents(model, &coder, &error));
    REFUSE(sotto_encoder_levels(NULL, levels, 8, &count, &error));
    REFUSE(sotto_encoder_levels(encoder, NULL, 8, &count, &error));
    REFUSE(sotto_encoder_levels(encoder, levels, MANY, &count, &error));
    REFUSE(sotto_encoder_levels(encoder, levels, 8, NULL, &error));
    REFUSE(sotto_encoder_levels(coder, levels, 8, &count, &error));
    TAKE(sotto_encoder_finish(encoder, &error));
    TAKE(sotto_encoder_levels(encoder, levels, 8, &count, &error));
    expect(count == 0, "levels of no frames are told", __LINE__);
    TAKE(sotto_decoder_open(model, -1, 0, &decoder, &error));
    REFUSE(sotto_decoder_set_level(NULL, 40, &error));
    REFUSE(sotto_decoder_set_level(decoder, -1, &error));
    REFUSE(sotto_decoder_set_level(decoder, 256, &error));
    TAKE(sotto_decoder_set_level(decoder, 255, &error));
    sotto_encoder_close(encoder);
    sotto_encoder_close(coder);
    sotto_decoder_close(decoder);
}

static void latents(sotto_model *model) {
    sotto_encoder *encoder = NULL, *coder = NULL, *copy = NULL;
    sotto_decoder *decoder = NULL, *other = NULL;
    static float samples[3 * 1280], values[4 * 33], heard[2][4 * 1280];
    uint16_t codes[8];
    size_t count, i;
    int32_t width;
    REFUSE(sotto_encoder_open_latents(NULL, &encoder, &error));
    REFUSE(sotto_encoder_open_latents(model, NULL, &error));
    TAKE(sotto_encoder_open_latents(model, &encoder, &error));
    TAKE(sotto_encoder_open(model, 0, 0, NULL, &coder, &error));
    TAKE(sotto_encoder_width(encoder, &width, &error));
    expect(width == 33, "how many values a frame has", __LINE__);
    for (i = 0; i < 3 * 1280; i++) samples[i] = (float)(i % 100) / 150 - 0.3f;
    TAKE(sotto_encoder_push(encoder, samples, 2000, &error));
    REFUSE(sotto_encoder_copy(NULL, &copy, &error));
    REFUSE(sotto_encoder_copy((sotto_encoder *)model, &copy, &error));
    REFUSE(sotto_encoder_copy(encoder, NULL, &error));
    TAKE(sotto_encoder_copy(encoder, &copy, &error));
    REFUSE(sotto_encoder_read(encoder, codes, NULL, 1, &count, &error));
    REFUSE(sotto_encoder_timing(encoder, NULL, 0, &count, NULL, &error));
    REFUSE(sotto_encoder_read_latents(coder, values, 1, &count, &error));
    REFUSE(sotto_encoder_read_latents(NULL, values, 1, &count, &error));
    REFUSE(sotto_encoder_read_latents(encoder, NULL, 1, &count, &error));
    REFUSE(sotto_encoder_read_latents(encoder, values, MANY, &count, &error));
    REFUSE(sotto_encoder_read_latents(encoder, values, 1, NULL, &error));
    for (i = 0; i < 2; i++) {
        sotto_encoder *one = i ? copy : encoder;
        TAKE(sotto_encoder_push(one, samples + 2000, 1840, &error));
        TAKE(sotto_encoder_finish(one, &error));
        TAKE(sotto_encoder_available(one, &count, &error));
        expect(count == 4, "how many frames there are", __LINE__);
        TAKE(sotto_encoder_read_latents(one, i ? values : heard[0], 5, &count, &error));
        expect(count == 4, "they are read", __LINE__);
    }
    expect(memcmp(values, heard[0], sizeof values) == 0, "a copy goes on alike", __LINE__);

    TAKE(sotto_decoder_open(model, -1, 0, &decoder, &error));
    REFUSE(sotto_decoder_push_latents(NULL, values, 4, 33, &error));
    REFUSE(sotto_decoder_push_latents(decoder, NULL, 4, 33, &error));
    REFUSE(sotto_decoder_push_latents(decoder, values, MANY, 33, &error));
    REFUSE(sotto_decoder_push_latents(decoder, values, 4, 0, &error));
    REFUSE(sotto_decoder_push_latents(decoder, values, 4, MANY, &error));
    REFUSE_AS(SOTTO_BAD_DATA, sotto_decoder_push_latents(decoder, values, 2, 66, &error));
    REFUSE_AS(SOTTO_BAD_DATA, sotto_decoder_push_latents(decoder, values, 4, 32, &error));
    for (i = 0; i < 3; i++) {
        const float kept = values[70];
        static const float none[] = {1e4f, -1e30f, 0};
        values[70] = i < 2 ? none[i] : none[2] / none[2];
        REFUSE_AS(SOTTO_BAD_DATA, sotto_decoder_push_latents(decoder, values, 4, 33, &error));
        values[70] = kept;
    }
    TAKE(sotto_decoder_push_latents(decoder, values, 2, 33, &error));
    TAKE(sotto_decoder_push_lost(decoder, 1, &error));
    TAKE(sotto_decoder_read(decoder, heard[0], 100, &count, &error));
    REFUSE(sotto_decoder_copy(NULL, &other, &error));
    REFUSE(sotto_decoder_copy(decoder, NULL, &error));
    TAKE(sotto_decoder_copy(decoder, &other, &error));
    for (i = 0; i < 2; i++) {
        sotto_decoder *one = i ? other : decoder;
        TAKE(sotto_decoder_push_latents(one, values + 3 * 33, 1, 33, &error));
        TAKE(sotto_decoder_finish(one, &error));
        TAKE(sotto_decoder_read(one, heard[i], 4 * 1280, &count, &error));
        expect(count == 4 * 1280 - 320 - 100, "how many samples there are", __LINE__);
    }
    expect(memcmp(heard[0], heard[1], count * sizeof(float)) == 0, "a copy goes on alike", __LINE__);
    /* As wild as they may be. */
    for (i = 0; i < 4 * 33; i++) values[i] = i % 3 ? 1000 : -1000;
    sotto_decoder_close(other);
    TAKE(sotto_decoder_open(model, -1, 1, &other, &error));
    TAKE(sotto_decoder_add_transcript(other, "wild", NULL, 0, 0, &error));
    TAKE(sotto_decoder_push_latents(other, values, 4, 33, &error));
    TAKE(sotto_decoder_finish(other, &error));
    TAKE(sotto_decoder_read(other, heard[0], 4 * 1280, &count, &error));
    for (i = 0; i < count; i++) expect(heard[0][i] - heard[0][i] == 0, "samples are numbers", __LINE__);
    sotto_encoder_close(encoder);
    sotto_encoder_close(coder);
    sotto_encoder_close(copy);
    sotto_decoder_close(decoder);
    sotto_decoder_close(other);
}

static void decoders(sotto_model *model) {
    sotto_decoder *decoder = NULL, *reader = NULL;
    static float samples[1 << 16];
    uint16_t codes[3 * 8] = {0};
    uint8_t counts[3] = {8, 0, 1}, levels[16] = {255, 0, 9};
    uint32_t timing[4] = {0xFFFFFFFF, 0, 5, 0xFFFFFFFF};
    size_t count, total, i;
    double match;
    sotto_model_info info;
    TAKE(sotto_model_describe(model, &info, &error));
    REFUSE(sotto_decoder_open(NULL, -1, 0, &decoder, &error));
    REFUSE(sotto_decoder_open(model, -2, 0, &decoder, &error));
    REFUSE(sotto_decoder_open(model, INT64_MIN, 0, &decoder, &error));
    REFUSE(sotto_decoder_open(model, -1, 2, &decoder, &error));
    REFUSE(sotto_decoder_open(model, -1, -1, &decoder, &error));
    REFUSE(sotto_decoder_open(model, -1, 0, NULL, &error));
    expect(decoder == NULL, "no decoder was made", __LINE__);
    TAKE(sotto_decoder_open(model, -1, 0, &decoder, &error));
    TAKE(sotto_decoder_open(model, INT64_MAX, 1, &reader, &error));
    REFUSE(sotto_decoder_push(NULL, codes, counts, 3, 8, &error));
    REFUSE(sotto_decoder_push(decoder, NULL, counts, 3, 8, &error));
    REFUSE(sotto_decoder_push(decoder, codes, counts, MANY, 8, &error));
    REFUSE(sotto_decoder_push(decoder, codes, NULL, 3, 0, &error));
    REFUSE(sotto_decoder_push(decoder, codes, NULL, 3, MANY, &error));
    REFUSE(sotto_decoder_push(decoder, codes, NULL, 1, 1 << 20, &error));
    REFUSE_AS(SOTTO_BAD_DATA, sotto_decoder_push(decoder, codes, NULL, 1, 9, &error));
    REFUSE_AS(SOTTO_BAD_DATA, sotto_decoder_push(decoder, codes, counts, 3, 4, &error));
    codes[17] = 1024;
    counts[2] = 2;
    REFUSE_AS(SOTTO_BAD_DATA, sotto_decoder_push(decoder, codes, counts, 3, 8, &error));
    codes[17] = 65535;
    REFUSE_AS(SOTTO_BAD_DATA, sotto_decoder_push(decoder, codes, counts, 3, 8, &error));
    TAKE(sotto_decoder_read(decoder, samples, 1 << 16, &count, &error));
    expect(count == 0, "what was refused isn't heard", __LINE__);
    REFUSE(sotto_decoder_push_lost(NULL, 1, &error));
    REFUSE(sotto_decoder_push_lost(decoder, -1, &error));
    REFUSE(sotto_decoder_push_lost(decoder, INT32_MIN, &error));
    REFUSE(sotto_decoder_push_noise(NULL, levels, &error));
    REFUSE(sotto_decoder_push_noise(decoder, NULL, &error));
    REFUSE(sotto_decoder_push_pause(NULL, 1, &error));
    REFUSE(sotto_decoder_push_pause(decoder, -5, &error));
    REFUSE(sotto_decoder_conceal(NULL, &error));
    REFUSE(sotto_decoder_add_transcript(NULL, "a", NULL, 0, 0, &error));
    REFUSE(sotto_decoder_add_transcript(decoder, "a", NULL, 0, 0, &error));
    REFUSE(sotto_decoder_add_transcript(reader, NULL, NULL, 0, 0, &error));
    REFUSE(sotto_decoder_add_transcript(reader, "a", NULL, 4, 0, &error));
    REFUSE(sotto_decoder_add_transcript(reader, "a", timing, MANY, 0, &error));
    REFUSE(sotto_decoder_add_transcript(reader, "a", NULL, 0, -1, &error));
    REFUSE(sotto_decoder_add_transcript(reader, "a", NULL, 0, INT64_MAX, &error));
    REFUSE_AS(SOTTO_BAD_DATA, sotto_decoder_add_transcript(reader, "\x80", NULL, 0, 0, &error));
    REFUSE(sotto_decoder_read(NULL, samples, 1, &count, &error));
    REFUSE(sotto_decoder_read(decoder, NULL, 1, &count, &error));
    REFUSE(sotto_decoder_read(decoder, samples, 1, NULL, &error));
    REFUSE(sotto_decoder_read(decoder, samples, MANY, &count, &error));
    REFUSE(sotto_decoder_match(NULL, &match, &error));
    REFUSE(sotto_decoder_match(decoder, NULL, &error));

    /* All that may come, in odd orders, with what is lost counted in years. */
    codes[17] = 1023;
    for (i = 0; i < 2; i++) {
        sotto_decoder *one = i ? reader : decoder;
        if (i) TAKE(sotto_decoder_add_transcript(one, "late \xc3\xa9\xf0\x9f\x98\x80", timing, 4, 6, &error));
        TAKE(sotto_decoder_push_pause(one, 3, &error));
        TAKE(sotto_decoder_push(one, codes, counts, 3, 8, &error));
        TAKE(sotto_decoder_push_lost(one, 2, &error));
        TAKE(sotto_decoder_push_noise(one, levels, &error));
        TAKE(sotto_decoder_push_pause(one, 200, &error));
        TAKE(sotto_decoder_push_lost(one, 0, &error));
        if (i) TAKE(sotto_decoder_add_transcript(one, "", NULL, 0, 3, &error));
        TAKE(sotto_decoder_push(one, codes, counts, 3, 8, &error));
        TAKE(sotto_decoder_push_lost(one, 1, &error));
        TAKE(sotto_decoder_conceal(one, &error));
        total = 0;
        do {
            TAKE(sotto_decoder_read(one, samples, 10007, &count, &error));
            total += count;
        } while (count == 10007);
        expect(total == (size_t)(213 - (i ? info.lookahead : 0)) * 1280 - 320, "each frame takes its time once", __LINE__);
        TAKE(sotto_decoder_push_lost(one, INT32_MAX, &error));
        TAKE(sotto_decoder_push_pause(one, INT32_MAX, &error));
        TAKE(sotto_decoder_push(one, codes, counts, 3, 8, &error));
        TAKE(sotto_decoder_read(one, samples, 1 << 16, &count, &error));
        expect(count == 1 << 16, "as much of it as there is room for", __LINE__);
        TAKE(sotto_decoder_finish(one, &error));
        REFUSE(sotto_decoder_finish(one, &error));
        REFUSE(sotto_decoder_push_lost(one, 1, &error));
        REFUSE(sotto_decoder_push(one, codes, counts, 3, 8, &error));
        REFUSE(sotto_decoder_conceal(one, &error));
    }
    REFUSE(sotto_decoder_finish(NULL, &error));
    REFUSE(sotto_decoder_finish((sotto_decoder *)model, &error));
    sotto_decoder_close(decoder);
    sotto_decoder_close(reader);
    REFUSE(sotto_decoder_read(decoder, samples, 1, &count, &error));
    sotto_decoder_close(NULL);
}

static void lines(sotto_model *model, sotto_model *other) {
    sotto_sender *sender = NULL, *second = NULL;
    sotto_receiver *receiver = NULL, *hearer = NULL;
    sotto_statistics statistics;
    const sotto_model *both[] = {model, other}, *none[] = {model, NULL};
    static float samples[1 << 16];
    uint8_t packet[SOTTO_PACKET_ROOM];
    int16_t integer = 3;
    uint32_t state = 1;
    size_t size, count, i;
    REFUSE(sotto_sender_open(NULL, 0, 0, 0, 0, &sender, &error));
    REFUSE(sotto_sender_open(model, 9, 0, 0, 0, &sender, &error));
    REFUSE(sotto_sender_open(model, 4, 3, 0, 0, &sender, &error));
    REFUSE(sotto_sender_open(model, 4, 0, 2, 0, &sender, &error));
    REFUSE(sotto_sender_open(model, 4, 0, 0, -1, &sender, &error));
    REFUSE(sotto_sender_open(model, 4, 0, 0, 0, NULL, &error));
    TAKE(sotto_sender_open(model, 4, 1, 1, 0, &sender, &error));
    REFUSE(sotto_sender_push(NULL, samples, 1, &error));
    REFUSE(sotto_sender_push(sender, NULL, 1, &error));
    REFUSE(sotto_sender_push(sender, samples, MANY, &error));
    REFUSE(sotto_sender_push_int16(sender, NULL, 1, &error));
    REFUSE(sotto_sender_push_int16((sotto_sender *)model, &integer, 1, &error));
    REFUSE(sotto_sender_read(NULL, packet, sizeof packet, &size, &error));
    REFUSE(sotto_sender_read(sender, NULL, 3, &size, &error));
    REFUSE(sotto_sender_read(sender, packet, MANY, &size, &error));
    REFUSE(sotto_sender_read(sender, packet, sizeof packet, NULL, &error));
    TAKE(sotto_sender_read(sender, packet, sizeof packet, &size, &error));
    expect(size == 0, "no packet yet", __LINE__);
    for (i = 0; i < 40000; i++) samples[i] = (float)((state = state * 1664525u + 1013904223u) >> 16) / 65536.0f - 0.5f;
    TAKE(sotto_sender_push(sender, samples, 40000, &error));
    REFUSE_AS(SOTTO_NO_ROOM, sotto_sender_read(sender, packet, 3, &size, &error));
    expect(size > 3 && size <= SOTTO_PACKET_ROOM, "how much room it takes", __LINE__);

    REFUSE(sotto_receiver_open(NULL, 1, 0, 0, &receiver, &error));
    REFUSE(sotto_receiver_open(both, 0, 0, 0, &receiver, &error));
    REFUSE(sotto_receiver_open(both, 17, 0, 0, &receiver, &error));
    REFUSE(sotto_receiver_open(both, MANY, 0, 0, &receiver, &error));
    REFUSE(sotto_receiver_open(none, 2, 0, 0, &receiver, &error));
    REFUSE(sotto_receiver_open(both, 2, -1, 0, &receiver, &error));
    REFUSE(sotto_receiver_open(both, 2, 0, 7, &receiver, &error));
    REFUSE(sotto_receiver_open(both, 2, 0, 0, NULL, &error));
    TAKE(sotto_receiver_open(both, 2, INT32_MAX, 1, &receiver, &error));
    REFUSE(sotto_receiver_push(NULL, packet, 1, &error));
    REFUSE(sotto_receiver_push(receiver, NULL, 1, &error));
    REFUSE(sotto_receiver_push(receiver, packet, MANY, &error));
    REFUSE(sotto_receiver_add_transcript(NULL, "a", NULL, 0, 0, &error));
    REFUSE(sotto_receiver_add_transcript(receiver, NULL, NULL, 0, 0, &error));
    REFUSE(sotto_receiver_add_transcript(receiver, "a", NULL, 1, 0, &error));
    REFUSE(sotto_receiver_add_transcript(receiver, "a", NULL, 0, -7, &error));
    REFUSE(sotto_receiver_read(NULL, samples, 1, &count, &error));
    REFUSE(sotto_receiver_read(receiver, NULL, 1, &count, &error));
    REFUSE(sotto_receiver_read(receiver, samples, MANY, &count, &error));
    REFUSE(sotto_receiver_read(receiver, samples, 1, NULL, &error));
    REFUSE(sotto_receiver_statistics(NULL, &statistics, &error));
    REFUSE(sotto_receiver_statistics(receiver, NULL, &error));
    TAKE(sotto_receiver_add_transcript(receiver, "something", NULL, 0, 2, &error));
    /* Packets, some of them bent, and noise between them. */
    for (i = 0;; i++) {
        TAKE(sotto_sender_read(sender, packet, sizeof packet, &size, &error));
        if (size == 0) break;
        if (i % 5 == 4) packet[i % size] ^= 16;
        TAKE(sotto_receiver_push(receiver, packet, size, &error));
        if (i % 3 == 0) TAKE(sotto_receiver_push(receiver, &state, sizeof state, &error));
        TAKE(sotto_receiver_read(receiver, samples, 1 << 16, &count, &error));
    }
    TAKE(sotto_receiver_statistics(receiver, &statistics, &error));
    expect(statistics.received > 10 && statistics.garbage_bytes > 0 && statistics.hellos > 0, "statistics", __LINE__);
    REFUSE(sotto_sender_copy(NULL, &second, &error));
    REFUSE(sotto_sender_copy(sender, NULL, &error));
    TAKE(sotto_sender_copy(sender, &second, &error));
    REFUSE(sotto_receiver_copy(NULL, &hearer, &error));
    REFUSE(sotto_receiver_copy(receiver, NULL, &error));
    TAKE(sotto_receiver_copy(receiver, &hearer, &error));
    TAKE(sotto_sender_finish(second, &error));
    TAKE(sotto_receiver_finish(hearer, &error));
    sotto_sender_close(second);
    sotto_receiver_close(hearer);
    TAKE(sotto_sender_finish(sender, &error));
    REFUSE(sotto_sender_finish(sender, &error));
    REFUSE(sotto_sender_push(sender, samples, 1, &error));
    TAKE(sotto_receiver_finish(receiver, &error));
    REFUSE(sotto_receiver_finish(receiver, &error));
    REFUSE(sotto_receiver_push(receiver, packet, 1, &error));
    do TAKE(sotto_receiver_read(receiver, samples, 1 << 16, &count, &error));
    while (count > 0);
    REFUSE(sotto_sender_finish(NULL, &error));
    REFUSE(sotto_receiver_finish(NULL, &error));
    sotto_receiver_close((sotto_receiver *)sender);
    sotto_sender_close(sender);
    sotto_receiver_close(receiver);
    REFUSE(sotto_receiver_statistics(receiver, &statistics, &error));
    sotto_sender_close(NULL);
    sotto_receiver_close(NULL);
}

int main(int argc, char **argv) {
    sotto_model *model, *other;
    if (argc < 3) return 64;
    expect(sotto_abi() == SOTTO_ABI, "the library is that of the header", __LINE__);
    expect(strchr(sotto_version(), '.') != NULL, "the version", __LINE__);
    models(argv[1]);
    TAKE(sotto_model_open(argv[1], &model, NULL));
    TAKE(sotto_model_open(argv[2], &other, &error));
    /* Whoever wants no message gets the status. */
    expect(sotto_encoder_open(model, 99, 0, NULL, NULL, NULL) == SOTTO_WRONG_USAGE, "no place for an error", __LINE__);
    encoders(model);
    latents(model);
    levels(model);
    decoders(model);
    lines(model, other);
    sotto_model_close(model);
    sotto_model_close(other);
    printf("%d calls were refused; %d were not as they should be\n", refused, wrong);
    return wrong > 0;
}
