// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Size and time of the last change of a file: one that was edited has another.
public struct FileStamp: Sendable, Hashable, CustomStringConvertible {
    private let bytes: Int
    private let changed: Date

    /// nil if there is no such file.
    public init?(of path: String) {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let bytes = attributes[.size] as? Int, let changed = attributes[.modificationDate] as? Date
        else { return nil }
        (self.bytes, self.changed) = (bytes, changed)
    }

    public var description: String { "\(bytes) bytes of \(changed.timeIntervalSince1970)" }
}
