// SPDX-License-Identifier: Apache-2.0

import Spectral

/// Tests draw the same numbers in every run.
package struct SeededGenerator: RandomNumberGenerator {
    private var generator: SplitMix64

    package init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    package mutating func next() -> UInt64 { generator.next() }
}
