// SPDX-License-Identifier: Apache-2.0

import Platform

/// What the operating system refused.
public enum SystemError: UserFacingError, Equatable {
    case noSuchFile(String)
    case isDirectory(String)
    case notRegularFile(String)
    case cannotOpen(String, errno: Int32)
    case cannotRead(String, errno: Int32)
    case fileExists(String)
    case notReplaceable(String)
    /// The output is one of the inputs.
    case isInput(String)
    case noSuchFolder(String)
    case cannotCreate(String, errno: Int32)
    case cannotWrite(String, errno: Int32)
    /// Whoever read our output has gone.
    case brokenPipe

    public var kind: FailureKind {
        switch self {
        case .noSuchFile, .isDirectory, .notRegularFile, .cannotOpen: .missingInput
        case .fileExists, .notReplaceable, .isInput, .noSuchFolder, .cannotCreate: .cannotCreateOutput
        case .cannotRead, .cannotWrite, .brokenPipe: .inputOutput
        }
    }

    /// Whether other outputs could not be written either.
    public var concernsAllOutputs: Bool {
        switch self {
        case .cannotWrite, .brokenPipe: true
        default: false
        }
    }

    public var description: String {
        switch self {
        case .noSuchFile(let path): "\(path): there is no such file"
        case .isDirectory(let path): "\(path) is a folder; name a file"
        case .notRegularFile(let path): "\(path) is not a regular file; copy what it holds into one"
        case .cannotOpen(let path, let code): "\(path) can't be opened: \(Self.reason(code))"
        case .cannotRead(let path, let code): "\(path) can't be read: \(Self.reason(code))"
        case .fileExists(let path): "\(path) is already there"
        case .notReplaceable(let path): "\(path) is no regular file and is not replaced; write to another place"
        case .isInput(let path): "\(path) is also an input and is not replaced; write to another place"
        case .noSuchFolder(let path): "there is no folder \(path) to write into; create it first"
        case .cannotCreate(let path, let code): "\(path) can't be created: \(Self.reason(code))"
        case .cannotWrite(let path, let code): "\(path) can't be written: \(Self.reason(code))"
        case .brokenPipe: "the reader of the output has closed it"
        }
    }

    private static func reason(_ code: Int32) -> String {
        switch code {
        case ENOSPC: "the disk is full"
        case EBADF: "it was closed"
        default: String(cString: strerror(code)).lowercased()
        }
    }
}
