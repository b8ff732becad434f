// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// Finds a transcript in latents as they come, by the decoder's listener.
struct TranscriptAligner: Sendable {
    let symbols: TextSymbols
    /// Seconds of a row.
    let row: Double
    let lateness: Configuration.Align.Lateness
    private let path: TextPath
    private var listener: RecordingListener
    private var aligner: WordAligner
    /// The best path finds words in any speech; whether they are said there is for all paths together to tell.
    private var guide: TextGuide
    private var frameCount = 0
    /// The last latent, and whether it was lost.
    private var last: (latent: [Float], isLost: Bool)

    /// nil if the model reads no text.
    init?(_ transcript: String, by model: Model) {
        let c = model.configuration
        guard let path = model.decoder.text, let settings = c.text else { return nil }
        var follower = settings.follower
        follower.filler = settings.align.filler
        self.path = path
        symbols = TextSymbols(transcript)
        row = Double(c.frameSize) / Double(c.sampleRate * path.rate)
        lateness = settings.align.lateness
        listener = RecordingListener(path.listener, dimensions: path.dimensions)
        aligner = WordAligner(symbols.values, model: LetterModel(follower, prior: path.listener.prior))
        guide = TextGuide(symbols.values, model: path.letters)
        last = ([Float](repeating: 0, count: c.quantizer.dimensions), true)
    }

    /// Hears the next frames, latents [n · stack, dimensions]; of one that was lost only that time went by.
    mutating func push(_ latents: Matrix, isLost: [Bool]) {
        frameCount += isLost.count
        hear(latents, isLost: isLost)
    }

    private mutating func hear(_ latents: Matrix, isLost: [Bool]) {
        guard let end = isLost.last else { return }
        last = (Array(latents.row(latents.rows - 1)), end)
        let isLatentLost = isLost.flatMap { [Bool](repeating: $0, count: path.stack) }
        follow(listener.push(latents, isLost: isLatentLost))
    }

    private mutating func follow(_ rows: [RecordingListener.Row]) {
        for row in rows {
            switch row {
            case .heard(let likely, let letters, let isPause):
                aligner.step(likely[...], isPause: isPause)
                guide.step(likely[...], letters: letters)
            case .lost:
                aligner.step(nil)
                guide.step(nil, letters: 0)
            }
        }
    }

    /// Ends the speech.
    ///
    /// - Returns: where the symbols are met, and the share of the letters heard that the transcript accounts for.
    mutating func finish() -> (path: WordPath, match: Double) {
        // The last letters are told some time after they end; the listener hears the last frame go on, as in a decoder.
        for _ in 0..<path.lookahead {
            hear(Matrix(repeating: last.latent, rows: path.stack), isLost: [last.isLost])
        }
        follow(listener.finish())
        return (aligner.finish(), guide.match)
    }

    /// Ends the speech.
    ///
    /// - Returns: the pace, as `WordPath.pace` tells it, nil if the transcript fits badly, and how well it fits; nil if it has
    ///   no letters.
    mutating func pace() -> (counts: [Int]?, match: Double)? {
        guard !symbols.values.isEmpty else { return nil }
        let (found, match) = finish()
        guard match >= TextGuide.goodMatch else { return (nil, match) }
        return (found.pace(frames: frameCount, rate: path.rate, row: row, lateness: lateness), match)
    }
}
