// SPDX-License-Identifier: Apache-2.0

/// The likeliest path of a whole recording through its transcript: Viterbi's algorithm over the states of `TranscriptHMM`,
/// save that who comes back to the text goes on after the place where it was left, so that words come in their order, and
/// that in a pause nobody is within a word.
///
/// Any length will do: of a long text only a window is looked at (`TranscriptWindow`), and of a long recording the path is
/// settled, up to `settledRows` before its end, as soon as `mostRows` rows are undecided.
package struct ViterbiAligner: Sendable {
    private static let mostRows = 4096
    private static let settledRows = 2048
    /// Paths less likely than the best by this factor are given up.
    private static let least: Float = 1e-30
    /// Rows that a catch-all may take, of 20 ms in the models that ship: as long as a spoken digit.
    private static let longestOther = 40
    /// How likely it is that a pause lies within a word.
    private static let pauseWithinWord: Float = 0.05

    private let model: TranscriptHMM
    private let symbols: [UInt8]
    private var window: TranscriptWindow
    /// How likely the best path to each state is, the best of all being 1: those of the window, of the fillers' symbols.
    private var states: [Float]
    /// For each symbol of the window, the rows that the best path to it has been there.
    private var ages: [Int]
    private var before: [Float]
    private var after: [Float]
    /// For each symbol of the filler after the text, the state in which the best path to it left the text.
    private var leftAt: [Int]
    private var rows: [PathRow] = []
    private var settled: ViterbiPath

    package init(_ symbols: [UInt8], model: TranscriptHMM) {
        self.symbols = symbols
        self.model = model
        window = TranscriptWindow(of: symbols, around: 0, model: model)
        states = [Float](repeating: 0, count: window.stateCount)
        ages = [Int](repeating: 0, count: window.symbols.count)
        before = [1] + [Float](repeating: 0, count: model.common.count - 1)
        after = [Float](repeating: 0, count: model.common.count)
        leftAt = [Int](repeating: 0, count: model.common.count)
        settled = ViterbiPath(symbols: symbols.count)
    }

    /// Goes on by one row.
    ///
    /// - Parameters:
    ///   - heard: a row of `Emissions.likely`; nil where nothing could be heard, but time went by.
    ///   - isPause: whether it lies in a pause.
    package mutating func step(_ heard: ArraySlice<Float>?, isPause: Bool = false) {
        guard !symbols.isEmpty else { return }
        let (s, window, model) = (model.settings, window, model)
        let filler = heard == nil ? 1 : model.filler
        let all = heard.map(Array.init) ?? [Float](repeating: 1, count: model.common.count)
        let (waiting, away) = (before.max() ?? 0, after.indices.max { after[$0] < after[$1] } ?? 0)
        let (leaving, place) = bestLeaving()
        var row = PathRow(firstState: window.firstState, returningFrom: UInt8(away), leftAt: place)
        let origin = leftAt[away]
        let returning = after[away]

        before = loop(before).map(\.value)
        for symbol in before.indices { before[symbol] *= (1 - s.entry) * all[symbol] * filler }
        let looped = loop(after)
        let origins = leftAt
        for (symbol, best) in looped.enumerated() {
            let entered = leaving * (symbol == 0 ? s.blankStays : model.blankEnds * model.common[symbol])
            let isEntered = entered > best.value
            row.afterMoves.append(isEntered ? PathRow.fromText : UInt8(best.from))
            leftAt[symbol] = isEntered ? place : origins[best.from]
            after[symbol] = max(entered, best.value) * (1 - s.resume) * all[symbol] * filler
        }
        let inText = heard == nil ? all : model.likely(inText: all)
        row.moves = advance(
            &states, &ages, window.symbols.span, window.resume.span, inText.span, model,
            withinWord: isPause ? Self.pauseWithinWord : 1,
            entering: window.isAtStart ? waiting * s.entry : 0, returning: returning, longestOther: Self.longestOther,
            firstReturn: (origin + 1) / 2 - window.range.lowerBound)
        rows.append(row)
        normalize()
        if rows.count >= Self.mostRows { settle() }
        moveWindow()
    }

    package mutating func finish() -> ViterbiPath {
        guard !symbols.isEmpty else { return settled }
        var path = settled
        _ = path.trace(rows, backFrom: best)
        return path
    }

    /// The best way out of the text: how likely, and from which state of the text.
    private func bestLeaving() -> (Float, Int) {
        let s = model.settings
        var best = (value: Float(0), state: 0)
        for i in states.indices {
            let isEnd = window.isAtEnd && i >= states.count - 2
            let value = states[i] * (isEnd ? s.lost + s.leave : s.lost)
            if value > best.value { best = (value, i) }
        }
        return (best.value, window.firstState + best.state)
    }

    /// The filler's loop: for each symbol how likely its best path is, and from which symbol it comes.
    private func loop(_ x: [Float]) -> [(value: Float, from: Int)] {
        let s = model.settings
        let letter = x.indices.dropFirst().max { x[$0] < x[$1] } ?? 0
        return x.indices.map { symbol in
            let isBlank = symbol == 0
            let ways = [
                (x[symbol] * (isBlank ? s.blankStays : s.letterStays), symbol),
                (x[letter] * (isBlank ? s.letterEnds : model.letterSkips * model.common[symbol]), letter),
                (isBlank ? 0 : x[0] * model.blankEnds * model.common[symbol], 0),
            ]
            return ways.max { $0.0 < $1.0 } ?? (0, symbol)
        }
    }

    private mutating func normalize() {
        let best = max(before.max() ?? 0, after.max() ?? 0, states.max() ?? 0)
        guard best > .leastNormalMagnitude, best.isFinite else {
            before = [1] + [Float](repeating: 0, count: before.count - 1)
            after = [Float](repeating: 0, count: after.count)
            states = [Float](repeating: 0, count: states.count)
            return
        }
        for i in before.indices {
            (before[i], after[i]) = (before[i] / best, after[i] / best)
        }
        for i in states.indices {
            let value = states[i] / best
            states[i] = value < Self.least ? 0 : value
        }
    }

    private var best: PathPlace {
        let inText = states.indices.max { states[$0] < states[$1] } ?? 0
        let behind = after.indices.max { after[$0] < after[$1] } ?? 0
        let ahead = before.max() ?? 0
        if states[inText] >= after[behind], states[inText] >= ahead { return .text(window.firstState + inText) }
        return after[behind] >= ahead ? .after(behind) : .before
    }

    private mutating func moveWindow() {
        guard !(window.isAtStart && window.isAtEnd), case .text(let state) = best, window.isNearEdge(state) else {
            return
        }
        let (oldStates, oldAges, first) = (states, ages, window.range.lowerBound)
        window = TranscriptWindow(of: symbols, around: state / 2, model: model)
        let shift = window.range.lowerBound - first
        states = (0..<window.stateCount).map { index in
            oldStates.indices.contains(index + 2 * shift) ? oldStates[index + 2 * shift] : 0
        }
        ages = window.symbols.indices.map { oldAges.indices.contains($0 + shift) ? oldAges[$0 + shift] : 0 }
    }

    /// Takes the best path up to the last rows for the truth, and gives up what doesn't continue it.
    private mutating func settle() {
        let recent = rows.count - Self.settledRows
        var scratch = ViterbiPath(symbols: 0)
        let place = scratch.trace(Array(rows[recent...]), backFrom: best, isKept: false)
        _ = settled.trace(Array(rows[..<recent]), backFrom: place)
        rows.removeFirst(recent)
        var alive = LivePaths(only: place)
        for row in rows { alive = alive.continued(through: row) }
        if !alive.isBefore { before = [Float](repeating: 0, count: before.count) }
        for symbol in after.indices where !alive.after[symbol] { after[symbol] = 0 }
        for i in states.indices where !alive.contains(state: window.firstState + i) { states[i] = 0 }
    }
}

