// SPDX-License-Identifier: Apache-2.0

import Foundation
import Fuzz
import TestSupport
import Testing

/// What a search began from and what it found, again: `Tests/Fuzz/Seeds`, a folder for each target. What traps ends the tests.
struct SeedTests {
    private static let seeds = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fuzz/Seeds")

    private func inputs(_ target: FuzzTarget) throws -> [[UInt8]] {
        let folder = Self.seeds.appending(path: target.rawValue).path(percentEncoded: false)
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
            Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
        }
    }

    @Test(arguments: FuzzTarget.allCases) func seedsComeBack(target: FuzzTarget) throws {
        let inputs = try inputs(target)
        #expect(!inputs.isEmpty, "every target has seeds")
        for input in inputs { target.run(input) }
    }

    /// A little of what `make fuzz` does, without its eyes: seeds with some bytes changed, cut or doubled.
    @Test(arguments: FuzzTarget.allCases) func changedSeedsComeBack(target: FuzzTarget) throws {
        var random = SeededGenerator(seed: 26)
        let inputs = try inputs(target).filter { $0.count < 1 << 16 }
        for number in 0..<200 where !inputs.isEmpty {
            var bytes = inputs[number % inputs.count]
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = .random(in: 0...255, using: &random)
                case 1: bytes[place] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes.removeSubrange(place..<min(place + 9, bytes.count))
                default: bytes.insert(contentsOf: bytes[place..<min(place + 9, bytes.count)], at: place)
                }
            }
            target.run(bytes)
        }
    }
}
