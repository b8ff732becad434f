// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO
import TestSupport
import Testing

@Suite struct FileTreeTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func make(_ paths: String...) throws {
        for path in paths {
            try Folder.create(Folder.above(folder.path(path)))
            _ = try folder.write(path, Data())
        }
    }

    private func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: folder.path(path), withDestinationPath: target)
    }

    private func found(_ endings: Set<String> = ["a"]) throws -> [String] {
        let files = try FileTree.files(in: folder.url.path, endings: endings)
        #expect(files.allSatisfy { $0.path == "\(folder.url.path)/\($0.relativePath)" })
        return files.map(\.relativePath)
    }

    @Test func filesOfTheEndingsAtAnyDepthInTheirOrder() throws {
        try make("z.a", "b/y.A", "b/c/x.b", "b/c/w.a", "B.a", "none", "a", "é.a", "b.a/k.a")
        #expect(try found() == ["B.a", "b.a/k.a", "b/c/w.a", "b/y.A", "z.a", "é.a"])
        #expect(try found(["b"]) == ["b/c/x.b"] && found([]).isEmpty)
    }

    @Test func whatIsHiddenIsLeftOut() throws {
        try make(".x.a", ".git/y.a", "b/.c/z.a", "b/w.a")
        #expect(try found() == ["b/w.a"])
    }

    @Test func linksAreFollowedAndLoopsAreHarmless() throws {
        try make("real/one.a", "real/deep/two.a")
        try link("real/deep/up", to: "..")
        try link("again", to: "real")
        try link("self", to: ".")
        try link("real/file.a", to: "one.a")
        // Each folder once, under its own name.
        #expect(try found() == ["real/deep/two.a", "real/file.a", "real/one.a"])
        let other = try TemporaryFolder()
        _ = try other.write("three.a", Data())
        try link("elsewhere", to: other.url.path)
        try link("nowhere.a", to: "missing")
        #expect(try found().contains("elsewhere/three.a") && found().contains("nowhere.a"))
    }

    @Test func pipesAndDevicesAreNoFiles() throws {
        #expect(mkfifo(folder.path("pipe.a"), 0o600) == 0)
        try link("null.a", to: "/dev/null")
        #expect(try found().isEmpty)
    }

    @Test func namesOfAnyBytes() throws {
        let name = String(systemBytes: [0xFF] + Array(".a".utf8))
        let output = try OutputFile(path: folder.path("") + name, replaces: false)
        try output.commit()
        #expect(try found() == [name])
        #expect((folder.path("") + name).withSystemPath { unlink($0) } == 0)
    }

    @Test func endings() {
        for (path, ending, renamed) in [
            ("a.WAV", "wav", "a.x"), ("a.b/c", "", "a.b/c.x"), ("a.b.c", "c", "a.b.x"), (".a", "", ".a.x"),
        ] {
            #expect(FileTree.ending(of: path) == ending && FileTree.replacingEnding(of: path, by: "x") == renamed)
        }
    }

    @Test func whatIsNoFolderIsAnError() throws {
        #expect(throws: SystemError.self) { try FileTree.files(in: folder.path("none"), endings: ["a"]) }
    }
}
