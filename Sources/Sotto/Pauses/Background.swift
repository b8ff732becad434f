// SPDX-License-Identifier: Apache-2.0

import Platform

/// Joins the noise of pauses to the frames around them.
///
/// The decoder has learnt not to say noise again: in its frames a steady background comes out 5 to 40 dB lower than it was. Noise
/// as loud as the real background would step up by that much at each pause and down again. So a pause goes on at the level
/// that the last frames before it were heard with, band by band, and follows the background's changes from there. The
/// receiver does this, who knows what it played: the packets stay as they are, and it fits any number of codes and any
/// decoder. Levels are in dB, 0 dB being white noise of variance 1.
struct Background: Sendable {
    /// Samples of a frame, and how many frames count: those of the 320 ms of background that `PauseDetector` has sent before it
    /// says that a pause begins, less the first one of four, in which a word may fade.
    private let size: Int
    private let memory: Int
    private let hop: Int
    private let window: Int
    /// The most by which a level goes up or down in a hop, 4 dB a frame, and the hops in which that is 40 dB.
    private let step: Float
    private let release: Int
    /// Before it has heard anything.
    private let meter: BandPowers

    /// The last samples of frames with codes that came.
    private var heard: [Float] = []
    /// How much lower the background is heard in them than it is, in each band; 0 or less.
    private var reduction = [Float](repeating: 0, count: ComfortNoise.bands)
    /// The noise's level in each band, as it is now and where it goes. nil when there is none.
    private var level: [Float]?
    private var goal: [Float] = []
    private var isPause = false
    private var hopsSincePause = 0

    init(_ model: CodecModel) {
        let c = model.configuration
        size = c.frameSize
        memory = max(1, Int((0.25 * c.frameRate).rounded()))
        (hop, window) = (c.features.hop, c.synthesis.window)
        step = 4 * Float(hop) / Float(c.frameSize)
        release = 10 * c.frameSize / hop
        meter = BandPowers(model)
    }

    /// A frame with codes has been heard, or what was made up for one that was lost.
    mutating func hear(_ frame: ArraySlice<Float>, isLost: Bool) {
        heard = isLost ? [] : Array((heard + frame).suffix(memory * size))
    }

    /// What is left of a pause's noise in the next hop of speech, which is to hold no less; nil if nothing is.
    mutating func remainder() -> [Float]? {
        if isPause { (isPause, hopsSincePause) = (false, 0) }
        hopsSincePause += 1
        if hopsSincePause > release { level = nil }
        level = level?.map { $0 - step }
        return level
    }

    /// A frame of a pause begins.
    mutating func begin(_ noise: ComfortNoise) {
        let real = noise.decibels
        if !isPause {
            isPause = true
            let levels = heardLevels()
            if let last = levels.last {
                level = last
                // The loudest of the frames: noise that is louder than what comes after it can fade, one that is lower can't.
                for band in real.indices {
                    reduction[band] = min(0, levels.reduce(-130) { max($0, $1[band]) } - real[band])
                }
            }
        }
        goal = zip(real, reduction).map { $0 + $1 }
    }

    /// The noise's levels in the pause's next hop.
    mutating func next() -> [Float] {
        let now = level.map { zip($0, goal).map { $0 + min(max($1 - $0, -step), step) } } ?? goal
        level = now
        return now
    }

    /// The levels in the bands of each frame that was heard.
    private func heardLevels() -> [[Float]] {
        var (meter, hops) = (meter, [[Float]]())
        for start in stride(from: 0, to: heard.count - hop + 1, by: hop) {
            hops.append(meter.advance(heard[start..<start + hop]))
        }
        // Of the first windows, a part lies before what was kept.
        return stride(from: 0, to: hops.count, by: size / hop).map { start in
            let part = hops[start..<min(start + size / hop, hops.count)].dropFirst(start == 0 ? window / hop - 1 : 0)
            return (0..<ComfortNoise.bands).map { band in
                10 * log10(part.reduce(1e-13) { $0 + $1[band] / Float(part.count) })
            }
        }
    }
}
