// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto

/// Ends the client unless what was expected holds.
func require(_ holds: Bool, _ expected: String) {
    guard !holds else { return }
    print("client: \(expected) was expected")
    exit(1)
}

/// Whether this throws an error of the library's for which `isMeant` holds.
func throwsError<E: UserFacingError>(_ body: () throws -> Void, _ isMeant: (E) -> Bool) -> Bool {
    do {
        try body()
        return false
    } catch {
        return (error as? E).map { isMeant($0) && !$0.description.isEmpty && $0.kind != .inputOutput } ?? false
    }
}
