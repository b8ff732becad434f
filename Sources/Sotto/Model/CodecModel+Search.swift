// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Platform
import SystemIO

extension CodecModel {
    /// The names of the models that ship with the product, the usual one first; then 6.25 frames a second, and one code a frame.
    public static let shipped = ["sotto-16k", "sotto-16k-6hz", "sotto-16k-single"]

    /// Loads a model that ships with the product, wherever it was put, or one of your own.
    ///
    /// - Parameter model: one of `shipped`, or the path of a safetensors file; if nil, what the environment's `SOTTO_MODEL`
    ///   says, else the usual one. Those that ship are looked for in the executable's folder and each one above it, in
    ///   `share/sotto/` and `Models/` there. The working directory plays no part.
    /// - Throws: `ModelError.notFound` with where it was looked for, `ModelError.ofTheEnvironment` if it is `SOTTO_MODEL` that
    ///   names what can't be loaded, or what `init(path:)` throws.
    public static func load(_ model: String? = nil) throws -> CodecModel { try load(model, for: .everything) }

    /// The same for one purpose; see `init(path:for:)`.
    package static func load(_ model: String? = nil, for purpose: Purpose) throws -> CodecModel {
        let path = try path(of: model)
        guard model == nil, environmentsChoice != nil else { return try CodecModel(path: path, for: purpose) }
        do {
            return try CodecModel(path: path, for: purpose)
        } catch let error as any UserFacingError {
            throw ModelError.ofTheEnvironment(reason: error.description, kind: error.kind)
        }
    }

    /// What the environment's `SOTTO_MODEL` says, nil if it isn't set or empty.
    public static var environmentsChoice: String? { environmentVariable("SOTTO_MODEL") }

    /// As `load(_:)`, but if no model is named, the one of those that ship whose tokens these are, by their `codesIdentity`;
    /// the usual one, which can't decode them, if there is none.
    public static func load(_ model: String? = nil, codesIdentity: [UInt8]) throws -> CodecModel {
        try load(model, codesIdentity: codesIdentity, for: .everything)
    }

    /// The same for one purpose; see `init(path:for:)`.
    package static func load(
        _ model: String? = nil, codesIdentity: [UInt8], for purpose: Purpose
    ) throws -> CodecModel {
        if model != nil || environmentsChoice != nil { return try load(model, for: purpose) }
        for name in shipped {
            guard let path = try? path(of: name), let file = try? SafetensorsFile(path: path),
                let digests = ModelDigests(claimedBy: file)
            else { continue }
            if ModelDigests.identity(digests.codes) == codesIdentity { return try CodecModel(path: path, for: purpose) }
        }
        return try load(for: purpose)
    }

    /// The models that `load(_:codesIdentity:)` chooses from: the one that is named, else all of `shipped`.
    public static func choices(_ model: String? = nil) -> [String] {
        (model ?? environmentsChoice).map { [$0] } ?? shipped
    }

    /// Where `load` finds the weights.
    public static func path(of model: String? = nil) throws(ModelError) -> String {
        let model = model ?? environmentsChoice ?? shipped[0]
        guard shipped.contains(model) else { return model }
        let folder = executableFolder()
        guard let found = searchPaths(of: model, from: folder).first(where: { FileKind(of: $0) != nil }) else {
            throw ModelError.notFound(model, near: folder.path(percentEncoded: false))
        }
        return found
    }

    /// The files that `load` reads, the model's own and that of the model that it builds on; none if they can't be found.
    public static func paths(of model: String? = nil) -> [String] {
        guard let path = try? path(of: model) else { return [] }
        let base = (try? SafetensorsFile(path: path)).flatMap { try? basePath(of: $0) }
        return [path] + [base].compactMap(\.self)
    }

    static func searchPaths(of name: String, from folder: URL) -> [String] {
        var places: [String] = []
        var folder = folder.standardizedFileURL
        for _ in 0..<5 {
            for place in ["share/sotto", "Models"] {
                places.append(folder.appending(path: "\(place)/\(name).safetensors").path(percentEncoded: false))
            }
            let above = folder.deletingLastPathComponent()
            guard above != folder else { break }
            folder = above
        }
        return places
    }

    /// The folder of the running program, with symbolic links followed; the working directory if it can't be found.
    private static func executableFolder() -> URL {
        guard let program = RunningProgram.path() else { return URL(filePath: ".", directoryHint: .isDirectory) }
        return URL(filePath: program).resolvingSymlinksInPath().deletingLastPathComponent()
    }
}