/// One row of the best paths to the states of a text, in place, before they are normalised.
///
/// - Parameters:
///   - withinWord: the factor of a blank between the letters of a word.
///   - ages: for each symbol, the rows that the best path to it has been there.
///   - longestOther: the rows that a catch-all may take.
///   - firstReturn: the first symbol of the window to which those after the text may come back.
/// - Returns: for each state where its best path comes from.
private func advance(
    _ states: inout [Float], _ ages: inout [Int], _ symbols: Span<UInt8>, _ resume: Span<Float>, _ heard: Span<Float>,
    _ model: TranscriptHMM, withinWord: Float, entering: Float, returning: Float, longestOther: Int, firstReturn: Int
) -> [PathRow.Move] {
    let keeps = 1 - model.settings.lost
    let (stays, ends) = (model.settings.letterStays * keeps, model.settings.letterEnds * keeps)
    let skips = model.letterSkips * keeps
    let (waits, goes) = (model.settings.blankStays * keeps, model.blankEnds * keeps)
    var moves = [PathRow.Move](repeating: .stays, count: states.count)
    var states = states.mutableSpan
    var ages = ages.mutableSpan
    // The letter before, as it was.
    var previous: Float = 0
    for i in symbols.indices {
        let (blank, letter) = (states[2 * i], states[2 * i + 1])
        var (best, move) = (blank * waits, PathRow.Move.stays)
        if previous * ends > best { (best, move) = (previous * ends, .byOne) }
        if i == 0, entering * model.settings.blankStays > best {
            (best, move) = (entering * model.settings.blankStays, .enters)
        }
        let isWithinWord = i > 0 && symbols[i - 1] != TextSymbols.space && symbols[i] != TextSymbols.space
        states[2 * i] = best * heard[0] * (isWithinWord ? withinWord : 1)
        moves[2 * i] = move

        let isOver = symbols[i] == TextSymbols.other && ages[i] >= longestOther
        (best, move) = (isOver ? 0 : letter * stays, .stays)
        if blank * goes > best { (best, move) = (blank * goes, .byOne) }
        if previous * skips > best { (best, move) = (previous * skips, .byTwo) }
        if i == 0, entering * model.blankEnds > best { (best, move) = (entering * model.blankEnds, .enters) }
        if i >= firstReturn, resume[i] * returning > best { (best, move) = (resume[i] * returning, .returns) }
        states[2 * i + 1] = best * heard[Int(symbols[i])]
        moves[2 * i + 1] = move
        ages[i] = move == .stays ? ages[i] + 1 : 1
        previous = letter
    }
    let last = 2 * symbols.count
    let isLater = previous * ends > states[last] * waits
    states[last] = max(previous * ends, states[last] * waits) * heard[0]
    moves[last] = isLater ? .byOne : .stays
    return moves
}
