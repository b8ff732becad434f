// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto

/// How many live streams this machine has the speed for.
enum Capacity {
    /// Of all cores' time; the rest is for recordings, the network and what else runs.
    private static let share = 0.6
    /// What receiving and sending take, beside coding, in seconds of a core a second.
    private static let line = 0.005

    /// Measures it: some seconds of noise, as they would come from a microphone.
    static func streams(_ models: Models) throws -> Int {
        let rate = 48_000
        let settings = LiveStream.Settings(model: models.entries[0].model, sampleRate: rate)
        guard let line = LossyLine(loss: 0, burst: 1) else { return 1 }
        let stream = try LiveStream(settings, number: 0, line: line)
        let seconds = 3
        for _ in 0..<(50 * seconds) {
            _ = try stream.push((0..<rate / 50).map { _ in Float.random(in: -0.1...0.1) })
        }
        let cost = stream.seconds / Double(seconds) + Self.line
        let cores = Double(ProcessInfo.processInfo.activeProcessorCount)
        return min(max(1, Int(cores * share / cost)), Limits.streams)
    }
}
