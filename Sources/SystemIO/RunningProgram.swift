// SPDX-License-Identifier: Apache-2.0

import Platform

/// The program that runs this code.
package enum RunningProgram {
    /// Its file, with symbolic links followed; nil if it can't be found.
    ///
    /// Linux tells it in `/proc`. Where that is missing, or there is none, the program is looked for as the shell does that started it.
    package static func path() -> String? {
        path(
            link: try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            calledBy: CommandLine.arguments.first, searching: environmentVariable("PATH"),
            from: FileManager.default.currentDirectoryPath)
    }

    /// - Parameters:
    ///   - link: what the system tells, if it does.
    ///   - name: a path, from the folder `current` on unless it is a whole one, or a file's name in the first of `folders`, which are parted
    ///     by colons, that has a program of this name.
    package static func path(
        link: String?, calledBy name: String?, searching folders: String?, from current: String
    ) -> String? {
        if let link { return link }
        guard let name, !name.isEmpty else { return nil }
        var places = [name]
        if !name.contains("/") { places = (folders ?? "").split(separator: ":").map { "\($0)/\(name)" } }
        let found = places.lazy.map { $0.hasPrefix("/") ? $0 : "\(current)/\($0)" }.first {
            FileKind(of: $0) == .regular && FileManager.default.isExecutableFile(atPath: $0)
        }
        return found.map { URL(filePath: $0).resolvingSymlinksInPath().path(percentEncoded: false) }
    }
}
