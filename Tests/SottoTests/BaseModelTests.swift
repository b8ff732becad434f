// SPDX-License-Identifier: Apache-2.0

import Foundation
import NeuralNet
import Sotto
import TestSupport
import Testing

/// A file that holds only what differs from another model.
@Suite struct BaseModelTests {
    let folder: TemporaryFolder
    let name = "sotto-16k-6hz"

    init() throws { folder = try TemporaryFolder() }

    /// A copy of a shipped model in the folder, changed in place.
    private func copy(_ name: String, replacing old: String = "", with new: String = "") throws -> String {
        var bytes = try Data(contentsOf: URL(filePath: Fixture.path("Models/\(name).safetensors")))
        if let range = bytes.range(of: Data(old.utf8)) { bytes.replaceSubrange(range, with: Data(new.utf8)) }
        let path = folder.path("\(name).safetensors")
        try bytes.write(to: URL(filePath: path))
        return path
    }

    @Test func itNeedsTheOtherBesideIt() throws {
        let path = try copy(name)
        #expect(throws: (any Error).self) { try CodecModel(path: path) }
        _ = try copy("sotto-16k")
        let (model, base) = (try CodecModel(path: path), try Fixture.model())
        #expect(model.identity != base.identity && model.codesIdentity != base.codesIdentity)
    }

    @Test func itRefusesOtherWeightsThanItsOwn() throws {
        let shipped = try SafetensorsFile(path: Fixture.path("Models/\(name).safetensors"))
        let digest = try #require(shipped.metadata["base_sha256"])
        let base = try copy("sotto-16k")
        let path = try copy(name, replacing: digest, with: String(digest.reversed()))
        #expect(throws: ModelError.otherBase(path, base: base)) { try CodecModel(path: path) }
    }

    @Test(arguments: ["../models.safetensors", "/etc/sotto.safetensor"]) func itsBaseLiesInItsFolder(base: String)
        throws
    {
        let path = try copy(name, replacing: "\"sotto-16k.safetensors\"", with: "\"\(base)\"")
        let error = #expect(throws: ModelError.self) { try CodecModel(path: path) }
        #expect(error.map { "\($0)".contains("beside it") } == true)
    }

    @Test func shippedModelsAreFoundByNameAndByTheirTokens() throws {
        let model = try CodecModel.load(name)
        #expect(model.configuration.name == name)
        #expect(try CodecModel.load(codesIdentity: model.codesIdentity).identity == model.identity)
        let usual = try CodecModel.load()
        #expect(try CodecModel.load(codesIdentity: usual.codesIdentity).identity == usual.identity)
        #expect(try CodecModel.load(codesIdentity: [UInt8](repeating: 1, count: 8)).identity == usual.identity)
        #expect(throws: (any Error).self) { try CodecModel.load("no such model") }
    }
}
