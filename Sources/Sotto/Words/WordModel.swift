// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Platform
import SystemIO
import Transcript

/// What codes speech by the word of its transcript: immutable, loaded once, shared. It knows the latents of one model, its base, whose decoder
/// makes them sound.
public struct WordModel: Sendable {
    public let name: String
    /// The first eight bytes of the SHA-256 of all of its weights.
    public let identity: [UInt8]
    /// Those of what gives the codes of words their meaning, which tokens by the word name.
    public let codesIdentity: [UInt8]
    /// The `CodecModel.codesIdentity` of its base.
    public let baseIdentity: [UInt8]
    /// How many codes a word may get, ascending.
    public let counts: [Int]

    let network: WordNetwork
    let coder: WordCoder
    let predictor: WordPredictor

    /// Loads a safetensors file that `sotto_training.release words` wrote.
    ///
    /// - Throws: `SystemError` if the file can't be opened, `WeightsError` with the tensor's name if anything in it is missing, extra, of wrong
    ///   shape or not finite, `WordError` if it is no words' model, its configuration can't be used, or its weights aren't those that its
    ///   digests were made of.
    public init(path: String) throws {
        let file = try SafetensorsFile(path: path)
        guard let json = file.metadata["words"] else { throw WordError.notWords(path) }
        let c = try WordConfiguration(json: json)
        let weights = Weights(of: file)
        network = try WordNetwork(weights["words"], c)
        coder = try WordCoder(weights["words"], c)
        predictor = try WordPredictor(weights["prior"], c)
        try weights.finish()
        let codes = Self.digest(of: weights, ["words."], json)
        let all = Self.digest(of: weights, ["words.", "prior."], json)
        guard codes == file.metadata["codes_sha256"], all == file.metadata["weights_sha256"] else {
            throw WordError.damaged(path)
        }
        (name, counts) = (c.name, c.counts)
        (identity, codesIdentity) = (ModelDigests.identity(all), ModelDigests.identity(codes))
        baseIdentity = ModelDigests.identity(c.baseCodesSha256)
    }

    /// Loads the words' model that lies beside a model's file: its name has "-words" at its end.
    ///
    /// - Parameter base: the name or the path of the model, as `CodecModel.load(_:)` takes it.
    /// - Throws: `ModelError.notFound` if the model can't be found, `WordError.notFound` if no words' model is beside it, or what `init(path:)`
    ///   throws.
    public static func load(beside base: String? = nil) throws -> WordModel {
        let path = Self.path(beside: try CodecModel.path(of: base))
        guard FileKind(of: path) != nil else { throw WordError.notFound(path) }
        return try WordModel(path: path)
    }

    /// Whether a file claims to be a words' model.
    package static func isWords(path: String) -> Bool {
        (try? SafetensorsFile(path: path))?.metadata["words"] != nil
    }

    /// Where the words' model of a model's file lies.
    public static func path(beside base: String) -> String {
        let ending = ".safetensors"
        return (base.hasSuffix(ending) ? String(base.dropLast(ending.count)) : base) + "-words" + ending
    }

    /// - Throws: `WordError.otherBase` unless it knows the latents of `model`.
    func require(base model: CodecModel) throws(WordError) {
        let c = model.configuration
        guard baseIdentity == model.codesIdentity, c.quantizer.stack == 1, c.quantizer.dimensions == network.dimensions,
            model.transcripts?.rate == WordTimeline.rowsPerFrame
        else { throw .otherBase(name, model: c.name) }
    }

    /// - Throws: `WordError.impossibleNumber` unless a word may get so many codes.
    func require(codesPerWord count: Int) throws(WordError) {
        guard counts.contains(count) else { throw .impossibleNumber(count, counts: counts) }
    }

    private static func digest(of weights: Weights, _ paths: [String], _ json: String) -> String {
        var digest = SHA256()
        digest.update(json.utf8)
        for (name, tensor) in weights.digests(paths) {
            digest.update(name.utf8)
            digest.update(tensor)
        }
        return digest.finish()
    }
}
