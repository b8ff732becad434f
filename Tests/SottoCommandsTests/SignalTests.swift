// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Commands that are stopped while they work leave nothing half-written.
@Suite(.serialized) struct SignalTests {
    let folder: TemporaryFolder
    let scratch: TemporaryFolder

    init() throws {
        (folder, scratch) = (try TemporaryFolder(), try TemporaryFolder())
    }

    /// Starts a command, waits until `isUnderWay`, sends the signal and expects the folders as they were.
    private func expectNothingLeft(
        _ arguments: [String], after number: Int32, once isUnderWay: () -> Bool,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let before = everything
        for _ in 0..<20 {
            let tool = try LiveTool(arguments, environment: ["TMPDIR": scratch.url.path])
            while !isUnderWay(), tool.process.isRunning { usleep(1000) }
            // It stands still while it is looked at: on a busy machine it may have been through before it was seen to be under way.
            let process = tool.process.processIdentifier
            kill(process, SIGSTOP)
            while tool.process.isRunning, !isStopped(process) { usleep(1000) }
            let isInTime = isUnderWay() && tool.process.isRunning
            if isInTime { kill(process, number) }
            kill(process, SIGCONT)
            guard isInTime else {
                #expect(tool.finish() == (0, ""), sourceLocation: location)
                for name in everything.subtracting(before) {
                    try? FileManager.default.removeItem(atPath: folder.path(name))
                }
                continue
            }
            #expect(tool.finish() == (128 + number, ""), sourceLocation: location)
            #expect(everything == before && scratch.names.isEmpty, sourceLocation: location)
            return
        }
        Issue.record("it was through each time before it could be stopped", sourceLocation: location)
    }

    private func isStopped(_ process: pid_t) -> Bool {
        let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return status?.split(separator: ")").last?.hasPrefix(" T") == true
    }

    /// What lies in the folder, at any depth.
    private var everything: Set<String> { Set(FileManager.default.subpaths(atPath: folder.url.path) ?? []) }

    private var hasPart: Bool { folder.names.contains { $0.contains(".part-") } }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func encodeIsStopped(number: Int32) throws {
        // Four minutes, which take seconds.
        let input = try folder.write("long.wav", wav([Int16](repeating: 0, count: 240 * 16000)))
        try expectNothingLeft(["encode", input, "-o", folder.path("a.sotto")], after: number) { hasPart }
    }

    @Test(arguments: [SIGINT, SIGTERM]) func decodeIsStopped(number: Int32) throws {
        let input = try folder.write("long.wav", wav([Int16](repeating: 0, count: 240 * 16000)))
        #expect(try Tool.run("encode", input, "-o", folder.path("long.sotto"), "--codes", "1").status == 0)
        for output in ["a.wav", "a.flac"] {
            try expectNothingLeft(
                ["decode", folder.path("long.sotto"), "-o", folder.path(output)], after: number
            ) { hasPart }
        }
    }

    @Test func waitingForInputIsStopped() throws {
        try expectNothingLeft(["encode", "-", "-o", folder.path("a.sotto")], after: SIGTERM) { !scratch.names.isEmpty }
    }

    @Test(arguments: [SIGINT, SIGTERM]) func benchIsStopped(number: Int32) throws {
        let slow =
            #"{"name": "slow", "sampleRate": 16000, "format": "wav", "payload": "file", "#
            + #""encode": ["sleep", "3"], "decode": ["cp", "{in}", "{out}"]}"#
        let codec = try folder.write("slow.json", Data(slow.utf8))
        _ = try folder.write("clip.wav", wav((0..<32_000).map { Int16(3000 * sin(Double($0) * 0.05)) }))
        try FileManager.default.createDirectory(atPath: folder.path("report/clips"), withIntermediateDirectories: true)
        let arguments = ["bench", folder.url.path, "--codes", "1", "--against", codec, "-o", folder.path("report")]
        try expectNothingLeft(arguments, after: number) { !scratch.names.isEmpty }
    }
}
