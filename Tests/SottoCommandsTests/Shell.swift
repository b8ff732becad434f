// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Runs a script of `sh` in which `$SOTTO` is the built program.
func shell(_ script: String, in folder: TemporaryFolder) throws -> Tool.Result {
    let program = "SOTTO='\(Tool.binary.path(percentEncoded: false))'; \(script)"
    return try Tool.run(URL(filePath: "/bin/sh"), ["-c", program], in: folder.url)
}

/// What a command says that ends with this status and one line.
func refusal(_ command: String, status: Int32, in folder: TemporaryFolder) throws -> String {
    let result = try shell("\"$SOTTO\" \(command)", in: folder)
    #expect(result.status == status && result.errors.count == 1, "\(result.message)")
    return result.message
}
