// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// Runs a script of `sh` in which `$SOTTO` is the built program.
func shell(_ script: String, in folder: TemporaryFolder) throws -> Tool.Result {
    let program = "SOTTO='\(Tool.binary.path(percentEncoded: false))'; \(script)"
    return try Tool.run(URL(filePath: "/bin/sh"), ["-c", program], in: folder.url)
}
