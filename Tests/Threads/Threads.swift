// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Quantizer
import Sotto
import SottoStreams
import Spectral
import Synchronization
import SystemIO
import TokenFile

/// All that threads share, used by several at a time for ThreadSanitizer to watch: models and what their streams work with, tables of
/// transforms, streams that are handed on, work that is spread. What comes out has to be what one thread alone gets.
///
/// The models are small, so that it takes seconds; they go the ways that large ones go.
@main enum Threads {
    private static let count = 6
    private static let speech: [Float] = (0..<32_000).map { sample in
        let time = Float(sample) / 16_000
        let pitch = 2 * Float.pi * (120 * time + 3 * sin(6 * time))
        return 0.2 * (sin(pitch) + 0.5 * sin(3 * pitch) + 0.3 * sin(9 * pitch)) * abs(sin(4 * time))
    }

    static func main() async throws {
        try together("transforms") {
            [240, 256, 480].map { size in
                var (signal, spectrum) = (Array(speech.prefix(size)), [Float](repeating: 0, count: size + 2))
                RealFFT(size: size).forward(&signal, into: &spectrum)
                return spectrum
            }
        }
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        for name in ["level-model", "level-model-6hz", "text-model", "byte-model"] {
            let path = tests.appending(path: "SottoTests/Fixtures/\(name).safetensors").path(percentEncoded: false)
            try together("loading \(name)") { try CodecModel(path: path).tokenIdentity.bytes }
            let model = try CodecModel(path: path)
            try together("files by \(name)") { try throughAFile(model) }
            try together("lines by \(name)") { try overALine(model) }
            try await handedOn(model)
        }
        try spread()
        print("\(checks.withLock { $0 }) times, \(count) threads got what one gets")
    }

    // MARK: What threads do

    /// Encodes speech to a token file and decodes it, with a transcript if the model reads any.
    private static func throughAFile(_ model: CodecModel) throws -> [Float] {
        let text = model.readsText ? "all that is said" : nil
        var encoder = try RecordingEncoder(model, sampleRate: 16_000, codes: .fixed(1), transcript: text)
        let bytes = try encoder.start + encoder.push(speech) + encoder.finish(sampleCount: speech.count).bytes
        var decoder = try RecordingDecoder(TokenFileReader.read(bytes), by: model)
        var samples: [Float] = []
        while let (some, _) = try decoder.read() { samples += some }
        return samples
    }

    /// Sends speech, loses every fifth packet but the first, and receives the rest.
    private static func overALine(_ model: CodecModel) throws -> [Float] {
        var sender = try SpeechSender(model, repeatsFirstCodes: true, sendsPauses: true)
        var receiver = try SpeechReceiver(ModelShelf(model))
        var samples: [Float] = []
        for (number, packet) in try (sender.push(speech) + sender.finish()).enumerated() where number % 5 != 4 {
            samples += try receiver.push(packet)
        }
        return try samples + receiver.finish()
    }

    /// A stream that another task goes on with after each piece.
    private static func handedOn(_ model: CodecModel) async throws {
        var whole = SpeechEncoder(model)
        let wanted = whole.push(speech).map(\.codes)
        try await withThrowingTaskGroup(of: [Codes].self) { group in
            for _ in 0..<count {
                group.addTask {
                    var (encoder, codes) = (SpeechEncoder(model), [Codes]())
                    for start in stride(from: 0, to: speech.count, by: 4000) {
                        let piece = speech[start..<min(start + 4000, speech.count)]
                        let handed = encoder
                        let task = Task.detached {
                            var encoder = handed
                            let frames = encoder.push(piece)
                            return (encoder, frames.map(\.codes))
                        }
                        let (next, some) = await task.value
                        encoder = next
                        codes += some
                    }
                    return codes
                }
            }
            for try await codes in group { require(codes == wanted, "streams that are handed on") }
        }
    }

    private static func spread() throws {
        var taken: [Int] = []
        try ParallelWork.run(
            on: Array(0..<500), jobs: count, work: { $0 * $0 },
            take: { item, result in taken.append(try result.get() - item * item + item) })
        require(taken == Array(0..<500), "work that is spread")
    }

    // MARK: How it is looked at

    private static let checks = Mutex(0)

    /// Whether `count` threads get what this one gets.
    private static func together<Value: Equatable & Sendable>(
        _ name: String, _ work: @escaping @Sendable () throws -> Value
    ) throws {
        let wanted = try work()
        let group = DispatchGroup()
        let agreeing = Agreeing()
        for _ in 0..<count {
            group.enter()
            Thread.detachNewThread {
                if let found = try? work(), found == wanted { agreeing.count.withLock { $0 += 1 } }
                group.leave()
            }
        }
        group.wait()
        require(agreeing.count.withLock { $0 } == count, name)
    }

    private static func require(_ holds: Bool, _ name: String) {
        guard holds else { fatalError("\(name): threads get something else than one alone") }
        checks.withLock { $0 += 1 }
    }
}

private final class Agreeing: Sendable {
    let count = Mutex(0)
}
