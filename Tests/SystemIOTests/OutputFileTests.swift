// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO
import TestSupport
import Testing

/// A file is there as a whole or not at all.
@Suite struct OutputFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func contents(_ name: String) -> String? {
        FileManager.default.contents(atPath: folder.path(name)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func appearsWhenItIsComplete() throws {
        let file = try OutputFile(path: folder.path("a"), replaces: false)
        try file.write(Array("_irst ".utf8))
        try file.sink.write(Array("second".utf8))
        try file.rewriteStart(Array("f".utf8))
        #expect(contents("a") == nil && folder.names.count == 1)
        try file.commit()
        #expect(contents("a") == "first second" && folder.names == ["a"])
    }

    @Test func leavesNothingIfItIsGivenUp() throws {
        func write() throws {
            let file = try OutputFile(path: folder.path("a"), replaces: true)
            try file.write([1, 2, 3])
            #expect(folder.names.count == 1)
            throw CancellationError()
        }
        #expect(throws: CancellationError.self) { try write() }
        #expect(folder.names.isEmpty)
    }

    @Test func replacesOnlyIfItMay() throws {
        let path = try folder.write("a", Data("old".utf8))
        #expect(throws: SystemError.self) { _ = try OutputFile(path: path, replaces: false) }
        #expect(contents("a") == "old" && folder.names == ["a"])
        func replace(_ isComplete: Bool) throws {
            let file = try OutputFile(path: path, replaces: true)
            try file.write(Array("new".utf8))
            #expect(contents("a") == "old")
            if isComplete { try file.commit() }
        }
        try replace(false)
        #expect(contents("a") == "old" && folder.names == ["a"])
        try replace(true)
        #expect(contents("a") == "new" && folder.names == ["a"])
    }

    /// Somebody else was faster: theirs stays, and nothing of this one.
    @Test func doesNotReplaceWhatHasAppearedMeanwhile() throws {
        func write() throws {
            let file = try OutputFile(path: folder.path("a"), replaces: false)
            try file.write(Array("mine".utf8))
            _ = try folder.write("a", Data("theirs".utf8))
            try file.commit()
        }
        #expect { try write() } throws: { error in
            if case SystemError.fileExists(folder.path("a")) = error { true } else { false }
        }
        #expect(contents("a") == "theirs" && folder.names == ["a"])
    }

    @Test func twoOfOnePathDoNotMeet() throws {
        let one = try OutputFile(path: folder.path("a"), replaces: true)
        let other = try OutputFile(path: folder.path("a"), replaces: true)
        try one.write(Array("one".utf8))
        try other.write(Array("other".utf8))
        try one.commit()
        try other.commit()
        #expect(contents("a") == "other" && folder.names == ["a"])
    }

    /// Each is refused before anything is computed for it, with a reason.
    @Test func placesThatCanNotBe() throws {
        _ = try folder.write("file", Data())
        for (path, words) in [
            (folder.path("none/a"), "none"), (folder.path("file/a"), "file"),
            (folder.url.path, folder.url.lastPathComponent),
            ("/dev/null", "/dev/null"), (folder.path(String(repeating: "a", count: 300)), "aaa"),
            ("/proc/a", "/proc/a"),
        ] {
            do {
                _ = try OutputFile(path: path, replaces: true)
                Issue.record("\(path) can be written")
            } catch {
                #expect(error.kind == .cannotCreateOutput && error.description.contains(words), "\(error)")
            }
        }
        #expect(folder.names == ["file"])
    }

    @Test func scratchFoldersGoWithAllThatIsInThem() throws {
        func use() throws -> String {
            let scratch = try ScratchFolder()
            try Data("x".utf8).write(to: URL(filePath: scratch.path(of: "x")))
            #expect(FileManager.default.fileExists(atPath: scratch.path(of: "x")))
            return scratch.path
        }
        #expect(!FileManager.default.fileExists(atPath: try use()))
    }
}
