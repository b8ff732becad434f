// SPDX-License-Identifier: Apache-2.0

import SystemIO

extension Batch {
    /// Inputs of which nothing is written but to standard output.
    ///
    /// - Parameter endings: of the files that are looked for in folders.
    init(_ inputs: [String], reading endings: Set<String>, _ options: JobOptions) throws {
        let found = try Self.files(of: inputs, reading: endings)
        jobs = found.map { Job(input: $0.path, name: Self.name(of: $0), output: "-") }
        isMany = Self.isMany(inputs)
        folder = nil
        count = options.count
    }

    /// Inputs with their outputs: the path given, or files of the inputs' names in it if it is a folder, in which the
    /// folders of the inputs are mirrored.
    ///
    /// - Parameter ending: what the outputs in a folder end with.
    /// - Throws: `UsageError` if two inputs would become one output, `SystemError` if outputs are there already, are
    ///   inputs, or if a folder can't be read.
    init(
        _ inputs: [String], reading endings: Set<String>, into output: OutputOptions, ending: String,
        _ options: JobOptions
    ) throws {
        let found = try Self.files(of: inputs, reading: endings)
        let place = output.output
        let isFolder =
            place.hasSuffix("/") || FileKind(of: place) == .folder
            || inputs.contains(where: Self.isFolder) && FileKind(of: place) == nil && place != "-"
                && FileTree.ending(of: place).isEmpty
        isMany = Self.isMany(inputs)
        folder = isFolder ? place : nil
        count = options.count
        guard isFolder else {
            guard !isMany else {
                throw UsageError("\(place) is no folder, which several files need; \(place)/ would be made as one")
            }
            jobs = [Job(input: inputs[0], name: Self.name(of: found[0]), output: place)]
            return
        }
        var taken: [String: String] = [:]
        jobs = try found.map { file in
            guard file.path != "-" else { throw UsageError("standard input needs a file to write to, not a folder") }
            let name = FileTree.replacingEnding(of: file.relativePath, by: ending)
            let path = place.hasSuffix("/") ? place + name : "\(place)/\(name)"
            if let other = taken.updateValue(file.path, forKey: path) {
                throw UsageError("\(other) and \(file.path) would both become \(path); take them one by one")
            }
            return Job(input: file.path, name: Self.name(of: file), output: path)
        }
        guard isMany, !output.replaces else { return }
        let there = jobs.map(\.output).filter { FileKind(of: $0) != nil }
        guard there.isEmpty else { throw OutputsExist(count: there.count, first: there[0]) }
    }

    private static func name(of file: FoundFile) -> String { FileTree.withoutEnding(file.relativePath) }

    private static func isFolder(_ input: String) -> Bool { input != "-" && FileKind(of: input) == .folder }

    private static func isMany(_ inputs: [String]) -> Bool { inputs.count > 1 || inputs.contains(where: isFolder) }

    private static func files(of inputs: [String], reading endings: Set<String>) throws -> [FoundFile] {
        try inputs.flatMap { input in
            guard isFolder(input) else {
                return [FoundFile(path: input, relativePath: FileTree.name(of: input))]
            }
            let files = try FileTree.files(in: input, endings: endings)
            guard !files.isEmpty else { throw NothingFound(folder: input, endings: endings) }
            return files
        }
    }
}

/// Several outputs are in the way.
private struct OutputsExist: UserFacingError {
    let count: Int
    let first: String
    var kind: FailureKind { .cannotCreateOutput }
    var description: String {
        "\(count) of the outputs are already there, \(first) first; pass --force to replace them, or --resume to keep those "
            + "that are whole"
    }
}

private struct NothingFound: UserFacingError {
    let folder: String
    let endings: Set<String>
    var kind: FailureKind { .missingInput }
    var description: String {
        "\(folder) holds no file whose name ends with \(endings.sorted().map { ".\($0)" }.joined(separator: ", "))"
    }
}

extension OutputOptions {
    /// The file of that path, in a folder that is made if the output is one.
    func file(_ path: String, in batch: Batch) throws -> OutputFile {
        try makeFolder(for: path, in: batch)
        return try OutputFile(path: path, replaces: replaces)
    }

    func makeFolder(for path: String, in batch: Batch) throws {
        if batch.folder != nil { try Folder.create(Folder.above(path)) }
    }
}
