// SPDX-License-Identifier: Apache-2.0

public import Transcript

/// Speech by the word: what is said and when, whose voice it is, and a few codes that say how each word is said.
public struct SpokenWords: Sendable, Hashable {
    /// Numbers of a voice.
    public static let voiceCount = 16
    /// What each of them is below.
    public static let voiceSteps = 8

    public var transcript: String
    /// When the symbols of the transcript are said, which tells the words and pauses that there are.
    public var timing: SymbolTiming
    /// How many codes a word has. A pause has one of them at most.
    public var codesPerWord: Int
    /// The codes of all words and pauses one after the other, nil where they are lost.
    public var codes: [UInt8?]
    /// The voice, `voiceCount` numbers of 0 to 7; nil if it isn't known.
    public var voice: [UInt8]?
    /// The number of the speaker's level, as `TokenFrame.level`, for all of the speech; nil if it isn't told.
    public var level: UInt8?

    public init(
        transcript: String, timing: SymbolTiming, codesPerWord: Int, codes: [UInt8?], voice: [UInt8]?, level: UInt8?
    ) {
        (self.transcript, self.timing, self.codesPerWord) = (transcript, timing, codesPerWord)
        (self.codes, self.voice, self.level) = (codes, voice, level)
    }

    /// A word or a pause, as it is coded.
    public struct Word: Sendable, Hashable {
        /// As it is written in the transcript; empty for a pause. Of what is written as one word and spoken as several, as with a hyphen, each has
        /// its letters.
        public var text: String
        /// In seconds from the start of the speech.
        public var start: Double
        public var end: Double
        /// The first of its codes, as far as none is lost.
        public var codes: [UInt8]
    }

    /// The words and pauses, in their order; nil if no such transcript has such a timing.
    ///
    /// - Parameter frameRate: token frames a second.
    public func words(frameRate: Double) -> [Word]? {
        let text = TextSymbols(transcript)
        guard let timeline = WordTimeline(text.values, timing: timing) else { return nil }
        let codes = codes(of: timeline)
        let written = Dictionary(text.words.map { ($0.symbols, $0.text) }, uniquingKeysWith: { first, _ in first })
        let rate = frameRate * Double(WordTimeline.rowsPerFrame)
        return zip(timeline.segments, codes).map { segment, codes in
            let word = segment.symbols.map { symbols in
                written[symbols] ?? text.values[symbols].map { TextSymbols.letter($0) ?? "*" }.joined()
            }
            return Word(
                text: word ?? "", start: Double(segment.rows.lowerBound) / rate,
                end: Double(segment.rows.upperBound) / rate, codes: codes)
        }
    }

    /// When each of the words that are written is said, with no times for those that aren't; nil if no such transcript has such a timing.
    ///
    /// - Parameter frameRate: token frames a second.
    public func timings(frameRate: Double) -> [WordTiming]? {
        let text = TextSymbols(transcript)
        guard let timeline = WordTimeline(text.values, timing: timing) else { return nil }
        let rate = frameRate * Double(WordTimeline.rowsPerFrame)
        var rest = timeline.segments[...]
        return text.words.map { word in
            var timing = WordTiming(word: word.text)
            while let segment = rest.first {
                if let symbols = segment.symbols {
                    guard symbols.lowerBound < word.symbols.upperBound else { break }
                    timing.start = timing.start ?? Double(segment.rows.lowerBound) / rate
                    timing.end = Double(segment.rows.upperBound) / rate
                }
                rest = rest.dropFirst()
            }
            return timing
        }
    }

    /// The first codes of each word and pause, as far as none is lost.
    func codes(of timeline: WordTimeline) -> [[UInt8]] {
        var next = 0
        return timeline.segments.indices.map { segment in
            let count = timeline.codeCount(of: segment, perWord: codesPerWord)
            defer { next += count }
            return codes.dropFirst(next).prefix(count).prefix { $0 != nil }.compactMap(\.self)
        }
    }
}
