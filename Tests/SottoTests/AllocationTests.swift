// SPDX-License-Identifier: Apache-2.0

import CAllocations
import Quantizer
import Sotto
import Testing

/// What is fit for an audio thread allocates nothing once it has warmed up.
@Suite(.enabled(if: allocations_can_be_counted() != 0)) struct AllocationTests {
    /// Two seconds, after which every buffer has its size.
    private static let warmUp = 25

    /// Loaded for each test alone: streams of a model share what they work with.
    private let model: CodecModel
    private let speech: [Float]

    init() throws {
        (model, speech) = (try Fixture.model(), try Fixture.speech())
    }

    private func allocations(in body: () throws -> Void) rethrows -> Int {
        allocations_begin()
        defer { _ = allocations_end() }
        try body()
        return allocations_end()
    }

    @Test func theyAreCounted() {
        var arrays: [[Float]] = []
        arrays.reserveCapacity(8)
        let count = allocations { for size in 1...8 { arrays.append([Float](repeating: 1, count: 100 * size)) } }
        #expect(count == 8 && arrays.count == 8)
    }

    @Test(arguments: [CodesPerFrame.fixed(8), .fixed(1), .average(4)], [160, 1000, 1280])
    func anEncoderAllocatesNothing(codes: CodesPerFrame, chunk: Int) throws {
        var encoder = try SpeechEncoder(model, codes: codes)
        var whole = try SpeechEncoder(model, codes: codes)
        var (found, wanted): ([UInt16], [UInt16]) = ([], [])
        found.reserveCapacity(1000)
        let count = allocations(encoder: &encoder, chunk: chunk, codes: &found)
        #expect(count == 0)
        wanted += whole.push(speech).codes.joined()
        #expect(found.elementsEqual(wanted.prefix(found.count)) && found.count + 16 > wanted.count)
    }

    /// How many allocations encoding takes once it is warm; `codes` gets what it gives from the start.
    private func allocations(encoder: inout SpeechEncoder, chunk: Int, codes: inout [UInt16]) -> Int {
        let starts = stride(from: 0, to: speech.count - chunk, by: chunk)
        let warmUp = Self.warmUp * 1280 / chunk
        for start in starts.prefix(warmUp) {
            encoder.push(speech.span.extracting(start..<start + chunk), appendingTo: &codes)
        }
        return allocations {
            for start in starts.dropFirst(warmUp) {
                encoder.push(speech.span.extracting(start..<start + chunk), appendingTo: &codes)
            }
        }
    }

    /// Features in double precision, over the speaker's level: of frames of one and of two latents.
    @Test(arguments: ["level-model", "level-model-6hz"], [160, 1000, 2560])
    func anEncoderInDoublePrecisionAllocatesNothing(name: String, chunk: Int) throws {
        let model = try LevelFixture.model(name)
        #expect(model.configuration.features.precision == .double)
        var encoder = SpeechEncoder(model)
        var found: [UInt16] = []
        found.reserveCapacity(1000)
        let count = allocations(encoder: &encoder, chunk: chunk, codes: &found)
        #expect(count == 0 && found.count > 20)
        var whole = SpeechEncoder(model)
        #expect(whole.push(speech).codes.joined().starts(with: found))
    }

    @Test func aPauseDetectorAllocatesNothing() throws {
        var (detector, pauses) = (PauseDetector(model), 0)
        let quiet = speech.map { $0 * 1e-4 }
        func detect() {
            for start in stride(from: 0, to: quiet.count - 1280, by: 1280) {
                if detector.advance(quiet[start..<start + 1280]) != nil { pauses += 1 }
            }
        }
        detect()
        let count = allocations(in: detect)
        #expect(count == 0 && pauses > 10)
    }

    @Test func aDecoderAllocatesNothing() throws {
        var encoder = SpeechEncoder(model)
        let frames = encoder.push(speech).codes
        var (decoder, same) = (SpeechDecoder(model), SpeechDecoder(model))
        var audio: [Float] = []
        audio.reserveCapacity(1280 * frames.count)
        for codes in frames.prefix(Self.warmUp) { try decoder.push(codes.span, appendingTo: &audio) }
        let count = try allocations {
            for codes in frames.dropFirst(Self.warmUp) { try decoder.push(codes.span, appendingTo: &audio) }
        }
        #expect(count == 0)
        #expect(try audio == frames.flatMap { try same.push($0) })
    }

    /// Losses that are bridged, ones that fade away, speech that comes back, and pauses.
    @Test func whateverArrivesADecoderAllocatesNothing() throws {
        var encoder = SpeechEncoder(model)
        let frames = encoder.push(speech).codes
        let noise = ComfortNoise(level: 100)
        var arrivals: [[Arrival]] = []
        for (number, codes) in frames.enumerated() {
            switch number % 16 {
            case 3: arrivals.append([.lost(2), .codes(codes)])
            case 6: arrivals.append([.lost(7)])
            case 9: arrivals.append([.noise(noise), .paused(3)])
            default: arrivals.append([.codes(codes)])
            }
        }
        var (decoder, same) = (SpeechDecoder(model), SpeechDecoder(model))
        var audio: [Float] = []
        audio.reserveCapacity(4 * speech.count)
        for arrived in arrivals.prefix(Self.warmUp) { try decoder.push(arrived, appendingTo: &audio) }
        let count = try allocations {
            for arrived in arrivals.dropFirst(Self.warmUp) { try decoder.push(arrived, appendingTo: &audio) }
        }
        #expect(count == 0)
        #expect(try audio == arrivals.flatMap { try same.push($0) })
    }
}
