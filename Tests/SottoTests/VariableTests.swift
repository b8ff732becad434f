// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer
import Sotto
import TestSupport
import Testing
import Transcript

/// Frames that have as many codes as they need.
@Suite struct VariableTests {
    let model: CodecModel
    let speech: [Float]

    init() throws {
        model = try Fixture.model()
        speech = try Fixture.speech()
    }

    private func encode(_ mean: Int, chunks: some Sequence<Int>) throws -> [Codes] {
        var encoder = try SpeechEncoder(model, codes: .average(mean))
        var (codes, start): ([Codes], Int) = ([], 0)
        for chunk in chunks where start < speech.count {
            codes += encoder.push(speech[start...].prefix(chunk)).codes
            start += chunk
        }
        return codes + encoder.finish().frames.codes
    }

    @Test(arguments: 2...7) func theFirstCodeTellsHowManyThereAre(mean: Int) throws {
        let counts = try SpeechEncoder(model, codes: .average(mean)).counts
        let codes = try encode(mean, chunks: [speech.count])
        #expect(codes.allSatisfy { $0.count == counts.count(after: $0[0]) })
        #expect(Set(codes.map(\.count)).count > 2)
        let found = Double(codes.reduce(0) { $0 + $1.count }) / Double(codes.count)
        #expect(abs(found - Double(mean)) < 0.15 * Double(mean))
    }

    @Test(arguments: 1...8) func tokensDontDependOnChunks(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let chunks = (0..<speech.count).map { _ in Int.random(in: 1...3000, using: &random) }
        #expect(try encode(3, chunks: chunks) == encode(3, chunks: [speech.count]))
    }

    @Test func anEncoderEndsAsItBegan() throws {
        var encoder = try SpeechEncoder(model, codes: .average(4))
        let first = encoder.codes(of: speech)
        #expect(encoder.codes(of: speech) == first)
        #expect(encoder.finish().frames.isEmpty && encoder.counts.isVariable)
    }

    /// What the codes are for: the same number of them comes nearer.
    @Test func asManyCodesComeNearer() throws {
        var extractor = FeatureExtractor(model)
        var (state, features, memory) = (
            model.encoder.initialState(), FeatureExtractor.Features(), EncoderNetwork.Memory()
        )
        let whole = speech.count / model.configuration.frameSize * model.configuration.frameSize
        extractor.advance(speech[..<whole], into: &features)
        model.encoder.forward(features.rows, state: &state, memory: &memory)
        let latents = memory.latents
        func measure(_ encode: (ArraySlice<Float>, inout CodeSearch) -> Codes) throws -> (codes: Int, left: Float) {
            var (search, codes, left): (CodeSearch, Int, Float) = (CodeSearch(), 0, 0)
            for row in 0..<latents.rows {
                let found = encode(latents.row(row), &search)
                codes += found.count
                left += zip(try model.quantizer.decode(found), latents.row(row)).reduce(0) {
                    $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
                }
            }
            return (codes, left)
        }
        let rules = try [CodesPerFrame.fixed(4), .average(3), .average(4)].map(model.quantizer.rule)
        let fixed = try measure { model.quantizer.encode($0, by: rules[0], with: &$1) }
        let fewer = try measure { model.quantizer.encode($0, by: rules[1], with: &$1) }
        let variable = try measure { model.quantizer.encode($0, by: rules[2], with: &$1) }
        // On the line between three and four codes a frame, where a fixed number would be.
        let share = Float(fixed.codes - fewer.codes) / Float(variable.codes - fewer.codes)
        #expect(fewer.left + (variable.left - fewer.left) * share < 0.95 * fixed.left)
    }

    @Test func framesOfAnyNumberOfCodesDecodeTogetherAsOneByOne() throws {
        let codes = try encode(4, chunks: [speech.count])
        var (together, single) = (SpeechDecoder(model), SpeechDecoder(model))
        let alone = try codes.flatMap { try single.push($0) }
        #expect(try together.push(frames: codes) == alone)
        var prefixes = SpeechDecoder(model)
        let coarse = try codes.flatMap { try prefixes.push($0.prefix(2)) }
        #expect(coarse.count == alone.count && coarse.allSatisfy(\.isFinite))
    }

    @Test func anAsynchronousSequenceTakesSuchAnEncoder() async throws {
        let encoder = try SpeechEncoder(model, codes: .average(2))
        let chunks = AsyncStream { continuation in
            continuation.yield(speech)
            continuation.finish()
        }
        var codes: [Codes] = []
        for await frame in chunks.encoded(by: encoder) { codes.append(frame.codes) }
        #expect(try codes == encode(2, chunks: [speech.count]))
    }
}
