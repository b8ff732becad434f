// SPDX-License-Identifier: Apache-2.0

import Foundation

private let chosen: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["SOTTO_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else { fatalError("SOTTO_FUZZ_TARGET names no target: \(name)") }
    return target
}()

/// What `entry.c` calls for libFuzzer.
@c(sotto_fuzz) public func runChosenTarget(_ bytes: UnsafePointer<UInt8>?, _ count: Int) {
    chosen.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
}
