// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation

/// A program that turns one file into another.
struct Command {
    struct Cost {
        var seconds: Double
        /// The most memory that was resident, in bytes; nil where the system does not tell, or nobody asked.
        var peakMemory: Int?
    }

    /// Program and arguments; `{in}` and `{out}` stand for files.
    let words: [String]

    /// - Parameter isWatched: whether to look at its memory all the while, which takes time of its own.
    /// - Throws: `BenchmarkError` if it fails.
    func run(from input: String, to output: String, isWatched: Bool = false) throws -> Cost {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words.map {
            $0.replacingOccurrences(of: "{in}", with: input).replacingOccurrences(of: "{out}", with: output)
        }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        // `waitUntilExit` would look only every 50 ms, longer than some codecs take.
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        let start = ContinuousClock.now
        try process.run()
        let peak = isWatched ? Self.peakMemory(of: process) : nil
        ended.wait()
        let seconds = (ContinuousClock.now - start).seconds
        guard process.terminationStatus == 0 else {
            throw BenchmarkError("\(words[0]) ended with status \(process.terminationStatus); is it installed?")
        }
        return Cost(seconds: seconds, peakMemory: peak)
    }

    /// Looks until the process has ended. What Linux tells afterwards, `ru_maxrss`, is no less than what *this* process
    /// takes, from which the other one was made; the high-water mark of its own memory goes with it.
    private static func peakMemory(of process: Process) -> Int? {
        let file = URL(filePath: "/proc/\(process.processIdentifier)/status")
        var peak: Int?
        while process.isRunning {
            let lines = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
            let mark = lines.first { $0.hasPrefix("VmHWM:") }?.split(whereSeparator: \.isWhitespace)
            if let kilobytes = mark?.dropFirst().first.flatMap({ Int($0) }) { peak = kilobytes * 1024 }
            usleep(500)
        }
        return peak
    }
}
