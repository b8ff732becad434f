// SPDX-License-Identifier: Apache-2.0
import NeuralNet
import TestSupport

extension SeededGenerator {
    mutating func floats(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float.random(in: -1...1, using: &self) }
    }

    mutating func matrix(_ rows: Int, _ columns: Int) -> Matrix {
        Matrix(rows: rows, columns: columns, values: floats(rows * columns))
    }
}

/// Energy of the difference relative to the energy of the reference.
func normalizedError(_ values: [Float], from reference: [Double]) -> Double {
    guard values.count == reference.count else { return .infinity }
    let error = zip(values, reference).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
    return error / reference.reduce(0) { $0 + $1 * $1 }
}

/// The largest difference of two elements, relative to the largest element.
func largestDifference(_ a: Matrix, _ b: Matrix) -> Float {
    guard (a.rows, a.columns) == (b.rows, b.columns) else { return .infinity }
    let difference = zip(a.values, b.values).map { abs($0 - $1) }.max() ?? 0
    return difference / (b.values.map { abs($0) }.max() ?? 1)
}

extension Matrix {
    func rows(_ range: Range<Int>) -> Matrix {
        let values = values[range.lowerBound * columns..<range.upperBound * columns]
        return Matrix(rows: range.count, columns: columns, values: Array(values))
    }

    mutating func append(_ other: Matrix) {
        self = Matrix(rows: rows + other.rows, columns: other.columns, values: values + other.values)
    }
}
