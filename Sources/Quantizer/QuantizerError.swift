// SPDX-License-Identifier: Apache-2.0
public import SystemIO

/// Codes that no latent vector could have produced, or a number of them that a model can't make.
public enum QuantizerError: UserFacingError, Equatable {
    case wrongCodeCount(Int, codebooks: Int)
    case codeOutOfRange(UInt16, codebook: Int, codes: Int)
    case wrongLatentSize(Int, dimensions: Int)
    case impossibleLatent(Float)
    /// Asked for so many codes a frame.
    case impossibleNumber(Int, codebooks: Int)

    public var kind: FailureKind {
        switch self {
        case .wrongCodeCount, .codeOutOfRange, .wrongLatentSize, .impossibleLatent: .badData
        case .impossibleNumber: .wrongUsage
        }
    }

    public var description: String {
        switch self {
        case .wrongCodeCount(let count, let codebooks):
            "a frame has \(count) codes; this model takes 1 to \(codebooks)"
        case .codeOutOfRange(let code, let codebook, let codes):
            "code \(code) of codebook \(codebook) is out of range; this model's codes are 0 to \(codes - 1)"
        case .wrongLatentSize(let count, let dimensions):
            "a frame's latents are \(dimensions) values of this model, not \(count)"
        case .impossibleLatent(let value):
            "\(value) is no value of latents; these are numbers of a few units"
        case .impossibleNumber(let number, let codebooks):
            "\(number) codes a frame were asked for; this model makes 1 to \(codebooks)"
        }
    }
}
