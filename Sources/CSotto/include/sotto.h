/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SOTTO_H
#define SOTTO_H

/*
 * Sotto turns speech into tokens and tokens into speech, live. This header is all that the library offers: C99 and C++.
 *
 * Names. A token frame is 80 ms of speech (160 ms with sotto-16k-6hz). It has one code or more, coarsest first, each less than the
 * model's codebook_size. Samples are mono, at the model's sample_rate, -1 to 1.
 *
 * Streams. An encoder, a decoder, a sender or a receiver is one stream. All four are used alike:
 *   push takes what there is, in pieces of any size; finish says that no more comes; read gives what is ready, into a buffer of
 *   yours. Read until it gives less than the buffer holds. What you don't read is kept, nothing is lost. Pieces and buffers of
 *   any sizes give the same. After finish, push is refused: open another stream for the next one.
 *
 * sotto_*_copy opens another stream that goes on from where this one is; what isn't read yet is in both.
 *
 * Threads. Any function may be called from any thread. Calls of one stream wait for each other; those of different streams don't,
 * whatever models they share. Nothing is kept per thread. There are no callbacks and no threads of the library's own.
 *
 * Ownership. What *_open made, *_close frees; NULL is let pass. A stream keeps what it needs of its model, which may be closed before
 * it. Buffers are yours: they are read or written during the call and not kept. No function gives memory for you to free.
 *
 * Errors. Functions return SOTTO_OK or another status, and then say in *error, unless it is NULL, what is wrong and what to do.
 * A call that fails takes nothing and changes nothing, unless it says otherwise. Every argument is checked. A handle that is NULL,
 * closed, of another kind or never was one is an error (SOTTO_WRONG_USAGE), as are NULL for a place to write to, a negative number
 * and one that nothing can have. What can't be checked is how long your buffers are, and that a string ends with a zero.
 */

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SOTTO_API __attribute__((visibility("default")))
#else
#define SOTTO_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Changes when a program made with this header can't use a library made with another one; see sotto_abi. */
#define SOTTO_ABI 1

/* Weights and configuration: immutable, large, shared by any number of streams. */
typedef struct sotto_model sotto_model;
/* Speech -> codes. */
typedef struct sotto_encoder sotto_encoder;
/* Codes -> speech. */
typedef struct sotto_decoder sotto_decoder;
/* Speech -> packets of a live stream. */
typedef struct sotto_sender sotto_sender;
/* Packets of a live stream -> speech. */
typedef struct sotto_receiver sotto_receiver;

/* Statuses: those of BSD's sysexits.h, which the command ends with too. */
enum {
    SOTTO_OK = 0,
    /* An argument is none that the function takes, or the call comes at the wrong time. */
    SOTTO_WRONG_USAGE = 64,
    /* A file, codes or a text are not what they should be. */
    SOTTO_BAD_DATA = 65,
    /* A file is not there or can't be opened. */
    SOTTO_MISSING_INPUT = 66,
    /* Something that shouldn't happen; please report it. */
    SOTTO_INTERNAL = 70,
    /* The buffer is too small; an argument of the call says how much is needed. */
    SOTTO_NO_ROOM = 73,
    /* A file can't be read. */
    SOTTO_INPUT_OUTPUT = 74
};

/* What went wrong. A call that succeeds leaves it as it is. */
typedef struct sotto_error {
    int32_t status;
    /* One line in UTF-8, ended by a zero; the end of a very long one is missing. */
    char message[508];
} sotto_error;

/* SOTTO_ABI of the library that is there: compare it with yours before you call anything else. */
SOTTO_API int32_t sotto_abi(void);

/* The library's version, as "1.2.3": a constant. */
SOTTO_API const char *sotto_version(void);

/* ---- Models ------------------------------------------------------------------------------------------------------------- */

