// SPDX-License-Identifier: Apache-2.0

import Platform

/// What lies at a path, symbolic links followed.
public enum FileKind: Sendable {
    case regular
    case folder
    /// A device, pipe or socket.
    case special

    /// nil if there is nothing, or nothing that may be seen.
    public init?(of path: String) {
        var status = stat()
        guard path.withSystemPath({ stat($0, &status) }) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .folder
        default: self = .special
        }
    }
}
