// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Mel-cepstral distortion of two sequences of cepstra, in dB: (10 / ln 10) · √(2 Σ (c − c′)²), the mean over frames
/// (Kubichek 1993). Coefficient 0, the level, does not count.
///
/// - Parameters: cepstra of [frames] of [coefficients]; the shorter sequence says how many frames are compared.
/// - Returns: nil if there is no frame to compare.
public func melCepstralDistortion(_ reference: [[Float]], _ degraded: [[Float]]) -> Double? {
    let distances = zip(reference, degraded).map { a, b in
        let sum = zip(a.dropFirst(), b.dropFirst()).reduce(0.0) { sum, pair in
            let difference = Double(pair.0) - Double(pair.1)
            return sum + difference * difference
        }
        return 10 / log(10) * (2 * sum).squareRoot()
    }
    return distances.mean
}

extension [Double] {
    /// nil of none.
    public var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }

    var median: Double? { isEmpty ? nil : sorted()[count / 2] }
}
