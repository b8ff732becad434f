// SPDX-License-Identifier: Apache-2.0

import Platform

/// Folders: what lies in them, and making them.
public enum Folder {
    /// The names in a folder, in the order of their bytes; without `.` and `..`.
    public static func names(in path: String) throws(SystemError) -> [String] {
        guard let folder = path.withSystemPath({ opendir($0) }) else { throw .cannotOpen(path, errno: errno) }
        defer { closedir(folder) }
        var names: [[UInt8]] = []
        errno = 0
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw .cannotRead(path, errno: errno) }
        return names.sorted { $0.lexicographicallyPrecedes($1) }.map { String(systemBytes: $0) }
    }

    /// The folder that holds what is at a path.
    public static func above(_ path: String) -> String {
        URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
    }

    /// Makes a folder and those above it that are missing.
    public static func create(_ path: String) throws(SystemError) {
        guard FileKind(of: path) != .folder else { return }
        let above = Folder.above(path)
        if above != path { try create(above) }
        guard path.withSystemPath({ mkdir($0, 0o777) }) == 0 || errno == EEXIST && FileKind(of: path) == .folder else {
            throw .cannotCreate(path, errno: errno)
        }
    }
}
