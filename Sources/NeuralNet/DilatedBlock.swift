// SPDX-License-Identifier: Apache-2.0

/// Residual block over a whole sequence (WaveNet, van den Oord et al. 2016): a convolution of three taps that lie `spacing` rows apart, the middle
/// one on the row itself, then a linear layer; beyond the ends there are zeros. What conditions it, if anything does, changes the norm's gains
/// and offsets in each row (FiLM, Perez et al. 2018):
///
///     y = norm(x) · (1 + gain) + offset
///     x + project(gelu(taps(y before, y, y after)))
public struct DilatedBlock: Sendable {
    public let channels: Int
    /// Rows that it sees before and after each.
    public let spacing: Int
    private let norm: LayerNorm
    private let taps: Linear
    private let project: Linear
    private let gains: Linear?

    /// Reads the layers "norm", "taps" [channels, 3 · channels], "project", and if it is conditioned "gains" [2 · channels, conditions].
    ///
    /// - Parameter conditions: channels of what conditions it; 0 for nothing.
    public init(_ weights: Weights, channels: Int, spacing: Int, conditions: Int) throws(WeightsError) {
        norm = try LayerNorm(weights["norm"], channels: channels)
        taps = try Linear(weights["taps"], inputs: 3 * channels, outputs: channels)
        project = try Linear(weights["project"], inputs: channels, outputs: channels)
        gains = conditions > 0 ? try Linear(weights["gains"], inputs: conditions, outputs: 2 * channels) : nil
        (self.channels, self.spacing) = (channels, spacing)
    }

    /// Runs over a whole sequence x [rows, channels] in place.
    ///
    /// - Parameter conditions: [rows, conditions]; a block that isn't conditioned takes no notice.
    public func forward(_ x: inout Matrix, conditions: Matrix, scratch: inout Scratch) {
        var y = x
        norm.forward(&y)
        if let gains {
            precondition(conditions.rows == x.rows, "each row is conditioned")
            gains.forward(conditions, into: &scratch.first)
            for row in 0..<y.rows {
                for c in 0..<channels {
                    y[row, c] = y[row, c] * (1 + scratch.first[row, c]) + scratch.first[row, channels + c]
                }
            }
        }
        let (rows, size) = (x.rows, 3 * channels)
        scratch.second.resize(rows: rows, columns: size)
        for row in 0..<rows {
            for (place, other) in [row - spacing, row, row + spacing].enumerated() {
                let start = row * size + place * channels
                for c in 0..<channels {
                    scratch.second.values[start + c] = y.rowRange.contains(other) ? y.values[other * channels + c] : 0
                }
            }
        }
        taps.forward(scratch.second, into: &scratch.first)
        scratch.first.applyGELU()
        project.forward(scratch.first, into: &y)
        x.add(y)
    }
}

extension Matrix {
    fileprivate var rowRange: Range<Int> { 0..<rows }
}
