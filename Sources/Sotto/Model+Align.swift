// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer

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

extension Model {
    /// Finds the words of a transcript in the tokens of the speech, by the decoder's listener.
    ///
    /// - Parameters:
    ///   - frames: the codes of each frame, any number of codebooks, nil where they are lost.
    ///   - text: any text; words that aren't said get no times.
    /// - Throws: `QuantizerError` if a code is out of range, `ModelError.readsNoText` if the model reads no text.
    public func align(_ frames: [Codes?], with text: String) throws -> Alignment {
        guard let path = decoder.text, let settings = configuration.text else { throw ModelError.readsNoText }
        let symbols = TextSymbols(text)
        var follower = settings.follower
        follower.filler = settings.align.filler
        var aligner = WordAligner(symbols.values, model: LetterModel(follower, prior: path.listener.prior))
        // The best path finds words in any speech; whether they are said there is for all paths together to tell.
        var guide = TextGuide(symbols.values, model: path.letters)
        var state = path.listener.initialState()
        var latent = [Float](repeating: 0, count: configuration.quantizer.dimensions)
        // The last letters are told some time after they end; the listener hears the last frame go on, as in a decoder.
        let seconds = Double(frames.count * configuration.frameSize) / Double(configuration.sampleRate)
        let frames = frames + Array(repeating: frames.last ?? nil, count: path.lookahead)
        for start in stride(from: 0, to: frames.count, by: Decoder.framesAtOnce) {
            let some = frames[start...].prefix(Decoder.framesAtOnce)
            var latents: [Float] = []
            for codes in some {
                if let codes { latent = try quantizer.decode(codes) }
                latents += latent
            }
            let matrix = Matrix(rows: some.count, columns: latent.count, values: latents)
            let heard = path.listener.heard(path.listener.logits(matrix, state: &state))
            for row in 0..<heard.likely.rows {
                let isLost = frames[start + row / path.rate] == nil
                let (likely, letters) = isLost ? (nil, 0) : (heard.likely.row(row), heard.letters[row])
                aligner.step(likely)
                guide.step(likely, letters: letters)
            }
        }
        let found = aligner.finish()
        return Alignment(words: timings(of: symbols.words, in: found, seconds: seconds, settings), match: guide.match)
    }

    /// Times in seconds, less what the listener is late by: within the speech, in the words' order, none longer than until
    /// the next one.
    private func timings(
        of words: [(text: String, symbols: Range<Int>)], in path: WordPath, seconds: Double,
        _ settings: Configuration.Text
    ) -> [WordTiming] {
        let row = Double(configuration.frameSize) / Double(configuration.sampleRate * settings.rate)
        let lateness = settings.align.lateness
        var timings: [WordTiming] = []
        var next = seconds
        for word in words.reversed() {
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
}
