// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
import Testing

@Suite struct AsyncSequenceTests {
    let model: CodecModel
    let speech: [Float]

    init() throws {
        model = try Fixture.model()
        speech = try Fixture.speech()
    }

    private func chunks(of size: Int) -> [[Float]] {
        stride(from: 0, to: speech.count, by: size).map { Array(speech[$0..<min($0 + size, speech.count)]) }
    }

    private func stream<Element: Sendable>(_ elements: [Element]) -> AsyncStream<Element> {
        AsyncStream { continuation in
            for element in elements { continuation.yield(element) }
            continuation.finish()
        }
    }

    /// The worked example of the README.
    @Test func theExample() async throws {
        let microphone = stream(chunks(of: 512))
        var played: [[Float]] = []
        func play(_ samples: [Float]) { played.append(samples) }

        for try await samples in microphone.encoded(by: model).decoded(by: model) {
            play(samples)
        }

        var (encoder, decoder) = (SpeechEncoder(model), SpeechDecoder(model))
        let frames = encoder.push(speech) + encoder.finish().frames
        #expect(try played == frames.map { try decoder.push($0) })
    }

    @Test(arguments: [1, 100, 1280, 5000]) func framesAreThoseOfTheEncoder(size: Int) async throws {
        let some = Array(chunks(of: size).prefix(20_000))
        var encoder = SpeechEncoder(model)
        let wanted = some.flatMap { encoder.push($0) } + encoder.finish().frames
        var found: [TokenFrame] = []
        for await frame in stream(some).encoded(by: model) { found.append(frame) }
        #expect(found == wanted)
    }

    @Test func lostFramesAreConcealed() async throws {
        let frames = try Fixture.codes(Fixture.golden()).enumerated().map { $0 % 5 == 3 ? nil : TokenFrame(codes: $1) }
        var decoder = SpeechDecoder(model)
        var number = 0
        for try await samples in stream(frames).decoded(by: model) {
            #expect(try samples == frames[number].map { try decoder.push($0) } ?? decoder.pushLost())
            number += 1
        }
        #expect(number == frames.count)
    }

    @Test func aDecoderThatHoldsFramesBackGivesThemAtTheEnd() async throws {
        let codes = try Fixture.codes(Fixture.golden(), codebooks: 1)
        let told = try SpeechDecoder(model, transcript: "That is acting like a good fellow.")
        var decoder = told
        let wanted = try codes.map { try decoder.push($0) } + [decoder.finish()]
        var found: [[Float]] = []
        for try await samples in stream(codes.map { TokenFrame(codes: $0) }).decoded(by: told) { found.append(samples) }
        #expect(found == wanted && wanted.last?.count == 2 * 1280)
    }

    @Test func whatTheSourceThrowsComesThrough() async {
        struct Unplugged: Error {}
        let broken = AsyncThrowingStream<[Float], any Error> { $0.finish(throwing: Unplugged()) }
        await #expect(throws: Unplugged.self) {
            for try await _ in broken.encoded(by: model).decoded(by: model) {}
        }
        let foreign = stream([TokenFrame(codes: [9999])])
        await #expect(throws: QuantizerError.self) { for try await _ in foreign.decoded(by: model) {} }
    }

    /// A source without an end that counts how often it was asked.
    private struct Hum: AsyncSequence, AsyncIteratorProtocol {
        final class Count { var asked = 0 }

        let count: Count
        func makeAsyncIterator() -> Hum { self }
        func next() async -> [Float]? {
            count.asked += 1
            // A source that never waits would keep a machine of one core from ever cancelling it.
            await Task.yield()
            return [Float](repeating: 0.1, count: 6400)
        }
    }

    @Test func nothingIsReadAhead() async throws {
        let count = Hum.Count()
        var frames = Hum(count: count).encoded(by: model).makeAsyncIterator()
        for taken in 1...12 {
            #expect(await frames.next() != nil)
            #expect(count.asked == (taken + 4) / 5)
        }
    }

    @Test func aCancelledTaskEnds() async throws {
        let model = model
        let task = Task {
            var heard = 0
            for try await _ in Hum(count: Hum.Count()).encoded(by: model).decoded(by: model) { heard += 1 }
            return heard
        }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        _ = try await task.value
    }
}
