// SPDX-License-Identifier: Apache-2.0

/// Where in its transcript a speaker is, from what was heard so far, and if it is this transcript at all: the forward
/// recursion over the states of `TranscriptHMM`, normalised at each row.
package struct ForwardTracker: Sendable {
    let symbols: [UInt8]
    private let model: TranscriptHMM
    private(set) var window: TranscriptWindow
    /// The share of each state of the window.
    package private(set) var share: [Float]
    /// The shares of the fillers' symbols.
    private var before: [Float]
    private var after: [Float]

    /// How sure it is that the text is being spoken, 0 to 1.
    package private(set) var certainty: Float = 0
    /// How sure it is that the text's letters are: speech that only a catch-all takes may be any.
    package var letterCertainty: Float {
        max(0, window.others.reduce(certainty) { $0 - share[2 * $1 + 1] })
    }

    package init(_ symbols: [UInt8], model: TranscriptHMM) {
        self.symbols = symbols
        self.model = model
        window = TranscriptWindow(of: symbols, around: 0, model: model)
        share = [Float](repeating: 0, count: window.stateCount)
        before = Self.start(count: model.common.count)
        after = [Float](repeating: 0, count: model.common.count)
    }

    /// Before the text, in a blank.
    private static func start(count: Int) -> [Float] { [1] + [Float](repeating: 0, count: count - 1) }

    /// Goes on by one row.
    ///
    /// - Parameter heard: a row of `Emissions.likely`; nil where nothing could be heard, but time went by.
    package mutating func step(_ heard: ArraySlice<Float>?) {
        guard !symbols.isEmpty else { return }
        let (s, window, model) = (model.settings, window, model)
        let heard = heard.map(Array.init) ?? []
        let filler = heard.isEmpty ? 1 : model.filler
        let all = heard.isEmpty ? [Float](repeating: 1, count: model.common.count) : heard
        let (waiting, away) = (before.reduce(0, +), after.reduce(0, +))
        var leaving = certainty * s.lost
        if window.isAtEnd { leaving += share.suffix(2).reduce(0, +) * s.leave }
        before = zip(model.loop(before), all).map { $0 * (1 - s.entry) * $1 * filler }
        after = model.loop(after)
        for symbol in after.indices {
            let share = symbol == 0 ? s.blankStays : model.blankEnds * model.common[symbol]
            after[symbol] = (after[symbol] + leaving * share) * (1 - s.resume) * all[symbol] * filler
        }
        let inText = heard.isEmpty ? all : model.likely(inText: heard)
        let inside = advance(
            &share, window.symbols.span, window.resume.span, inText.span, model,
            entering: window.isAtStart ? waiting * s.entry : 0, returning: away)
        normalize(inside: inside, total: inside + before.reduce(0, +) + after.reduce(0, +))
        moveWindow()
    }

    private mutating func normalize(inside: Float, total: Float) {
        guard total > .leastNormalMagnitude, total.isFinite else {
            // No path leads here with a probability that can be told from nothing: begin anew.
            before = Self.start(count: before.count)
            after = [Float](repeating: 0, count: after.count)
            share = [Float](repeating: 0, count: share.count)
            certainty = 0
            return
        }
        for i in share.indices { share[i] /= total }
        certainty = inside / total
        for i in before.indices { (before[i], after[i]) = (before[i] / total, after[i] / total) }
    }

    private mutating func moveWindow() {
        guard certainty > 0.5, !(window.isAtStart && window.isAtEnd),
            let best = share.indices.max(by: { share[$0] < share[$1] }),
            case let state = window.firstState + best, window.isNearEdge(state)
        else { return }
        let (old, first) = (share, window.firstState)
        window = TranscriptWindow(of: symbols, around: state / 2, model: model)
        let window = window
        share = (0..<window.stateCount).map { index in
            let place = window.firstState + index - first
            return old.indices.contains(place) ? old[place] : 0
        }
    }
}

/// One row of the states of a text, in place, before it is normalised.
///
/// - Returns: their sum.
private func advance(
    _ share: inout [Float], _ symbols: Span<UInt8>, _ resume: Span<Float>, _ heard: Span<Float>, _ model: TranscriptHMM,
    entering: Float, returning: Float
) -> Float {
    let (stays, ends, skips) = (model.settings.letterStays, model.settings.letterEnds, model.letterSkips)
    let (waits, goes, keeps) = (model.settings.blankStays, model.blankEnds, 1 - model.settings.lost)
    var share = share.mutableSpan
    // The letter before, as it was.
    var previous: Float = 0
    var (intoBlank, intoLetter) = (entering * waits, entering * goes)
    // Thousands of terms would leave a single-precision sum too few digits.
    var total = 0.0
    for i in symbols.indices {
        let (blank, letter) = (share[2 * i], share[2 * i + 1])
        let nextBlank = ((blank * waits + previous * ends) * keeps + intoBlank) * heard[0]
        let moved = (letter * stays + blank * goes + previous * skips) * keeps
        let nextLetter = (moved + intoLetter + resume[i] * returning) * heard[Int(symbols[i])]
        share[2 * i] = nextBlank
        share[2 * i + 1] = nextLetter
        total += Double(nextBlank + nextLetter)
        (previous, intoBlank, intoLetter) = (letter, 0, 0)
    }
    let last = 2 * symbols.count
    share[last] = (share[last] * waits + previous * ends) * keeps * heard[0]
    return Float(total) + share[last]
}
