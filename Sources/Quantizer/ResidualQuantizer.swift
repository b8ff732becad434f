// SPDX-License-Identifier: Apache-2.0

public import NeuralNet

/// Residual vector quantization (SoundStream, Zeghidour et al. 2021): each codebook codes what the ones before it left.
///
/// Any prefix of a frame's codes is a valid, coarser coding of it.
public struct ResidualQuantizer: Sendable {
    public let codebooks: Int
    public let codes: Int
    public let dimensions: Int
    /// [codebooks, codes, dimensions]
    private let vectors: [Float]
    /// [codebooks, codes]: |vector|² / 2.
    private let halfNorms: [Float]

    public init(
        _ weights: inout WeightLoader, _ name: String, codebooks: Int, codes: Int, dimensions: Int
    ) throws(WeightError) {
        self.init(
            vectors: try weights.take("\(name).codebooks", [codebooks, codes, dimensions]), codebooks: codebooks,
            codes: codes)
    }

    /// `vectors` is row-major [codebooks, codes, dimensions].
    public init(vectors: [Float], codebooks: Int, codes: Int) {
        self.codebooks = codebooks
        self.codes = codes
        self.vectors = vectors
        let dimensions = vectors.count / (codebooks * codes)
        self.dimensions = dimensions
        halfNorms = vectors.withUnsafeBufferPointer { vectors in
            stride(from: 0, to: vectors.count, by: dimensions).map { start in
                let vector = UnsafeBufferPointer(rebasing: vectors[start..<start + dimensions])
                return Self.dot(vector, vector) / 2
            }
        }
    }

    /// latent [dimensions] → codes [codebooks], by the smallest Euclidean distance; of equals the lowest code.
    ///
    /// The sums run in an order of their own and not through BLAS, so that the same latent has the same codes on any
    /// machine.
    public func encode(_ latent: [Float]) -> [UInt16] {
        precondition(latent.count == dimensions)
        var residual = latent
        return (0..<codebooks).map { codebook in
            let best = nearest(to: residual, in: codebook)
            for (i, value) in vector(codebook, best).enumerated() { residual[i] -= value }
            return UInt16(best)
        }
    }

    /// codes, one to `codebooks` of them, each below `self.codes` → latent [dimensions].
    public func decode(_ chosen: some Collection<UInt16>) -> [Float] {
        precondition(chosen.count <= codebooks)
        var latent = [Float](repeating: 0, count: dimensions)
        for (codebook, code) in chosen.enumerated() {
            precondition(Int(code) < codes)
            for (i, value) in vector(codebook, Int(code)).enumerated() { latent[i] += value }
        }
        return latent
    }

    private func vector(_ codebook: Int, _ code: Int) -> ArraySlice<Float> {
        let start = (codebook * codes + code) * dimensions
        return vectors[start..<start + dimensions]
    }

    private func nearest(to residual: [Float], in codebook: Int) -> Int {
        residual.withUnsafeBufferPointer { residual in
            vectors.withUnsafeBufferPointer { vectors in
                var (best, least) = (0, Float.infinity)
                for code in codebook * codes..<(codebook + 1) * codes {
                    let start = code * dimensions
                    let vector = UnsafeBufferPointer(rebasing: vectors[start..<start + dimensions])
                    // |r − c|² / 2 without the term that all codes share.
                    let distance = halfNorms[code] - Self.dot(residual, vector)
                    if distance < least { (best, least) = (code, distance) }
                }
                return best - codebook * codes
            }
        }
    }

    /// Eight lanes, so that it vectorises without leaving the order of the sum to the compiler.
    @inline(__always)
    private static func dot(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Float {
        var lanes = SIMD8<Float>.zero
        let whole = a.count / 8 * 8
        for start in stride(from: 0, to: whole, by: 8) {
            var (x, y) = (SIMD8<Float>(), SIMD8<Float>())
            for lane in 0..<8 {
                x[lane] = a[start + lane]
                y[lane] = b[start + lane]
            }
            lanes += x * y
        }
        var total = lanes.sum()
        for i in whole..<a.count { total += a[i] * b[i] }
        return total
    }
}
