// SPDX-License-Identifier: Apache-2.0

import Foundation

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

    mutating func apply(isLost: Bool, to audio: [Float]) -> [Float] {
        guard isLost else {
            let start = gain(after: lost)
            lost = 0
            guard start < 1 else { return audio }
            return audio.enumerated().map { $1 * (start + (1 - start) * ramp($0 + 1, over: rise)) }
        }
        defer { lost = min(lost + audio.count, hold + fade) }
        return audio.enumerated().map { $1 * gain(after: lost + $0 + 1) }
    }

    private func gain(after count: Int) -> Float { 1 - ramp(count - hold, over: fade) }

    /// 0 → 1 while `position` goes from 0 to `length`.
    private func ramp(_ position: Int, over length: Int) -> Float {
        let part = Float(min(max(position, 0), length)) / Float(length)
        return (1 - cos(.pi * part)) / 2
    }
}
