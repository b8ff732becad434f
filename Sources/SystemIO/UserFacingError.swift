// SPDX-License-Identifier: Apache-2.0

/// What went wrong, seen from outside: the exit status of the command line (BSD `sysexits.h`).
public enum FailureKind: Int32, Sendable {
    case wrongUsage = 64
    case badData = 65
    case missingInput = 66
    case cannotCreateOutput = 73
    case inputOutput = 74
}

/// An error whose description is one clear line for the person at the keyboard: what is wrong and what to do.
///
/// Every error that input, files or arguments can cause conforms to it, so that a caller never has to guess whether
/// a failure is the user's to mend.
public protocol UserFacingError: Error, CustomStringConvertible {
    var kind: FailureKind { get }
}
