// SPDX-License-Identifier: Apache-2.0

import Sotto
import TestSupport
import Testing
import Transcript

@Suite struct EncoderTests {
    let model: CodecModel
    let speech: [Float]
    let whole: [Codes]

    init() throws {
        model = try Fixture.model()
        speech = try Fixture.speech()
        whole = try Self.encode(speech, with: model, chunks: [speech.count])
    }

    /// Pushes chunks of the given sizes, the last of which goes on to the end.
    static func encode(
        _ audio: [Float], with model: CodecModel, codebooks: Int? = nil, chunks: [Int]
    ) throws -> [Codes] {
        var encoder = try SpeechEncoder(model, codes: codebooks.map { .fixed($0) })
        var codes: [Codes] = []
        var (start, chunk) = (0, 0)
        while start < audio.count {
            let end = min(audio.count, start + max(1, chunks[min(chunk, chunks.count - 1)]))
            codes += encoder.push(audio[start..<end]).codes
            (start, chunk) = (end, chunk + 1)
        }
        return codes + encoder.finish().frames.codes
    }

    @Test(arguments: [1, 160, 1000, 1280, 4096]) func tokensDontDependOnChunks(size: Int) throws {
        #expect(try Self.encode(speech, with: model, chunks: [size]) == whole)
    }

    @Test(arguments: 1...8) func tokensDontDependOnRandomChunks(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let chunks = (0..<speech.count).map { _ in Int.random(in: 1...3000, using: &random) }
        #expect(try Self.encode(speech, with: model, chunks: chunks) == whole)
    }

    @Test(arguments: 1...8) func framesHaveTheCodesAskedFor(count: Int) throws {
        let codes = try Self.encode(speech, with: model, codebooks: count, chunks: [speech.count])
        #expect(codes.count == whole.count && codes.allSatisfy { $0.count == count })
        #expect(try Self.encode(speech, with: model, codebooks: count, chunks: [1000]) == codes)
    }

    @Test func tokensAreTheSameOnTwoThreads() async throws {
        let (model, speech, whole) = (model, speech, whole)
        try await withThrowingTaskGroup(of: [Codes].self) { group in
            for size in [700, 1280, 5000, 64000] {
                group.addTask { try Self.encode(speech, with: model, chunks: [size]) }
            }
            for try await codes in group { #expect(codes == whole) }
        }
    }

    @Test func interleavedStreamsDontMeet() throws {
        let backwards = Array(speech.reversed())
        var (first, second) = (SpeechEncoder(model), SpeechEncoder(model))
        var (firstCodes, secondCodes): ([Codes], [Codes]) = ([], [])
        for start in stride(from: 0, to: speech.count, by: 900) {
            let range = start..<min(start + 900, speech.count)
            firstCodes += first.push(speech[range]).codes
            secondCodes += second.push(backwards[range]).codes
        }
        #expect(firstCodes + first.finish().frames.codes == whole)
        let alone = try Self.encode(backwards, with: model, chunks: [backwards.count])
        #expect(secondCodes + second.finish().frames.codes == alone)
    }

    @Test func aCopyGoesOnAlike() throws {
        var encoder = SpeechEncoder(model)
        let head = encoder.push(speech[..<20_001]).codes
        var copy = encoder
        let tail = encoder.codes(of: speech[20_001...])
        #expect(copy.codes(of: speech[20_001...]) == tail)
        #expect(head + tail == whole)
    }

    @Test func finishStartsAfresh() throws {
        var encoder = SpeechEncoder(model)
        #expect(encoder.codes(of: speech) == whole)
        #expect(encoder.codes(of: speech) == whole)
    }

    @Test func laterAudioNeverChangesEarlierTokens() throws {
        var changed = speech
        for i in 32_000..<changed.count { changed[i] = -changed[i] }
        let codes = try Self.encode(changed, with: model, chunks: [changed.count])
        #expect(codes.prefix(32_000 / 1280) == whole.prefix(32_000 / 1280))
        #expect(codes != whole)
    }

    @Test func everySampleIsCovered() throws {
        for count in [1, 2, 159, 160, 959, 960, 961, 1280, 5000] {
            let codes = try Self.encode(Array(speech.prefix(count)), with: model, chunks: [count])
            #expect(codes.count * 1280 >= count + model.configuration.delay)
            #expect((codes.count - 1) * 1280 < count + model.configuration.delay)
        }
        var encoder = SpeechEncoder(model)
        #expect(encoder.push([]).isEmpty && encoder.finish().frames.isEmpty)
    }

    @Test func oddSamplesAreHarmless() throws {
        let extremes: [[Float]] = [
            [Float](repeating: .nan, count: 4000),
            [.infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude],
            [Float](repeating: 0, count: 4000), (0..<8000).map { $0 / 40 % 2 == 0 ? 1 : -1 },
            (0..<4000).map { Float($0) * 1e30 },
        ]
        for audio in extremes {
            let codes = try Self.encode(audio, with: model, chunks: [audio.count])
            #expect(codes.allSatisfy { $0.count == 8 && $0.allSatisfy { $0 < 1024 } })
            var decoder = DelayCompensatedDecoder(model, sampleCount: audio.count)
            let decoded = try codes.flatMap { try decoder.push($0) }
            #expect(decoded.count == audio.count && decoded.allSatisfy(\.isFinite))
        }
    }
}
