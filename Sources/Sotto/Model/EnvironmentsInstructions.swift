// SPDX-License-Identifier: Apache-2.0

import NeuralNet
public import SystemIO

/// What the environment's `SOTTO_INSTRUCTIONS` asks for.
public enum EnvironmentsInstructions {
    private static let variable = "SOTTO_INSTRUCTIONS"

    /// Computes everything from now on with the instructions that are asked for, if any are. What comes out is the same.
    ///
    /// - Throws: `UnknownInstructions` if this processor has none of that name.
    public static func use() throws(UnknownInstructions) {
        guard let word = environmentVariable(variable) else { return }
        guard let asked = Instructions.available.first(where: { $0.word == word }) else {
            throw UnknownInstructions(
                description: "\(variable) in the environment says \(word); this processor has "
                    + Instructions.available.map(\.word).joined(separator: ", "))
        }
        asked.use()
    }
}

/// Instructions that a processor doesn't have.
public struct UnknownInstructions: UserFacingError {
    public let description: String
    public var kind: FailureKind { .wrongUsage }
}
