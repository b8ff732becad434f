// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite struct ServeTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func withoutItsServerALineTellsHowToBuildIt() throws {
        let result = try shell("cp \"$SOTTO\" sotto && ./sotto serve --port 80", in: folder)
        #expect(result.status == 66 && result.errors.count == 1)
        #expect(result.message.contains("/sotto-serve") && result.message.contains("make live"))
    }

    @Test func theServerBesideItGetsAllOptions() throws {
        let script = """
            cp "$SOTTO" sotto && printf '#!/bin/sh\\necho "$@"; exit 7\\n' > sotto-serve && chmod +x sotto-serve
            ./sotto serve --port 80 --help x
            """
        let result = try shell(script, in: folder)
        #expect(result.status == 7 && String(decoding: result.output, as: UTF8.self) == "--port 80 --help x\n")
    }

    @Test func aServerThatCannotBeRunIsNamed() throws {
        let result = try shell("cp \"$SOTTO\" sotto && touch sotto-serve && ./sotto serve", in: folder)
        #expect(result.status == 66 && result.message.contains("sotto-serve"))
    }
}
