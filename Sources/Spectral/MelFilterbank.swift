// SPDX-License-Identifier: Apache-2.0

import Platform

/// Triangular filters on Slaney's mel scale, each of unit area over Hz (Slaney, Auditory Toolbox, 1998):
/// the weights of `librosa.filters.mel(htk=False, norm="slaney")`.
public struct MelFilterbank: Sendable {
    public let bands: Int
    private let filters: [(first: Int, weights: [Float])]

    public init(sampleRate: Int, fftSize: Int, bands: Int, low: Double, high: Double) {
        self.bands = bands
        filters = Self.filters(sampleRate: sampleRate, fftSize: fftSize, bands: bands, low: low, high: high)
            .map { ($0.first, $0.weights.map(Float.init)) }
    }

    /// Where each band is highest, in Hz.
    package static func centres(bands: Int, low: Double, high: Double) -> [Double] {
        let step = (mel(high) - mel(low)) / Double(bands + 1)
        return (0..<bands).map { hertz(mel(low) + step * Double($0 + 1)) }
    }

    /// The weights as a matrix [bands, fftSize / 2 + 1].
    package func matrix(fftSize: Int) -> [Float] {
        let bins = fftSize / 2 + 1
        return filters.flatMap { filter in
            let before = [Float](repeating: 0, count: filter.first)
            let after = [Float](repeating: 0, count: bins - filter.first - filter.weights.count)
            return before + filter.weights + after
        }
    }

    /// `magnitudes` [fftSize / 2 + 1] → `mel` [bands].
    public func apply(_ magnitudes: [Float], into mel: inout [Float]) {
        for (band, filter) in filters.enumerated() {
            var sum: Float = 0
            for (offset, weight) in filter.weights.enumerated() { sum += weight * magnitudes[filter.first + offset] }
            mel[band] = sum
        }
    }

    /// For each band the first bin and the weights from there on: most of a filter is zero.
    static func filters(
        sampleRate: Int, fftSize: Int, bands: Int, low: Double, high: Double
    ) -> [(first: Int, weights: [Double])] {
        let lowMel = Self.mel(low)
        let step = (Self.mel(high) - lowMel) / Double(bands + 1)
        let edges = (0..<bands + 2).map { Self.hertz(lowMel + step * Double($0)) }
        let binWidth = Double(sampleRate) / Double(fftSize)
        return (0..<bands).map { band in
            let (left, centre, right) = (edges[band], edges[band + 1], edges[band + 2])
            let weights = (0...fftSize / 2).map { bin in
                let frequency = Double(bin) * binWidth
                let height = min((frequency - left) / (centre - left), (right - frequency) / (right - centre))
                return max(0, height) * 2 / (right - left)
            }
            let first = weights.firstIndex { $0 > 0 } ?? 0
            let last = weights.lastIndex { $0 > 0 } ?? first
            return (first, Array(weights[first...last]))
        }
    }

    // Linear below 1 kHz (3 mel per 200 Hz), logarithmic above (27 mel per factor of 6.4).
    private static let knee = 1000.0
    private static let kneeMel = 15.0
    private static let logStep = log(6.4) / 27

    static func mel(_ hertz: Double) -> Double {
        hertz < knee ? hertz * 3 / 200 : kneeMel + log(hertz / knee) / logStep
    }

    static func hertz(_ mel: Double) -> Double {
        mel < kneeMel ? mel * 200 / 3 : knee * exp(logStep * (mel - kneeMel))
    }
}
