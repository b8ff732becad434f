// SPDX-License-Identifier: Apache-2.0

import CKernels

/// The tensors of a file below a path, fetched by name and expected shape; of those it lacks, another file's, which it builds on.
///
///     let weights = Weights(of: file)
///     let block = try ConvNeXtBlock(weights["encoder.blocks.0"], channels: 256, kernel: 5, expansion: 3)
///     try weights.finish()
///
/// Copies share the record of what has been fetched, so that `finish` sees what every layer took.
public struct Weights {
    private let file: SafetensorsFile
    private let base: SafetensorsFile?
    private let prefix: String
    private let fetched: Record

    private final class Record {
        var names: Set<String> = []
    }

    /// All tensors of `file`, and those of `base` whose names it doesn't hold.
    public init(of file: SafetensorsFile, over base: SafetensorsFile? = nil) {
        self.init(file: file, base: base, prefix: "", fetched: Record())
    }

    private init(file: SafetensorsFile, base: SafetensorsFile?, prefix: String, fetched: Record) {
        self.file = file
        self.base = base
        self.prefix = prefix
        self.fetched = fetched
    }

    /// The tensors whose names continue this path with "." and `path`.
    public subscript(path: String) -> Weights {
        Weights(file: file, base: base, prefix: prefix + path + ".", fetched: fetched)
    }

    /// The tensor `name` below this path, row-major, in single precision.
    ///
    /// Throws when it is missing, of another shape, or holds a value that is not finite or that no weight has.
    public func tensor(_ name: String, shape: [Int]) throws(WeightsError) -> [Float] {
        let name = prefix + name
        let file = holder(of: name)
        let values = try file.tensor(name, shape: shape)
        guard sotto_largest_magnitude(values, values.count) <= Self.largestValue else {
            throw .absurd(file: file.path, tensor: name)
        }
        fetched.names.insert(name)
        return values
    }

    /// The matrix `name` [outputs, inputs] below this path, for products. A file may hold it as integers of 8 bits, in blocks of
    /// outputs by inputs, beside the tensor `name` with "_scale" [outputs] that they are multiplied by.
    ///
    /// Throws as `tensor`.
    func matrix(_ name: String, inputs: Int, outputs: Int) throws(WeightsError) -> StoredMatrix {
        let file = holder(of: prefix + name)
        return file.type(of: prefix + name) == .int8
            ? .bytes(try bytes(name, of: file, inputs: inputs, outputs: outputs))
            : .halves(try halves(name, of: file, inputs: inputs, outputs: outputs))
    }

    private func bytes(
        _ name: String, of file: SafetensorsFile, inputs: Int, outputs: Int
    ) throws(WeightsError) -> ByteMatrix {
        guard inputs <= ByteMatrix.mostInputs else {
            throw malformed(name, because: "it has more than \(ByteMatrix.mostInputs) inputs, too many for 8 bits")
        }
        let shape = ByteMatrix.storedShape(inputs: inputs, outputs: outputs)
        let blocks = try file.bytes(prefix + name, shape: shape)
        fetched.names.insert(prefix + name)
        let scales = try tensor("\(name)_scale", shape: [outputs])
        return ByteMatrix(blocks: blocks, scales: scales, inputs: inputs, outputs: outputs)
    }

    private func halves(
        _ name: String, of file: SafetensorsFile, inputs: Int, outputs: Int
    ) throws(WeightsError) -> PackedMatrix {
        let path = prefix + name
        guard let halves = try file.halves(path, shape: [outputs, inputs]),
            sotto_halves_are_within(halves, halves.count, Self.largestHalf) != 0
        else {
            // Which says what is wrong with the values, if anything is.
            return PackedMatrix(try tensor(name, shape: [outputs, inputs]), inputs: inputs, outputs: outputs)
        }
        fetched.names.insert(path)
        return PackedMatrix(halves: halves, inputs: inputs, outputs: outputs)
    }

    /// Ten times what any weight of a model has been; sums of larger ones tell nothing of what was trained.
    private static let largestValue: Float = 10_000
    /// The same as a half.
    private static let largestHalf: UInt16 = 0x70E2

    /// What to throw if the values of the tensor `name` below this path can't be.
    public func malformed(_ name: String, because reason: String) -> WeightsError {
        .malformed(file: file.path, reason: "of tensor \((prefix + name).debugDescription), \(reason)")
    }

    /// Feeds names and bytes of all tensors whose names begin with one of `paths`, in the order of their names, to a digest.
    package func feed(_ paths: [String], to digest: inout SHA256) {
        for name in names(beginningWith: paths) {
            digest.update(name.utf8)
            holder(of: name).withBytes(of: name) { digest.update($0) }
        }
    }

    /// The SHA-256 of each of those tensors, 32 bytes, in the order of their names.
    package func digests(_ paths: [String]) -> [(name: String, digest: ArraySlice<UInt8>)] {
        let names = names(beginningWith: paths)
        let sizes = names.map { name in holder(of: name).withBytes(of: name, \.count) }
        // Two at a time, those of one size together.
        let order = names.indices.sorted { sizes[$0] > sizes[$1] }
        var digests = [ArraySlice<UInt8>](repeating: [], count: names.count)
        for start in stride(from: 0, to: order.count, by: 2) {
            let (first, second) = (order[start], order[min(start + 1, order.count - 1)])
            let both = holder(of: names[first]).withBytes(of: names[first]) { a in
                holder(of: names[second]).withBytes(of: names[second]) { b in SHA256.digests(a, b) }
            }
            (digests[first], digests[second]) = (both[..<32], both[32...])
        }
        return zip(names, digests).map { ($0, $1) }
    }

    private func names(beginningWith paths: [String]) -> [String] {
        Set(file.names + (base?.names ?? [])).filter { name in paths.contains { name.hasPrefix($0) } }.sorted()
    }

    private func holder(of name: String) -> SafetensorsFile {
        if let base, file.shape(of: name) == nil { base } else { file }
    }

    /// Throws when a file holds a tensor that was never fetched: a sign that it belongs to another model.
    public func finish() throws(WeightsError) {
        for file in [file, base].compactMap(\.self) {
            let unused = file.names.filter { !fetched.names.contains($0) }
            guard unused.isEmpty else { throw .unused(file: file.path, tensors: unused) }
        }
    }
}
