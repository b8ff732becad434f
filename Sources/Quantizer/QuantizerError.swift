// SPDX-License-Identifier: Apache-2.0
public import SystemIO

/// Codes that no latent vector could have produced.
public enum QuantizerError: UserFacingError, Equatable {
    case wrongCodeCount(Int, codebooks: Int)
    case codeOutOfRange(UInt16, codebook: Int, codes: Int)

    public var kind: FailureKind { .badData }

    public var description: String {
        switch self {
        case .wrongCodeCount(let count, let codebooks):
            "a frame has \(count) codes; this model takes 1 to \(codebooks)"
        case .codeOutOfRange(let code, let codebook, let codes):
            "code \(code) of codebook \(codebook) is out of range; this model's codes are 0 to \(codes - 1)"
        }
    }
}
