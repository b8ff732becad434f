// SPDX-License-Identifier: Apache-2.0

/// White uniform noise of unit variance in which a sample depends on its number alone, so that any chunking of a
/// stream hears the same noise.
public struct NoiseSource: Sendable {
    private var generator = SplitMix64(seed: 0)

    public init() {}

    /// Replaces `output` by the next `count` samples.
    public mutating func next(_ count: Int, into output: inout [Float]) {
        output.removeAll(keepingCapacity: true)
        for _ in 0..<count {
            let unit = Float(generator.next() >> 40) / Float(1 << 24)
            output.append((unit * 2 - 1) * Float(3).squareRoot())
        }
    }
}
