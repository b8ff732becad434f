// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto
import Testing

@Suite struct VersionTests {
    @Test func theCommandSaysThePackagesVersion() throws {
        let result = try Tool.run("--version")
        #expect(result.status == 0 && result.message.isEmpty)
        #expect(String(decoding: result.output, as: UTF8.self) == "sotto \(sottoVersion)\n")
        #expect(sottoVersion.split(separator: ".").compactMap { Int($0) }.count == 3)
    }
}
