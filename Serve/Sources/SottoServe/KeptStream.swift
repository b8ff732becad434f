// SPDX-License-Identifier: Apache-2.0

import AudioFile
import Foundation
import Sotto
import Synchronization

/// What a test wants to see of a live stream: the samples as they were received, and the codes as they were sent.
///
/// With `SOTTO_SERVE_KEEP=FOLDER` in the environment, each stream leaves `NUMBER.wav` and `NUMBER.json` there, counted from 1.
/// Without it, nothing that anybody says is kept anywhere.
final class KeptStream {
    private static let count = Mutex(0)

    private let path: String
    private var writer: AudioFileWriter?
    private var frames: [Codes?] = []

    /// - Returns: nil if nothing is to be kept.
    static func next(sampleRate: Int) throws -> KeptStream? {
        guard let folder = ProcessInfo.processInfo.environment["SOTTO_SERVE_KEEP"], !folder.isEmpty else { return nil }
        let number = count.withLock { count in
            count += 1
            return count
        }
        return try KeptStream(path: "\(folder)/\(number)", sampleRate: sampleRate)
    }

    private init(path: String, sampleRate: Int) throws {
        self.path = path
        writer = try AudioFileWriter(path: path + ".wav", sampleRate: sampleRate, encoding: .float32, replaces: true)
    }

    func append(_ samples: [Float]) throws { try writer?.write(samples) }

    func append(_ frames: [Codes?]) { self.frames += frames }

    func finish() throws {
        try writer.take()?.finish()
        try JSONEncoder().encode(frames).write(to: URL(filePath: path + ".json"))
    }
}
