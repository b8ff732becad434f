// SPDX-License-Identifier: Apache-2.0

public import SystemIO

/// Why speech can't be coded by the word.
public enum WordError: UserFacingError, Equatable {
    /// The file of the words' model isn't beside that of the model.
    case notFound(String)
    case notWords(String)
    case badConfiguration(String)
    /// It knows the latents of another model.
    case otherBase(String, model: String)
    /// Its weights or its configuration changed after its digests were made of them.
    case damaged(String)
    case impossibleNumber(Int, counts: [Int])
    /// The transcript has no letters or digits.
    case noTranscript
    case transcriptFitsBadly(match: Double)
    case noSpeech
    /// What there is to be spoken doesn't fit together.
    case impossible(String)

    public var kind: FailureKind {
        switch self {
        case .notFound: .missingInput
        case .impossibleNumber, .noTranscript: .wrongUsage
        default: .badData
        }
    }

    public var description: String {
        switch self {
        case .notFound(let path):
            "the words' model \(path) isn't there; speech is coded by the word with a model that has one beside it, as "
                + "\(CodecModel.shipped[0]) has"
        case .notWords(let path):
            "no configuration of a words' model is in \(path); name a file that sotto_training.release words wrote"
        case .badConfiguration(let reason): "the words' model's configuration can't be used: \(reason)"
        case .otherBase(let path, let model):
            "\(path) knows the latents of another model than \(model); take both from the same place"
        case .damaged(let path):
            "something in \(path) is damaged, as its SHA-256 is another one than is noted there; fetch or export it again"
        case .impossibleNumber(let count, let counts):
            "a word gets \(counts.dropLast().map(String.init).joined(separator: ", "))"
                + "\(counts.count > 1 ? " or " : "")\(counts.last ?? 0) codes, not \(count)"
        case .noTranscript: "speech is coded by the word of its transcript; give one that has words"
        case .transcriptFitsBadly(let match):
            "the transcript fits only \(Int(max(0, match) * 100)) % of the speech, which can't be coded by its words; give the right "
                + "one, with numbers spelt out, or code it by frames"
        case .noSpeech: "there is no speech to be coded by the word"
        case .impossible(let reason): "the words can't be spoken: \(reason)"
        }
    }
}
