// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto
import Testing

/// Model files whose text section is not what it should be.
@Suite struct TextModelTests {
    /// Changes the configuration inside of the model's file, in place.
    private func failure(replacing old: String, with new: String) throws -> String? {
        var bytes = try Data(contentsOf: URL(filePath: TextFixture.modelPath))
        let escaped = { (text: String) in Data(text.replacing("\"", with: "\\\"").utf8) }
        let padded = new.padding(toLength: old.count, withPad: " ", startingAt: 0)
        bytes.replaceSubrange(try #require(bytes.range(of: escaped(old))), with: escaped(padded))
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors")
        try bytes.write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        do {
            _ = try Model(path: path.path(percentEncoded: false))
            return nil
        } catch {
            return "\(error)"
        }
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
        #expect(try failure(replacing: "\"fixture\"", with: "\"another\"") == nil)
        #expect(try TextFixture.model().readsText)
    }
}
