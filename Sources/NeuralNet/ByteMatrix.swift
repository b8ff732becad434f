// SPDX-License-Identifier: Apache-2.0

import CKernels

/// A matrix of weights of 8 bits, read for products where it lies in its file.
///
/// Rows of an input are rounded to 8 bits as well, each by its own largest magnitude, and products are summed as integers: the
/// bits are the same on every processor and for any number of rows.
struct ByteMatrix: Sendable {
    let inputs: Int
    let outputs: Int
    private let blocks: KeptBytes
    private let scales: [Float]  // [outputs]

    /// Inputs that a product takes at most.
    static let mostInputs = Int(SOTTO_MOST_INPUTS)

    /// The shape in which a file holds the integers of a matrix: blocks of outputs by inputs, both rounded up.
    static func storedShape(inputs: Int, outputs: Int) -> [Int] {
        let (high, wide) = (Int(SOTTO_BLOCK_OUTPUTS), Int(SOTTO_BLOCK_INPUTS))
        return [(outputs + high - 1) / high, (inputs + wide - 1) / wide, high, wide]
    }

    /// - Parameters:
    ///   - blocks: integers of `storedShape`.
    ///   - scales: what those of each output are multiplied by, [outputs].
    init(blocks: KeptBytes, scales: [Float], inputs: Int, outputs: Int) {
        precondition((1...Self.mostInputs).contains(inputs) && scales.count == outputs)
        precondition(
            blocks.withUnsafeBytes(\.count) == Self.storedShape(inputs: inputs, outputs: outputs).reduce(1, *))
        (self.inputs, self.outputs, self.blocks, self.scales) = (inputs, outputs, blocks, scales)
    }

    /// output [rows, outputs] = bias [outputs] + input [rows, inputs] · weightsᵀ
    func multiply(
        _ input: Matrix, adding bias: [Float], into output: inout Matrix, with instructions: Instructions = .inUse
    ) {
        precondition(input.columns == inputs, "\(input.columns) channels for \(inputs) inputs")
        precondition(bias.count == outputs)
        output.resize(rows: input.rows, columns: outputs)
        blocks.withUnsafeBytes { blocks in
            sotto_byte_product(
                instructions.raw, blocks.baseAddress?.assumingMemoryBound(to: Int8.self), scales, bias, input.values,
                input.rows, inputs, outputs, &output.values)
        }
    }
}
