// SPDX-License-Identifier: Apache-2.0

/// What the figures are called, how they are written and what they mean: in the table, on the page and in its glossary.
public struct Figure: Sendable, Encodable {
    public enum Better: String, Sendable, Encodable {
        case more, less
    }

    /// As in the JSON.
    public var key: String
    public var name: String
    /// Behind the point.
    public var digits: Int
    /// nil where neither is.
    public var better: Better?
    public var meaning: String

    /// Those that the benchmark finds itself.
    public static let own = [
        Figure(
            key: "payload_bit_s", name: "bit/s", digits: 0, better: .less,
            meaning: "Bits a second of the codes, and of the speaker's level where that is sent separately."),
        Figure(
            key: "file_bit_s", name: "file bit/s", digits: 0, better: .less,
            meaning: "Bits a second of the whole file, with its header, without a transcript."),
        Figure(
            key: "text_bit_s", name: "text bit/s", digits: 0, better: .less,
            meaning:
                "Bits a second that the transcript adds to the file, compressed, and with its timing if the decoder was given it."
        ),
        Figure(
            key: "told_bit_s", name: "bit/s and text", digits: 0, better: .less,
            meaning: "Bits a second of the codes, and of the transcript and timing that the decoder was given."),
        Figure(
            key: "stoi", name: "STOI", digits: 3, better: .more,
            meaning:
                "Short-time objective intelligibility (Taal et al. 2011): how far the levels in 15 bands go up and down together, 0 to 1. It foretells how many words are understood, not how natural they sound."
        ),
        Figure(
            key: "estoi", name: "ESTOI", digits: 3, better: .more,
            meaning:
                "Extended STOI (Jensen & Taal 2016): all bands at once, so that blurred spectra count against it too."),
        Figure(
            key: "si_sdr_db", name: "SI-SDR, dB", digits: 1, better: .more,
            meaning:
                "Scale-invariant signal-to-distortion ratio of the waveforms. It says nothing of a codec that keeps no waveform, as ours."
        ),
        Figure(
            key: "log_mel_distance", name: "log-mel distance", digits: 3, better: .less,
            meaning:
                "Mean absolute difference of the natural logarithms of mel magnitudes, 80 bands up to 8 kHz, every 10 ms. 0.1 is 0.87 dB."
        ),
        Figure(
            key: "lsd_db", name: "LSD, dB", digits: 2, better: .less,
            meaning:
                "Log-spectral distance: root mean square over all frequencies, mean over frames; pauses weigh as much as speech."
        ),
        Figure(
            key: "mcd_db", name: "MCD, dB", digits: 2, better: .less,
            meaning:
                "Mel-cepstral distortion: how far the smoothed spectra are apart where there is speech, whatever the level."
        ),
        Figure(
            key: "f0_rmse_cents", name: "F0, cents", digits: 1, better: .less,
            meaning:
                "Root mean square error of the pitch where both have a voice, gross errors left out. 100 cents are a semitone."
        ),
        Figure(
            key: "f0_gross_share", name: "F0 gross errors", digits: 3, better: .less,
            meaning: "Share of the frames with a voice in both whose pitch is off by more than 20 %."),
        Figure(
            key: "voicing_error_share", name: "voicing errors", digits: 3, better: .less,
            meaning: "Share of all frames that have a voice in one and none in the other."),
        Figure(
            key: "level_db", name: "level, dB", digits: 2, better: nil,
            meaning: "Level of what comes out over what went in, where there is speech; 0 is best."),
        Figure(
            key: "delay_ms", name: "delay, ms", digits: 1, better: .less,
            meaning: "Delay that was found and taken off before anything was compared."),
        Figure(
            key: "encode_rtf", name: "encoding, s a second", digits: 4, better: .less,
            meaning: "Seconds of work that encoding a second of speech takes, the median over recordings."),
        Figure(
            key: "decode_rtf", name: "decoding, s a second", digits: 4, better: .less,
            meaning: "Seconds of work that decoding a second of speech takes, the median over recordings."),
    ]