typedef struct sotto_model_info {
    /* Of all samples, in Hz. */
    int32_t sample_rate;
    /* Samples of a token frame. */
    int32_t frame_size;
    /* The most codes of a frame, and how many values each may have. */
    int32_t codebooks;
    int32_t codebook_size;
    /* Samples by which decoded speech lags what was encoded, beyond the frame itself. sotto_decoder makes up for it. */
    int32_t delay;
    /* Whether the decoder reads transcripts (1) or not (0), and how many frames it then holds back. */
    int32_t reads_text;
    int32_t lookahead;
    /* What names the weights, and what names the codes: codes decode by any model with the same codes_identity. */
    uint8_t identity[8];
    uint8_t codes_identity[8];
} sotto_model_info;

/* Loads a model from a file of weights, such as sotto-16k.safetensors; one that builds on another file finds it beside itself. */
SOTTO_API int32_t sotto_model_open(const char *path, sotto_model **model, sotto_error *error);

/*
 * Loads a model from memory: `bytes` [byte_count] is what such a file holds, `base` [base_byte_count] what the file holds that it
 * builds on, or NULL and 0. Neither is needed any more after that.
 */
SOTTO_API int32_t sotto_model_open_bytes(const void *bytes, size_t byte_count, const void *base, size_t base_byte_count,
                                         sotto_model **model, sotto_error *error);

SOTTO_API int32_t sotto_model_describe(const sotto_model *model, sotto_model_info *info, sotto_error *error);

/*
 * Gives the vectors that codes stand for, [codebooks, codebook_size, width]: the latents of a frame are the sum of one of each
 * codebook, the first codes' first.
 *   vectors  [room]: room for that many values. NULL with room 0 to ask for the width alone.
 *   width    how many values a frame's latents are.
 */
SOTTO_API int32_t sotto_model_vectors(const sotto_model *model, float *vectors, size_t room, int32_t *width,
                                      sotto_error *error);

/* A word of a text and when it is said. */
typedef struct sotto_word {
    /* Where it stands in the text, in bytes. */
    size_t offset;
    size_t byte_count;
    /* In seconds from the start of the speech; both are -1 if the word isn't said. */
    double start;
    double end;
} sotto_word;

/*
 * Finds when the words of a text are said in codes. The model has to read text.
 *   codes, counts  as sotto_decoder_push takes them.
 *   sample_count   how many samples the recording has, which the last frame may outlast; -1 if that isn't known.
 *   text           in UTF-8. What stands between white space is a word; those without a letter or a digit are left out.
 *   words          [room]: no text has more words than half of its bytes, rounded up.
 *   count          how many words there are, also when `room` is too small (SOTTO_NO_ROOM).
 *   match          the share of the letters heard that the text accounts for, 0 to 1. Don't rely on the times below 0.5. May be NULL.
 */
SOTTO_API int32_t sotto_model_align(const sotto_model *model, const uint16_t *codes, const uint8_t *counts, size_t frames,
                                    size_t width, int64_t sample_count, const char *text, sotto_word *words, size_t room,
                                    size_t *count, double *match, sotto_error *error);

/*
 * The speaker's level, for models that tell it apart from the codes: a number, of 0 to *steps - 1, for each frame.
 *   steps    how many numbers there are; 0 if the codes say how loud a speaker is.
 *   nominal  the number of the level at which codes are spoken that come without one. May be NULL.
 *   step     dB from one number to the next. May be NULL.
 */
SOTTO_API int32_t sotto_model_levels(const sotto_model *model, int32_t *steps, int32_t *nominal, double *step,
                                     sotto_error *error);

SOTTO_API void sotto_model_close(sotto_model *model);

/* ---- Speech -> codes ---------------------------------------------------------------------------------------------------- */

/*
 * Begins to encode.
 *   codes       how many codes the frames get, 1 to the model's codebooks; 0 for all of them.
 *   average     0: each frame gets so many. 1: frames get more where that helps and fewer elsewhere, so many on average.
 *   transcript  what is said, in UTF-8, to find when; see sotto_encoder_timing. NULL if that isn't wanted. The codes don't
 *               depend on it.
 */
SOTTO_API int32_t sotto_encoder_open(const sotto_model *model, int32_t codes, int32_t average, const char *transcript,
                                     sotto_encoder **encoder, sotto_error *error);

