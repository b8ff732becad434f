// SPDX-License-Identifier: Apache-2.0

import Platform

public enum Window {
    /// The periodic Hann window, 0.5 − 0.5 cos(2πn / size), [size].
    public static func hann(_ size: Int) -> [Float] { preciseHann(size).map(Float.init) }

    /// The same in double precision.
    static func preciseHann(_ size: Int) -> [Double] {
        (0..<size).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(size)) }
    }
}
