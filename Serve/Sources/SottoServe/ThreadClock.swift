// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The processor's time that `body` takes on this thread, in seconds, is added to `seconds`.
func timed<Result>(_ seconds: inout Double, _ body: () throws -> Result) rethrows -> Result {
    let start = threadSeconds()
    defer { seconds += threadSeconds() - start }
    return try body()
}

private func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
