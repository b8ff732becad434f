// SPDX-License-Identifier: Apache-2.0

import SystemIO

/// What the words of a command line get wrong.
struct UsageError: UserFacingError {
    let description: String
    var kind: FailureKind { .wrongUsage }

    init(_ description: String) { self.description = description }
}

/// What went wrong with one input, which the line names.
struct InputFailure: UserFacingError {
    let description: String
    let kind: FailureKind

    /// Runs `body`, whose errors then name the input; `-` is standard input.
    static func naming<Result>(_ input: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SystemError where error.concernsAllOutputs {
            throw error
        } catch let error as any UserFacingError {
            let name = input == "-" ? ByteSource.standardInputName : input
            let text = error.commandLineText
            throw InputFailure(description: text.contains(name) ? text : "\(name): \(text)", kind: error.kind)
        }
    }
}
