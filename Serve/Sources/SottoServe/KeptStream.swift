// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Foundation
import Sotto
import Synchronization

/// What a test wants to see of a live stream: the samples as they were received, the codes and the voice as they were sent.
///
/// With `SOTTO_SERVE_KEEP=FOLDER` in the environment, each stream leaves `NUMBER.wav`, `NUMBER.json` and `NUMBER-voice.wav` there,
/// counted from 1. Without it, nothing that anybody says is kept anywhere.
final class KeptStream {
    private static let count = Mutex(0)

    private let path: String
    private var said: AudioFileWriter?
    private var voice: AudioFileWriter?
    private var frames: [Codes?] = []

    /// - Parameters:
    ///   - sampleRate: of what is received, in Hz.
    ///   - voiceRate: of what is sent.
    /// - Returns: nil if nothing is to be kept.
    static func next(sampleRate: Int, voiceRate: Int) throws -> KeptStream? {
        guard let folder = ProcessInfo.processInfo.environment["SOTTO_SERVE_KEEP"], !folder.isEmpty else { return nil }
        let number = count.withLock { count in
            count += 1
            return count
        }
        return try KeptStream(path: "\(folder)/\(number)", sampleRate: sampleRate, voiceRate: voiceRate)
    }

    private init(path: String, sampleRate: Int, voiceRate: Int) throws {
        self.path = path
        func writer(_ ending: String, _ rate: Int) throws -> AudioFileWriter {
            try AudioFileWriter(path: path + ending, sampleRate: rate, encoding: .float32, replaces: true)
        }
        said = try writer(".wav", sampleRate)
        voice = try writer("-voice.wav", voiceRate)
    }

    func append(said samples: [Float]) throws { try said?.write(samples) }

    func append(voice samples: [Float]) throws { try voice?.write(samples) }

    func append(_ frames: [Codes?]) { self.frames += frames }

    /// The codes come last: once they are there, all is.
    func finish() throws {
        try said.take()?.finish()
        try voice.take()?.finish()
        try JSONEncoder().encode(frames).write(to: URL(filePath: path + ".json"), options: .atomic)
    }
}
