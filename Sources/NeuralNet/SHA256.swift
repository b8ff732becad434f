// SPDX-License-Identifier: Apache-2.0

import CKernels

/// The SHA-256 of bytes that come piece by piece (FIPS 180-4).
package struct SHA256 {
    private var hash = sotto_sha256()
    /// Asked once: a virtual machine takes long to answer.
    private static let usesInstructions = sotto_sha256_has_instructions()

    package init() { sotto_sha256_begin(&hash) }

    package mutating func update(_ bytes: some Sequence<UInt8>) { Array(bytes).withUnsafeBytes { update($0) } }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        sotto_sha256_update(&hash, bytes.baseAddress, bytes.count, Self.usesInstructions)
    }

    /// The digests of two messages, 32 bytes each, one after the other: made together, they take less time.
    package static func digests(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> [UInt8] {
        var digests = [UInt8](repeating: 0, count: 64)
        sotto_sha256_of_two(
            first.baseAddress, first.count, second.baseAddress, second.count, &digests,
            usesInstructions)
        return digests
    }

    /// The digest of all bytes, 64 lower-case hexadecimal digits.
    package consuming func finish() -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        sotto_sha256_finish(&hash, &digest, Self.usesInstructions)
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
