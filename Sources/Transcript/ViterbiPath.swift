// SPDX-License-Identifier: Apache-2.0

/// Where a path through a transcript can be.
enum PathPlace: Equatable {
    case before
    /// A state, counted in the whole text.
    case text(Int)
    /// A symbol of the filler after the text.
    case after(Int)
}

/// How the best paths to the states of one row came there.
struct PathRow {
    enum Move: UInt8 {
        case stays, byOne, byTwo
        case enters, returns
    }

    /// In `afterMoves`, for a path that left the text in this row.
    static let fromText: UInt8 = .max

    var firstState: Int
    /// The symbol of the filler after the text from which paths come back to the text.
    var returningFrom: UInt8
    /// The state from which paths leave the text.
    var leftAt: Int
    /// For each state of the window.
    var moves: [Move] = []
    /// For each symbol of the filler after the text, the symbol before it.
    var afterMoves: [UInt8] = []

    /// The place in the row before, nil if no path leads to this one.
    func origin(of place: PathPlace) -> PathPlace? {
        switch place {
        case .before: return .before
        case .after(let symbol):
            let from = afterMoves[symbol]
            return from == Self.fromText ? .text(leftAt) : .after(Int(from))
        case .text(let state):
            guard moves.indices.contains(state - firstState) else { return nil }
            switch moves[state - firstState] {
            case .stays: return .text(state)
            case .byOne: return .text(state - 1)
            case .byTwo: return .text(state - 2)
            case .enters: return .before
            case .returns: return .after(Int(returningFrom))
            }
        }
    }
}

/// Where the best path goes.
package struct ViterbiPath: Sendable {
    /// The rows in which each symbol of the text is first and last met, nil for one that isn't said.
    package private(set) var met: [ClosedRange<Int>?]
    /// Rows whose path is known.
    private var rowCount = 0

    init(symbols: Int) { met = [ClosedRange<Int>?](repeating: nil, count: symbols) }

    /// Goes back through rows, which follow those that are known already, and adds them to what is known.
    ///
    /// - Parameter isKept: whether to add them at all.
    /// - Returns: the place in the row before the first of them.
    mutating func trace(_ rows: [PathRow], backFrom end: PathPlace, isKept: Bool = true) -> PathPlace {
        var place = end
        for (index, row) in rows.enumerated().reversed() {
            if isKept { add(place, row: rowCount + index) }
            place = row.origin(of: place) ?? .before
        }
        if isKept { rowCount += rows.count }
        return place
    }

    private mutating func add(_ place: PathPlace, row: Int) {
        guard case .text(let state) = place, state % 2 == 1 else { return }
        let known = met[state / 2] ?? row...row
        met[state / 2] = min(row, known.lowerBound)...max(row, known.upperBound)
    }
}

/// The places of a row whose best paths continue one and the same path.
struct LivePaths {
    private(set) var isBefore: Bool
    private(set) var after: [Bool]
    private var firstState: Int
    private var states: [Bool]

    init(only place: PathPlace) {
        (isBefore, firstState, states) = (place == .before, 0, [])
        after = (0..<TextSymbols.count).map { place == .after($0) }
        if case .text(let state) = place { (firstState, states) = (state, [true]) }
    }

    func contains(state: Int) -> Bool { states.indices.contains(state - firstState) && states[state - firstState] }

    private func contains(_ place: PathPlace?) -> Bool {
        switch place {
        case .before: isBefore
        case .after(let symbol): after[symbol]
        case .text(let state): contains(state: state)
        case nil: false
        }
    }

    func continued(through row: PathRow) -> LivePaths {
        var next = self
        next.after = after.indices.map { contains(row.origin(of: .after($0))) }
        next.firstState = row.firstState
        next.states = row.moves.indices.map { contains(row.origin(of: .text(row.firstState + $0))) }
        return next
    }
}
