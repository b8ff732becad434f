// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantizer
import Sotto
import Testing

@Suite struct DecoderTests {
    let model: CodecModel
    let codes: [Codes]

    init() throws {
        model = try Fixture.model()
        codes = try Fixture.codes(Fixture.golden())
    }

    @Test func interleavedStreamsDontMeet() throws {
        var (alone, first, second) = (SpeechDecoder(model), SpeechDecoder(model), SpeechDecoder(model))
        for frame in codes {
            let wanted = try alone.push(frame)
            #expect(try first.push(frame) == wanted)
            _ = try second.push(frame.reversed())
        }
    }

    @Test(arguments: [2, 7, 16, 51]) func framesTogetherSoundAsOneByOne(count: Int) throws {
        let frames = codes.enumerated().map { $0 % 11 == 5 ? nil : $1 }
        var (single, grouped) = (SpeechDecoder(model), SpeechDecoder(model))
        let wanted = try frames.flatMap { try $0.map { try single.push($0) } ?? single.pushLost() }
        let got = try stride(from: 0, to: frames.count, by: count).flatMap {
            try grouped.push(frames: Array(frames[$0...].prefix(count)))
        }
        let same = got == wanted
        #expect(same)
    }

    @Test func aCopyGoesOnAlike() throws {
        var decoder = SpeechDecoder(model)
        for frame in codes.prefix(20) { _ = try decoder.push(frame) }
        var copy = decoder
        for frame in codes.dropFirst(20) { #expect(try copy.push(frame) == decoder.push(frame)) }
    }

    @Test(arguments: 1...8) func anyPrefixOfTheCodesDecodes(count: Int) throws {
        var decoder = SpeechDecoder(model)
        for frame in codes {
            let audio = try decoder.push(frame.prefix(count))
            #expect(audio.count == model.configuration.frameSize && audio.allSatisfy(\.isFinite))
            #expect(audio.peak < 2)
        }
    }

    @Test func morePrefixIsCloserInSpectrum() throws {
        let speech = try Fixture.speech()
        func error(_ count: Int) throws -> Float {
            var decoder = DelayCompensatedDecoder(model, sampleCount: speech.count)
            let decoded = try codes.flatMap { try decoder.push(Array($0.prefix(count))) }
            let (wanted, got) = (envelope(speech), envelope(decoded))
            return zip(wanted, got).map { abs($0 - $1) }.reduce(0, +) / Float(wanted.count)
        }
        #expect(try error(8) < error(1))
    }

    /// Energies of 20 ms in decibels.
    private func envelope(_ audio: [Float]) -> [Float] {
        stride(from: 0, to: audio.count - 320, by: 320).map { start in
            10 * log10(audio[start..<start + 320].reduce(1e-6) { $0 + $1 * $1 })
        }
    }

    @Test func badCodesAreRefusedAndLeaveTheStreamAsItWas() throws {
        var (decoder, untouched) = (SpeechDecoder(model), SpeechDecoder(model))
        _ = try decoder.push(codes[0])
        _ = try untouched.push(codes[0])
        #expect(throws: QuantizerError.wrongCodeCount(0, codebooks: 8)) { try decoder.push(Codes()) }
        #expect(throws: QuantizerError.wrongCodeCount(9, codebooks: 8)) {
            try decoder.push([UInt16](repeating: 0, count: 9))
        }
        #expect(throws: QuantizerError.codeOutOfRange(1024, codebook: 1, codes: 1024)) { try decoder.push([0, 1024]) }
        #expect(throws: QuantizerError.wrongCodeCount(0, codebooks: 8)) {
            try decoder.push(TokenFrame(codes: [], level: 60))
        }
        #expect(try decoder.push(codes[1]) == untouched.push(codes[1]))
    }

    /// Whatever came before it in the same push: frames, losses, or a pause.
    @Test(arguments: 0...18) func whatComesBeforeBadCodesIsDecoded(count: Int) throws {
        let good = codes.prefix(count).map { Arrival.codes($0) }
        let noise = Arrival.noise(ComfortNoise(level: 120))
        for before in [good, good + [.lost(2)], [noise] + good, good + [noise]] {
            for bad in [Arrival.codes([9999]), .codes([]), .latents([0])] {
                var (decoder, untouched) = (SpeechDecoder(model), SpeechDecoder(model))
                let wanted = try untouched.push(before)
                var audio: [Float] = []
                #expect(throws: QuantizerError.self) {
                    try decoder.push(before + [bad, .codes(codes[0])], appendingTo: &audio)
                }
                let same = audio == wanted
                #expect(same, "\(bad) after \(before.count)")
                // A pause goes on as one.
                let next = [Arrival.lost(1), .codes(codes[20])]
                let goesOn = try decoder.push(next) == untouched.push(next)
                #expect(goesOn, "\(bad) after \(before.count)")
            }
        }
    }
}
