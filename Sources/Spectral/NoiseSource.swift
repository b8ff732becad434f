// SPDX-License-Identifier: Apache-2.0

/// White uniform noise of unit variance in which a sample depends on its number alone, so that any chunking of a
/// stream hears the same noise. The bits are SplitMix64's (Steele, Lea and Flood, 2014).
public struct NoiseSource: Sendable {
    private var position: UInt64 = 0

    public init() {}

    /// Replaces `output` by the next `count` samples.
    public mutating func next(_ count: Int, into output: inout [Float]) {
        output.removeAll(keepingCapacity: true)
        for _ in 0..<count {
            position &+= 1
            var bits = position &* 0x9E37_79B9_7F4A_7C15
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            bits ^= bits >> 31
            let unit = Float(bits >> 40) / Float(1 << 24)
            output.append((unit * 2 - 1) * Float(3).squareRoot())
        }
    }
}
