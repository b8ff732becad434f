// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer

/// Frames of speech, one after the other.
struct SpeechRun: Sendable {
    /// [n · stack, dimensions]
    private(set) var latents = Matrix()
    private(set) var frames: [HeardFrame] = []
    /// Of each frame what conditions it, text vectors [rate, channels]; nil without a transcript.
    private var positions: [Matrix?] = []
    /// Kept from call to call for its memory alone.
    private var vector: [Float] = []

    var count: Int { frames.count }
    /// nil if there is no frame.
    var lastLatent: ArraySlice<Float>? { latents.rows > 0 ? latents.row(latents.rows - 1) : nil }

    /// Latents have so many dimensions.
    mutating func removeAll(dimensions: Int) {
        latents.resize(rows: 0, columns: dimensions)
        frames.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
    }

    /// What goes with the next latents that were appended.
    mutating func append(_ frame: HeardFrame, vectors: Matrix? = nil) {
        frames.append(frame)
        positions.append(vectors)
    }

    /// A frame's latents [stack · dimensions].
    mutating func append(latents values: ArraySlice<Float>) {
        let columns = latents.columns
        for start in stride(from: values.startIndex, to: values.endIndex, by: columns) {
            latents.append(row: values[start..<start + columns])
        }
    }

    /// The latents of a frame that came.
    ///
    /// - Throws: `QuantizerError` if there are no such codes; nothing is then appended.
    mutating func append(_ codes: Span<UInt16>, by quantizer: ResidualQuantizer) throws(QuantizerError) {
        try quantizer.decode(codes, into: &vector)
        append(latents: vector[...])
    }

    /// So many latents like the last one, or if there is none here, like `latent`.
    mutating func append(_ count: Int, like latent: [Float]) {
        for _ in 0..<count {
            if latents.rows > 0 { latents.appendLastRow() } else { latents.append(row: latent[...]) }
        }
    }

    /// So many latents on the way from `latent` to the first of those that are here alone, before them.
    mutating func prepend(_ count: Int, from latent: [Float]) {
        vector.removeAll(keepingCapacity: true)
        vector.append(contentsOf: latents.values)
        let columns = latents.columns
        latents.resize(rows: count, columns: columns)
        for row in 0..<count {
            let share = Float(row + 1) / Float(count + 1)
            for d in 0..<columns { latents[row, d] = latent[d] + share * (vector[d] - latent[d]) }
        }
        append(latents: vector[...])
    }

    /// Text vectors [n · rate, channels], zero for frames that nothing conditions; nil if nothing conditions any.
    var vectors: Matrix? {
        guard let one = positions.lazy.compactMap(\.self).first else { return nil }
        let none = Matrix(rows: one.rows, columns: one.columns)
        return Matrix(
            rows: positions.count * one.rows, columns: one.columns, values: positions.flatMap { ($0 ?? none).values })
    }

    /// The latents [stack · dimensions] of a frame.
    func latents(of frame: Int) -> ArraySlice<Float> {
        let size = latents.rows / count * latents.columns
        return latents.values[frame * size..<(frame + 1) * size]
    }
}
