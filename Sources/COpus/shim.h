#include <opus_multistream.h>

/* Swift calls no functions with variable arguments. */
static inline int opus_multistream_decoder_set_gain(OpusMSDecoder *decoder, int gain) {
    return opus_multistream_decoder_ctl(decoder, OPUS_SET_GAIN(gain));
}
