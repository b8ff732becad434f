// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer
import Transcript

/// A word of a transcript and when it is said.
public struct WordTiming: Sendable, Hashable, Codable {
    public var word: String
    /// In seconds from the start of the speech; nil if the word isn't said.
    public var start: Double?
    public var end: Double?
}

/// When the words of a transcript are said, in their order.
public struct Alignment: Sendable, Hashable, Codable {
    public var words: [WordTiming]
    /// The share of the letters heard that the transcript accounts for, 0 to 1.
    public var match: Double
}

extension CodecModel {
    /// Finds the words of a transcript in the tokens of the speech, by the letters that are heard in them.
    ///
    /// - Parameters:
    ///   - frames: the codes of each frame, any number of codebooks, nil where they are lost.
    ///   - text: any text; words that aren't said get no times.
    ///   - seconds: how long the recording is, which the last frame may outlast; nil takes the frames' end.
    /// - Throws: `QuantizerError` if a code is out of range, `ModelError.readsNoText` if the model reads no text.
    public func align(_ frames: [Codes?], with text: String, seconds: Double? = nil) throws -> Alignment {
        try alignLetters(frames, with: text, seconds: seconds).alignment
    }

    /// The same, with each letter that is said.
    package func alignLetters(
        _ frames: [Codes?], with text: String, seconds: Double?
    ) throws -> (alignment: Alignment, letters: [LetterTiming]) {
        guard let transcripts else { throw ModelError.readsNoText }
        var aligner = TranscriptAligner(text, by: transcripts)
        var latent = [Float](repeating: 0, count: configuration.quantizer.dimensions)
        for start in stride(from: 0, to: frames.count, by: SpeechDecoder.framesAtOnce) {
            let some = frames[start...].prefix(SpeechDecoder.framesAtOnce)
            aligner.push(try latents(of: Array(some), after: &latent), isLost: some.map { $0 == nil })
        }
        let (found, match) = aligner.finish()
        let end = Double(frames.count * configuration.frameSize) / Double(configuration.sampleRate)
        let length = max(0, min(seconds ?? end, end))
        let words = aligner.timings(in: found, seconds: length)
        return (Alignment(words: words, match: match), aligner.letters(in: found, of: words))
    }
}

/// A letter a to z of a transcript and when it is said, in seconds from the start of the speech.
package struct LetterTiming: Sendable {
    package var letter: String
    package var start: Double
    package var end: Double
}

extension TranscriptAligner {
    /// Times in seconds, less what the letter classifier is late by: within the speech, in the words' order, none longer than until
    /// the next one.
    fileprivate func timings(in path: ViterbiPath, seconds: Double) -> [WordTiming] {
        let (row, lateness) = (model.rowSeconds, model.settings.align.lateness)
        var timings: [WordTiming] = []
        var next = seconds
        for word in symbols.words.reversed() {
            let met = path.met[word.symbols].compactMap(\.self)
            guard let first = met.first, let last = met.last else {
                timings.append(WordTiming(word: word.text))
                continue
            }
            let start = min(max(0, Double(first.lowerBound) * row - lateness.start), next)
            let end = max(start, min(Double(last.upperBound + 1) * row - lateness.end, next))
            timings.append(WordTiming(word: word.text, start: start, end: end))
            next = start
        }
        return timings.reversed()
    }

    /// Within the words' times; each letter lasts until the next one of its word that is heard.
    fileprivate func letters(in path: ViterbiPath, of words: [WordTiming]) -> [LetterTiming] {
        zip(symbols.words, words).flatMap { word, timing -> [LetterTiming] in
            guard let start = timing.start, let end = timing.end else { return [] }
            let heard = word.symbols.compactMap { index -> (letter: String, start: Double)? in
                guard let letter = TextSymbols.letter(symbols.values[index]), letter != "'", let met = path.met[index]
                else { return nil }
                return (
                    letter,
                    min(
                        max(start, Double(met.lowerBound) * model.rowSeconds - model.settings.align.lateness.start), end
                    )
                )
            }
            return heard.indices.map { index in
                let next = index + 1 < heard.count ? heard[index + 1].start : end
                return LetterTiming(
                    letter: heard[index].letter, start: heard[index].start, end: max(heard[index].start, next))
            }
        }
    }
}
