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
    private var meter: BandPowers
    private let silence: [Float]

    /// The last samples of frames with codes that came.
    private var heard: [Float] = []
    /// How much lower the background is heard in them than it is, in each band; 0 or less.
    private var reduction = SIMD16<Float>()
    /// The noise's level in each band, as it is now and where it goes. nil when there is none.
    private var level: SIMD16<Float>?
    private var goal = SIMD16<Float>()
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
        silence = [Float](repeating: 0, count: hop)
        heard.reserveCapacity((memory + 1) * size)
    }

    /// A frame with codes has been heard, or what was made up for one that was lost.
    mutating func hear(_ frame: ArraySlice<Float>, isLost: Bool) {
        guard !isLost else { return heard.removeAll(keepingCapacity: true) }
        heard.append(contentsOf: frame)
        heard.removeFirst(max(0, heard.count - memory * size))
    }

    /// What is left of a pause's noise in the next hop of speech, which is to hold no less; nil if nothing is.
    mutating func remainder() -> SIMD16<Float>? {
        if isPause { (isPause, hopsSincePause) = (false, 0) }
        hopsSincePause += 1
        if hopsSincePause > release { level = nil }
        level = level.map { $0 - step }
        return level
    }

    /// A frame of a pause begins.
    mutating func begin(_ noise: ComfortNoise) {
        let real = noise.decibels
        if !isPause {
            isPause = true
            if let (last, loudest) = heardLevels() {
                level = last
                // The loudest of the frames: noise that is louder than what comes after it can fade, one that is lower can't.
                reduction = pointwiseMin(SIMD16(), loudest - real)
            }
        }
        goal = real + reduction
    }

    /// The noise's levels in the pause's next hop.
    mutating func next() -> SIMD16<Float> {
        let (lowest, highest) = (SIMD16(repeating: -step), SIMD16(repeating: step))
        let now = level.map { $0 + (goal - $0).clamped(lowerBound: lowest, upperBound: highest) } ?? goal
        level = now
        return now
    }

    /// The levels in the bands of the last frame that was heard, and of the loudest in each band; nil if none was heard.
    private mutating func heardLevels() -> (last: SIMD16<Float>, loudest: SIMD16<Float>)? {
        guard !heard.isEmpty else { return nil }
        for _ in 0..<window / hop { _ = meter.advance(silence[...]) }
        var (last, loudest) = (SIMD16<Float>(), SIMD16<Float>(repeating: -130))
        for frame in stride(from: 0, to: heard.count, by: size) {
            // Of the first windows, a part lies before what was kept.
            let skipped = frame == 0 ? window / hop - 1 : 0
            var power = SIMD16<Float>(repeating: 1e-13)
            for start in stride(from: frame, to: min(frame + size, heard.count), by: hop) {
                let now = meter.advance(heard[start..<start + hop])
                if start - frame >= skipped * hop { power += now / Float(size / hop - skipped) }
            }
            for band in 0..<ComfortNoise.bands { last[band] = 10 * log10(power[band]) }
            loudest = pointwiseMax(loudest, last)
        }
        return (last, loudest)
    }
}