/*
 * Begins to encode to latents: what the encoder makes of a frame before codes are chosen for it. They are read with
 * sotto_encoder_read_latents; all else is as for codes.
 */
SOTTO_API int32_t sotto_encoder_open_latents(const sotto_model *model, sotto_encoder **encoder, sotto_error *error);

SOTTO_API int32_t sotto_encoder_copy(const sotto_encoder *encoder, sotto_encoder **copy, sotto_error *error);

/* Codes of a row that read gives: the most that a frame of this stream has. Of latents, how many values a frame has. */
SOTTO_API int32_t sotto_encoder_width(const sotto_encoder *encoder, int32_t *width, sotto_error *error);

/* Takes `samples` [sample_count] and encodes what they complete. Values beyond -1 to 1 are clipped; NaN counts as silence. */
SOTTO_API int32_t sotto_encoder_push(sotto_encoder *encoder, const float *samples, size_t sample_count, sotto_error *error);

/* The same with samples -32768 to 32767. */
SOTTO_API int32_t sotto_encoder_push_int16(sotto_encoder *encoder, const int16_t *samples, size_t sample_count,
                                           sotto_error *error);

/* No more samples come. The last frames, with silence after the speech, can then be read. */
SOTTO_API int32_t sotto_encoder_finish(sotto_encoder *encoder, sotto_error *error);

/* How many frames can be read. */
SOTTO_API int32_t sotto_encoder_available(const sotto_encoder *encoder, size_t *frames, sotto_error *error);

/*
 * Gives the next frames, `room` of them at most, and in *frames how many.
 *   codes   [room, width]: a row a frame; where a frame has fewer codes than `width`, zeros follow.
 *   counts  [room]: how many codes each frame has. May be NULL if `average` is 0: all have `width`.
 */
SOTTO_API int32_t sotto_encoder_read(sotto_encoder *encoder, uint16_t *codes, uint8_t *counts, size_t room, size_t *frames,
                                     sotto_error *error);

/*
 * Gives the numbers of the speaker's level in the frames whose codes sotto_encoder_read gives next, `room` of them at most, and in
 * *frames how many. It takes none of them away: ask before you read. 0 frames if the model tells no levels.
 *   levels  [room]
 */
SOTTO_API int32_t sotto_encoder_levels(const sotto_encoder *encoder, uint8_t *levels, size_t room, size_t *frames,
                                       sotto_error *error);

/* Gives the next frames' latents [room, width], `room` of them at most, and in *frames how many. */
SOTTO_API int32_t sotto_encoder_read_latents(sotto_encoder *encoder, float *latents, size_t room, size_t *frames,
                                             sotto_error *error);

/*
 * After finish: when the transcript is said, which the decoder takes with it.
 *   timing  [room]: for each frame how many symbols of the text begin in it, and one more for the end. NULL with room 0 to ask
 *           for the count.
 *   count   how many there are, also when `room` is too small (SOTTO_NO_ROOM). 0 if there was no transcript, if it fits less
 *           than half of what was heard, or if the model reads no text.
 *   match   the share of the letters heard that the transcript accounts for, 0 to 1; -1 if there was none. May be NULL.
 */
SOTTO_API int32_t sotto_encoder_timing(const sotto_encoder *encoder, uint32_t *timing, size_t room, size_t *count, double *match,
                                       sotto_error *error);

SOTTO_API void sotto_encoder_close(sotto_encoder *encoder);

/* ---- Codes -> speech ---------------------------------------------------------------------------------------------------- */

/*
 * Begins to decode. What is read starts with the first sample that was encoded: the codec's delay is cut off.
 *   sample_count  of a recording: how many samples it has, where what is read then ends. -1 for a live stream.
 *   reads_text    1: transcripts can be given, and frames are held back by the model's lookahead. 0: none can.
 */
SOTTO_API int32_t sotto_decoder_open(const sotto_model *model, int64_t sample_count, int32_t reads_text,
                                     sotto_decoder **decoder, sotto_error *error);

