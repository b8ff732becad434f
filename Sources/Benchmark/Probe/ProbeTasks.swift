// SPDX-License-Identifier: Apache-2.0

import Spectral

/// What is asked of the frames of every system, and which clips are held out together for it.
///
/// Sounds and pitch are told of speakers that the probes were not fitted to, speakers by other clips of theirs.
package struct ProbeTasks {
    /// [clips][rows]: what is said, as a number; nil where that isn't known.
    private var sounds: [[Int?]]
    /// How many different sounds there are.
    private let soundCount: Int
    /// [clips][rows], in cents over some pitch; nil where there is no voice.
    private var pitch: [[Float?]]
    /// Of each clip, as a number.
    private var speakers: [Int]
    /// The true ones, whoever's clips are said to be whose: intervals are over them.
    private let people: [Int]
    private let apart: [Int?]

    /// A hundredth of each input's variance: what is fitted to an hour of clips hardly depends on it.
    private static let penalty: Float = 0.01

    /// - Parameters:
    ///   - sounds: for each clip the name of what is said in its rows of `ProbedFrames.rowSeconds`, nil where that isn't known.
    ///   - pitch: that of the same rows in cents over 1 Hz, nil where there is no voice.
    ///   - speakers: of each clip.
    package init(sounds: [[String?]], pitch: [[Float?]], speakers: [String]) {
        precondition(sounds.count == speakers.count && pitch.count == speakers.count)
        let names = Set(sounds.joined().compactMap(\.self)).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: zip(names, 0...))
        self.sounds = sounds.map { $0.map { $0.flatMap { numbers[$0] } } }
        soundCount = names.count
        // Near the middle of voices, so that single precision is enough.
        self.pitch = pitch.map { $0.map { $0.map { $0 - 8700 } } }
        let byName = Dictionary(uniqueKeysWithValues: zip(Set(speakers).sorted(), 0...))
        people = speakers.compactMap { byName[$0] }
        self.speakers = people
        apart = Folds.apart(speakers: speakers, sizes: pitch.map(\.count))
    }

    /// The same questions with answers that have nothing to do with them.
    package func withShuffledLabels() -> ProbeTasks {
        var (tasks, generator) = (self, SplitMix64(seed: 1))
        tasks.sounds = shuffled(sounds, &generator)
        tasks.pitch = shuffled(pitch, &generator)
        tasks.speakers.shuffle(using: &generator)
        return tasks
    }

    /// - Parameters:
    ///   - codes: what the frames were written as, [clips][frames][codes of the frame].
    ///   - codebookSize: how many codes a codebook has.
    /// - Throws: `BenchmarkError` if the frames hold numbers that aren't finite.
    package func row(
        _ system: String, _ frames: ProbedFrames, codes: [[[UInt16]]]? = nil, codebookSize: Int = 1
    ) throws(BenchmarkError) -> Probe.Row {
        let bitsPerCode = Int.bitWidth - (codebookSize - 1).leadingZeroBitCount
        func interval(_ values: [Double?]) -> Interval? { Interval(values, groups: people) }
        return Probe.Row(
            system: system, frameRate: frames.rate, sounds: interval(try soundAccuracies(frames)),
            speaker: interval(try speakerAccuracies(frames)), pitchCents: interval(try pitchErrors(frames)),
            modelBits: codes.flatMap { interval(modelBits($0, codebookSize: codebookSize)) },
            writtenBits: codes.flatMap { clips in
                interval(clips.map { clip in clip.map { Double($0.count * bitsPerCode) }.mean })
            })
    }

    /// Of each clip, the share of its rows whose sound is told right; nil without sounds.
    private func soundAccuracies(_ frames: ProbedFrames) throws(BenchmarkError) -> [Double?] {
        let count = soundCount
        let told = try predictions(frames, of: sounds, outputs: count) { sound, targets in
            for other in 0..<count { targets.append(other == sound ? 1 : 0) }
        }
        return told.map { rows in rows.map { $0.target == $0.outputs.indexOfLargest ? 1 : 0 }.mean }
    }

    /// Of each clip, the root mean square error in cents; nil without a voice.
    private func pitchErrors(_ frames: ProbedFrames) throws(BenchmarkError) -> [Double?] {
        // In semitones, so that penalties of all probes are alike.
        let told = try predictions(frames, of: pitch, outputs: 1) { $1.append($0 / 100) }
        return told.map { rows in
            rows.map { row in
                let error = Double(row.target - 100 * (row.outputs.first ?? 0))
                return error * error
            }.mean?.squareRoot()
        }
    }

    /// Of each clip, 1 if its frames with a voice together name its speaker, else 0; nil if that can't be told.
    private func speakerAccuracies(_ frames: ProbedFrames) throws(BenchmarkError) -> [Double?] {
        let count = (speakers.max() ?? 0) + 1
        let spoken = pitch.indices.map { clip in
            let rows = pitch[clip].indices.filter { pitch[clip][$0] != nil }
            return Set(rows.compactMap { frames.position(ofRow: $0, clip: clip)?.frame }).sorted()
        }
        let told = try crossValidated(
            folds: Folds.within(speakers: speakers), inputs: frames.inputs, outputs: count, penalty: Self.penalty
        ) { clip in
            var samples = ProbeSamples()
            for frame in spoken[clip] {
                frames.append(frame: frame, ofClip: clip, to: &samples.inputs)
                for other in 0..<count { samples.targets.append(other == speakers[clip] ? 1 : 0) }
                samples.count += 1
            }
            return samples
        }
        return zip(told, speakers).map { scores, speaker in
            guard !scores.isEmpty else { return nil }
            let sums = (0..<count).map { other in
                stride(from: other, to: scores.count, by: count).reduce(Float(0)) { $0 + scores[$1] }
            }
            return sums[...].indexOfLargest == speaker ? 1 : 0
        }
    }

    /// Of each clip, the bits a frame that a model needs which has learnt the clips of all other folds, and those of its own that came
    /// before; nil without frames.
    private func modelBits(_ codes: [[[UInt16]]], codebookSize: Int) -> [Double?] {
        var bits = [Double?](repeating: nil, count: codes.count)
        for held in Set(apart.compactMap(\.self)) {
            var model = CodeLanguageModel(codes: codebookSize)
            for clip in codes.indices where apart[clip] != held { model.learn(codes[clip]) }
            for clip in codes.indices where apart[clip] == held && !codes[clip].isEmpty {
                bits[clip] =
                    Double(model.learn(codes[clip])) / Double(CodeLanguageModel.unitsPerBit * codes[clip].count)
            }
        }
        return bits
    }

    /// What is predicted of the rows that have a target, by a probe for each of the places that a row can have in a frame.
    ///
    /// - Parameter append: adds a target's `outputs` numbers.
    /// - Returns: for each clip, in no order.
    private func predictions<Target>(
        _ frames: ProbedFrames, of targets: [[Target?]], outputs: Int, append: (Target, inout [Float]) -> Void
    ) throws(BenchmarkError) -> [[(target: Target, outputs: ArraySlice<Float>)]] {
        var all = targets.map { _ in [(target: Target, outputs: ArraySlice<Float>)]() }
        guard outputs > 0 else { return all }
        let positions = targets.indices.map { clip in
            targets[clip].indices.map { frames.position(ofRow: $0, clip: clip) }
        }
        for place in 0..<frames.places {
            func rows(_ clip: Int) -> [(frame: Int, target: Target)] {
                zip(positions[clip], targets[clip]).compactMap { position, target in
                    guard let position, position.place == place else { return nil }
                    return target.map { (position.frame, $0) }
                }
            }
            let told = try crossValidated(
                folds: apart, inputs: frames.inputs, outputs: outputs, penalty: Self.penalty
            ) { clip in
                var samples = ProbeSamples()
                for row in rows(clip) {
                    frames.append(frame: row.frame, ofClip: clip, to: &samples.inputs)
                    append(row.target, &samples.targets)
                    samples.count += 1
                }
                return samples
            }
            for clip in told.indices where !told[clip].isEmpty {
                for (number, row) in rows(clip).enumerated() {
                    all[clip].append((row.target, told[clip][number * outputs..<(number + 1) * outputs]))
                }
            }
        }
        return all
    }
}

/// Those that are known, in another order.
private func shuffled<Label>(_ clips: [[Label?]], _ generator: inout SplitMix64) -> [[Label?]] {
    var known = clips.joined().compactMap(\.self).shuffled(using: &generator)
    return clips.map { $0.map { $0 == nil ? nil : known.popLast() } }
}

extension ArraySlice<Float> {
    /// Counted from 0; the first of several.
    fileprivate var indexOfLargest: Int? {
        indices.max { self[$0] < self[$1] || (self[$0] == self[$1] && $0 > $1) }.map { $0 - startIndex }
    }
}
