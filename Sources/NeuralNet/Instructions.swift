// SPDX-License-Identifier: Apache-2.0

import CKernels

/// The sets of processor instructions that everything can be computed with; the results are the same.
public struct Instructions: Sendable, Hashable {
    let raw: sotto_instructions

    /// Those that everything is computed with: the best that this processor has, until others are chosen.
    public static var inUse: Instructions { Instructions(raw: sotto_instructions_in_use()) }

    /// All that this processor has.
    public static var available: [Instructions] {
        [SOTTO_PORTABLE, SOTTO_NEON, SOTTO_DOT_PRODUCT, SOTTO_AVX2, SOTTO_AVX_VNNI, SOTTO_AVX512, SOTTO_VNNI]
            .filter { sotto_has_instructions($0) != 0 }.map(Instructions.init)
    }

    /// Everything is computed with these from now on, in all threads. For tests of a processor's lesser instructions.
    public func use() { sotto_use_instructions(raw) }

    /// As the environment's `SOTTO_INSTRUCTIONS` says it.
    public var word: String {
        switch raw {
        case SOTTO_VNNI: "avx512-vnni"
        case SOTTO_AVX512: "avx512"
        case SOTTO_AVX_VNNI: "avx-vnni"
        case SOTTO_AVX2: "avx2"
        case SOTTO_DOT_PRODUCT: "neon-dot"
        case SOTTO_NEON: "neon"
        default: "portable"
        }
    }

    public var name: String {
        switch raw {
        case SOTTO_VNNI: "AVX-512 VNNI"
        case SOTTO_AVX512: "AVX-512"
        case SOTTO_AVX_VNNI: "AVX-VNNI"
        case SOTTO_AVX2: "AVX2"
        case SOTTO_DOT_PRODUCT: "NEON with dot products"
        case SOTTO_NEON: "NEON"
        default: "portable"
        }
    }
}
