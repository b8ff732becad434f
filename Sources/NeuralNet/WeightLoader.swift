// SPDX-License-Identifier: Apache-2.0

/// Hands out the tensors of a file by name and shape, each of which has to be wanted by some layer.
public struct WeightLoader: Sendable {
    private let file: Safetensors
    private var taken: Set<String> = []

    public init(_ file: Safetensors) { self.file = file }

    /// The values of a tensor, row-major.
    public mutating func take(_ name: String, _ shape: [Int]) throws(WeightError) -> [Float] {
        taken.insert(name)
        return try file.values(name, shape: shape)
    }

    /// To be called when every layer has its weights.
    ///
    /// - Throws: `WeightError.unused` if the file holds a tensor that nobody asked for: it is of another model.
    public func finish() throws(WeightError) {
        if let name = file.names.subtracting(taken).min() { throw .unused(name) }
    }
}
