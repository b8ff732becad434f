// SPDX-License-Identifier: Apache-2.0

public import Quantizer
import Sotto

/// A system whose codes stand for vectors, which a probe can read.
public protocol ProbedSystem: CodecSystem {
    /// Whether its codes are those of another system, which isn't told the transcript.
    var isToldText: Bool { get }
    /// Frames a second.
    var frameRate: Double { get }
    /// How many codes a codebook has.
    var codebookSize: Int { get }
    /// What codes stand for: [frames][codes of the frame] → [frames][values].
    ///
    /// - Throws: if there are codes that it doesn't have.
    func vectors(of codes: [Codes]) throws -> [[Float]]
    /// What the codes of `audio`, which is at 16 kHz, come near to, [frames][values]; nil if there is no such thing.
    func latents(of audio: [Float]) -> [[Float]]?
}

extension SottoSystem: ProbedSystem {
    public var isToldText: Bool { usesTranscript }
    public var frameRate: Double { model.configuration.frameRate }
    public var codebookSize: Int { model.configuration.quantizer.codes }

    public func vectors(of codes: [Codes]) throws -> [[Float]] { try codes.map { try model.quantizer.decode($0) } }

    public func latents(of audio: [Float]) -> [[Float]]? {
        var encoder = SpeechEncoder(model)
        return encoder.pushForLatents(audio) + encoder.finishForLatents()
    }
}
