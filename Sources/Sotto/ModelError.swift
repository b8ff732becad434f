// SPDX-License-Identifier: Apache-2.0

public import SystemIO

/// Why a model can't be used, or can't decode what it was given.
public enum ModelError: UserFacingError, Equatable {
    case notFound(searched: [String])
    case notSotto(String)
    case badConfiguration(String)
    case tooManyCodes(Int, codebooks: Int)
    case noCodes
    case codeOutOfRange(Int, codes: Int)

    public var kind: FailureKind {
        switch self {
        case .notFound: .missingInput
        default: .badData
        }
    }

    public var description: String {
        switch self {
        case .notFound(let searched):
            "the model is in none of \(searched.joined(separator: ", ")); pass --model FILE or set SOTTO_MODEL"
        case .notSotto(let path): "\(path) holds weights, but not of a Sotto model: it has no configuration inside"
        case .badConfiguration(let reason): "the model's configuration can't be used: \(reason)"
        case .tooManyCodes(let count, let codebooks):
            "a frame of \(count) codes is too much for this model's \(codebooks) codebooks"
        case .noCodes: "a frame needs at least one code"
        case .codeOutOfRange(let code, let codes): "code \(code) is out of range: the model's go from 0 to \(codes - 1)"
        }
    }
}
