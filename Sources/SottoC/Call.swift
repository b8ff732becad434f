// SPDX-License-Identifier: Apache-2.0

import CSotto
import SystemIO

/// What a caller did wrong, or has no room for.
struct CallError: UserFacingError {
    let kind: FailureKind
    let description: String

    static func usage(_ description: String) -> CallError { CallError(kind: .wrongUsage, description: description) }
    static func badData(_ description: String) -> CallError { CallError(kind: .badData, description: description) }
    static func noRoom(_ description: String) -> CallError {
        CallError(kind: .cannotCreateOutput, description: description)
    }
}

/// The status that a call returns: what `body` throws is also said at `place`, if there is one.
func call(_ place: UnsafeMutablePointer<sotto_error>?, _ body: () throws -> Void) -> Int32 {
    do {
        try body()
        return Int32(SOTTO_OK)
    } catch {
        let status = (error as? any UserFacingError)?.kind.rawValue ?? Int32(SOTTO_INTERNAL)
        if let place { write("\(error)", status: status, to: &place.pointee) }
        return status
    }
}

private func write(_ message: String, status: Int32, to error: inout sotto_error) {
    error.status = status
    withUnsafeMutableBytes(of: &error.message) { room in
        let bytes = Array(message.withEscapedBytesShown.utf8)
        var count = min(bytes.count, room.count - 1)
        // A character is there as a whole or not at all.
        while count > 0, count < bytes.count, bytes[count] & 0xC0 == 0x80 { count -= 1 }
        room.copyBytes(from: bytes[..<count])
        room[count] = 0
    }
}
