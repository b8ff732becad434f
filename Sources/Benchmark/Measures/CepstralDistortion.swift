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

/// Mel-frequency cepstra after Davis & Mermelstein (1980), of powers: c_m = 1/K · Σ_k ln P_k · cos(π m (k + ½) / K)
/// over the K bands. With these the distortion is the difference in dB of the mel spectra, root mean square over
/// bands, without its mean and with what is finer than `coefficients` smoothed away.
struct MelCepstrum {
    private let bands: Int
    /// [1 + coefficients, bands], twice as large: the logarithm of a power is twice that of a magnitude.
    private let cosines: [Float]
    private var count: Int { cosines.count / bands }

    /// - Parameter coefficients: how many follow c0.
    init(bands: Int, coefficients: Int) {
        self.bands = bands
        cosines = (0...coefficients).flatMap { m in
            (0..<bands).map { band -> Float in
                let angle = Double.pi * Double(m) * (Double(band) + 0.5) / Double(bands)
                return Float(2 * cos(angle) / Double(bands))
            }
        }
    }

    /// ln of magnitudes [frames][bands] → [frames][1 + coefficients].
    func callAsFunction(_ logMagnitudes: [[Float]]) -> [[Float]] {
        let cepstra = BLAS.product(
            logMagnitudes.flatMap { $0 }, cosines, rows: logMagnitudes.count, inputs: bands)
        return logMagnitudes.indices.map { Array(cepstra[$0 * count..<($0 + 1) * count]) }
    }
}

extension [Double] {
    /// nil of none.
    public var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }

    var median: Double? { isEmpty ? nil : sorted()[count / 2] }
}
