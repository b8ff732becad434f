// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemIO
import Testing

@Suite("Mapped files")
struct FileMappingTests {
    private func contents(of mapping: FileMapping) -> [UInt8] {
        mapping.withBytes { span in span.withUnsafeBytes { Array($0) } }
    }

    private func withTemporaryFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test(arguments: [0, 1, 4096, 100_000])
    func holdsTheFile(count: Int) throws {
        try withTemporaryFolder { folder in
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let url = folder.appending(path: "file")
            try Data(bytes).write(to: url)
            let mapping = try FileMapping(path: url.path)
            #expect(mapping.count == count)
            #expect(contents(of: mapping) == bytes)
        }
    }

    @Test func outlivesReplacementAndRemoval() throws {
        try withTemporaryFolder { folder in
            let (url, other) = (folder.appending(path: "file"), folder.appending(path: "other"))
            try Data("first".utf8).write(to: url)
            let mapping = try FileMapping(path: url.path)
            try Data("a second".utf8).write(to: other)
            try FileManager.default.removeItem(at: url)
            try FileManager.default.moveItem(at: other, to: url)
            #expect(contents(of: mapping) == Array("first".utf8))
        }
    }

    @Test func refusesWhatIsNoFile() throws {
        try withTemporaryFolder { folder in
            let missing = folder.appending(path: "missing").path
            let error = #expect(throws: SystemError.self) { try FileMapping(path: missing) }
            #expect(error?.kind == .missingInput)
            #expect(error?.description.contains(missing) == true)

            #expect(throws: SystemError.isDirectory(folder.path)) { try FileMapping(path: folder.path) }

            let pipe = folder.appending(path: "pipe").path
            #expect(mkfifo(pipe, 0o600) == 0)
            #expect(throws: SystemError.notRegularFile(pipe)) { try FileMapping(path: pipe) }
        }
    }
}