SOTTO_API int32_t sotto_decoder_copy(const sotto_decoder *decoder, sotto_decoder **copy, sotto_error *error);

/*
 * Takes frames: they are decoded when they are read.
 *   codes   [frames, width], as sotto_encoder_read gives them.
 *   counts  [frames]: how many codes of each row count, 1 to `width`, or 0 for a frame that is lost. NULL: all of them.
 * Any first codes of a frame are a coarser coding of it, so that a smaller count is right too. If a code is none of the model's,
 * none of the frames is taken (SOTTO_BAD_DATA).
 */
SOTTO_API int32_t sotto_decoder_push(sotto_decoder *decoder, const uint16_t *codes, const uint8_t *counts, size_t frames,
                                     size_t width, sotto_error *error);

/*
 * Takes frames as latents [frames, width], as sotto_encoder_read_latents gives them or another program makes them. Those that are not
 * of the model's width, and values that are no numbers or beyond -1000 to 1000, are refused (SOTTO_BAD_DATA): none is then taken.
 */
SOTTO_API int32_t sotto_decoder_push_latents(sotto_decoder *decoder, const float *latents, size_t frames, size_t width,
                                             sotto_error *error);

/*
 * Says at which level the speaker speaks in the frames that are pushed from here on, by its number, 0 to 255; numbers beyond the model's
 * are its highest one. Until it is said, the level is the nominal one. Models that tell no levels take no notice.
 */
SOTTO_API int32_t sotto_decoder_set_level(sotto_decoder *decoder, int32_t level, sotto_error *error);

/*
 * Takes so many frames, 0 to 2147483647, that never came. They are held back until it is known what follows them, since a short loss
 * is made of both its neighbours; see sotto_decoder_conceal.
 */
SOTTO_API int32_t sotto_decoder_push_lost(sotto_decoder *decoder, int32_t frames, sotto_error *error);

/* Takes one frame of a pause, whose background has from here on so much noise in each of 16 bands: -2 times the level in dB. */
SOTTO_API int32_t sotto_decoder_push_noise(sotto_decoder *decoder, const uint8_t levels[16], sotto_error *error);

/* Takes so many more frames, 0 to 2147483647, of the pause. */
SOTTO_API int32_t sotto_decoder_push_pause(sotto_decoder *decoder, int32_t frames, sotto_error *error);

/* What is lost so far is made up now, whatever follows it: for one who has to play something. */
SOTTO_API int32_t sotto_decoder_conceal(sotto_decoder *decoder, sotto_error *error);

/*
 * Says what is said from frame `first_frame` on, the first one pushed being 0; an empty text ends the one before. It holds from its
 * frame on if it comes before that is read, else from the next one on.
 *   text    in UTF-8.
 *   timing  [timing_count] as sotto_encoder_timing gives it, or NULL and 0 if it isn't known. One of another text is left aside.
 */
SOTTO_API int32_t sotto_decoder_add_transcript(sotto_decoder *decoder, const char *text, const uint32_t *timing,
                                               size_t timing_count, int64_t first_frame, sotto_error *error);

/* No more frames come. The samples that are still held back can then be read. */
SOTTO_API int32_t sotto_decoder_finish(sotto_decoder *decoder, sotto_error *error);

/*
 * Decodes, and gives the next samples: `room` of them at most, and in *count how many. Fewer than `room`: no more are known by now.
 * All frames together give frame_size samples each, less the delay, and lookahead more when transcripts are read.
 */
SOTTO_API int32_t sotto_decoder_read(sotto_decoder *decoder, float *samples, size_t room, size_t *count, sotto_error *error);

/* The share of the letters heard that the transcripts account for, 0 to 1, once all has been read; -1 if none was followed. */
SOTTO_API int32_t sotto_decoder_match(const sotto_decoder *decoder, double *match, sotto_error *error);

SOTTO_API void sotto_decoder_close(sotto_decoder *decoder);

/* ---- Speech -> packets -------------------------------------------------------------------------------------------------- */

