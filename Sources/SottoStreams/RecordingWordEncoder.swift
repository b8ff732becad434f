// SPDX-License-Identifier: Apache-2.0

public import Sotto
public import TokenFile

/// A recording and its transcript → a token file by the word, all of which is known when the recording is over.
public struct RecordingWordEncoder: Sendable {
    private var encoder: WordEncoder
    private let header: TokenHeader

    /// - Parameters:
    ///   - model: whose latents the words' model knows.
    ///   - words: the words' model, which the file names.
    ///   - sampleRate: of the recording, in Hz, which its decoding has again.
    ///   - codes: how many codes a word gets, one of `words.counts`.
    ///   - transcript: what is said.
    /// - Throws: `StreamError.words` as `WordEncoder`, `.tokens` if the header or the file can't hold one of these.
    public init(
        _ model: CodecModel, words: WordModel, sampleRate: Int, codes: Int = 4, transcript: String
    ) throws(StreamError) {
        do {
            encoder = try WordEncoder(model, words: words, codes: codes, transcript: transcript)
        } catch { throw .words(error) }
        do {
            try TextSegment.requireRoom(for: transcript)
            header = try TokenHeader(
                model: words.tokenIdentity, sampleRate: sampleRate, frameRate: model.configuration.frameRateFraction,
                codesPerWord: codes)
        } catch { throw .tokens(error) }
    }

    /// Takes mono samples at the model's sample rate.
    public mutating func push(_ audio: some Sequence<Float>) { encoder.push(audio) }

    /// Ends the recording, which has so many samples at its own rate: the bytes of the file.
    ///
    /// - Throws: `StreamError.words` if the transcript fits less than half of the letters that were heard, `.tokens` if the format doesn't hold so
    ///   many samples.
    public mutating func finish(sampleCount: Int) throws(StreamError) -> [UInt8] {
        let spoken: SpokenWords
        do { spoken = try encoder.finish() } catch { throw .words(error) }
        let text = TextSegment(
            frames: 0..<spoken.timing.counts.count, text: spoken.transcript, timing: spoken.timing)
        do {
            return try TokenFileWriter.file(
                header, text: text, words: WordCodes(codes: spoken.codes, voice: spoken.voice, level: spoken.level),
                sampleCount: sampleCount)
        } catch { throw .tokens(error) }
    }
}

extension WordModel {
    /// What token files by the word name this model by.
    public var tokenIdentity: ModelIdentity {
        get throws(TokenFileError) { try ModelIdentity(codesIdentity) }
    }
}

extension TokenRecording {
    /// The speech of a file by the word; nil if it is one of frames.
    ///
    /// - Throws: `WordError.impossible` if its transcript or the timing is lost.
    public var spokenWords: SpokenWords? {
        get throws(WordError) {
            guard let words, let count = header.codesPerWord else { return nil }
            guard let text = texts.first, let timing = text.timing, text.frames.lowerBound == 0 else {
                throw .impossible("their transcript, or its timing, is lost")
            }
            return SpokenWords(
                transcript: text.text, timing: timing, codesPerWord: count, codes: words.codes, voice: words.voice,
                level: words.level)
        }
    }
}

extension WordDecoder {
    /// A decoder of what a token file by the word holds.
    ///
    /// - Throws: `StreamError.tokens` if the words are another model's, or it holds frames, `.words` as `WordDecoder.init(_:by:words:sampleCount:)`.
    public init(_ recording: TokenRecording, by model: CodecModel, words: WordModel) throws(StreamError) {
        do {
            try recording.header.model.require(words.tokenIdentity)
        } catch { throw .tokens(error) }
        let (rate, modelRate) = (Double(recording.header.sampleRate), Double(model.configuration.sampleRate))
        do throws(WordError) {
            guard let spoken = try recording.spokenWords else { throw WordError.impossible("the tokens are of frames") }
            try self.init(
                spoken, by: model, words: words,
                sampleCount: recording.sampleCount.map { Int((Double($0) * modelRate / rate).rounded(.up)) })
        } catch { throw .words(error) }
    }
}
