// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Activations: one row per time step, one column per channel, stored row after row.
public struct Matrix: Sendable, Equatable {
    public private(set) var rows: Int
    public private(set) var columns: Int

    /// Element (row, column) is at `row * columns + column`.
    public internal(set) var values: [Float]

    /// A matrix of zeros; without sizes, an empty one for a layer to fill.
    public init(rows: Int = 0, columns: Int = 0) {
        self.init(rows: rows, columns: columns, values: [Float](repeating: 0, count: rows * columns))
    }

    public init(rows: Int, columns: Int, values: [Float]) {
        precondition(values.count == rows * columns, "\(values.count) values for \(rows) x \(columns)")
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    public subscript(row: Int, column: Int) -> Float {
        get {
            precondition(column < columns)
            return values[row * columns + column]
        }
        set {
            precondition(column < columns)
            values[row * columns + column] = newValue
        }
    }

    /// A row's values.
    public func row(_ row: Int) -> ArraySlice<Float> { values[row * columns..<(row + 1) * columns] }

    /// The first column from `start` on in which a row has more than `threshold`; nil if there is none.
    public func firstColumn(of row: Int, from start: Int, above threshold: Float) -> Int? {
        precondition(row < rows && (0...columns).contains(start))
        var place = columns - start
        values.withUnsafeBufferPointer { values in
            guard let values = values.baseAddress else { return }
            sotto_first_above(
                Instructions.inUse.raw, values + row * columns + start, columns - start, threshold, &place)
        }
        return start + place < columns ? start + place : nil
    }

    /// Leaves all columns in which a row has more than `threshold` at the start of `found`, which grows to the size that it needs.
    ///
    /// - Parameter largest: what `maxima(into:)` gives.
    /// - Returns: how many they are.
    public func columns(
        of row: Int, above threshold: Float, by largest: Matrix, into found: inout [Int32]
    ) -> Int {
        precondition(row < rows && largest.rows == rows && largest.columns == parts)
        // The scan may write one more than there can be.
        if found.count <= columns { found = [Int32](repeating: 0, count: columns + 1) }
        var count = 0
        values.withUnsafeBufferPointer { values in
            largest.values.withUnsafeBufferPointer { largest in
                guard let values = values.baseAddress, let largest = largest.baseAddress else { return }
                sotto_all_above(
                    Instructions.inUse.raw, values + row * columns, columns, largest + row * parts, threshold, &found,
                    &count)
            }
        }
        return count
    }

    /// The largest values of the parts of each row, of 64 columns each: [rows, parts]. None may be no number.
    public func maxima(into largest: inout Matrix) {
        largest.resize(rows: rows, columns: parts)
        values.withUnsafeBufferPointer { values in
            largest.values.withUnsafeMutableBufferPointer { largest in
                guard let values = values.baseAddress, let largest = largest.baseAddress else { return }
                for row in 0..<rows {
                    sotto_maxima(Instructions.inUse.raw, values + row * columns, columns, largest + row * parts)
                }
            }
        }
    }

    private var parts: Int { (columns + Int(SOTTO_PART) - 1) / Int(SOTTO_PART) }

    /// Sets a row to one of `other`, which has as many columns, less `values`, one for each column.
    public mutating func setRow(_ row: Int, to other: Matrix, row otherRow: Int, minus subtrahend: ArraySlice<Float>) {
        precondition(columns == other.columns && columns == subtrahend.count && row < rows && otherRow < other.rows)
        let (to, from, count) = (row * columns, otherRow * columns, columns)
        values.withUnsafeMutableBufferPointer { values in
            other.values.withUnsafeBufferPointer { other in
                subtrahend.withUnsafeBufferPointer { subtrahend in
                    for column in 0..<count { values[to + column] = other[from + column] - subtrahend[column] }
                }
            }
        }
    }

    /// Sets a row to `values`, one for each column.
    mutating func setRow(_ row: Int, to values: [Float]) {
        precondition(values.count == columns && row < rows)
        let start = row * columns
        self.values.withUnsafeMutableBufferPointer { all in
            values.withUnsafeBufferPointer { for column in 0..<$0.count { all[start + column] = $0[column] } }
        }
    }

    /// Adds a row below the others, of as many values as there are columns.
    public mutating func append(row: ArraySlice<Float>) {
        precondition(row.count == columns)
        values.append(contentsOf: row)
        rows += 1
    }

    /// Adds the last row once more.
    public mutating func appendLastRow() {
        precondition(rows > 0)
        for _ in 0..<columns { values.append(values[values.count - columns]) }
        rows += 1
    }

    /// Copies a row to an earlier one.
    public mutating func moveRow(_ row: Int, to earlier: Int) {
        precondition(earlier <= row && row < rows)
        for column in 0..<columns { values[earlier * columns + column] = values[row * columns + column] }
    }

    /// One row over and over.
    public init(repeating row: [Float], rows: Int) {
        self.init(rows: rows, columns: row.count, values: Array(repeatElement(row, count: rows).joined()))
    }

    /// Gives the same values, in the same order, to rows of another length: [4, 2] holds as [1, 8] the four rows
    /// stacked into one.
    public mutating func reshape(rows: Int, columns: Int) {
        precondition(rows * columns == values.count, "\(values.count) values for \(rows) x \(columns)")
        self.rows = rows
        self.columns = columns
    }

    /// Changes the size for a layer about to overwrite every value. Memory once held is kept, so that a stream that
    /// repeats its shapes allocates nothing.
    public mutating func resize(rows: Int, columns: Int) {
        let missing = rows * columns - values.count
        if missing > 0 { values.append(contentsOf: repeatElement(0, count: missing)) }
        if missing < 0 { values.removeLast(-missing) }
        self.rows = rows
        self.columns = columns
    }

    /// Replaces all rows by those that `body` appends, value after value. Memory once held is kept.
    public mutating func refill(columns: Int, _ body: (inout [Float]) -> Void) {
        values.removeAll(keepingCapacity: true)
        body(&values)
        precondition(values.count % columns == 0, "rows are whole")
        (rows, self.columns) = (values.count / columns, columns)
    }

    mutating func removeFirst(rows count: Int) {
        values.removeFirst(count * columns)
        rows -= count
    }

    /// Adds `other`, of the same size, element by element.
    public mutating func add(_ other: Matrix) {
        precondition((rows, columns) == (other.rows, other.columns), "added matrices have one size")
        for i in values.indices { values[i] += other.values[i] }
    }

    /// Adds `other`, of as many columns, each of its rows to `count` rows of this one after the other.
    public mutating func add(_ other: Matrix, repeatingRows count: Int) {
        precondition((rows, columns) == (other.rows * count, other.columns), "added matrices have one size")
        for row in 0..<rows {
            let (to, from) = (row * columns, row / count * columns)
            for column in 0..<columns { values[to + column] += other.values[from + column] }
        }
    }

    /// Adds `row`, one value for each column, times `factor` to one of the rows.
    public mutating func add(_ row: ArraySlice<Float>, scaledBy factor: Float, toRow index: Int) {
        precondition(row.count == columns && index < rows, "a row has as many values as the matrix has columns")
        let (to, count) = (index * columns, columns)
        values.withUnsafeMutableBufferPointer { values in
            row.withUnsafeBufferPointer { row in
                for column in 0..<count { values[to + column] += factor * row[column] }
            }
        }
    }

    /// Each value x becomes x · Φ(x), with the normal distribution's Φ: the exact GELU, to 2e-7 of x.
    public mutating func applyGELU() { sotto_gelu(Instructions.inUse.raw, values.count, &values) }

    /// Some of the rows.
    public func rows(_ range: Range<Int>) -> Matrix {
        let some = values[range.lowerBound * columns..<range.upperBound * columns]
        return Matrix(rows: range.count, columns: columns, values: Array(some))
    }

    /// Adds `other`, of the same size, each column times its own factor.
    mutating func add(_ other: Matrix, scaledBy factors: [Float]) {
        precondition((rows, columns) == (other.rows, other.columns) && factors.count == columns)
        sotto_add_scaled(Instructions.inUse.raw, factors, other.values, rows, columns, &values)
    }
}

/// Working memory that layers share. It holds nothing between two calls; keeping one saves allocations.
public struct Scratch: Sendable {
    var first = Matrix()
    var second = Matrix()
    /// Of a stack's recurrent layer: what comes out of it, and the hidden vectors of all streams.
    var hidden = Matrix()
    var states = Matrix()

    public init() {}
}
