// SPDX-License-Identifier: Apache-2.0
import NeuralNet
import TestSupport

/// A layer with the random weights it was made of.
struct Random<Layer> {
    var layer: Layer
    var weights: [String: [Float]]

    subscript(name: String) -> [Double] { (weights[name] ?? []).map(Double.init) }
}

private func random<Layer>(
    seed: UInt64, _ shapes: [String: [Int]], _ make: (Weights) throws -> Layer
) throws -> Random<Layer> {
    var generator = SeededGenerator(seed: seed)
    var file = TensorFile()
    var values: [String: [Float]] = [:]
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
        // As halves, since that is how products use them.
        let drawn = generator.floats(shape.reduce(1, *)).map { Float(Float16($0)) }
        file.add("model.\(name)", shape, drawn)
        values[name] = drawn
    }
    let weights = Weights(of: try file.open())
    let layer = try make(weights["model"])
    try weights.finish()
    return Random(layer: layer, weights: values)
}

func randomLinear(inputs: Int, outputs: Int, seed: UInt64 = 1) throws -> Random<Linear> {
    try random(seed: seed, ["weight": [outputs, inputs], "bias": [outputs]]) {
        try Linear($0, inputs: inputs, outputs: outputs)
    }
}

func randomNorm(channels: Int, seed: UInt64 = 1) throws -> Random<LayerNorm> {
    try random(seed: seed, ["weight": [channels], "bias": [channels]]) { try LayerNorm($0, channels: channels) }
}

func randomConvolution(channels: Int, kernel: Int, seed: UInt64 = 1) throws -> Random<CausalConvolution> {
    try random(seed: seed, ["weight": [channels, 1, kernel], "bias": [channels]]) {
        try CausalConvolution($0, channels: channels, kernel: kernel)
    }
}

private func blockShapes(channels: Int, kernel: Int, expansion: Int) -> [String: [Int]] {
    let wide = channels * expansion
    return [
        "conv.weight": [channels, 1, kernel], "conv.bias": [channels],
        "norm.weight": [channels], "norm.bias": [channels],
        "expand.weight": [wide, channels], "expand.bias": [wide],
        "project.weight": [channels, wide], "project.bias": [channels],
        "scale": [channels],
    ]
}

func randomBlock(channels: Int, kernel: Int, expansion: Int, seed: UInt64 = 1) throws -> Random<ConvNeXtBlock> {
    let shapes = blockShapes(channels: channels, kernel: kernel, expansion: expansion)
    return try random(seed: seed, shapes) {
        try ConvNeXtBlock($0, channels: channels, kernel: kernel, expansion: expansion)
    }
}

private func gruShapes(inputs: Int, hidden: Int) -> [String: [Int]] {
    [
        "weight_ih_l0": [3 * hidden, inputs], "weight_hh_l0": [3 * hidden, hidden],
        "bias_ih_l0": [3 * hidden], "bias_hh_l0": [3 * hidden],
    ]
}

func randomGRU(inputs: Int, hidden: Int, seed: UInt64 = 1) throws -> Random<GRU> {
    let shapes = gruShapes(inputs: inputs, hidden: hidden)
    return try random(seed: seed, shapes) { try GRU($0, inputs: inputs, hidden: hidden) }
}

/// A recurrent stack with kernels of 3 and bottlenecks of twice the width.
func randomStack(channels: Int, blocks: Int, seed: UInt64 = 1) throws -> RecurrentStack {
    var shapes: [String: [Int]] = [:]
    for (name, shape) in gruShapes(inputs: channels, hidden: channels) { shapes["gru.\(name)"] = shape }
    for block in 0..<blocks {
        for (name, shape) in blockShapes(channels: channels, kernel: 3, expansion: 2) {
            shapes["blocks.\(block).\(name)"] = shape
        }
    }
    return try random(seed: seed, shapes) {
        try RecurrentStack($0, channels: channels, blocks: blocks, kernel: 3, expansion: 2)
    }.layer
}
