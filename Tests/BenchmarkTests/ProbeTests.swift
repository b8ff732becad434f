// SPDX-License-Identifier: Apache-2.0

import Benchmark
import NeuralNet
import Spectral
import Testing

@Suite struct NormalEquationTests {
    /// Inputs −1, 0, 1 with targets −2, 1, 3: the sum of squares is 2, that of products 5, and the mean of the targets 2/3.
    private func equations() -> NormalEquations {
        var equations = NormalEquations(inputs: 2, outputs: 1)
        equations.add(ProbeSamples(inputs: [-1, 1, 0, 1], targets: [-2, 1], count: 2))
        var rest = NormalEquations(inputs: 2, outputs: 1)
        rest.add(ProbeSamples(inputs: [1, 1], targets: [3], count: 1))
        equations.add(rest)
        return equations
    }

    @Test(arguments: zip([0, 1.0 / 3, 1] as [Float], [5.0 / 2, 5.0 / 3, 1] as [Float]))
    func theSolutionIsTheOneByHand(penalty: Float, slope: Float) throws {
        let map = try #require(try equations().solution(penalty: penalty))
        #expect(abs(map.weights[0] - slope) < 1e-5 && abs(map.weights[1] - 2.0 / 3) < 1e-5)
    }

    @Test func severalOutputsAreSolvedAtOnce() throws {
        // y = 2a − b + 3 and a + 5b − 1.
        var (samples, generator) = (ProbeSamples(), SplitMix64(seed: 3))
        for _ in 0..<200 {
            let (a, b) = (Float.random(in: -1...1, using: &generator), Float.random(in: -1...1, using: &generator))
            samples.inputs += [a, b, 1]
            samples.targets += [2 * a - b + 3, a + 5 * b - 1]
            samples.count += 1
        }
        var equations = NormalEquations(inputs: 3, outputs: 2)
        equations.add(samples)
        let map = try #require(try equations.solution(penalty: 0))
        #expect(zip(map.weights, [2, -1, 3, 1, 5, -1] as [Float]).allSatisfy { abs($0 - $1) < 1e-4 })
        let told = map([1, 1, 1, 0, 0, 1], count: 2)
        #expect(zip(told, [4, 5, 3, -1] as [Float]).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test func withoutRowsThereIsNoSolutionAndWhatIsNotFiniteIsRefused() throws {
        var equations = NormalEquations(inputs: 2, outputs: 1)
        #expect(try equations.solution(penalty: 1) == nil)
        equations.add(ProbeSamples(inputs: [.nan, 1], targets: [1], count: 1))
        #expect(throws: BenchmarkError.self) { try equations.solution(penalty: 1) }
    }
}

@Suite struct FoldTests {
    @Test func nobodyIsBothLearntFromAndTested() {
        let speakers = (0..<60).map { "speaker \($0 * $0 % 13)" }
        let folds = Folds.apart(speakers: speakers, sizes: (0..<60).map { 10 + $0 % 7 })
        for speaker in Set(speakers) {
            #expect(Set(zip(speakers, folds).filter { $0.0 == speaker }.map(\.1)).count == 1)
        }
        #expect(Set(folds) == [0, 1, 2, 3, 4])
        #expect(Folds.apart(speakers: ["b", "a"], sizes: [1, 1]) == [1, 0])
    }

    @Test func everySpeakerIsKnownFromOtherClips() {
        let speakers = [0, 1, 0, 2, 1, 0, 0, 0, 0, 0]
        let folds = Folds.within(speakers: speakers)
        #expect(folds == [0, 0, 1, nil, 1, 2, 3, 4, 0, 1])
    }
}

@Suite struct ProbeTaskTests {
    /// Six speakers with four clips of 40 frames at 12.5 Hz, in each of whose rows one of five sounds is said. A frame holds the sounds
    /// of its rows one-hot, its speaker and its pitch, and noise.
    private func made(holdsLabels: Bool = true) -> (tasks: ProbeTasks, frames: ProbedFrames) {
        var generator = SplitMix64(seed: 7)
        var (sounds, pitch, speakers, clips): ([[String?]], [[Float?]], [String], [Matrix]) = ([], [], [], [])
        for clip in 0..<24 {
            let speaker = clip % 6
            var (told, cents, values): ([String?], [Float?], [Float]) = ([], [], [])
            for _ in 0..<40 {
                let (rows, voice) = ((0..<4).map { _ in Int.random(in: 0..<5, using: &generator) }, Float(speaker))
                let height = Float.random(in: -600...600, using: &generator)
                told += rows.map { "\($0)" }
                cents += [Float?](repeating: 8700 + height, count: 4)
                let hot = rows.flatMap { row in (0..<5).map { Float($0 == row ? 1 : 0) } }
                let held = hot + (0..<6).map { Float($0) == voice ? 1 : 0 } + [height / 100]
                values += held.map { value in
                    (holdsLabels ? value : 0) + Float.random(in: -0.1...0.1, using: &generator)
                }
            }
            sounds.append(told)
            pitch.append(cents)
            speakers.append("speaker \(speaker)")
            clips.append(Matrix(rows: 40, columns: 27, values: values))
        }
        return (ProbeTasks(sounds: sounds, pitch: pitch, speakers: speakers), ProbedFrames(rate: 12.5, clips: clips))
    }

    @Test func whatFramesHoldIsTold() throws {
        let (tasks, frames) = made()
        let row = try tasks.row("system", frames)
        #expect(try #require(row.sounds).mean > 0.99 && row.sounds?.count == 24)
        #expect(try #require(row.speaker).mean == 1 && row.speaker?.count == 24)
        #expect(try #require(row.pitchCents).mean < 60)
        #expect(row.modelBits == nil && row.writtenBits == nil)
    }

