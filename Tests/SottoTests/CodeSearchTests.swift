// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Quantizer
import Sotto
import TestSupport
import Testing

/// The search, which looks closely at a few codes only, chooses those of a plain beam search over all of them.
struct CodeSearchTests {
    private struct Sequence {
        var gain: Float = 0
        var residual: [Float]
        var codes: Codes = []
    }

    /// −|c|² / 2 and c of each code, book by book.
    private let books: [(packed: PackedMatrix, offsets: [Float], vectors: [[Float]])]
    private let model: CodecModel

    init() throws {
        model = try Fixture.model()
        let (vectors, dimensions) = (model.quantizer.vectors, model.quantizer.dimensions)
        let codes = model.quantizer.codes
        books = (0..<model.quantizer.codebooks).map { book in
            let values = Array(vectors[book * codes * dimensions..<(book + 1) * codes * dimensions])
            let rows = (0..<codes).map { Array(values[$0 * dimensions..<($0 + 1) * dimensions]) }
            return (
                PackedMatrix(values, inputs: dimensions, outputs: codes),
                rows.map { $0.reduce(0) { $0 + $1 * $1 } / -2 }, rows
            )
        }
    }

    private func plainSearch(_ latent: [Float], count: Int) -> Codes {
        var sequences = [Sequence(residual: latent)]
        for (level, book) in books.prefix(count).enumerated() {
            var gains = Matrix()
            let residuals = Matrix(
                rows: sequences.count, columns: latent.count, values: sequences.flatMap(\.residual))
            book.packed.multiply(residuals, adding: book.offsets, into: &gains)
            let keeping = level + 1 == count ? 1 : 16
            var best: [(gain: Float, parent: Int, code: Int)] = []
            for parent in sequences.indices {
                for (code, gain) in gains.row(parent).enumerated() {
                    let gain = sequences[parent].gain + gain
                    if best.count == keeping, let last = best.last, !(gain > last.gain) { continue }
                    best.insert((gain, parent, code), at: best.firstIndex { $0.gain < gain } ?? best.count)
                    if best.count > keeping { best.removeLast() }
                }
            }
            sequences = best.map { step in
                let parent = sequences[step.parent]
                return Sequence(
                    gain: step.gain, residual: zip(parent.residual, book.vectors[step.code]).map { $0 - $1 },
                    codes: parent.codes + [UInt16(step.code)])
            }
        }
        return sequences[0].codes
    }

    @Test(arguments: [1, 2, 4, 8]) func ofSpeech(count: Int) throws {
        let rule = try model.quantizer.rule(for: .fixed(count))
        var (search, encoder) = (CodeSearch(), SpeechEncoder(model))
        for name in Fixture.samples.prefix(3) {
            for latent in encoder.pushForLatents(try Fixture.sample(name).prefix(100 * 1280)) {
                #expect(
                    model.quantizer.encode(latent[...], by: rule, with: &search) == plainSearch(latent, count: count))
            }
        }
    }

    /// Of latents that no speech has: nothing, next to nothing, far out, and ones that are a sum of codes.
    @Test func ofOddLatents() throws {
        let (dimensions, rule) = (model.quantizer.dimensions, model.quantizer.fullRule)
        var (search, generator) = (CodeSearch(), SeededGenerator(seed: 41))
        var latents = [[Float](repeating: 0, count: dimensions)]
        for scale: Float in [1e-30, 1e-3, 1, 30, 1e4] {
            for _ in 0..<10 {
                latents.append((0..<dimensions).map { _ in Float.random(in: -scale...scale, using: &generator) })
            }
        }
        for _ in 0..<20 {
            let codes = books.map { _ in UInt16.random(in: 0..<1024, using: &generator) }
            latents.append(try model.quantizer.decode(codes))
        }
        for latent in latents {
            #expect(model.quantizer.encode(latent[...], by: rule, with: &search) == plainSearch(latent, count: 8))
        }
    }
}
