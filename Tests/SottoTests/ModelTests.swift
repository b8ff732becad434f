// SPDX-License-Identifier: Apache-2.0

import Sotto
import Testing

@Suite struct ModelTests {
    @Test func theShippedModelIsFoundWithoutBeingNamed() throws {
        let model = try CodecModel.load()
        #expect(model.identity == (try Fixture.model()).identity)
        #expect(model.configuration.frameRate == 12.5)
        #expect(model.configuration.frameSize + model.configuration.delay <= 1600, "100 ms of algorithmic delay")
    }

    @Test func aFileThatIsNotAModelIsRefused() throws {
        let golden = Fixture.path("Tests/SottoTests/Fixtures/golden.safetensors")
        #expect(throws: ModelError.notSotto(golden)) { try CodecModel(path: golden) }
        #expect(throws: (any Error).self) { try CodecModel(path: Fixture.path("README.md")) }
        #expect(throws: (any Error).self) { try CodecModel(path: Fixture.path("no such file")) }
    }

    @Test func aModelWithAnotherConfigurationIsRefusedByTheTensorsName() throws {
        try expectRefusal(replacing: "\"trunk_blocks\":4", with: "\"trunk_blocks\":3") { $0.contains("trunk.blocks.3") }
        try expectRefusal(replacing: "\"trunk_blocks\":4", with: "\"trunk_blocks\":5") { $0.contains("trunk.blocks.4") }
        try expectRefusal(replacing: "\"channels\":256", with: "\"channels\":255") { $0.contains("shape") }
    }

    @Test func absurdConfigurationsAreRefused() throws {
        for (old, new) in [
            ("\"hop\":160", "\"hop\":0"), ("\"hop\":160", "\"hop\":-16"), ("\"window\":480", "\"window\":481"),
            ("\"codes\":1024", "\"codes\":0"), ("\"sample_rate\":16000", "\"sample_rate\":0"),
        ] {
            try expectRefusal(replacing: old, with: new) { $0.contains("configuration") }
        }
    }

    private func expectRefusal(replacing old: String, with new: String, because reason: (String) -> Bool) throws {
        let refusal = try CodecModel.refusal(of: Fixture.modelPath, replacing: old, with: new)
        #expect(refusal.map(reason) == true, "\(refusal ?? "\(new) was taken")")
    }
}
