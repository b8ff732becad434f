// SPDX-License-Identifier: Apache-2.0

/// Rows of channels: row t holds the channels of time step t. Row-major.
public struct Matrix: Sendable, Equatable {
    public var rows: Int
    public var columns: Int
    public var values: [Float]

    public init(rows: Int, columns: Int) {
        self.init(rows: rows, columns: columns, values: [Float](repeating: 0, count: rows * columns))
    }

    public init(rows: Int, columns: Int, values: [Float]) {
        precondition(values.count == rows * columns)
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    public subscript(row row: Int) -> ArraySlice<Float> {
        get { values[row * columns..<(row + 1) * columns] }
        set { values.replaceSubrange(row * columns..<(row + 1) * columns, with: newValue) }
    }

    /// The same values in rows of another length: neighbouring time steps stacked, or one step unfolded into several.
    public consuming func reshaped(rows: Int) -> Matrix {
        Matrix(rows: rows, columns: values.count / rows, values: values)
    }
}
