// SPDX-License-Identifier: Apache-2.0

import Foundation
import SottoCommands
import SystemIO
import TestSupport
import Testing

/// Commands in this process: what they write, and the errors that they throw.
@Suite struct CommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func contents(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: folder.path(name))) }

    /// Codes and text come through all of them, as the program itself writes them.
    @Test func theyWriteWhatTheProgramWrites() throws {
        let (sample, text) = (Tool.sample("strikes.flac"), Tool.sample("strikes.txt"))
        let steps = [
            ["encode", sample, "--codes", "3", "--average", "--text-file", text, "-o", "a.sotto"],
            ["export", "a.sotto", "-o", "a.npz"], ["export", "a.sotto", "--batch", "-o", "b.npz"],
            ["decode", "a.sotto", "--float", "-o", "a.wav"], ["decode", "a.npz", "-o", "b.flac"],
        ]
        let other = try TemporaryFolder()
        for words in steps {
            func inFolder(_ folder: TemporaryFolder) -> [String] {
                words.map { $0.contains(".") && !$0.contains("/") ? folder.path($0) : $0 }
            }
            try SottoCommand.execute(inFolder(folder))
            #expect(try Tool.run(Tool.binary, inFolder(other)).status == 0)
        }
        #expect(folder.names == ["a.npz", "a.sotto", "a.wav", "b.flac", "b.npz"])
        for name in folder.names where name != "a.wav" {
            let theirs = try Data(contentsOf: URL(filePath: other.path(name)))
            #expect(try contents(name) == theirs, "\(name)")
        }
    }

    private func expect(
        _ kind: FailureKind, _ words: String, of command: [String], location: SourceLocation = #_sourceLocation
    ) throws {
        let before = folder.names
        #expect(sourceLocation: location) {
            try SottoCommand.execute(command)
        } throws: { error in
            guard let error = error as? any UserFacingError else { return false }
            return error.kind == kind && error.description.contains(words) && !error.description.contains("\n")
        }
        #expect(folder.names == before, sourceLocation: location)
    }

    @Test func whatGoesWrongIsThrownAndNothingIsLeft() throws {
        let (sample, out) = (Tool.sample("strikes.flac"), folder.path("out.sotto"))
        let text = try folder.write("text", Data("words".utf8))
        let old = try folder.write("old.sotto", Data("old".utf8))
        try FileManager.default.createDirectory(atPath: folder.path("empty"), withIntermediateDirectories: false)
        try expect(.missingInput, "there is no such file", of: ["encode", folder.path("none.wav"), "-o", out])
        try expect(.badData, "text", of: ["encode", text, "-o", out])
        try expect(.wrongUsage, "1 to 8", of: ["encode", sample, "-o", out, "--codes", "9"])
        try expect(.cannotCreateOutput, "already there", of: ["encode", sample, "-o", old])
        try expect(.cannotCreateOutput, "no folder", of: ["encode", sample, "-o", folder.path("none/out.sotto")])
        try expect(.cannotCreateOutput, "also an input", of: ["decode", old, "-o", old, "--force"])
        try expect(.badData, "old.sotto", of: ["decode", old, "-o", folder.path("out.wav")])
        try expect(.badData, "old.sotto", of: ["export", old, "-o", folder.path("out.npy")])
        try expect(.badData, "2 of 2 files failed", of: ["export", old, old, "--batch", "-o", folder.path("out.npz")])
        try expect(.missingInput, "no file whose name ends with .sotto", of: ["inspect", folder.path("empty")])
        #expect(try contents("old.sotto") == Data("old".utf8))
    }
}
