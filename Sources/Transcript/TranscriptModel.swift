// SPDX-License-Identifier: Apache-2.0

package import NeuralNet

/// What reads a transcript and hears where in it the speech is: a classifier of letters, an encoder of text and the hidden Markov
/// model between them.
package struct TranscriptModel: Sendable {
    package let classifier: LetterClassifier
    package let encoder: TextEncoder
    package let hmm: TranscriptHMM
    package let settings: TranscriptSettings
    /// Rows of text vectors in a token frame.
    package let rate: Int
    /// Of a latent.
    package let dimensions: Int
    /// Latents of a token frame.
    package let stack: Int
    /// Token frames that are heard before a frame is conditioned.
    package let lookahead: Int
    /// Seconds of a row.
    package let rowSeconds: Double

    /// Of a text vector.
    package var channels: Int { settings.channels }
    /// How much the text counts in frames of one code, of two, and so on.
    package var weights: [Float] { settings.weights }

    /// Reads "listener" and "text_encoder".
    ///
    /// - Parameters:
    ///   - dimensions: of a latent.
    ///   - stack: latents of a token frame.
    ///   - rowSeconds: from one row of text vectors to the next.
    package init(
        _ weights: Weights, _ settings: TranscriptSettings, dimensions: Int, stack: Int, rowSeconds: Double
    ) throws(WeightsError) {
        (self.settings, self.dimensions, self.stack) = (settings, dimensions, stack)
        (rate, lookahead) = (settings.rate * stack, settings.lookahead / stack)
        self.rowSeconds = rowSeconds
        classifier = try LetterClassifier(weights["listener"], settings, dimensions: dimensions)
        hmm = TranscriptHMM(settings.follower, prior: classifier.prior)
        encoder = try TextEncoder(weights["text_encoder"], settings)
    }
}
