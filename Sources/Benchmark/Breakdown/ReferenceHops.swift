// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spectral

/// What each hop of 10 ms of a recording is like. Hop n is where `SpectralDistance` looks when it compares for the n-th time.
struct ReferenceHops: Sendable, Codable {
    /// Level under the recording's loudest hop, in whole dB, 0 or less.
    var levels: [Int]
    /// F0 in whole Hz, 0 where there is no voice.
    var pitches: [Int]

    /// The lowest level that counts as speech.
    static let quietest = -40
    static let seconds = 0.01
    /// How long before the end of hop n the window of the n-th comparison has its middle: half of 512 samples at 16 kHz.
    static let lag = 0.016

    init(_ audio: [Float], settings: PitchSettings) {
        let hop = 160
        var tracker = PitchTracker(
            settings: settings, sampleRate: Audio.rate, hop: hop, fft: RealFFT(size: settings.fft))
        let starts = Array(stride(from: 0, through: audio.count - hop, by: hop))
        let found = starts.map { start in
            let pitch = tracker.advance(audio[start..<start + hop])
            let hertz = exp(pitch.logF0)
            return pitch.isVoiced && hertz.isFinite ? Int(hertz.rounded()) : 0
        }
        let powers = starts.map { start in audio[start..<start + hop].reduce(0.0) { $0 + Double($1) * Double($1) } }
        let loudest = powers.max() ?? 0
        let decibels = powers.map { power in
            power > loudest * 1e-9 ? Int((10 * log10(power / loudest)).rounded(.down)) : -90
        }
        // The window's middle is in the hop before; the pitch tracker's longer one has its middle a hop earlier still.
        levels = starts.indices.map { decibels[max(0, $0 - 1)] }
        pitches = starts.indices.map { found[min(starts.count - 1, $0 + 1)] }
    }

    /// When hop n is, in seconds.
    static func time(of hop: Int) -> Double { Double(hop + 1) * seconds - lag }

    var isSpeech: [Bool] { levels.map { $0 >= Self.quietest } }
}

/// How far a system is from the recording, hop by hop.
struct HopErrors: Sendable, Codable {
    /// The log-mel distance of each hop, in thousandths.
    var thousandths: [Int]
    /// Of each of `bands`, over the hops with speech.
    var bands: [Double]

    /// In Hz; up to the next one, the last to 8 kHz.
    static let bands = [0.0, 500, 1000, 2000, 4000, 6000]

    /// - Returns: nil of signals so loud that their distance isn't finite.
    init?(_ distance: SpectralDistance) {
        guard distance.hops.allSatisfy(\.isFinite), distance.bands.allSatisfy(\.isFinite) else { return nil }
        thousandths = distance.hops.map { Int((1000 * $0).rounded()) }
        let centres = MelFilterbank.centres(bands: distance.bands.count, low: 0, high: 8000)
        bands = Self.bands.indices.map { index in
            let top = index + 1 < Self.bands.count ? Self.bands[index + 1] : .infinity
            let inside = centres.indices.filter { centres[$0] >= Self.bands[index] && centres[$0] < top }
            return inside.map { distance.bands[$0] }.mean ?? 0
        }
    }
}
