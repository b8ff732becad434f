// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer

extension CodecModel {
    /// The codes of frames, nil where they are lost → latents [n · stack, dimensions]; in what is lost the one before goes on.
    ///
    /// - Parameter latent: the one before, [dimensions]; then the last one of these.
    /// - Throws: `QuantizerError` if a frame has no codes, too many, or one out of range; `latent` is then as it was.
    func latents(of frames: [Codes?], after latent: inout [Float]) throws(QuantizerError) -> Matrix {
        let q = configuration.quantizer
        var values: [Float] = []
        var last = latent
        for codes in frames {
            if let codes {
                values += try quantizer.decode(codes)
                last = Array(values.suffix(q.dimensions))
            } else {
                for _ in 0..<q.stack { values += last }
            }
        }
        latent = last
        return Matrix(rows: frames.count * q.stack, columns: q.dimensions, values: values)
    }
}
