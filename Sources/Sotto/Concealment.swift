// SPDX-License-Identifier: Apache-2.0

/// The gain over lost frames: the first is played in full, the second fades, then silence until frames come again,
/// which fade in. Every ramp is linear and a frame long, so nothing clicks.
struct Concealment: Sendable {
    private var lostInARow = 0
    private var gain: Float = 1

    /// Applies it to one frame, the samples of `audio` in `range`.
    mutating func apply(isLost: Bool, to audio: inout [Float], in range: Range<Int>) {
        lostInARow = isLost ? lostInARow + 1 : 0
        let target: Float = lostInARow > 1 ? 0 : 1
        guard gain != 1 || target != 1 else { return }
        let step = (target - gain) / Float(range.count)
        for (i, sample) in range.enumerated() { audio[sample] *= gain + step * Float(i + 1) }
        gain = target
    }
}
