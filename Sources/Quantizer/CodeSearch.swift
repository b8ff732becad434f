// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// The search for the codes of one latent vector at a time: beam search, as in additive quantization (Babenko and
/// Lempitsky 2014). Keeping one per stream saves allocations; nothing is carried from one vector to the next.
public struct CodeSearch: Sendable {
    private struct Step {
        /// How far the sequence has brought the squared length of the residual down, halved.
        var gain: Float
        /// The sequence it continues, among those kept before it.
        var parent: Int
        var code: Int
        /// The sequence's first code.
        var first: Int
    }

    private var residuals = Matrix()  // [sequences, dimensions]
    private var continued = Matrix()
    private var gains = Matrix()  // [sequences, codes]
    /// The sequences' last steps, best first, for each codebook so far.
    private var steps: [[Step]] = []
    private var depth = 0
    /// The codes of the best sequence that has ended, none if none has, and what it is worth.
    private(set) var codes: [UInt16] = []
    private var worth: Float?

    public init() {}

    /// - Parameters:
    ///   - levels: codebooks that may be gone through.
    ///   - sequences: those that are kept from one to the next.
    mutating func begin(with latent: ArraySlice<Float>, levels: Int, sequences: Int) {
        // Room for all at once, though most frames may need less: from the first on, nothing more is allocated.
        while steps.count < levels {
            steps.append([])
            steps[steps.count - 1].reserveCapacity(sequences)
        }
        codes.reserveCapacity(levels)
        residuals.resize(rows: 1, columns: latent.count)
        for (d, value) in latent.enumerated() { residuals[0, d] = value }
        depth = 0
        codes.removeAll(keepingCapacity: true)
        worth = nil
    }

    /// Continues every sequence with every code and keeps the best; of equals, those found first.
    mutating func extend(by book: Codebook, keeping count: Int) {
        book.gains(of: residuals, into: &gains)
        steps[depth].removeAll(keepingCapacity: true)
        for parent in 0..<gains.rows {
            let last = depth > 0 ? steps[depth - 1][parent] : nil
            let before = last?.gain ?? 0
            var code = 0
            while code < gains.columns {
                if steps[depth].count == count, let worst = steps[depth].last {
                    let better = gains.firstColumn(of: parent, from: code, above: worst.gain - before)
                    guard let better else { break }
                    code = better
                }
                let gain = before + gains[parent, code]
                insert(Step(gain: gain, parent: parent, code: code, first: last?.first ?? code), keeping: count)
                code += 1
            }
        }
        continued.resize(rows: steps[depth].count, columns: residuals.columns)
        for (row, step) in steps[depth].enumerated() {
            continued.setRow(row, to: residuals, row: step.parent, minus: book[step.code])
        }
        swap(&residuals, &continued)
        depth += 1
    }

    private mutating func insert(_ step: Step, keeping count: Int) {
        let kept = steps[depth].count
        guard kept < count || step.gain > steps[depth][kept - 1].gain else { return }
        if kept == count { steps[depth].removeLast() }
        let place = steps[depth].firstIndex { $0.gain < step.gain } ?? steps[depth].count
        steps[depth].insert(step, at: place)
    }

    /// Ends the sequences whose first code is below `start`; the others go on.
    ///
    /// - Parameter price: what a code costs, in squared length of the residual.
    /// - Returns: whether there are any that go on.
    mutating func end(below start: Int, price: Float) -> Bool {
        var live = 0
        for row in steps[depth - 1].indices {
            let step = steps[depth - 1][row]
            if step.first < start {
                let worth = step.gain - price * Float(depth) / 2
                if self.worth.map({ worth > $0 }) ?? true {
                    self.worth = worth
                    keepCodes(at: row)
                }
            } else {
                if live < row {
                    steps[depth - 1][live] = step
                    residuals.moveRow(row, to: live)
                }
                live += 1
            }
        }
        steps[depth - 1].removeLast(steps[depth - 1].count - live)
        residuals.resize(rows: live, columns: residuals.columns)
        return live > 0
    }

    private mutating func keepCodes(at row: Int) {
        while codes.count < depth { codes.append(0) }
        codes.removeLast(codes.count - depth)
        var index = row
        for level in stride(from: depth - 1, through: 0, by: -1) {
            codes[level] = UInt16(steps[level][index].code)
            index = steps[level][index].parent
        }
    }
}
