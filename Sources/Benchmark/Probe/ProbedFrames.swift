// SPDX-License-Identifier: Apache-2.0

package import NeuralNet

/// The frames of clips as probes read them: each with those around it.
package struct ProbedFrames {
    /// Of the rows that labels are told of, whatever the frame rate.
    package static let rowSeconds = 0.02
    /// How much is read before and after a frame.
    private static let contextSeconds = 0.16

    /// Frames a second.
    let rate: Double
    /// [frames, values] of each clip. Each value has mean 0 and variance 1 over all clips.
    private let clips: [Matrix]
    private let context: Int

    /// - Parameter clips: [frames, values] of each, as many values in all.
    package init(rate: Double, clips: [Matrix]) {
        self.rate = rate
        context = max(1, Int((Self.contextSeconds * rate).rounded()))
        let columns = clips.first?.columns ?? 0
        precondition(clips.allSatisfy { $0.columns == columns })
        var (sums, squares) = ([Double](repeating: 0, count: columns), [Double](repeating: 0, count: columns))
        for clip in clips {
            for (i, value) in clip.values.enumerated() {
                sums[i % columns] += Double(value)
                squares[i % columns] += Double(value) * Double(value)
            }
        }
        let count = Double(max(1, clips.reduce(0) { $0 + $1.rows }))
        let means = sums.map { $0 / count }
        let scales = zip(squares, means).map { square, mean in
            // A value that never changes tells nothing and stays 0.
            1 / max(square / count - mean * mean, 1e-24).squareRoot()
        }
        self.clips = clips.map { clip in
            let values = clip.values.enumerated().map { i, value in
                Float((Double(value) - means[i % columns]) * scales[i % columns])
            }
            return Matrix(rows: clip.rows, columns: columns, values: values)
        }
    }

    /// Of a frame with its context and the constant.
    var inputs: Int { (2 * context + 1) * (clips.first?.columns ?? 0) + 1 }

    /// Rows that begin in one frame, at most; each place has a probe of its own.
    package var places: Int { max(1, Int((1 / (rate * Self.rowSeconds)).rounded(.up))) }

    /// The frame of a clip in which the middle of a row lies, and which of that frame's rows it is; nil past the clip's end.
    package func position(ofRow row: Int, clip: Int) -> (frame: Int, place: Int)? {
        let time = (Double(row) + 0.5) * Self.rowSeconds
        let frame = Int(time * rate)
        guard frame < clips[clip].rows else { return nil }
        return (frame, min(places - 1, Int((time - Double(frame) / rate) / Self.rowSeconds)))
    }

    /// Adds a clip's frame, those around it, of which the first and the last go on beyond the clip's ends, and the constant.
    func append(frame: Int, ofClip number: Int, to rows: inout [Float]) {
        let clip = clips[number]
        for at in frame - context...frame + context { rows += clip.row(min(max(at, 0), clip.rows - 1)) }
        rows.append(1)
    }
}
