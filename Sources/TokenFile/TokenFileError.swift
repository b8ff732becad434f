// SPDX-License-Identifier: Apache-2.0

public import SystemIO

/// Why a token file is refused as a whole. Damage to its body is no error: see `TokenRecording.warnings`.
public enum TokenFileError: UserFacingError, Equatable {
    case notTokens
    case cutHeader(bytes: Int)
    case damagedHeader
    case futureVersion(Int)
    case impossible(String)
    case otherModel(needs: ModelIdentity, has: ModelIdentity)

    public var kind: FailureKind { .badData }

    public var description: String {
        switch self {
        case .notTokens: "this is not a Sotto token file; make one with sotto encode"
        case .cutHeader(let bytes): "the token file is cut off in its header: only \(bytes) bytes of it are there"
        case .damagedHeader: "the token file's header is damaged; get another copy of it"
        case .futureVersion(let version):
            "the token file is of version \(version), newer than this program; update sotto to read it"
        case .impossible(let what): "the token file's header makes no sense: \(what)"
        case .otherModel(let needs, let has):
            "the tokens were made with model \(needs), and this is model \(has); pass the right one with --model"
        }
    }
}
