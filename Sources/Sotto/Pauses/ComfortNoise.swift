// SPDX-License-Identifier: Apache-2.0

import Platform
import Quantizer

extension ComfortNoise {
    /// - Parameter powers: the mean power density of each band.
    init?(powers: [Float]) {
        self.init(levels: powers.map { UInt8(min(max(-20 * log10(max($0, 1e-20)), 0), 255).rounded()) })
    }

    /// The bins of a spectrum of `bins` + 1 that each band covers: band i begins at bin bins · (i / 16)^1.6, rounded.
    static func ranges(bins: Int) -> [Range<Int>] {
        let edges = (0...bands).map { Int((Double(bins) * pow(Double($0) / Double(bands), 1.6)).rounded()) }
        return (0..<bands).map { edges[$0]..<max(edges[$0] + 1, edges[$0 + 1]) }
    }

    /// The power density of each band in dB.
    var decibels: [Float] { levels.map { -Float($0) / 2 } }

    /// The natural logarithm of the amplitude in each of `bins` + 1 bins, of such levels; they run linearly between the
    /// bands' centres.
    static func logGains(decibels: [Float], bins: Int) -> [Float] {
        let centres = ranges(bins: bins).map { Float($0.lowerBound + $0.upperBound - 1) / 2 }
        let logs = decibels.map { $0 * log(10) / 20 }
        return (0...bins).map { bin in
            let place = Float(bin)
            guard let above = centres.firstIndex(where: { $0 >= place }), above > 0 else {
                return place <= centres[0] ? logs[0] : logs[bands - 1]
            }
            let part = (place - centres[above - 1]) / (centres[above] - centres[above - 1])
            return logs[above - 1] + part * (logs[above] - logs[above - 1])
        }
    }
}
