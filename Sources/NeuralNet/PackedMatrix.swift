// SPDX-License-Identifier: Apache-2.0

import CKernels

/// A matrix of weights, packed as halves for products with the rows of a token frame.
///
/// A product's bits are the same on every processor and for any number of rows: each output is one chain of fused
/// multiply-adds over the inputs in their order. Weights are shipped as halves, so nothing is lost by packing them.
public struct PackedMatrix: Sendable {
    public let inputs: Int
    public let outputs: Int
    private let packed: [UInt16]

    /// - Parameter values: [outputs, inputs]
    public init(_ values: [Float], inputs: Int, outputs: Int) {
        self.init(values, inputs: inputs, outputs: outputs, packedBy: sotto_pack)
    }

    /// Weights that are halves already, kept as they are.
    ///
    /// - Parameter halves: [outputs, inputs]
    init(halves: [UInt16], inputs: Int, outputs: Int) {
        self.init(halves, inputs: inputs, outputs: outputs, packedBy: sotto_pack_halves)
    }

    private init<Value>(
        _ values: [Value], inputs: Int, outputs: Int,
        packedBy pack: (UnsafePointer<Value>?, Int, Int, UnsafeMutablePointer<UInt16>?) -> Void
    ) {
        precondition(values.count == inputs * outputs, "\(values.count) values for \(outputs) x \(inputs)")
        packed = [UInt16](unsafeUninitializedCapacity: sotto_packed_count(inputs, outputs)) { buffer, count in
            values.withUnsafeBufferPointer { pack($0.baseAddress, inputs, outputs, buffer.baseAddress) }
            count = sotto_packed_count(inputs, outputs)
        }
        self.inputs = inputs
        self.outputs = outputs
    }

    /// output [rows, outputs] = bias [outputs] + input [rows, inputs] · valuesᵀ
    public func multiply(
        _ input: Matrix, adding bias: [Float], into output: inout Matrix, with instructions: Instructions = .inUse
    ) {
        precondition(input.columns == inputs, "\(input.columns) channels for \(inputs) inputs")
        precondition(bias.count == outputs)
        output.resize(rows: input.rows, columns: outputs)
        sotto_product(instructions.raw, packed, bias, input.values, input.rows, inputs, outputs, &output.values)
    }
}
