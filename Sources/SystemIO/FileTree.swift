// SPDX-License-Identifier: Apache-2.0

import Platform

/// A file that was named, or found in a folder that was.
public struct FoundFile: Sendable, Equatable {
    public let path: String
    /// Where it lies below the folder that was named; its name if it was named itself.
    public let relativePath: String

    public init(path: String, relativePath: String) {
        (self.path, self.relativePath) = (path, relativePath)
    }
}

/// Looks for files in folders and in those within.
public enum FileTree {
    /// The files of a folder, at any depth, whose names have one of `endings`, in the order of their paths.
    ///
    /// What is hidden is left out. Links are followed; a folder to which several ways lead is gone through once, under its
    /// own name if it lies in the folder.
    ///
    /// - Parameter endings: in small letters, without the dot.
    /// - Throws: `SystemError` if a folder can't be read.
    public static func files(in folder: String, endings: Set<String>) throws(SystemError) -> [FoundFile] {
        var found: [FoundFile] = []
        var seen: Set<FileIdentity> = []
        // Links wait until all that really lies in the folder has been seen.
        var waiting = [FoundFile(path: folder, relativePath: "")][...]
        while let next = waiting.popFirst() {
            if let identity = FileIdentity(of: next.path), !seen.insert(identity).inserted { continue }
            for name in try Folder.names(in: next.path) where !name.hasPrefix(".") {
                let path = next.path.hasSuffix("/") ? next.path + name : "\(next.path)/\(name)"
                let file = FoundFile(
                    path: path, relativePath: next.relativePath.isEmpty ? name : "\(next.relativePath)/\(name)")
                switch FileKind(of: path) {
                case .folder where isLink(path): waiting.append(file)
                case .folder: waiting.insert(file, at: waiting.startIndex)
                case .special: break
                // A link that leads nowhere is told of by whoever tries to read it.
                case .regular, nil: if endings.contains(ending(of: name)) { found.append(file) }
                }
            }
        }
        return found.sorted { $0.relativePath.utf8.lexicographicallyPrecedes($1.relativePath.utf8) }
    }

    /// What follows the last dot of a name, in small letters; empty if there is none, or nothing before it.
    public static func ending(of name: String) -> String { URL(filePath: name).pathExtension.lowercased() }

    /// A path with another ending, or with one if it had none.
    public static func replacingEnding(of path: String, by ending: String) -> String {
        "\(withoutEnding(path)).\(ending)"
    }

    /// A path without the ending, if it has one.
    public static func withoutEnding(_ path: String) -> String {
        let old = ending(of: path)
        return old.isEmpty ? path : String(path.dropLast(old.count + 1))
    }

    /// The name of what is at a path.
    public static func name(of path: String) -> String { URL(filePath: path).lastPathComponent }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return path.withSystemPath { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFLNK
    }
}
