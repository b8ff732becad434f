// SPDX-License-Identifier: Apache-2.0

public import SystemIO

/// Why a model can't be used.
public enum ModelError: UserFacingError, Equatable {
    case notFound(searched: [String])
    case notSotto(String)
    case badConfiguration(String)
    /// The weights beside it are not those that a model builds on.
    case otherBase(String, base: String)
    /// A transcript was given to a model that has no use for it.
    case readsNoText

    public var kind: FailureKind {
        switch self {
        case .notFound: .missingInput
        case .readsNoText: .wrongUsage
        default: .badData
        }
    }

    public var description: String {
        switch self {
        case .notFound(let searched):
            "the model is in none of \(searched.joined(separator: ", ")); pass --model with one of yours or set SOTTO_MODEL"
        case .notSotto(let path): "\(path) holds weights, but not of a Sotto model: it has no configuration inside"
        case .otherBase(let path, let base):
            "\(path) builds on other weights than those of \(base); put its own beside it"
        case .badConfiguration(let reason): "the model's configuration can't be used: \(reason)"
        case .readsNoText: "this model reads no text; give no transcript, or pass --model FILE with one that does"
        }
    }
}