/* No packet is larger. */
#define SOTTO_PACKET_ROOM 64

/*
 * Begins to send. Packets hold 8 codes a frame at most.
 *   codes, average       as sotto_encoder_open.
 *   repeats_first_codes  1: each frame's first code goes with the next frame too, for the case that it is lost.
 *   sends_pauses         1: pauses are sent as the background's noise, which takes next to nothing.
 */
SOTTO_API int32_t sotto_sender_open(const sotto_model *model, int32_t codes, int32_t average, int32_t repeats_first_codes,
                                    int32_t sends_pauses, sotto_sender **sender, sotto_error *error);

SOTTO_API int32_t sotto_sender_copy(const sotto_sender *sender, sotto_sender **copy, sotto_error *error);

/* As sotto_encoder_push. */
SOTTO_API int32_t sotto_sender_push(sotto_sender *sender, const float *samples, size_t sample_count, sotto_error *error);

SOTTO_API int32_t sotto_sender_push_int16(sotto_sender *sender, const int16_t *samples, size_t sample_count,
                                          sotto_error *error);

SOTTO_API int32_t sotto_sender_finish(sotto_sender *sender, sotto_error *error);

/*
 * Gives the next packet, one at a time, and in *size how many bytes it has: 0 if there is none. In a pause most frames have none.
 * If `room` is too small (SOTTO_NO_ROOM), *size says how much it takes and the packet is kept.
 */
SOTTO_API int32_t sotto_sender_read(sotto_sender *sender, uint8_t *packet, size_t room, size_t *size, sotto_error *error);

SOTTO_API void sotto_sender_close(sotto_sender *sender);

/* ---- Packets -> speech -------------------------------------------------------------------------------------------------- */

/* What a receiver has heard so far. */
typedef struct sotto_statistics {
    /* Packets of frames that came in time. */
    int64_t received;
    /* Frames that never came, or too late. */
    int64_t lost;
    /* Frames that are made of the first code that came with the next one. */
    int64_t repaired;
    int64_t late;
    int64_t duplicates;
    /* Bytes that belong to no packet. */
    int64_t garbage_bytes;
    int64_t hellos;
} sotto_statistics;

/*
 * Begins to receive. Every frame takes its time once, whether it came or not, so that the delay stays what it is. Frames of a model
 * that isn't among these are silent. One that joins mid-stream hears speech fade in.
 *   models      [model_count], 1 to 16: those that the stream may name. All have the first one's sample rate.
 *   codes       the most codes of a frame that are played; 0 for all.
 *   reads_text  as sotto_decoder_open.
 */
SOTTO_API int32_t sotto_receiver_open(const sotto_model *const *models, size_t model_count, int32_t codes, int32_t reads_text,
                                      sotto_receiver **receiver, sotto_error *error);

SOTTO_API int32_t sotto_receiver_copy(const sotto_receiver *receiver, sotto_receiver **copy, sotto_error *error);

/* Takes `bytes` [byte_count] of packets as they come: late ones, lost ones, those that come twice, and anything else. */
SOTTO_API int32_t sotto_receiver_push(sotto_receiver *receiver, const void *bytes, size_t byte_count, sotto_error *error);

/* As sotto_decoder_add_transcript; frames are counted as the sender counts. */
SOTTO_API int32_t sotto_receiver_add_transcript(sotto_receiver *receiver, const char *text, const uint32_t *timing,
                                                size_t timing_count, int64_t first_frame, sotto_error *error);

SOTTO_API int32_t sotto_receiver_finish(sotto_receiver *receiver, sotto_error *error);

/* As sotto_decoder_read. */
SOTTO_API int32_t sotto_receiver_read(sotto_receiver *receiver, float *samples, size_t room, size_t *count, sotto_error *error);

SOTTO_API int32_t sotto_receiver_statistics(const sotto_receiver *receiver, sotto_statistics *statistics, sotto_error *error);

SOTTO_API void sotto_receiver_close(sotto_receiver *receiver);

#ifdef __cplusplus
}
#endif

#endif
