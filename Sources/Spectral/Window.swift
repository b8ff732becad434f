// SPDX-License-Identifier: Apache-2.0

import Platform

public enum Window {
    /// The periodic Hann window, 0.5 − 0.5 cos(2πn / size), [size].
    public static func hann(_ size: Int) -> [Float] {
        (0..<size).map { Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(size))) }
    }
}
