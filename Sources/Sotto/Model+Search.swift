// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Model {
    static let fileName = "sotto-16k.safetensors"

    /// Loads the model that ships with the product, wherever it was put.
    ///
    /// In this order: `path` if given; the environment's `SOTTO_MODEL`; for the executable's folder and each one above
    /// it, `share/sotto/` and `Models/` in that folder. The working directory plays no part.
    ///
    /// - Throws: `ModelError.notFound` with the places that were looked at, or what `init(path:)` throws.
    public static func load(path: String? = nil) throws -> Model { try Model(path: self.path(of: path)) }

    /// Where `load` finds the weights.
    public static func path(of path: String? = nil) throws(ModelError) -> String {
        if let path = path ?? ProcessInfo.processInfo.environment["SOTTO_MODEL"] { return path }
        let candidates = searchPaths(from: executableFolder())
        guard let found = candidates.first(where: FileManager.default.fileExists) else {
            throw ModelError.notFound(searched: candidates)
        }
        return found
    }

    static func searchPaths(from folder: URL) -> [String] {
        var places: [String] = []
        var folder = folder.standardizedFileURL
        for _ in 0..<5 {
            for place in ["share/sotto", "Models"] {
                places.append(folder.appending(path: "\(place)/\(fileName)").path(percentEncoded: false))
            }
            let above = folder.deletingLastPathComponent()
            guard above != folder else { break }
            folder = above
        }
        return places
    }

    /// The folder of the running program, with symbolic links followed.
    private static func executableFolder() -> URL {
        let path = Bundle.main.executablePath ?? CommandLine.arguments.first ?? "."
        return URL(filePath: path).resolvingSymlinksInPath().deletingLastPathComponent()
    }
}
