// SPDX-License-Identifier: Apache-2.0

import Platform
import Quantizer

extension ComfortNoise {
    /// - Parameter powers: the mean power density of each band.
    init(powers: SIMD16<Float>) {
        var levels = SIMD16<UInt8>()
        for band in 0..<Self.bands {
            levels[band] = UInt8(min(max(-20 * log10(max(powers[band], 1e-20)), 0), 255).rounded())
        }
        self.init(bandLevels: levels)
    }

    /// The power density of each band in dB.
    var decibels: SIMD16<Float> { -SIMD16<Float>(bandLevels) / 2 }
}

/// The bands of `ComfortNoise` over a spectrum.
struct NoiseBands: Sendable {
    /// The bins of each band: band i begins at bin bins · (i / 16)^1.6, rounded.
    let ranges: [Range<Int>]
    /// For each bin, the bands between whose centres it lies, and how far it is on its way from the first to the second.
    private let places: [(below: Int, above: Int, part: Float)]

    /// - Parameter bins: those of the spectrum, less one.
    init(bins: Int) {
        let bands = ComfortNoise.bands
        let edges = (0...bands).map { Int((Double(bins) * pow(Double($0) / Double(bands), 1.6)).rounded()) }
        ranges = (0..<bands).map { edges[$0]..<max(edges[$0] + 1, edges[$0 + 1]) }
        let centres = ranges.map { Float($0.lowerBound + $0.upperBound - 1) / 2 }
        places = (0...bins).map { bin in
            let place = Float(bin)
            guard let above = centres.firstIndex(where: { $0 >= place }), above > 0 else {
                let nearest = place <= centres[0] ? 0 : bands - 1
                return (nearest, nearest, 0)
            }
            return (above - 1, above, (place - centres[above - 1]) / (centres[above] - centres[above - 1]))
        }
    }

    /// Replaces `gains` by the natural logarithm of the amplitude in each bin, of such levels; they run linearly between the bands'
    /// centres.
    func logGains(decibels: SIMD16<Float>, into gains: inout [Float]) {
        let logs = decibels * log(10) / 20
        gains.removeAll(keepingCapacity: true)
        for place in places {
            gains.append(logs[place.below] + place.part * (logs[place.above] - logs[place.below]))
        }
    }
}
