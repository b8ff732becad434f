// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemIO
import TestSupport
import Testing

/// Where the system doesn't tell which file the program is.
@Suite("The running program")
struct RunningProgramTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in ["without", "first", "second"] {
            try makeFolder(name)
        }
        for (name, permissions) in [("without/program", 0o644), ("first/program", 0o755), ("second/program", 0o755)] {
            let path = try folder.write(name, Data("#!/bin/sh".utf8))
            try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path)
        }
        try makeFolder("without/folder")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link"), withDestinationPath: folder.path("first/program"))
    }

    private func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: false)
    }

    /// As if it were called from the folder.
    private func found(_ name: String?, searching folders: [String] = [], link: String? = nil) -> String? {
        RunningProgram.path(
            link: link, calledBy: name, searching: folders.joined(separator: ":"), from: folder.path(""))
    }

    /// The path of a file as it is told, without symbolic links on the way to the folder.
    private func file(_ name: String) -> String {
        URL(filePath: folder.path(name)).resolvingSymlinksInPath().path(percentEncoded: false)
    }

    @Test func whatTheSystemTellsCounts() { #expect(found("first/program", link: "/elsewhere") == "/elsewhere") }

    @Test func aPathIsTakenFromTheFolderItWasCalledIn() {
        #expect(found("first/program") == file("first/program"))
        #expect(found("./second/program") == file("second/program"))
        #expect(found(folder.path("second/program")) == file("second/program"))
        #expect(found("link") == nil && found("./link") == file("first/program"))
    }

    @Test func aNameIsSearchedFor() {
        let folders = ["missing", folder.path("without"), "second", folder.path("first")]
        #expect(found("program", searching: folders) == file("second/program"))
        #expect(found("folder", searching: folders) == nil)
        #expect(found("program", searching: [folder.path("without")]) == nil)
    }

    @Test(arguments: [nil, "", "program", "missing/program"])
    func whatCantBeFoundIsNil(name: String?) { #expect(found(name) == nil) }

    @Test func thisOneIsThere() throws {
        let path = try #require(RunningProgram.path())
        #expect(FileManager.default.isExecutableFile(atPath: path))
    }
}
