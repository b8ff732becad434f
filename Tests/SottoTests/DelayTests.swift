// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantizer
import Sotto
import Testing

/// What Docs/delay.md says, sample by sample.
@Suite struct DelayTests {
    let model: CodecModel
    let speech: [Float]

    init() throws {
        model = try Fixture.model()
        speech = try Fixture.speech()
    }

    private func tokens(_ audio: [Float]) -> [Codes] {
        var encoder = SpeechEncoder(model)
        return encoder.codes(of: audio)
    }

    private func audio(_ codes: [Codes]) throws -> [Float] {
        var decoder = SpeechDecoder(model)
        return try codes.flatMap { try decoder.push($0) }
    }

    @Test func theNumbers() {
        let c = model.configuration
        #expect(c.sampleRate == 16_000 && c.frameSize == 1280 && c.delay == 320)
        #expect(Double(c.frameSize + c.delay) / Double(c.sampleRate) <= 0.1)
    }

    @Test func aFrameLeavesTheEncoderWithItsLastSample() {
        var encoder = SpeechEncoder(model)
        for frame in 0..<5 {
            #expect(encoder.push(speech[frame * 1280..<frame * 1280 + 1279]).isEmpty)
            #expect(encoder.push(speech[frame * 1280 + 1279..<frame * 1280 + 1280]).count == 1)
        }
    }

    @Test(arguments: [8, 21, 34]) func aClickReachesItsOwnFrameAndNoneBefore(frame: Int) {
        var clicked = speech
        for i in 0..<16 { clicked[frame * 1280 + 600 + i] = i % 2 == 0 ? 0.9 : -0.9 }
        let (before, after) = (tokens(speech), tokens(clicked))
        #expect(before[..<frame] == after[..<frame] && before[frame] != after[frame])
    }

    @Test(arguments: [8, 21, 34]) func aFrameIsHeardFromItsFirstSampleOn(frame: Int) throws {
        var codes = tokens(speech)
        let before = try audio(codes)
        codes[frame] = codes[frame].map { ($0 + 511) % 1024 }
        let after = try audio(codes)
        #expect(before[..<(frame * 1280)] == after[..<(frame * 1280)])
        #expect(distance(before[frame * 1280..<frame * 1280 + 480], after[frame * 1280..<frame * 1280 + 480]) > 0)
    }

    /// A click in silence, through encoder and decoder: its echo's centre lies `delay` samples on, to within a hop.
    @Test func aClickComesOutWhereItShould() throws {
        let places = (0..<16).map { 12_000 + $0 * 8_080 }
        var input = [Float](repeating: 0, count: 150_000)
        for place in places { for i in -8..<8 { input[place + i] = i % 2 == 0 ? 0.9 : -0.9 } }
        let output = try audio(tokens(input))
        let lags = places.map { place in
            let around = output[place - 3200..<place + 3840]
            let energy = around.reduce(0) { $0 + Double($1 * $1) }
            let centre = zip(around.indices, around).reduce(0) { $0 + Double($1.0) * Double($1.1 * $1.1) } / energy
            return centre - Double(place)
        }.sorted()
        let median = (lags[7] + lags[8]) / 2
        #expect(abs(median - Double(model.configuration.delay)) < Double(model.configuration.features.hop), "\(lags)")
    }
}
