// SPDX-License-Identifier: Apache-2.0

package import NeuralNet

/// Finds a transcript in latents as they come, by the letters that are heard in them.
package struct TranscriptAligner: Sendable {
    package let symbols: TextSymbols
    package let model: TranscriptModel
    private var classifier: RecordingClassifier
    private var aligner: ViterbiAligner
    /// The best path finds words in any speech; whether they are said there is for all paths together to tell.
    private var position: TrackedPosition
    private var frameCount = 0
    /// The last latent, and whether it was lost.
    private var last: (latent: [Float], isLost: Bool)

    package init(_ transcript: String, by model: TranscriptModel) {
        var tracker = model.settings.follower
        tracker.filler = model.settings.align.filler
        self.model = model
        symbols = TextSymbols(transcript)
        classifier = RecordingClassifier(model.classifier, dimensions: model.dimensions)
        aligner = ViterbiAligner(symbols.values, model: TranscriptHMM(tracker, prior: model.classifier.prior))
        position = TrackedPosition(symbols.values, model: model.hmm)
        last = ([Float](repeating: 0, count: model.dimensions), true)
    }

    /// Hears the next frames, latents [n · stack, dimensions]; of one that was lost only that time went by.
    package mutating func push(_ latents: Matrix, isLost: [Bool]) {
        frameCount += isLost.count
        hear(latents, isLost: isLost)
    }

    private mutating func hear(_ latents: Matrix, isLost: [Bool]) {
        guard let end = isLost.last else { return }
        last = (Array(latents.row(latents.rows - 1)), end)
        let isLatentLost = isLost.flatMap { [Bool](repeating: $0, count: model.stack) }
        follow(classifier.push(latents, isLost: isLatentLost))
    }

    private mutating func follow(_ rows: [RecordingClassifier.Row]) {
        for row in rows {
            switch row {
            case .heard(let likely, let letters, let isPause):
                aligner.step(likely[...], isPause: isPause)
                position.step(likely[...], letters: letters)
            case .lost:
                aligner.step(nil)
                position.step(nil, letters: 0)
            }
        }
    }

    /// Ends the speech.
    ///
    /// - Returns: where the symbols are met, and the share of the letters heard that the transcript accounts for.
    package mutating func finish() -> (path: ViterbiPath, match: Double) {
        // The last letters are told some time after they end; the classifier hears the last frame go on, as in a decoder.
        for _ in 0..<model.lookahead {
            hear(Matrix(repeating: last.latent, rows: model.stack), isLost: [last.isLost])
        }
        follow(classifier.finish())
        return (aligner.finish(), position.match)
    }

    /// Ends the speech.
    ///
    /// - Returns: when the symbols are said, nil if the transcript fits badly, and how well it fits; nil if it has no letters.
    package mutating func timing() -> (timing: SymbolTiming?, match: Double)? {
        guard !symbols.values.isEmpty else { return nil }
        let (found, match) = finish()
        guard match >= TrackedPosition.goodMatch else { return (nil, match) }
        let timing = found.timing(
            frames: frameCount, rate: model.rate, row: model.rowSeconds, lateness: model.settings.align.lateness)
        return (timing, match)
    }
}
