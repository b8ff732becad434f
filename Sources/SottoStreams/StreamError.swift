// SPDX-License-Identifier: Apache-2.0

public import Quantizer
public import Sotto
public import SystemIO
public import TokenFile

/// Why speech can't be sent, received, recorded or decoded: what one of the parts that a stream is made of says.
public enum StreamError: UserFacingError, Equatable {
    case model(ModelError)
    case codes(QuantizerError)
    case tokens(TokenFileError)
    case words(WordError)

    public var kind: FailureKind { part.kind }

    public var description: String { part.description }

    private var part: any UserFacingError {
        switch self {
        case .model(let error): error
        case .codes(let error): error
        case .tokens(let error): error
        case .words(let error): error
        }
    }
}
