// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Two sentences in every kind of file, made once in a run by the programs that people make theirs with.
struct RecordingFolder: Sendable {
    enum Sentence: String, CaseIterable { case first, second }

    /// A program is missing, or one didn't do what it should.
    struct Failure: Error, CustomStringConvertible { let description: String }

    static let shared = Result { try RecordingFolder() }

    private static let packages = [
        "ffmpeg": "ffmpeg", "sox": "sox", "flac": "flac", "lame": "lame", "opusenc": "opus-tools",
        "oggenc": "vorbis-tools",
    ]
    private let folder: TemporaryFolder

    private init() throws {
        let missing = Self.packages.filter { name, _ in !Self.isInstalled(name) }.values.sorted()
        guard missing.isEmpty else {
            throw Failure(
                description: "these tests need more programs: apt-get install \(missing.joined(separator: " "))")
        }
        folder = try TemporaryFolder()
        atexit { if case .success(let made) = RecordingFolder.shared { made.remove() } }
        var script = ""
        for (sentence, sample, length) in [(Sentence.first, "campfire", 4.7), (.second, "sermons", 2.5)] {
            let source = Self.samples.appending(path: "\(sample).flac").path(percentEncoded: false)
            for (rate, channels) in Set(RecordingKind.all.map { [$0.rate, $0.channels] }).map({ ($0[0], $0[1]) }) {
                script +=
                    "sox -D '\(source)' -r \(rate) -c \(channels) '\(wav(sentence, rate, channels))' trim 0 \(length)\n"
            }
            for kind in RecordingKind.all where sentence == .first || kind.isStream {
                script +=
                    "in='\(wav(sentence, kind.rate, kind.channels))' out='\(path(kind, sentence))'\n\(kind.make)\n"
                script += Self.decoding(path(kind, sentence), kind) + "\n"
            }
        }
        try Self.run(script)
    }

    private func remove() { try? FileManager.default.removeItem(at: folder.url) }

    /// The file of a kind.
    func path(_ kind: RecordingKind, _ sentence: Sentence) -> String {
        folder.path("\(kind.name)-\(sentence.rawValue).\(kind.ending)")
    }

    /// What it was made from.
    func wav(_ sentence: Sentence, _ rate: Int, _ channels: Int) -> String {
        folder.path("\(sentence.rawValue)-\(rate)-\(channels).source.wav")
    }

    func data(_ kind: RecordingKind, _ sentence: Sentence = .first) throws -> Data {
        try Data(contentsOf: URL(filePath: path(kind, sentence)))
    }

    /// The samples that ffmpeg finds in a file of a kind, the average of its channels.
    func reference(_ kind: RecordingKind, _ sentence: Sentence) throws -> [Float] {
        try Self.floats(path(kind, sentence) + ".f32")
    }

    /// The samples that ffmpeg finds in another file of a kind.
    static func decode(_ path: String, as kind: RecordingKind) throws -> [Float] {
        // It complains about damage, and goes on.
        try run(decoding(path, kind) + " 2>/dev/null || true")
        return try floats(path + ".f32")
    }

    private static func decoding(_ path: String, _ kind: RecordingKind) -> String {
        "ffmpeg -i '\(path)' -ac 1 -ar \(kind.rate) -f f32le '\(path).f32'"
    }

    private static func floats(_ path: String) throws -> [Float] {
        try Data(contentsOf: URL(filePath: path)).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
        }
    }

    private static func run(_ script: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        let quiet = "ffmpeg() { command ffmpeg -nostdin -v error -y -threads 1 \"$@\"; }\n"
        process.arguments = ["-c", "set -e\n\(quiet)\(script)"]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let said = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: String(decoding: said, as: UTF8.self)) }
    }

    private static func isInstalled(_ program: String) -> Bool {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }

    private static let samples = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Samples")
}
