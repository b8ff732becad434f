// SPDX-License-Identifier: Apache-2.0

import Platform

/// Size and time of the last change of a file: one that was edited has another.
public struct FileStamp: Sendable, Hashable, CustomStringConvertible {
    public let bytes: Int
    private let changed: Double

    /// nil if there is no such file.
    public init?(of path: String) {
        var status = stat()
        guard path.withSystemPath({ stat($0, &status) }) == 0 else { return nil }
        bytes = Int(status.st_size)
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        changed = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    public var description: String { "\(bytes) bytes of \(changed)" }
}
