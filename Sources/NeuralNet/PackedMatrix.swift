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
        _ input: Matrix, adding bias: [Float], into output: inout Matrix, with instructions: Instructions = .best
    ) {
        precondition(input.columns == inputs, "\(input.columns) channels for \(inputs) inputs")
        precondition(bias.count == outputs)
        output.resize(rows: input.rows, columns: outputs)
        sotto_product(instructions.raw, packed, bias, input.values, input.rows, inputs, outputs, &output.values)
    }
}

/// The sets of processor instructions that products can be computed with; the results are the same.
public struct Instructions: Sendable {
    let raw: sotto_instructions

    /// The best that this processor has.
    public static let best = Instructions(raw: sotto_best_instructions())

    /// All that this processor has.
    public static var available: [Instructions] {
        [SOTTO_PORTABLE, SOTTO_NEON, SOTTO_DOT_PRODUCT, SOTTO_AVX2, SOTTO_AVX_VNNI, SOTTO_AVX512, SOTTO_VNNI]
            .filter { sotto_has_instructions($0) != 0 }.map(Instructions.init)
    }

    public var name: String {
        switch raw {
        case SOTTO_VNNI: "AVX-512 VNNI"
        case SOTTO_AVX512: "AVX-512"
        case SOTTO_AVX_VNNI: "AVX-VNNI"
        case SOTTO_AVX2: "AVX2"
        case SOTTO_DOT_PRODUCT: "NEON with dot products"
        case SOTTO_NEON: "NEON"
        default: "portable"
        }
    }
}
