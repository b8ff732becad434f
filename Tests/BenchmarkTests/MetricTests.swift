// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Benchmark
import Foundation
import Testing

/// Real pairs and what public implementations say of them (`Training/fixtures/make_benchmark_fixtures.py`).
struct Pair: Decodable, CustomTestStringConvertible {
    var name: String
    var coder: String
    var stoi: Double
    var estoi: Double
    var siSdr: Double
    var logMelL1: Double
    var mcd: Double
    var referenceCepstra: [[Float]]
    var degradedCepstra: [[Float]]

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
        return reader.read(upTo: reader.frameCount)
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
        #expect(abs(distance.logMelL1 - pair.logMelL1) < 1e-3)
        let ratio = try #require(siSDR(reference: reference, degraded: degraded))
        #expect(abs(ratio - pair.siSdr) < 1e-3)
        let cepstral = try #require(melCepstralDistortion(pair.referenceCepstra, pair.degradedCepstra))
        #expect(abs(cepstral - pair.mcd) < 1e-3)
    }

    @Test(arguments: [-700, -1, 0, 37, 1600])
    func delayIsFoundAndRemoved(late: Int) throws {
        let reference = try #require(try Pair.load().first).audio("reference")
        let moved = aligned(reference, delay: -late, count: reference.count)
        #expect(delay(of: moved, after: reference, limit: 2000) == late)
    }

    @Test func identicalSignalsAreAtNoDistance() throws {
        let audio = try #require(try Pair.load().first).audio("reference")
        let heard = try #require(Intelligibility(reference: audio, degraded: audio, sampleRate: 16000))
        #expect(abs(heard.stoi - 1) < 1e-6 && abs(heard.estoi - 1) < 1e-6)
        let distance = try #require(SpectralDistance(reference: audio, degraded: audio))
        #expect(distance.logMelL1 == 0 && distance.logSpectral == 0 && distance.level == 0)
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
