// SPDX-License-Identifier: Apache-2.0

import Sotto
import Testing
import Transcript

/// CodecModel files whose text section is not what it should be.
@Suite struct TextModelTests {
    private func failure(replacing old: String, with new: String) throws -> String? {
        try CodecModel.refusal(of: TextFixture.modelPath, replacing: old, with: new)
    }

    @Test(arguments: [
        ("\"symbols\":30", "\"symbols\":31"), ("\"rate\":4", "\"rate\":3"), ("\"rate\":4", "\"rate\":0"),
        ("\"letter_stays\":0.64", "\"letter_stays\":1.5 "), ("\"letter_ends\":0.06", "\"letter_ends\":0.5 "),
        ("\"blank_stays\":0.84", "\"blank_stays\":-0.1"), ("\"scale\":0.5", "\"scale\":0  "),
        ("\"prior\":1.2", "\"prior\":1e9"), ("\"entry\":0.05", "\"entry\":1.05"), ("\"start\":0.04", "\"start\":1e99"),
        ("\"resume\":0.03", "\"resumes\":0.0"), ("\"filler\":0.3", "\"filler\":99"),
    ]) func nonsenseIsRefused(old: String, new: String) throws {
        let failure = try failure(replacing: old, with: new)
        #expect(failure?.contains("configuration") == true && failure?.contains("\n") == false, "\(failure ?? "taken")")
    }

    @Test func layersThatAreNotThereAreNamed() throws {
        let failure = try failure(replacing: "\"channels\":20", with: "\"channels\":21")
        #expect(failure?.contains("listener") == true)
    }

    @Test func theFileItselfIsTaken() throws {
        #expect(try failure(replacing: "\"fixture\"", with: "\"fixture\"") == nil)
        #expect(try TextFixture.model().readsText)
    }
}
