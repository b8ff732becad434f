// SPDX-License-Identifier: Apache-2.0

import Foundation

/// For what reads files alone: one in memory, where there is such a place.
enum TemporaryFile {
    private static let path =
        (FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory())
        + "/sotto-fuzz-\(ProcessInfo.processInfo.processIdentifier)"

    static func withFile<Result>(of bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
        try Data(bytes).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }
}
