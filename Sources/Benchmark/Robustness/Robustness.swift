// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Quantizer
public import Sotto
import Synchronization

/// How alike the codes are of the same words as they sound elsewhere: the share of speech frames whose codes are those of the clip
/// itself. Speech frames are those at most 30 dB under a clip's loudest; frames of all clips count alike.
public struct Robustness: Sendable, Codable, Equatable {
    /// What was done to the clips, such as "-6 dB".
    public var change: String
    /// With one codebook, the first of all, and all of all.
    public var sameWithOne: Double
    public var sameFirst: Double
    public var sameAll: Double
    public var frames: Int

    /// - Parameters:
    ///   - noises: real noise, if there is some.
    ///   - store: where what was found of each clip is kept.
    ///   - progress: is told how many clips are done; never called twice at a time.
    /// - Returns: a row for each change that can be made here, and a line for each clip that could not be read.
    public static func measure(
        _ clips: [Clip], model: CodecModel, noises: Noises?, store: RobustnessStore, workers: Int,
        progress: (Int) -> Void
    ) -> (rows: [Robustness], failures: [String]) {
        let recodes = ChangedSpeech.canRecode()
        let names = ChangedSpeech.names(noises: noises, recodes: recodes)
        let state = Mutex((counts: names.map { _ in SIMD4<Int>() }, failures: [Int: String]()))
        for start in stride(from: 0, to: clips.count, by: workers) {
            let batch = start..<min(start + workers, clips.count)
            DispatchQueue.concurrentPerform(iterations: batch.count) { offset in
                let index = batch.lowerBound + offset
                do {
                    let clip = clips[index]
                    let known = store.counts(of: clip, changes: names)
                    let counts = try known ?? count(clip, model: model, noises: noises, recodes: recodes)
                    if known == nil { store.keep(counts, of: clip, changes: names) }
                    state.withLock { state in
                        for (row, count) in counts.enumerated() { state.counts[row] &+= count }
                    }
                } catch {
                    state.withLock { $0.failures[index] = "\(clips[index].id): \(error)" }
                }
            }
            progress(batch.upperBound)
        }
        return state.withLock { state in
            let rows = zip(names, state.counts).map { name, counts in
                let share = { (count: Int) in Double(count) / Double(max(1, counts.w)) }
                return Robustness(
                    change: name, sameWithOne: share(counts.x), sameFirst: share(counts.y), sameAll: share(counts.z),
                    frames: counts.w)
            }
            return (rows, clips.indices.compactMap { state.failures[$0] })
        }
    }

    /// Of each change: frames with the same code with one codebook, the same first of all, the same of all; and how many these are of.
    private static func count(
        _ clip: Clip, model: CodecModel, noises: Noises?, recodes: Bool
    ) throws -> [SIMD4<Int>] {
        let audio = try Audio.read(clip.path)
        // By the clip's name, so that each run draws the same for it, whichever clips there are beside it.
        let seed = clip.id.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let changes = try ChangedSpeech.changes(of: audio, noises: noises, recodes: recodes, seed: seed)
        let clean = try CodesOfClip(audio, model)
        let spoken = speechFrames(audio, size: model.configuration.frameSize, count: clean.all.count)
        return try changes.map { try clean.same(as: CodesOfClip($0, model), among: spoken) }
    }

    /// Which of so many frames are at most 30 dB under the loudest.
    package static func speechFrames(_ audio: [Float], size: Int, count: Int) -> [Bool] {
        let powers = (0..<count).map { frame in
            audio[min(frame * size, audio.count)..<min((frame + 1) * size, audio.count)]
                .reduce(0.0) { $0 + Double($1) * Double($1) }
        }
        let loudest = powers.max() ?? 0
        return powers.map { $0 > loudest * 1e-3 }
    }
}

/// A clip's codes, searched for with one codebook and with all.
private struct CodesOfClip {
    let one: [Codes]
    let all: [Codes]

    init(_ audio: [Float], _ model: CodecModel) throws {
        func codes(_ count: Int) throws -> [Codes] {
            var encoder = try SpeechEncoder(model, codes: .fixed(count))
            return (encoder.push(audio) + encoder.finish().frames).map(\.codes)
        }
        (one, all) = (try codes(1), try codes(model.configuration.quantizer.codebooks))
    }

    /// In how many of the frames the codes are those of another clip: with one codebook, the first of all, all of all; and how many
    /// frames these are.
    func same(as other: CodesOfClip, among frames: [Bool]) -> SIMD4<Int> {
        frames.indices.filter { frames[$0] }.reduce(into: SIMD4()) { counts, frame in
            counts &+= SIMD4(
                one[frame] == other.one[frame] ? 1 : 0, all[frame][0] == other.all[frame][0] ? 1 : 0,
                all[frame] == other.all[frame] ? 1 : 0, 1)
        }
    }
}
