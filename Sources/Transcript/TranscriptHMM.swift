// SPDX-License-Identifier: Apache-2.0

import Platform

/// The hidden Markov model by which speech is followed through a transcript: how its states lead to each other.
///
/// A transcript of n symbols has 2n + 1 states, a blank before, between and after the symbols, as in CTC (Graves et al.
/// 2006). Letters and blanks last as long as they do in speech. Before the text and after it lies a filler each, a loop
/// through all symbols with the same durations, each as likely as it is common: the text wins against them only by
/// knowing which letter comes next, a wrong one loses by it. Who is lost goes to the filler after the text and may come
/// back at any word.
///
/// The catch-all for digits and other scripts (`TextSymbols.other`) is a filler too: the classifier doesn't know it. It is
/// heard as the likeliest letter is, but costs more than speech in no text, so that it takes only what no letter claims.
package struct TranscriptHMM: Sendable {
    /// What a row of the catch-all costs beyond a row of speech that is in no text, in nats.
    private static let otherCosts: Float = 0.3

    let settings: TranscriptSettings.Follower
    /// How often each symbol follows another letter; the blank doesn't. [symbols]
    let common: [Float]
    /// From a letter to the next one over the blank between them, and from a blank to a letter.
    let letterSkips: Float
    let blankEnds: Float
    /// The factors of a row of a filler, and of the catch-all.
    let filler: Float
    private let other: Float

    package init(_ settings: TranscriptSettings.Follower, prior: [Float]) {
        self.settings = settings
        let letters = prior.dropFirst().reduce(0, +)
        common = [0] + prior.dropFirst().map { $0 / letters }
        letterSkips = 1 - settings.letterStays - settings.letterEnds
        blankEnds = 1 - settings.blankStays
        filler = exp(-settings.filler)
        other = exp(-settings.filler - Self.otherCosts)
    }

    /// A row of `Emissions.likely` → how likely each symbol of a text is there, [symbols].
    func likely(inText heard: [Float]) -> [Float] {
        var result = heard
        let letters = heard[Int(TextSymbols.firstLetter)..<Int(TextSymbols.other)]
        result[Int(TextSymbols.other)] = (letters.max() ?? 0) * other
        return result
    }

    /// The filler's loop: the probabilities [symbols] of one row → of the next.
    func loop(_ x: [Float]) -> [Float] {
        let letters = x.dropFirst().reduce(0, +)
        var next = zip(x, common).map { value, share in
            value * settings.letterStays + share * (letterSkips * letters + blankEnds * x[0])
        }
        next[0] = settings.blankStays * x[0] + settings.letterEnds * letters
        return next
    }
}

/// The stretch of a transcript in which its speaker can be at a time.
///
/// Of a transcript of up to `mostSymbols` that is all of it. Of a longer one it is so many symbols: the speaker may come
/// back only at their words, and a step costs no more however long the text is.
struct TranscriptWindow: Sendable {
    static let mostSymbols = 2048

    /// Where it lies in the text.
    let range: Range<Int>
    let isAtStart: Bool
    let isAtEnd: Bool
    let symbols: [UInt8]
    /// For each symbol, the share of those after the text that come back to it: only to the first of a word.
    let resume: [Float]
    /// The catch-alls among the symbols, by their places in the window.
    let others: [Int]

    /// The first of its states, counted in the whole text.
    var firstState: Int { 2 * range.lowerBound }
    var stateCount: Int { 2 * range.count + 1 }

    /// - Parameter place: the symbol in whose middle it lies, as far as the text's ends allow.
    init(of text: [UInt8], around place: Int, model: TranscriptHMM) {
        let start = max(0, min(place - Self.mostSymbols / 2, text.count - Self.mostSymbols))
        let range = start..<min(start + Self.mostSymbols, text.count)
        let isFirst = range.map { $0 == 0 || text[$0 - 1] == TextSymbols.space }
        let words = Float(max(1, isFirst.count { $0 }))
        let share = model.settings.resume * model.blankEnds / words
        (self.range, isAtStart, isAtEnd) = (range, start == 0, range.upperBound == text.count)
        symbols = Array(text[range])
        resume = isFirst.map { $0 ? share : 0 }
        others = range.filter { text[$0] == TextSymbols.other }.map { $0 - range.lowerBound }
    }

    /// Whether the window should move for a speaker at `state`, counted in the whole text.
    func isNearEdge(_ state: Int) -> Bool {
        let (symbol, margin) = (state / 2, Self.mostSymbols / 4)
        return (symbol < range.lowerBound + margin && !isAtStart) || (symbol >= range.upperBound - margin && !isAtEnd)
    }
}
