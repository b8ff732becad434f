// SPDX-License-Identifier: Apache-2.0

import NeuralNet
package import Quantizer
import Spectral

/// A codec's weights and configuration: immutable, loaded once, shared by any number of encoders and decoders.
public struct Model: Sendable {
    public let configuration: Configuration
    /// The first eight bytes of the SHA-256 of the weights.
    public let identity: [UInt8]
    /// Those of what the encoder and the codebooks are made of: tokens decode with any model that shares these, as one
    /// with a better decoder does.
    public let codesIdentity: [UInt8]

    package let encoder: EncoderNetwork
    package let quantizer: ResidualQuantizer
    package let decoder: DecoderNetwork
    /// Plans and tables that every stream shares.
    let melFFT: RealFFT
    let pitchFFT: RealFFT
    let synthesisFFT: RealFFT
    let filterbank: MelFilterbank

    /// Whether the decoder reads a transcript.
    public var readsText: Bool { decoder.text != nil }

    /// Loads a safetensors file with its configuration inside, as `sotto_training.export` writes it.
    ///
    /// - Throws: `SystemError` if the file can't be opened, `WeightsError` with the tensor's name if anything in it is
    ///   missing, extra, of wrong shape or not finite, `ModelError` if its configuration can't be used.
    public init(path: String) throws {
        let file = try SafetensorsFile(path: path)
        guard let json = file.metadata["config"],
            let identity = Self.bytes(hex: file.metadata["weights_sha256"]),
            let codesIdentity = Self.bytes(hex: file.metadata["codes_sha256"])
        else { throw ModelError.notSotto(path) }
        let c = try Configuration(json: json)
        let weights = Weights(of: file)
        configuration = c
        self.identity = identity
        self.codesIdentity = codesIdentity
        encoder = try EncoderNetwork(weights["encoder"], c)
        quantizer = try ResidualQuantizer(
            weights["quantizer"], codebooks: c.quantizer.codebooks, codes: c.quantizer.codes,
            dimensions: c.quantizer.dimensions)
        decoder = try DecoderNetwork(weights["decoder"], c)
        try weights.finish()
        melFFT = RealFFT(size: c.features.mel.window)
        pitchFFT = RealFFT(size: c.features.pitch.fft)
        synthesisFFT = RealFFT(size: c.synthesis.window)
        filterbank = MelFilterbank(
            sampleRate: c.sampleRate, fftSize: c.features.mel.window, bands: c.features.mel.bands,
            low: c.features.mel.low, high: c.features.mel.high)
    }

    /// The first eight bytes of a digest.
    private static func bytes(hex: String?) -> [UInt8]? {
        guard let digits = hex?.prefix(16), digits.count == 16, let value = UInt64(digits, radix: 16) else {
            return nil
        }
        return stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
