// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto
import TestSupport
import Testing

/// Files of weights that changed after they were exported.
@Suite struct DamagedModelTests {
    let folder: TemporaryFolder
    var random = SeededGenerator(seed: 18)

    init() throws { folder = try TemporaryFolder() }

    @Test mutating func thousandsOfFlippedBitsAreRefused() throws {
        var bytes = try Data(contentsOf: URL(filePath: Fixture.modelPath))
        // Integers of 8 bits, which come last: all weights stay as good as any.
        let values = bytes.count - 10_000_000..<bytes.count
        for _ in 0..<2000 { bytes[Int.random(in: values, using: &random)] ^= 1 }
        let path = try folder.write("flipped.safetensors", bytes)
        #expect(throws: ModelError.damaged(path, base: nil)) { try CodecModel(path: path) }
    }

    @Test mutating func anyOneFlippedBitIsRefused() throws {
        let whole = try Data(contentsOf: URL(filePath: TextFixture.modelPath))
        try expectFlippedBitsAreRefused(in: whole, folder: folder, using: &random)
    }

    @Test(arguments: ["+", "-", " ", "g", "A"]) func digestsAreHexadecimal(digit: String) throws {
        let text = try String(contentsOf: URL(filePath: TextFixture.modelPath), encoding: .isoLatin1)
        for name in ["weights_sha256", "codes_sha256"] {
            let start = try #require(text.range(of: "\"\(name)\":\"")).upperBound
            var changed = text
            changed.replaceSubrange(start...start, with: digit)
            let path = try folder.write("strange.safetensors", try #require(changed.data(using: .isoLatin1)))
            #expect(throws: ModelError.notSotto(path)) { try CodecModel(path: path) }
        }
    }

    @Test func aBaseThatIsDamagedIsNoticed() throws {
        for name in ["sotto-16k", "sotto-16k-6hz"] {
            var bytes = try Data(contentsOf: URL(filePath: Fixture.path("Models/\(name).safetensors")))
            if name == "sotto-16k" { bytes[bytes.count / 2] ^= 1 }
            _ = try folder.write("\(name).safetensors", bytes)
        }
        let path = folder.path("sotto-16k-6hz.safetensors")
        let damaged = ModelError.damaged(path, base: folder.path("sotto-16k.safetensors"))
        #expect(throws: damaged) { try CodecModel(path: path) }
    }
}
