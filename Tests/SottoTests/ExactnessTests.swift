// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
import TestSupport
import Testing

/// Streams are values: nothing but what is pushed into one decides what comes out of it.
@Suite struct ExactnessTests {
    let model: CodecModel
    let speech: [Float]
    let codes: [Codes]

    init() throws {
        model = try Fixture.model()
        speech = try Fixture.speech()
        codes = try Fixture.codes(Fixture.golden())
    }

    /// Cuts of 0 to `limit` elements that make up `count`.
    private func partition(_ count: Int, limit: Int, seed: UInt64) -> [Range<Int>] {
        var random = SeededGenerator(seed: seed)
        var (ranges, start): ([Range<Int>], Int) = ([], 0)
        while start < count {
            let end = min(count, start + Int.random(in: 0...limit, using: &random))
            ranges.append(start..<end)
            start = end
        }
        return ranges
    }

    @Test(arguments: [1, 7, 159, 161, 2000, 64_000]) func aFreshEncoderAndOneThatFinishedAreAlike(limit: Int) throws {
        let audio = limit < 10 ? Array(speech.prefix(9000)) : speech
        var (used, fresh) = (SpeechEncoder(model), SpeechEncoder(model))
        _ = used.codes(of: speech.reversed())
        let wanted = fresh.codes(of: audio)
        let found = partition(audio.count, limit: limit, seed: 9).flatMap { used.push(audio[$0]).codes }
        #expect(found + used.finish().frames.codes == wanted)
    }

    @Test(arguments: 0..<6) func manyStreamsTakenInTurnEqualEachAlone(seed: UInt64) throws {
        let inputs = (0..<3).map { stream in speech.map { $0 * Float(stream + 1) / 3 } }
        let alone = inputs.map { audio in
            var encoder = SpeechEncoder(model)
            return encoder.push(audio) + encoder.finish().frames
        }
        var encoders = inputs.map { _ in SpeechEncoder(model) }
        var decoders = inputs.map { _ in SpeechDecoder(model) }
        var (found, heard) = (inputs.map { _ in [TokenFrame]() }, inputs.map { _ in [[Float]]() })
        let turns = inputs.indices.flatMap { stream in
            partition(speech.count, limit: 6000, seed: 3 * seed + UInt64(stream)).map { (stream, $0) }
        }.sorted { $0.1.lowerBound < $1.1.lowerBound }
        for (stream, range) in turns {
            for frame in encoders[stream].push(inputs[stream][range]) {
                found[stream].append(frame)
                heard[stream].append(try decoders[stream].push(frame))
            }
        }
        for stream in inputs.indices {
            #expect(found[stream] + encoders[stream].finish().frames == alone[stream])
            var decoder = SpeechDecoder(model)
            #expect(try heard[stream] == alone[stream].prefix(heard[stream].count).map { try decoder.push($0) })
        }
    }

    @Test(arguments: [0, 1, 640, 1279, 1280, 20_001]) func anEncodersCopyIsItsOwn(place: Int) throws {
        var original = SpeechEncoder(model)
        let head = original.push(speech[..<place]).codes
        var (copy, other) = (original, original)
        // Whatever becomes of one copy, the others don't hear of it.
        _ = other.codes(of: speech.reversed())
        let first = original.codes(of: speech[place...])
        #expect(copy.codes(of: speech[place...]) == first)
        var whole = SpeechEncoder(model)
        #expect(head + first == whole.codes(of: speech))
    }

    @Test(arguments: [0, 1, 20]) func aDecodersCopyIsItsOwn(place: Int) throws {
        var (original, whole) = (SpeechDecoder(model), SpeechDecoder(model))
        let wanted = try codes.map { try whole.push($0) }
        for frame in codes[..<place] { _ = try original.push(frame) }
        var (copy, other) = (original, original)
        for frame in codes.reversed() { _ = try other.push(frame) }
        _ = other.pushLost()
        #expect(try codes[place...].map { try original.push($0) } == Array(wanted[place...]))
        #expect(try codes[place...].map { try copy.push($0) } == Array(wanted[place...]))
    }

    /// They share a model and what it works with, and each is given its speech in pieces of another size.
    @Test func encodersOnManyThreadsAgree() async throws {
        let (model, speech) = (model, speech)
        var alone = SpeechEncoder(model)
        let wanted = alone.push(speech) + alone.finish().frames
        try await withThrowingTaskGroup(of: [TokenFrame].self) { group in
            for size in [1, 160, 1000, 1279, 1280, 1281, 5000, 100_000] {
                group.addTask {
                    var encoder = SpeechEncoder(model)
                    let starts = stride(from: 0, to: speech.count, by: size)
                    return starts.flatMap { encoder.push(speech[$0..<min($0 + size, speech.count)]) }
                        + encoder.finish().frames
                }
            }
            for try await found in group { #expect(found == wanted) }
        }
    }

    @Test func decodersOnManyThreadsAgree() async throws {
        let (model, codes) = (model, codes)
        var alone = SpeechDecoder(model)
        let wanted = try codes.map { try alone.push($0) }
        try await withThrowingTaskGroup(of: [[Float]].self) { group in
            for _ in 0..<6 {
                group.addTask {
                    var decoder = SpeechDecoder(model)
                    return try codes.map { try decoder.push($0) }
                }
            }
            for try await heard in group { #expect(heard == wanted) }
        }
    }
}
