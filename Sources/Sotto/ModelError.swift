// SPDX-License-Identifier: Apache-2.0

public import SystemIO

/// Why a model can't be used.
public enum ModelError: UserFacingError, Equatable {
    case notFound(searched: [String])
    case notSotto(String)
    case badConfiguration(String)

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
        }
    }
}
