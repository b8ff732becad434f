// SPDX-License-Identifier: Apache-2.0

import Foundation
import Spectral

/// Real voices and what librosa, Praat and the Python twin say of them (`Training/fixtures/make_spectral_fixtures.py`).
struct Expected: Decodable {
    struct Mel: Decodable {
        var window: Int
        var bands: Int
        var low: Double
        var high: Double
        var floor: Float
    }

    struct Clip: Decodable {
        var name: String
        /// Of every `melFrameStep`th frame: [frames, bands].
        var logMel: [Float]
        var logF0: [Float]
        var isVoiced: [Bool]
        /// In Hz, 0 where Praat hears no voice.
        var praatF0: [Float]
    }

    var sampleRate: Int
    var hop: Int
    var mel: Mel
    var pitch: PitchSettings
    var melFrameStep: Int
    /// Band, bin and weight of each weight that isn't zero.
    var filters: [[Double]]
    var clips: [Clip]

    static func load() throws -> Expected {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Expected.self, from: Data(contentsOf: folder.appending(path: "expected.json")))
    }

    /// The clip's samples, −1 … 1.
    static func audio(of clip: Clip) throws -> [Float] {
        let bytes = try Data(contentsOf: folder.appending(path: "\(clip.name).s16"))
        return stride(from: 0, to: bytes.count - 1, by: 2).map { at in
            Float(Int16(bitPattern: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8)) / 32768
        }
    }

    var filterbank: MelFilterbank {
        MelFilterbank(sampleRate: sampleRate, fftSize: mel.window, bands: mel.bands, low: mel.low, high: mel.high)
    }

    func logMel() -> LogMel {
        LogMel(filterbank: filterbank, fft: RealFFT(size: mel.window), hop: hop, floor: mel.floor)
    }

    func pitchTracker() -> PitchTracker {
        PitchTracker(settings: pitch, sampleRate: sampleRate, hop: hop, fft: RealFFT(size: pitch.fft))
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
}

extension [Float] {
    /// The whole hops of a signal, one after the other.
    func hops(of size: Int) -> [ArraySlice<Float>] {
        stride(from: 0, through: count - size, by: size).map { self[$0..<$0 + size] }
    }

    /// Samples drawn evenly from −1 … 1, the same at every run.
    static func random(_ count: Int, seed: UInt64 = 1) -> [Float] {
        var state = seed
        return (0..<count).map { _ in
            // Knuth's MMIX generator: not the one under test.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 23) - 1
        }
    }
}

/// The greatest difference of two signals of one length.
func distance(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
    a.count == b.count ? zip(a, b).lazy.map { abs($0 - $1) }.max() ?? 0 : .infinity
}
