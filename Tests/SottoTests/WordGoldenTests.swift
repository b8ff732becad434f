// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer
import Sotto
import Testing
import Transcript

/// Speech by the word with the shipped weights on a real clip, against the PyTorch model (`sotto_training.release words`).
@Suite struct WordGoldenTests {
    let model: CodecModel
    let words: WordModel
    let golden: SafetensorsFile
    let timing: SymbolTiming

    init() throws {
        (model, words) = (try Fixture.model(), try WordFixture.words())
        golden = try SafetensorsFile(path: Fixture.path("Tests/SottoTests/Fixtures/words-golden.safetensors"))
        timing = SymbolTiming(counts: try golden.values("pace").map { Int($0) })
    }

    private func spoken(codes count: Int) throws -> SpokenWords {
        let (frames, quantizer) = (try Fixture.codes(golden, named: "codes"), model.quantizer)
        let latents = try frames.map { try quantizer.decode($0) }
        return try words.spoken(WordFixture.text, timing: timing, codesPerWord: count, level: nil) { frames in
            Matrix(rows: frames.count, columns: quantizer.dimensions, values: Array(latents[frames].joined()))
        }
    }

    /// The first codes of each word and pause, as PyTorch found four of them.
    private func wanted(_ count: Int) throws -> [UInt8] {
        let (all, pauses) = (try golden.values("words"), try golden.values("pauses"))
        return pauses.indices.flatMap { index in
            all[4 * index..<4 * index + 4].prefix(min(count, pauses[index] > 0 ? 1 : count)).map { UInt8($0) }
        }
    }

    @Test func voiceAgrees() throws {
        #expect(try spoken(codes: 0).voice == golden.values("voice").map { UInt8($0) })
    }

    /// What is rounded to 8 bits may fall to the other side of a half by an order of summation, and a vector to another code that is as near:
    /// one word in ten at most.
    @Test(arguments: [0, 2, 4]) func codesAgree(count: Int) throws {
        let (found, wanted) = (try spoken(codes: count), try wanted(count))
        #expect(found.codes.count == wanted.count && found.codesPerWord == count)
        let wrong = zip(found.codes, wanted).count { $0 != $1 }
        #expect(wrong <= wanted.count / 10, "\(wrong) of \(wanted.count)")
        #expect(count == 0 || wanted.count > 20)
    }

    /// They differ by as little as rounding to 8 bits costs.
    @Test(arguments: [0, 2, 4]) func latentsAgree(count: Int) throws {
        let wanted = try golden.values("latents.\(count)")
        var told = try spoken(codes: count)
        told.codes = try self.wanted(count)
        let found = try WordFixture.latents(told, words)
        #expect(found.count == wanted.count && wanted.count == 60 * 33)
        let off = zip(found, wanted).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        #expect(off / wanted.reduce(0) { $0 + $1 * $1 } < 1e-4)
    }
}
