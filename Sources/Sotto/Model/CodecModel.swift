// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Platform
package import Quantizer
import Spectral
import SystemIO
package import Transcript

/// A codec's weights and configuration: immutable, loaded once, shared by any number of encoders and decoders.
public struct CodecModel: Sendable {
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
    var analysis: Analysis { deferredAnalysis.value }
    var synthesisFFT: RealFFT { deferredSynthesisFFT.value }
    private let deferredAnalysis: Deferred<Analysis>
    private let deferredSynthesisFFT: Deferred<RealFFT>
    let noiseBands: NoiseBands
    /// Working memory, which isn't part of what the model is.
    let encodingMemory: MemoryPool<EncodingMemory>
    let decodingMemory: MemoryPool<DecodingMemory>

    /// Whether the decoder reads a transcript.
    public var readsText: Bool { transcripts != nil }
    /// What reads it.
    package var transcripts: TranscriptModel? { decoder.text?.transcript }

    /// Loads a safetensors file with its configuration inside, as `sotto_training.export` writes it. It may hold only what
    /// differs from another model, which it names and which then has to be in the same folder.
    ///
    /// - Throws: `SystemError` if a file can't be opened, `WeightsError` with the tensor's name if anything in it is
    ///   missing, extra, of wrong shape or not finite, `ModelError` if its configuration can't be used, the model it
    ///   builds on has other weights, or its weights aren't those that its digests were made of.
    public init(path: String) throws { try self.init(path: path, for: .everything) }

    /// The same for one purpose: weights that it has no use for aren't compared with their digests.
    package init(path: String, for purpose: Purpose) throws {
        let file = try SafetensorsFile(path: path)
        try self.init(file, base: Self.base(of: file), for: purpose)
    }

    /// What a model is loaded for.
    package enum Purpose: Sendable {
        case everything
        /// Without transcripts.
        case encoding
        case decoding
    }

    /// Loads what such a file holds from memory; the bytes are read in place and not needed any more after that.
    ///
    ///     let model = try CodecModel(bytes: bytes.span.bytes)     // [UInt8]; Data has .bytes itself
    ///
    /// - Parameters:
    ///   - bytes: the file of weights.
    ///   - base: the file that it builds on, if it is one that does; else it is left aside.
    /// - Throws: as `init(path:)`, but no `SystemError`; `ModelError.noBase` if it builds on a file and `base` is nil. Errors call
    ///   the two files "the weights" and "the base's weights".
    public init(bytes: RawSpan, base: RawSpan? = nil) throws {
        // What is made of the files keeps nothing of them, so the bytes are borrowed for no longer than this.
        self = try bytes.withUnsafeBytes { bytes in
            let file = try SafetensorsFile(borrowing: bytes, name: "the weights")
            guard let name = file.metadata["base"] else { return try CodecModel(file, base: nil) }
            guard let base else { throw ModelError.noBase(name) }
            return try base.withUnsafeBytes {
                try CodecModel(file, base: SafetensorsFile(borrowing: $0, name: "the base's weights"))
            }
        }
    }

    /// Loads what files in the program itself hold, which are read in place for as long as it runs.
    package init(constant bytes: UnsafeRawBufferPointer, base: UnsafeRawBufferPointer? = nil) throws {
        let base = try base.map { try SafetensorsFile(constant: $0, name: "the base's weights") }
        try self.init(try SafetensorsFile(constant: bytes, name: "the weights"), base: base)
    }

    private init(_ file: SafetensorsFile, base: SafetensorsFile?, for purpose: Purpose = .everything) throws {
        guard let json = file.metadata["config"],
            let digests = ModelDigests(claimedBy: file)
        else { throw ModelError.notSotto(file.path) }
        let c = try Configuration(json: json)
        if let base, base.metadata["weights_sha256"] != file.metadata["base_sha256"] {
            throw ModelError.otherBase(file.path, base: base.path)
        }
        let weights = Weights(of: file, over: base)
        configuration = c
        identity = ModelDigests.identity(digests.weights)
        codesIdentity = ModelDigests.identity(digests.codes)
        encoder = try EncoderNetwork(weights["encoder"], c)
        quantizer = try ResidualQuantizer(
            weights["quantizer"], codebooks: c.quantizer.codebooks, codes: c.quantizer.codes,
            dimensions: c.quantizer.stack * c.quantizer.dimensions)
        decoder = try DecoderNetwork(weights["decoder"], c)
        try weights.finish()
        guard digests.agree(with: weights, configuration: json, for: purpose) else {
            throw ModelError.damaged(file.path, base: base?.path)
        }
        deferredAnalysis = Deferred { Analysis(c) }
        deferredSynthesisFFT = Deferred { RealFFT(size: c.synthesis.window) }
        noiseBands = NoiseBands(bins: c.synthesis.window / 2)
        (encodingMemory, decodingMemory) = (MemoryPool(), MemoryPool())
    }

    /// The file beside this one that holds what it doesn't, if it names one.
    private static func base(of file: SafetensorsFile) throws -> SafetensorsFile? {
        try basePath(of: file).map { try SafetensorsFile(path: $0) }
    }

    static func basePath(of file: SafetensorsFile) throws(ModelError) -> String? {
        guard let name = file.metadata["base"] else { return nil }
        let url = URL(filePath: file.path).deletingLastPathComponent().appending(path: name)
        guard url.lastPathComponent == name else {
            throw ModelError.badConfiguration("it builds on “\(name)”, which is no name of a file beside it")
        }
        return url.path(percentEncoded: false)
    }
}
