// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Benchmark
import Foundation
import Spectral
import Testing

/// Real pairs and what public implementations say of them (`Training/fixtures/make_benchmark_fixtures.py`).
struct Pair: Decodable, CustomTestStringConvertible {
    var name: String
    var coder: String
    var stoi: Double
    var estoi: Double
    var siSdr: Double
    var logMelDistance: Double
    var lsdDb: Double
    var levelDb: Double
    var mcdDb: Double
    /// Of the cepstra below.
    var distortion: Double
    var referenceCepstra: [[Float]]
    var degradedCepstra: [[Float]]
    /// Of Praat's F0 below, in Hz every 10 ms, 0 without voice.
    var f0Cents: Double
    var f0Gross: Double
    var voicingErrors: Double
    var referenceF0: [Double]
    var degradedF0: [Double]

    var testDescription: String { "\(name) \(coder)" }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func load() throws -> [Pair] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode([Pair].self, from: Data(contentsOf: folder.appending(path: "expected.json")))
    }

    func audio(_ kind: String) throws -> [Float] {
        let path = Self.folder.appending(path: "\(name)-\(kind).flac").path(percentEncoded: false)
        var reader = try AudioFileReader(path: path)
        return try reader.read(upTo: reader.frameCount)
    }
}

struct MetricTests {
    @Test func tenPairsAndMore() throws { #expect(try Pair.load().count >= 10) }

    @Test(arguments: try Pair.load())
    func agreesWithPublicImplementations(pair: Pair) throws {
        let (reference, degraded) = (try pair.audio("reference"), try pair.audio("degraded"))
        let heard = try #require(Intelligibility(reference: reference, degraded: degraded, sampleRate: 16000))
        #expect(abs(heard.stoi - pair.stoi) < 1e-3)
        #expect(abs(heard.estoi - pair.estoi) < 1e-3)
        let distance = try #require(SpectralDistance(reference: reference, degraded: degraded))
        #expect(abs(distance.logMel - pair.logMelDistance) < 1e-3)
        #expect(abs(distance.logSpectral - pair.lsdDb) < 1e-3)
        #expect(abs(distance.level - pair.levelDb) < 1e-3)
        #expect(abs(distance.melCepstral - pair.mcdDb) < 1e-3)
        let ratio = try #require(siSDR(reference: reference, degraded: degraded))
        #expect(abs(ratio - pair.siSdr) < 1e-3)
        let cepstral = try #require(melCepstralDistortion(pair.referenceCepstra, pair.degradedCepstra))
        #expect(abs(cepstral - pair.distortion) < 1e-3)
        let hertz = [pair.referenceF0, pair.degradedF0].map { $0.map { $0 > 0 ? $0 : nil } }
        let pitch = try #require(PitchDistance(reference: hertz[0], degraded: hertz[1]))
        #expect(abs(try #require(pitch.cents) - pair.f0Cents) < 1e-3)
        #expect(abs(try #require(pitch.grossErrors) - pair.f0Gross) < 1e-3)
        #expect(abs(pitch.voicingErrors - pair.voicingErrors) < 1e-3)
    }

    /// Another tracker hears other errors, but of the same codings.
    @Test func pitchFiguresFollowPraats() throws {
        struct Shape: Decodable {
            struct Features: Decodable {
                var hop: Int
                var pitch: PitchSettings
            }
            var features: Features
        }
        let file = Pair.folder.appending(path: "../../../Configs/sotto-16k.json").standardizedFileURL
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let features = try decoder.decode(Shape.self, from: Data(contentsOf: file)).features
        let figures = try Pair.load().map { pair in
            let ours = try #require(
                PitchDistance(
                    reference: pair.audio("reference"), degraded: pair.audio("degraded"), sampleRate: 16000,
                    settings: features.pitch, hop: features.hop))
            return (pair, ours)
        }
        #expect(correlation(figures.map { ($0.f0Cents, $1.cents ?? 0) }) > 0.9)
        #expect(correlation(figures.map { ($0.f0Gross, $1.grossErrors ?? 0) }) > 0.9)
        #expect(correlation(figures.map { ($0.voicingErrors, $1.voicingErrors) }) > 0.6)
    }

    @Test(arguments: [-700, -1, 0, 37, 1600])
    func delayIsFoundAndRemoved(late: Int) throws {
        let reference = try #require(try Pair.load().first).audio("reference")
        let moved = aligned(reference, delay: -late, count: reference.count)
        #expect(delay(of: moved, after: reference, limit: 2000, sampleRate: 16000) == late)
    }

    @Test func delayOfACodecWithoutAWaveformIsThatOfItsLevels() throws {
        for pair in try Pair.load() where pair.coder.hasPrefix("codec2") {
            let (reference, degraded) = (try pair.audio("reference"), try pair.audio("degraded"))
            // About 18 ms by its frames and filters; the waveforms alone say anything.
            #expect((160...480).contains(delay(of: degraded, after: reference, limit: 1600, sampleRate: 16000)))
        }
    }

    @Test func identicalSignalsAreAtNoDistance() throws {
        let audio = try #require(try Pair.load().first).audio("reference")
        let heard = try #require(Intelligibility(reference: audio, degraded: audio, sampleRate: 16000))
        #expect(abs(heard.stoi - 1) < 1e-6 && abs(heard.estoi - 1) < 1e-6)
        let distance = try #require(SpectralDistance(reference: audio, degraded: audio))
        #expect(distance.logMel == 0 && distance.logSpectral == 0 && distance.level == 0)
    }

    @Test func halfTheAmplitudeIsSixDecibelsLess() throws {
        let audio = try #require(try Pair.load().first).audio("reference")
        let distance = try #require(SpectralDistance(reference: audio, degraded: audio.map { $0 / 2 }))
        #expect(abs(distance.level + 20 * log10(2)) < 1e-3)
    }

    @Test func silenceAndNothingHaveNoFigure() {
        let silence = [Float](repeating: 0, count: 16000)
        #expect(siSDR(reference: silence, degraded: silence) == nil)
        #expect(SpectralDistance(reference: silence, degraded: silence) == nil)
        #expect(Intelligibility(reference: [], degraded: [], sampleRate: 16000) == nil)
        #expect(SpectralDistance(reference: [], degraded: []) == nil)
        #expect(melCepstralDistortion([], []) == nil)
    }
}

/// Pearson's.
private func correlation(_ points: [(Double, Double)]) -> Double {
    let (x, y) = (points.map(\.0).mean ?? 0, points.map(\.1).mean ?? 0)
    func moment(_ a: (Double, Double) -> Double) -> Double { points.reduce(0) { $0 + a($1.0 - x, $1.1 - y) } }
    return moment { $0 * $1 } / (moment { a, _ in a * a } * moment { _, b in b * b }).squareRoot()
}
