// SPDX-License-Identifier: Apache-2.0
import NeuralNet
import TestSupport
import Testing

@Suite("Safetensors headers damaged at random")
struct SafetensorsFuzzTests {
    /// A damaged header is refused, or describes tensors inside the file: reading any of them is safe.
    private func check(_ bytes: [UInt8]) {
        guard let header = try? SafetensorsHeader(file: bytes.span.bytes) else { return }
        for tensor in header.tensors.values {
            #expect(tensor.bytes.lowerBound >= 8 && tensor.bytes.upperBound <= bytes.count)
            #expect(tensor.bytes.count == tensor.shape.reduce(1, *) * tensor.type.size)
        }
    }

    private func sample() throws -> [UInt8] {
        var file = TensorFile()
        file.metadata = ["note": "text"]
        file.add("first", [2, 3], [1, 2, 3, 4, 5, 6])
        file.add("second", [4], halves: [1, 2, 3, 4])
        return try file.bytes
    }

    @Test(arguments: 0..<8)
    func changedBytes(seed: UInt64) throws {
        let good = try sample()
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] = UInt8.random(in: 0...255, using: &generator)
            }
            check(bytes)
        }
    }

    @Test(arguments: 0..<4)
    func digitsAndBracketsSwapped(seed: UInt64) throws {
        let good = try sample()
        let spice = Array("0123456789-.eE[]{},:\"".utf8)
        var generator = SeededGenerator(seed: 100 + seed)
        for _ in 0..<2000 {
            var bytes = good
            let places = bytes.indices.dropFirst(8).filter { spice.contains(bytes[$0]) }
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                guard let place = places.randomElement(using: &generator) else { continue }
                bytes[place] = spice.randomElement(using: &generator) ?? 0
            }
            check(bytes)
        }
    }

    @Test func noise() {
        var generator = SeededGenerator(seed: 200)
        for count in 0..<500 {
            check((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }
}
