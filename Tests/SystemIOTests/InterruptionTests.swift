// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO
import Testing

/// Signals that end an input instead of the process.
@Suite(.serialized) struct InterruptionTests {
    private let input = Pipe()
    private var source: ByteSource {
        ByteSource(descriptor: input.fileHandleForReading.fileDescriptor, name: "a pipe")
    }

    private func write(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    /// What is read until the end, and the signal that ended it.
    private func read(until interruption: Interruption?) throws -> (text: String, signal: Int32?) {
        var bytes: [UInt8] = []
        let number = try source.forEachChunk(until: interruption) { bytes += $0 }
        return (String(decoding: bytes, as: UTF8.self), number)
    }

    @Test func withoutASignalAllIsRead() throws {
        let interruption = try Interruption(by: [SIGUSR2])
        defer { signal(SIGUSR2, SIG_DFL) }
        try write("all of it")
        try input.fileHandleForWriting.close()
        let found = try read(until: interruption)
        #expect(found == ("all of it", nil))
    }

    @Test func whatHasComeIsReadAndThenTheInputEnds() throws {
        let interruption = try Interruption(by: [SIGUSR2])
        try write("so far")
        raise(SIGUSR2)
        // Nobody has closed the pipe.
        let found = try read(until: interruption)
        #expect(found == ("so far", SIGUSR2))
        let next = try Interruption(by: [SIGUSR2])
        raise(SIGUSR2)
        let nothing = try read(until: next)
        #expect(nothing == ("", SIGUSR2))
    }

    @Test func oneSignalDoesNotEndWhatListensForAnother() throws {
        let (first, other) = (try Interruption(by: [SIGUSR2]), try Interruption(by: [SIGURG]))
        raise(SIGURG)
        raise(SIGUSR2)
        #expect(try read(until: first).signal == SIGUSR2)
        #expect(try read(until: other).signal == SIGURG)
    }

    /// As under `nohup`.
    @Test func ignoredSignalsStayIgnored() throws {
        signal(SIGUSR2, SIG_IGN)
        defer { signal(SIGUSR2, SIG_DFL) }
        let interruption = try Interruption(by: [SIGUSR2])
        raise(SIGUSR2)
        try write("on and on")
        try input.fileHandleForWriting.close()
        let found = try read(until: interruption)
        #expect(found == ("on and on", nil))
    }
}
