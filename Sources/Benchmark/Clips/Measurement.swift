// SPDX-License-Identifier: Apache-2.0

import Dispatch
public import Sotto
import Synchronization

/// Measures clips, several at a time; one that fails does not stop the others.
public struct Measurement: Sendable {
    private let systems: [any CodecSystem]
    private let configuration: Configuration
    private let finder: TextFinder?
    private let sounds: Sounds
    private let audio: KeptAudio?

    /// - Parameters:
    ///   - model: the codec that is measured, which also finds when transcripts are said.
    ///   - sounds: where to leave what the page plays.
    ///   - audio: where to leave what was decoded for others, nil for nowhere.
    /// - Throws: `BenchmarkError` if OpenBLAS is not there.
    public init(
        systems: [any CodecSystem], model: CodecModel, sounds: Sounds, audio: KeptAudio?
    ) throws(BenchmarkError) {
        try BLAS.require()
        (self.systems, self.sounds, self.audio) = (systems, sounds, audio)
        configuration = model.configuration
        finder = TextFinder(model)
    }

    private final class Shared: Sendable {
        struct State {
            var results: [Int: ClipResult] = [:]
            var failures: [Int: String] = [:]
        }
        let state = Mutex(State())
    }

    /// Lets every system code the first clip that can be read.
    ///
    /// - Returns: the memory, in bytes, that encoding or decoding it took at most, by system, where it is known.
    public func warmUp(_ clips: [Clip]) -> [String: Int] {
        guard let audio = clips.lazy.compactMap({ try? Audio.read($0.path) }).first else { return [:] }
        // A system that fails here fails with each clip again and is told of there.
        return systems.reduce(into: [:]) { $0[$1.name] = try? $1.warmUp(audio) }
    }

    /// - Parameters:
    ///   - known: what an earlier run has found of a clip, by some of the systems.
    ///   - finished: takes each new result, so that the next run knows it.
    ///   - progress: is told how many clips are done; never called twice at a time.
    /// - Returns: the results in the clips' order, and a line for each that could not be read.
    public func run(
        _ clips: [Clip], workers: Int, known: @Sendable (Clip) -> ClipResult?,
        finished: @Sendable (ClipResult) -> Void, progress: (Int) -> Void
    ) -> (results: [ClipResult], failures: [String]) {
        let shared = Shared()
        var start = 0
        while start < clips.count {
            let batch = clips[start..<min(start + workers, clips.count)]
            DispatchQueue.concurrentPerform(iterations: batch.count) { offset in
                let index = batch.startIndex + offset
                do {
                    let earlier = known(clips[index])
                    let result = try measure(clips[index], earlier: earlier)
                    if result.isNew { finished(result.result) }
                    shared.state.withLock { $0.results[index] = result.result }
                } catch {
                    shared.state.withLock { $0.failures[index] = "\(clips[index].id): \(error)" }
                }
            }
            start = batch.endIndex
            progress(start)
        }
        return shared.state.withLock { state in
            (clips.indices.compactMap { state.results[$0] }, clips.indices.compactMap { state.failures[$0] })
        }
    }

    /// Takes what an earlier run has found, as far as what can be heard of it is there too, and measures the rest.
    private func measure(_ clip: Clip, earlier: ClipResult?) throws -> (result: ClipResult, isNew: Bool) {
        let names = Set(systems.map(\.name))
        let known = (earlier?.systems ?? [:]).filter { name, _ in
            names.contains(name) && sounds.holds(clip, by: name) && audio?.holds(clip, by: name) ?? true
        }
        let said = try finder?.find(clip, knowing: earlier?.said)
        if var earlier, known.count == names.count {
            let isNew = said?.model != earlier.said?.model
            (earlier.systems, earlier.said) = (known, said)
            return (earlier, isNew)
        }
        var result = try ClipResult(clip, systems: systems, configuration: configuration, known: known) {
            try sounds.write($0, of: clip, by: $1)
            try audio?.write($0, of: clip, by: $1)
        }
        result.said = said
        return (result, true)
    }
}
