// SPDX-License-Identifier: Apache-2.0

import Spectral

// What the sources make as new arrays, for tests to compare.

extension HarmonicSource {
    mutating func next(frequency: Double) -> [Float] {
        var samples: [Float] = []
        next(frequency: frequency, into: &samples)
        return samples
    }
}

extension NoiseSource {
    mutating func next(_ count: Int) -> [Float] {
        var samples: [Float] = []
        next(count, into: &samples)
        return samples
    }
}

extension OverlapAdd {
    mutating func add(_ frame: [Float]) -> [Float] {
        var samples: [Float] = []
        add(frame, appendingTo: &samples)
        return samples
    }
}

extension SourceFilter {
    mutating func next(_ frame: Frame) -> [Float] {
        var samples: [Float] = []
        next(frame, appendingTo: &samples)
        return samples
    }
}
