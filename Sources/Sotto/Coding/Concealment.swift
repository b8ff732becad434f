// SPDX-License-Identifier: Apache-2.0

import Platform

/// The gain over lost frames: for 120 ms the voice goes on in full, then it fades over 80 ms into silence, and the first
/// frame that comes again rises from wherever the gain was. Ramps are half cosines, so nothing clicks.
struct Concealment: Sendable {
    private let hold: Int
    private let fade: Int
    private let rise: Int
    /// Samples that have been made up since the last frame that came.
    private var lost = 0

    init(sampleRate: Int) {
        hold = sampleRate * 120 / 1000
        fade = sampleRate * 80 / 1000
        rise = sampleRate * 20 / 1000
    }

    /// Applies it to one frame, the samples of `audio` in `range`.
    mutating func apply(isLost: Bool, to audio: inout [Float], in range: Range<Int>) {
        if isLost {
            for (i, sample) in range.enumerated() { audio[sample] *= gain(after: lost + i + 1) }
            lost = min(lost + range.count, hold + fade)
        } else {
            let start = gain(after: lost)
            lost = 0
            guard start < 1 else { return }
            for (i, sample) in range.enumerated() { audio[sample] *= start + (1 - start) * ramp(i + 1, over: rise) }
        }
    }

    private func gain(after count: Int) -> Float { 1 - ramp(count - hold, over: fade) }

    /// 0 → 1 while `position` goes from 0 to `length`.
    private func ramp(_ position: Int, over length: Int) -> Float {
        let part = Float(min(max(position, 0), length)) / Float(length)
        return (1 - cos(.pi * part)) / 2
    }
}
