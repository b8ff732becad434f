// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer
import Sotto
import Testing

/// A stream's codes and samples don't depend on what its processor can do.
@Suite(.serialized) struct InstructionTests {
    /// What comes of speech with losses, a pause and a transcript.
    private struct Outcome: Equatable {
        var frames: [TokenFrame] = []
        var average: [TokenFrame] = []
        var latents: [[UInt32]] = []
        var pauses: [ComfortNoise?] = []
        var samples: [UInt32] = []
        var told: [UInt32] = []
        var timing: [Int]?
    }

    private func outcome(_ path: String) throws -> Outcome {
        let (model, speech) = (try CodecModel(path: path), try Fixture.speech())
        var outcome = Outcome()
        let text = "what a processor can do"
        var encoder = try SpeechEncoder(model, codes: nil, transcript: text)
        outcome.frames = encoder.push(speech)
        let ending = encoder.finish()
        outcome.frames += ending.frames
        outcome.timing = ending.timing?.counts
        var average = try SpeechEncoder(model, codes: .average(2))
        outcome.average = average.push(speech)
        var latents = SpeechEncoder(model)
        outcome.latents = latents.pushForLatents(speech).map { $0.map(\.bitPattern) }
        outcome.pauses = model.pauses(in: speech.map { $0 * 1e-4 })
        var decoder = SpeechDecoder(model)
        for (number, frame) in outcome.frames.enumerated() {
            let lost: [Arrival] = number % 9 == 4 ? [.lost(2)] : []
            let level: [Arrival] = frame.level.map { [.level($0)] } ?? []
            outcome.samples += try decoder.push(lost + level + [.codes(frame.codes)]).map(\.bitPattern)
        }
        var told = try SpeechDecoder(model, transcript: text)
        outcome.told = try outcome.frames.flatMap { try told.push($0).map(\.bitPattern) }
        return outcome
    }

    /// Other tests go on meanwhile: what they get is the same, too.
    @Test(arguments: [Fixture.modelPath, LevelFixture.path("level-model-6hz")])
    func allOfThisProcessorsGiveTheSame(model: String) throws {
        let usual = Instructions.inUse
        defer { usual.use() }
        let all = Instructions.available
        #expect(all.contains(usual) && all.map(\.word).contains("portable"))
        var outcomes: [Outcome] = []
        for instructions in all {
            instructions.use()
            #expect(Instructions.inUse == instructions)
            outcomes.append(try outcome(model))
        }
        let first = try #require(outcomes.first)
        #expect(first.frames.count > 20 && first.samples.count > 40_000 && first.told.contains { $0 != 0 })
        for (instructions, outcome) in zip(all, outcomes).dropFirst() {
            #expect(outcome == first, "\(instructions.name)")
        }
    }
}
