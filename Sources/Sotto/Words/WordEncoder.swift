// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer
import Transcript

/// Speech and its transcript → speech by the word.
///
/// All of it is known when the speech is over: until then the encoder keeps the tokens of its frames, 16 bytes each in the models that ship.
///
///     var encoder = try WordEncoder(model, words: words, transcript: "What is said.")
///     for chunk in recording { encoder.push(chunk) }
///     let spoken = try encoder.finish()
public struct WordEncoder: Sendable {
    private let model: CodecModel
    private let words: WordModel
    private let transcript: String
    private let count: Int
    private var encoder: SpeechEncoder
    /// [frames, codebooks]
    private var codes: [UInt16] = []
    /// How many frames had each level.
    private var levels: [UInt8: Int] = [:]

    /// - Parameters:
    ///   - model: whose latents the words' model knows.
    ///   - words: the words' model.
    ///   - codes: how many codes a word gets, one of `words.counts`; a pause gets one of them at most.
    ///   - transcript: what is said.
    /// - Throws: `WordError.noTranscript` if there are no words in it, `.impossibleNumber` unless a word may get so many codes, `.otherBase` if the
    ///   two models don't belong together.
    public init(
        _ model: CodecModel, words: WordModel, codes: Int = 4, transcript: String
    ) throws(WordError) {
        try words.require(base: model)
        try words.require(codesPerWord: codes)
        guard !TextSymbols(transcript).values.isEmpty else { throw .noTranscript }
        (self.model, self.words, self.transcript, count) = (model, words, transcript, codes)
        encoder = SpeechEncoder(model, aligning: transcript)
    }

    /// Takes mono samples at the model's sample rate, −1 … 1.
    public mutating func push(_ audio: some Sequence<Float>) { take(encoder.push(audio)) }

    private mutating func take(_ frames: [TokenFrame]) {
        for frame in frames {
            codes += frame.codes
            if let level = frame.level { levels[level, default: 0] += 1 }
        }
    }

    /// Ends the speech.
    ///
    /// - Throws: `WordError.noSpeech` if there was none, `.transcriptFitsBadly` if the transcript fits less than half of the letters that were heard.
    public mutating func finish() throws(WordError) -> SpokenWords {
        let ending = encoder.finish()
        take(ending.frames)
        defer { (codes, levels) = ([], [:]) }
        guard !codes.isEmpty else { throw .noSpeech }
        guard let timing = ending.timing else { throw .transcriptFitsBadly(match: ending.transcriptMatch ?? 0) }
        return try words.spoken(transcript, timing: timing, codesPerWord: count, level: level, latents: latents)
    }

    /// The one in the middle of those that frames had; nil if the model tells none.
    private var level: UInt8? {
        var rest = levels.values.reduce(0, +) / 2
        return levels.sorted { $0.key < $1.key }.first { _, count in
            rest -= count
            return rest < 0
        }?.key
    }

    /// The latents of some frames' tokens, [frames, dimensions].
    private func latents(_ frames: Range<Int>) -> Matrix {
        let quantizer = model.quantizer
        var (values, latent) = ([Float](), [Float]())
        for frame in frames {
            let own = codes[frame * quantizer.codebooks..<(frame + 1) * quantizer.codebooks]
            // They are the encoder's own, so that none is impossible.
            try? quantizer.decode(Array(own).span, into: &latent)
            values += latent
        }
        return Matrix(rows: frames.count, columns: words.network.dimensions, values: values)
    }
}

extension WordModel {
    /// Speech by the word, of what is said when and the latents of some frames, which are asked for part after part, [frames, dimensions].
    ///
    /// - Throws: `WordError.impossible` if no such transcript has such a timing.
    package func spoken(
        _ transcript: String, timing: SymbolTiming, codesPerWord count: Int, level: UInt8?,
        latents: (Range<Int>) -> Matrix
    ) throws(WordError) -> SpokenWords {
        guard let timeline = WordTimeline(TextSymbols(transcript).values, timing: timing) else {
            throw .impossible("no such transcript has such a timing")
        }
        func scaled(_ frames: Range<Int>) -> Matrix { network.scaled(latents(frames)) }
        let voice = coder.voice(timeline, latents: scaled)
        let codes = coder.codes(timeline, count: count, latents: scaled) { frames, scratch in
            network.known(frames, of: timeline, voice: voice, &scratch)
        }
        return SpokenWords(
            transcript: transcript, timing: timing, codesPerWord: count, codes: codes, voice: voice, level: level)
    }
}

extension SpeechEncoder {
    /// One that gives each frame one code of every codebook and finds the timing of a transcript.
    fileprivate init(_ model: CodecModel, aligning transcript: String) {
        self.init(model)
        aligner = model.transcripts.map { TranscriptAligner(transcript, by: $0) }
    }
}
