// SPDX-License-Identifier: Apache-2.0

/// The gain over lost frames: the first is played in full, the second fades, then silence until frames come again,
/// which fade in. Every ramp is linear and a frame long, so nothing clicks.
struct Concealment: Sendable {
    private var lostInARow = 0
    private var gain: Float = 1

    mutating func apply(isLost: Bool, to audio: [Float]) -> [Float] {
        lostInARow = isLost ? lostInARow + 1 : 0
        let target: Float = lostInARow > 1 ? 0 : 1
        guard gain != 1 || target != 1 else { return audio }
        let step = (target - gain) / Float(audio.count)
        let start = gain
        gain = target
        return audio.enumerated().map { $1 * (start + step * Float($0 + 1)) }
    }
}
