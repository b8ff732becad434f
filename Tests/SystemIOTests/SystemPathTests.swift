// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO
import TestSupport
import Testing

/// Names of files that are no UTF-8, and files that have several names.
@Suite struct SystemPathTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func bytes(_ path: String) -> [UInt8] {
        path.withSystemPath { start in (0..<strlen(start)).map { UInt8(bitPattern: start[$0]) } }
    }

    @Test func anyBytesComeBack() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...8, using: &random)
            let name = (0..<count).map { _ in
                // Half of them lead or continue characters of several bytes.
                let part = [0xF4, 0x8F, 0xB8, 0xBA, 0xC3][Int.random(in: 0..<5, using: &random)] as UInt8
                return Bool.random(using: &random) ? UInt8.random(in: 1...255, using: &random) : part
            }
            #expect(bytes(String(systemBytes: name)) == name)
        }
    }

    @Test func whatIsUTF8StaysAsItIs() {
        for name in ["", "a", "Grüße", "日本.wav", "e\u{301}"] {
            let carried = String(systemBytes: Array(name.utf8))
            #expect(Array(carried.utf8) == Array(name.utf8) && !carried.carriesEscapedBytes)
        }
    }

    @Test func charactersThatEscapeAreEscaped() {
        let name = Array("a\u{10FE80}b\u{10FEFF}".utf8)
        let carried = String(systemBytes: name)
        #expect(bytes(carried) == name && carried.carriesEscapedBytes)
        #expect(carried.withEscapedBytesShown == #"a\xf4\x8f\xba\x80b\xf4\x8f\xbb\xbf"#)
    }

    @Test func filesWithSuchNamesAreMadeFoundAndRead() throws {
        let name = String(systemBytes: Array("caf".utf8) + [0xE9] + Array(".sotto".utf8))
        #expect(name.withEscapedBytesShown == #"caf\xe9.sotto"#)
        let path = "\(folder.url.path)/\(name)"
        let output = try OutputFile(path: path, replaces: false)
        try output.write([1, 2, 3])
        try output.commit()
        #expect(try Folder.names(in: folder.url.path) == [name])
        #expect(try FileMapping(path: path).contents == [1, 2, 3])
        #expect(FileKind(of: path) == .regular && FileStamp(of: path)?.bytes == 3)
        #expect(FileIdentity(of: path) != nil)
        try Folder.create("\(path)-folder/\(name)")
        #expect(try Folder.names(in: "\(path)-folder") == [name])
        #expect(path.withSystemPath { unlink($0) } == 0)
    }

    @Test func oneFileHasOneIdentity() throws {
        let file = try folder.write("file", Data("text".utf8))
        let other = try folder.write("other", Data("text".utf8))
        #expect(link(file, folder.path("hard")) == 0 && symlink(file, folder.path("soft")) == 0)
        let identity = try #require(FileIdentity(of: file))
        #expect(FileIdentity(of: folder.path("hard")) == identity && FileIdentity(of: folder.path("soft")) == identity)
        #expect(FileIdentity(of: "\(folder.url.path)/./file") == identity && FileIdentity(of: other) != identity)
        #expect(FileIdentity(of: folder.path("none")) == nil && FileIdentity(of: "/dev/null") == nil)
    }
}
