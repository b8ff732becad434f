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
    /// Of gains that are nearly known: by how much those of each sequence may be off; the least that the best sequences can have; the
    /// largest gains of parts of a row; codes of a sequence that may be among the best, and their gains.
    private var errors: [Float] = []
    private var lowest: [Float] = []
    private var maxima = Matrix()  // [sequences, parts]
    private var near: [Int32] = []
    private var nearGains: [Float] = []
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
        let tables = book.tables
        steps[depth].removeAll(keepingCapacity: true)
        // For few sequences a second look isn't worth it.
        if let rounded = tables.rounded, residuals.rows >= 4, findErrors(of: rounded) {
            extendNearly(by: rounded, keeping: count)
        } else {
            tables.gains(of: residuals, into: &gains)
            extend(keeping: count)
        }
        continued.resize(rows: steps[depth].count, columns: residuals.columns)
        for (row, step) in steps[depth].enumerated() {
            continued.setRow(row, to: residuals, row: step.parent, minus: book[step.code])
        }
        swap(&residuals, &continued)
        depth += 1
    }

    /// By what is known of all gains.
    private mutating func extend(keeping count: Int) {
        for parent in 0..<gains.rows {
            let before = gain(before: parent)
            var code = 0
            while code < gains.columns {
                if steps[depth].count == count, let worst = steps[depth].last {
                    let better = gains.firstColumn(of: parent, from: code, above: worst.gain - before)
                    guard let better else { break }
                    code = better
                }
                insert(step(parent, code, gain: before + gains[parent, code]), keeping: count)
                code += 1
            }
        }
    }

    /// By gains that are nearly known, of which those that may be among the best are then looked at closely: the same steps.
    private mutating func extendNearly(by rounded: RoundedMatrix, keeping count: Int) {
        rounded.multiplyNearly(residuals, into: &gains)
        let least = leastOfBest(count)
        for parent in 0..<gains.rows {
            let before = gain(before: parent)
            let found = gains.columns(of: parent, above: least - errors[parent] - before, by: maxima, into: &near)
            rounded.multiply(row: parent, of: residuals, outputs: near[..<found], into: &nearGains)
            for (code, gain) in zip(near[..<found], nearGains) {
                if steps[depth].count == count, let worst = steps[depth].last, !(gain > worst.gain - before) {
                    continue
                }
                insert(step(parent, Int(code), gain: before + gain), keeping: count)
            }
        }
    }

    /// Leaves in `errors` by how much what is nearly known of each sequence may be off.
    ///
    /// - Returns: whether that can be said of all.
    private mutating func findErrors(of rounded: RoundedMatrix) -> Bool {
        errors.removeAll(keepingCapacity: true)
        errors.reserveCapacity(residuals.rows)
        for parent in 0..<residuals.rows {
            // Sums are rounded too.
            errors.append(rounded.error(ofRow: parent, of: residuals) + 1e-6 * abs(gain(before: parent)))
        }
        return errors.allSatisfy(\.isFinite)
    }

    /// What the last of the `count` best sequences has at least, by what is nearly known: no two of them are likely to be in one part of a
    /// row, of which the best is looked at.
    private mutating func leastOfBest(_ count: Int) -> Float {
        lowest.removeAll(keepingCapacity: true)
        lowest.reserveCapacity(count + 1)
        gains.maxima(into: &maxima)
        for parent in 0..<gains.rows {
            let before = gain(before: parent) - errors[parent]
            for part in 0..<maxima.columns {
                let largest = maxima[parent, part]
                if lowest.count == count, !(before + largest > lowest[count - 1]) { continue }
                lowest.append(before + largest)
                var place = lowest.count - 1
                while place > 0, lowest[place - 1] < lowest[place] {
                    lowest.swapAt(place - 1, place)
                    place -= 1
                }
                if lowest.count > count { lowest.removeLast() }
            }
        }
        return lowest.count == count ? lowest[count - 1] : -.infinity
    }

    private func gain(before parent: Int) -> Float { depth > 0 ? steps[depth - 1][parent].gain : 0 }

    private func step(_ parent: Int, _ code: Int, gain: Float) -> Step {
        Step(gain: gain, parent: parent, code: code, first: depth > 0 ? steps[depth - 1][parent].first : code)
    }

    private mutating func insert(_ step: Step, keeping count: Int) {
        let kept = steps[depth].count
        if kept < count {
            steps[depth].append(step)
        } else if !(step.gain > steps[depth][kept - 1].gain) {
            return
        }
        steps[depth].withUnsafeMutableBufferPointer { steps in
            // Those that are worse move by one place, the worst of a full list out of it.
            let place = steps[..<kept].firstIndex { $0.gain < step.gain } ?? kept
            var last = steps.count - 1
            while last > place {
                steps[last] = steps[last - 1]
                last -= 1
            }
            if place < steps.count { steps[place] = step }
        }
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
