// SPDX-License-Identifier: Apache-2.0

import CKernels
import NeuralNet
import Testing

@Suite struct SHA256Tests {
    /// The examples of FIPS 180-4, and lengths on both sides of those at which the padding takes a block more.
    static let digests: [(message: String, digest: String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 55), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"
        ),
        (
            String(repeating: "a", count: 64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ]

    @Test(arguments: digests) func digestsAreThoseOfTheStandard(message: String, digest: String) {
        var hash = SHA256()
        hash.update(message.utf8)
        #expect(hash.finish() == digest)
    }

    @Test func theProcessorsInstructionsGiveTheSameInPiecesOfAnySize() {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) }
        for piece in [1, 3, 55, 63, 64, 65, 200, 5000] {
            var hashes = [sotto_sha256(), sotto_sha256()]
            var digests = [[UInt8]](repeating: [UInt8](repeating: 0, count: 32), count: 2)
            for kind in 0...1 where kind == 0 || sotto_sha256_has_instructions() != 0 {
                sotto_sha256_begin(&hashes[kind])
                for start in stride(from: 0, to: bytes.count, by: piece) {
                    let some = Array(bytes[start..<min(start + piece, bytes.count)])
                    sotto_sha256_update(&hashes[kind], some, some.count, Int32(kind))
                }
                sotto_sha256_finish(&hashes[kind], &digests[kind], Int32(kind))
            }
            var whole = SHA256()
            whole.update(bytes)
            let expected = whole.finish()
            for kind in 0...1 where kind == 0 || sotto_sha256_has_instructions() != 0 {
                let digits = digests[kind].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                #expect(digits == expected)
            }
        }
    }

    @Test(arguments: [0, 1, 63, 64, 65, 640, 3000], [0, 55, 64, 129, 3000])
    func twoTogetherAreAsEachAlone(first: Int, second: Int) {
        let bytes = (0..<6000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) }
        let messages = [Array(bytes.prefix(first)), Array(bytes.suffix(second))]
        let alone = messages.map { message in
            var hash = SHA256()
            hash.update(message)
            return hash.finish()
        }
        for kind in 0...1 where kind == 0 || sotto_sha256_has_instructions() != 0 {
            var digests = [UInt8](repeating: 0, count: 64)
            sotto_sha256_of_two(messages[0], first, messages[1], second, &digests, Int32(kind))
            let digits = digests.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(digits == alone.joined())
        }
    }
}