    @Test func shuffledLabelsAreToldByChance() throws {
        let (tasks, frames) = made()
        let row = try tasks.withShuffledLabels().row("system", frames)
        #expect((0.15..<0.27).contains(try #require(row.sounds).mean))
        #expect(try #require(row.speaker).mean < 0.5)
        // The spread of heights is 1200 / √12 = 346 cents; what was learnt by heart adds to it.
        #expect((330..<520).contains(try #require(row.pitchCents).mean))
    }

    @Test func framesThatHoldNothingTellNothing() throws {
        let (tasks, frames) = made(holdsLabels: false)
        let row = try tasks.row("system", frames)
        #expect((0.15..<0.27).contains(try #require(row.sounds).mean))
        #expect(try #require(row.speaker).mean < 0.5)
        #expect((330..<520).contains(try #require(row.pitchCents).mean))
    }

    @Test func rowsFallIntoFramesOfAnyRate() throws {
        let clip = Matrix(rows: 10, columns: 1)
        for (rate, places) in [(6.25, 8), (12.5, 4), (50, 1), (75, 1)] {
            #expect(ProbedFrames(rate: rate, clips: [clip]).places == places)
        }
        let frames = ProbedFrames(rate: 12.5, clips: [clip])
        for row in 0..<40 {
            let found = try #require(frames.position(ofRow: row, clip: 0))
            #expect(found.frame == row / 4 && found.place == row % 4)
        }
        #expect(frames.position(ofRow: 40, clip: 0) == nil)
    }

    @Test func bitsAreThoseOfClipsThatTheModelDoesNotKnow() throws {
        let (tasks, frames) = made()
        var generator = SplitMix64(seed: 5)
        let codes = (0..<24).map { _ in (0..<40).map { _ in [UInt16.random(in: 0..<8, using: &generator), 3] } }
        let row = try tasks.row("system", frames, codes: codes, codebookSize: 8)
        #expect(row.writtenBits?.mean == 6 && row.modelBits?.count == 24)
        #expect((2.8..<3.6).contains(try #require(row.modelBits).mean))
    }
}

@Suite struct CodeLanguageModelTests {
    private func bitsPerFrame(_ model: inout CodeLanguageModel, _ frames: [[UInt16]]) -> Double {
        Double(model.learn(frames)) / Double(CodeLanguageModel.unitsPerBit * frames.count)
    }

    private func random(_ count: Int, below codes: UInt16, seed: UInt64) -> [[UInt16]] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in [UInt16.random(in: 0..<codes, using: &generator)] }
    }

    @Test(arguments: [(UInt16(16), 4.0), (64, 6)])
    func codesByChanceCostWhatTheyTake(codes: UInt16, bits: Double) {
        var model = CodeLanguageModel(codes: Int(codes))
        model.learn(random(20000, below: codes, seed: 1))
        let found = bitsPerFrame(&model, random(2000, below: codes, seed: 2))
        #expect((bits - 0.02...bits + 0.15).contains(found), "\(found)")
    }

    @Test func nothingIsGivenAwayBeforeAnythingIsLearnt() {
        var model = CodeLanguageModel(codes: 1024)
        #expect(abs(bitsPerFrame(&model, [[7]]) - 10) < 0.001)
        var only = CodeLanguageModel(codes: 1)
        #expect(bitsPerFrame(&only, [[0], [0], [0]]) < 0.001)
    }

    @Test func aPatternThatRepeatsCostsNextToNothing() {
        let pattern: [[UInt16]] = [[3, 1], [900, 17], [3, 5], [41, 1000], [7, 7]]
        let frames = (0..<2000).map { pattern[$0 % pattern.count] }
        var model = CodeLanguageModel(codes: 1024)
        let first = bitsPerFrame(&model, Array(frames.prefix(20)))
        model.learn(frames)
        let last = bitsPerFrame(&model, frames)
        #expect(last < 0.05, "\(last)")
        // It learns as it goes.
        #expect(first > 5)
    }

    @Test func codebooksOfAFrameTellOfEachOther() {
        let frames = random(8000, below: 256, seed: 4).map { [$0[0], 255 - $0[0]] }
        var model = CodeLanguageModel(codes: 256)
        model.learn(Array(frames.prefix(7000)))
        let found = bitsPerFrame(&model, Array(frames.suffix(1000)))
        #expect((7.5..<9.5).contains(found), "\(found)")
    }

    @Test func theSameCodesCostTheSame() {
        // Frames of any number of codes, as at an average rate.
        let frames = random(500, below: 1024, seed: 6).enumerated().map { Array(repeating: $1[0], count: $0 % 9) }
        let costs = (0..<2).map { _ in
            var model = CodeLanguageModel(codes: 1024)
            return model.learn(frames)
        }
        #expect(costs[0] == costs[1] && costs[0] > 0)
    }
}

@Suite struct ProbeCheckTests {
    private struct Tokenless: CodecSystem {
        let name = "tokenless"
        func fingerprint(clip: String) -> String { name }
        func code(_ audio: [Float], clip: String, transcript: String?) throws -> CodedClip { throw CancellationError() }
        func warmUp(_ audio: [Float]) -> Int? { nil }
    }

    @Test func systemsWithoutTokensAreRefused() {
        #expect(throws: BenchmarkError.self) { try Probe.check([], systems: [Tokenless()], phones: nil) }
    }
}
