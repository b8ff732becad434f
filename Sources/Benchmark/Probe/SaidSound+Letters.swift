// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Sotto
import Transcript

extension SaidSound {
    /// The letters of a transcript, by the model's own aligner and with the times that `CodecModel.align` would give them. It hears latents
    /// that aren't quantised, so that they are the same for all systems.
    ///
    /// - Parameter audio: at 16 kHz.
    /// - Returns: nil if the model reads no text, or the transcript isn't what is said.
    static func letters(of transcript: String, in audio: [Float], by model: CodecModel) -> [SaidSound]? {
        guard let reader = model.transcripts else { return nil }
        var aligner = TranscriptAligner(transcript, by: reader)
        var encoder = SpeechEncoder(model)
        for frame in encoder.pushForLatents(audio) + encoder.finishForLatents() {
            aligner.push(Matrix(rows: reader.stack, columns: reader.dimensions, values: frame), isLost: [false])
        }
        let (path, match) = aligner.finish()
        guard match >= TrackedPosition.goodMatch else { return nil }
        let (row, lateness) = (reader.rowSeconds, reader.settings.align.lateness)
        return zip(aligner.symbols.values, path.met).compactMap { symbol, met in
            guard let met, let letter = TextSymbols.letter(symbol) else { return nil }
            return SaidSound(
                label: letter, start: Double(met.lowerBound) * row - lateness.start,
                end: Double(met.upperBound + 1) * row - lateness.end)
        }
    }
}