    /// Those that the page has of codes, of changed recordings and of cost.
    static let ofThePage = [
        Figure(
            key: "used", name: "used", digits: 1, better: nil, meaning: "Share of the codes of a codebook that occur."),
        Figure(
            key: "never_used", name: "never used", digits: 0, better: nil,
            meaning: "Codes that never occur. Of too few frames many seem so that aren't."),
        Figure(
            key: "perplexity", name: "perplexity", digits: 0, better: nil,
            meaning: "How many codes, all equally frequent, would be as hard to foretell: 2 to the entropy."),
        Figure(
            key: "zipf", name: "Zipf slope", digits: 2, better: nil,
            meaning:
                "How steeply use falls from the most frequent code on: the slope of ln count over ln rank. Words of a language have about -1."
        ),
        Figure(
            key: "entropy", name: "entropy, bit", digits: 2, better: nil,
            meaning:
                "Bits a code that an ideal coder needs which knows how frequent each is, corrected for the sample (Miller & Madow 1955)."
        ),
        Figure(
            key: "entropy_order", name: "entropy of order 1, bit", digits: 2, better: nil,
            meaning: "The same where the code of the frame before is known too."),
        Figure(
            key: "entropy_shuffled", name: "of shuffled codes, bit", digits: 2, better: nil,
            meaning: "The entropy of order 1 of codes whose order is lost: only what lies between the two is a saving."),
        Figure(
            key: "information_frames", name: "next frame, bit", digits: 2, better: nil,
            meaning: "What a code tells of the same codebook's next one, beyond chance."),
        Figure(
            key: "information_codebooks", name: "next codebook, bit", digits: 2, better: nil,
            meaning: "What a code tells of the next codebook's in its frame, beyond chance."),
        Figure(
            key: "run", name: "mean run", digits: 2, better: nil,
            meaning: "How many frames in a row have the same code, on average."),
        Figure(
            key: "longest_run", name: "longest run", digits: 0, better: nil,
            meaning: "The most frames in a row that have the same code."),
        Figure(
            key: "same_one", name: "one", digits: 1, better: .more,
            meaning: "Frames whose code stays the same, searched for with one codebook."),
        Figure(
            key: "same_first", name: "first", digits: 1, better: .more,
            meaning: "Frames whose first code stays the same, of all codebooks."),
        Figure(
            key: "same_all", name: "all", digits: 1, better: .more,
            meaning: "Frames whose codes all stay the same, of all codebooks."),
        Figure(
            key: "probe_sounds", name: "sounds right, %", digits: 1, better: .more,
            meaning:
                "Rows of 20 ms whose phone or letter a linear probe tells right, from the vectors that the codes of a frame stand for and those within 160 ms; of speakers that it hasn't learnt."
        ),
        Figure(
            key: "probe_speaker", name: "speaker right, %", digits: 1, better: .more,
            meaning:
                "Clips whose speaker a linear probe tells right, from all frames with a voice together; it has learnt other clips of theirs."
        ),
        Figure(
            key: "probe_pitch", name: "pitch error, cents", digits: 0, better: .less,
            meaning:
                "Root mean square error of a linear probe that tells the pitch of voiced rows of 20 ms, of speakers that it hasn't learnt; 100 cents are a semitone."
        ),
        Figure(
            key: "probe_model_bits", name: "bits a frame, by the model", digits: 2, better: .less,
            meaning:
                "Bits that a small language model needs for the codes of a frame: a mixture of n-grams that has learnt the clips of other speakers."
        ),
        Figure(
            key: "probe_written_bits", name: "as written", digits: 1, better: nil,
            meaning: "Bits that the codes of a frame take as they are."),
        Figure(
            key: "frame_ms", name: "ms a frame", digits: 2, better: .less,
            meaning: "Milliseconds of work that a frame takes, encoding and decoding together, the median."),
        Figure(
            key: "frame_ms_99", name: "99 % of frames, ms", digits: 2, better: .less,
            meaning: "Milliseconds of work that all but one frame in a hundred stay under."),
        Figure(
            key: "peak_memory", name: "peak memory, MB", digits: 1, better: .less,
            meaning:
                "The most memory of the process that encodes a recording or the one that decodes it, whichever takes more."
        ),
    ]

    /// Well-known ones of other judges, which `--join` may bring.
    private static let joined = [
        Figure(
            key: "pesq_wb", name: "PESQ-WB", digits: 2, better: .more,
            meaning:
                "Perceptual evaluation of speech quality, wide band (ITU-T P.862.2), about 1 to 4.6; found by another program."
        ),
        Figure(
            key: "nisqa", name: "NISQA", digits: 2, better: .more,
            meaning:
                "Naturalness as a listening panel might rate it, 1 to 5, by a network that doesn't know the original (Mittag et al. 2021); found by another program."
        ),
        Figure(
            key: "distillmos", name: "DistillMOS", digits: 2, better: .more,
            meaning:
                "Quality as a listening panel might rate it, 1 to 5, by a network that doesn't know the original; found by another program."
        ),
        Figure(
            key: "wer", name: "word errors", digits: 3, better: .less,
            meaning: "Share of the words that a recogniser gets wrong; found by another program."),
    ]

    /// One of another judge's.
    public init(joined key: String) {
        self =
            Self.joined.first { $0.key == key }
            ?? Figure(
                key: key, name: key, digits: 3, better: nil, meaning: "Found by another program, and added with --join."
            )
    }

    private init(key: String, name: String, digits: Int, better: Better?, meaning: String) {
        (self.key, self.name, self.digits, self.better, self.meaning) = (key, name, digits, better, meaning)
    }

    /// One of `own`.
    static subscript(key: String) -> Figure { own.first { $0.key == key } ?? Figure(joined: key) }
}
