// SPDX-License-Identifier: Apache-2.0

public import SystemIO

/// Why a token file or a stream of packets is refused as a whole, or can't be written. Damage to a file's body is no error: see
/// `TokenRecording.warnings`.
public enum TokenFileError: UserFacingError, Equatable {
    case notTokens
    /// What was taken for a token file is a stream of packets.
    case packets
    /// What was taken for a stream of packets is a token file.
    case tokenFile
    /// What was taken for tokens of frames are tokens by the word.
    case byTheWord
    /// What was taken for a stream of packets holds none.
    case noPackets
    case cutHeader(bytes: Int)
    case damagedHeader
    case futureVersion(Int)
    /// The header has flags of features that this program doesn't know.
    case unknownFeatures(flags: UInt8)
    case impossible(String)
    /// A sound end chunk that no writer could have made.
    case impossibleEnd(samples: Int)
    /// What a caller asked to write is more than the format holds, or doesn't fit together.
    case unwritable(String)
    case otherModel(needs: ModelIdentity, has: ModelIdentity)

    public var kind: FailureKind { .badData }

    public var description: String {
        switch self {
        case .notTokens: "this is not a Sotto token file"
        case .packets: "this is a stream of packets and not a token file"
        case .tokenFile: "this is a token file and not a stream of packets"
        case .byTheWord: "these tokens are by the word of a transcript, and no frames"
        case .noPackets: "this holds no packets"
        case .cutHeader(let bytes): "the token file is cut off in its header: only \(bytes) bytes of it are there"
        case .damagedHeader: "the token file's header is damaged; get another copy of it"
        case .futureVersion(let version):
            "the tokens are of version \(version), newer than this program; update sotto to read it"
        case .unknownFeatures(let flags):
            "the token file has features that this program doesn't know (flags \(flags)); update sotto to read it"
        case .impossible(let what): "the token file's header makes no sense: \(what)"
        case .impossibleEnd(let samples): "the token file's end makes no sense: \(samples) samples"
        case .unwritable(let what): "this can't be written as tokens: \(what)"
        case .otherModel(let needs, let has):
            "the tokens were made with model \(needs.fullName), and this is model \(has)"
        }
    }
}
