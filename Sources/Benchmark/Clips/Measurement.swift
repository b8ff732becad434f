// SPDX-License-Identifier: Apache-2.0

import Dispatch
public import Sotto
import Synchronization

/// Measures clips, several at a time; one that fails does not stop the others.
public struct Measurement: Sendable {
    private let systems: [any CodecSystem]
    private let configuration: Configuration
    private let audio: KeptAudio?

    /// - Parameter audio: where to leave what was decoded, nil for nowhere.
    /// - Throws: `BenchmarkError` if OpenBLAS is not there.
    public init(
        systems: [any CodecSystem], configuration: Configuration, audio: KeptAudio?
    ) throws(BenchmarkError) {
        try BLAS.require()
        (self.systems, self.configuration, self.audio) = (systems, configuration, audio)
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
    ///   - known: what an earlier run has found of a clip.
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
                    let earlier = known(clips[index]).flatMap { audio?.holds($0) ?? true ? $0 : nil }
                    let result =
                        try earlier
                        ?? ClipResult(clips[index], systems: systems, configuration: configuration, audio: audio)
                    if earlier == nil { finished(result) }
                    shared.state.withLock { $0.results[index] = result }
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
}
