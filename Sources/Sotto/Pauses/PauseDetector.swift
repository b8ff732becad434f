// SPDX-License-Identifier: Apache-2.0

import Platform
package import Quantizer

/// Tells pauses from speech by the level above the background, in two ranges so that a soft hiss counts too.
///
/// A token frame is judged by its loudest 10 ms, so the frame in which a word begins is never taken for a pause. It
/// takes 9 dB above the background to end a pause, and 320 ms below 7 dB to begin one: 10 ms of a steady
/// noise of brown colour reach 7 dB above the quietest 80 ms in seconds, of white noise 3.5 dB. The background is
/// the quietest frame of the last 5 s: speech has gaps that often. A value that `SpeechEncoder.push(_:detecting:)` takes.
public struct PauseDetector: Sendable {
    /// In token frames.
    private let history: Int
    private let hangover: Int
    private static let start: Float = 9
    private static let end: Float = 7
    /// Anything below is silence, whatever the background; in dB of power density.
    private static let threshold: Float = -90

    private let hop: Int
    private var meter: BandPowers
    /// The level of each of the last frames, in both ranges.
    private var levels: [SIMD2<Float>] = []
    /// The band powers of the last quiet frames, the mean of each frame's.
    private var quiet: [SIMD16<Float>] = []
    private var isPause = false

    public init(_ model: CodecModel) {
        history = max(1, Int((5.12 * model.configuration.frameRate).rounded()))
        hangover = max(1, Int((0.32 * model.configuration.frameRate).rounded()))
        hop = model.configuration.features.hop
        meter = BandPowers(model)
        levels.reserveCapacity(history)
        quiet.reserveCapacity(2 * hangover)
    }

    /// Judges a token frame by its samples, as many as a frame has.
    ///
    /// - Returns: the background's noise if it is one of a pause, nil if it is speech.
    package mutating func advance(_ samples: ArraySlice<Float>) -> ComfortNoise? {
        var (peak, mean) = (SIMD2<Float>(repeating: Self.threshold), SIMD2<Float>())
        var powers = SIMD16<Float>()
        let hops = samples.count / hop
        for start in stride(from: samples.startIndex, to: samples.endIndex, by: hop) {
            let now = meter.advance(samples[start..<start + hop])
            powers += now / Float(hops)
            // The lowest band sways with what is too low to be heard.
            let level = SIMD2(decibels(now, bands: 1..<9), decibels(now, bands: 9..<ComfortNoise.bands))
            peak = pointwiseMax(peak, level)
            mean += level / Float(hops)
        }
        if levels.count == history { levels.removeFirst() }
        levels.append(mean)
        var floor = mean
        for level in levels { floor = pointwiseMin(floor, level) }
        let above = (peak - floor).max()
        guard above < (isPause ? Self.start : Self.end) else {
            isPause = false
            quiet.removeAll(keepingCapacity: true)
            return nil
        }
        if quiet.count == 2 * hangover { quiet.removeFirst() }
        quiet.append(powers)
        isPause = isPause || quiet.count > hangover
        guard isPause else { return nil }
        var sum = SIMD16<Float>()
        for powers in quiet { sum += powers }
        return ComfortNoise(powers: sum / Float(quiet.count))
    }

    /// The mean of some of the bands.
    private func decibels(_ powers: SIMD16<Float>, bands: Range<Int>) -> Float {
        var sum: Float = 0
        for band in bands { sum += powers[band] }
        return max(10 * log10(sum / Float(bands.count) + 1e-20), Self.threshold)
    }
}
