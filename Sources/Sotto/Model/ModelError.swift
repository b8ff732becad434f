// SPDX-License-Identifier: Apache-2.0

public import SystemIO

/// Why a model can't be used.
public enum ModelError: UserFacingError, Equatable {
    /// A model that ships isn't near the folder of the program.
    case notFound(String, near: String)
    /// The model that the environment's `SOTTO_MODEL` names can't be used.
    case ofTheEnvironment(reason: String, kind: FailureKind)
    case notSotto(String)
    case badConfiguration(String)
    /// The weights beside it are not those that a model builds on.
    case otherBase(String, base: String)
    /// A model in memory builds on another one, of this file name, whose weights weren't given.
    case noBase(String)
    /// Its weights or its configuration changed after its digests were made of them.
    case damaged(String, base: String?)
    /// A transcript was given to a model that has no use for it.
    case readsNoText
    /// A transcript was given to a decoder that was made without one.
    case madeWithoutTranscript

    public var kind: FailureKind {
        switch self {
        case .notFound: .missingInput
        case .ofTheEnvironment(_, let kind): kind
        case .readsNoText, .madeWithoutTranscript: .wrongUsage
        default: .badData
        }
    }

    public var description: String {
        switch self {
        case .notFound(let name, let folder):
            "the model \(name) is in no share/sotto or Models in \(folder) or the folders above it; install it there, name "
                + "a file of your own or set SOTTO_MODEL"
        case .ofTheEnvironment(let reason, _): "\(reason); SOTTO_MODEL in the environment names it"
        case .notSotto(let path):
            "no configuration of a Sotto model is in \(path); name a file that sotto_training.export wrote"
        case .otherBase(let path, let base):
            "\(path) and \(base) don't belong together: one was made over other weights than the other holds; take both from "
                + "the same place"
        case .noBase(let name): "the weights are made over those of \(name); give these too"
        case .damaged(let path, let base):
            "something in \(path)\(base.map { ", or in \($0) below it," } ?? "") is damaged, as its SHA-256 is another one than "
                + "is noted there; fetch or export the model again"
        case .badConfiguration(let reason): "the model's configuration can't be used: \(reason)"
        case .readsNoText: "this model reads no text; give no transcript, or take a model that does"
        case .madeWithoutTranscript: "a decoder that is to read transcripts is made with one, be it empty"
        }
    }
}
