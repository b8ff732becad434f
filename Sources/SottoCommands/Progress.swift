// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import SystemIO

/// How far a command is with its files: a line on a terminal's standard error, rewritten as it goes; nothing anywhere else.
final class Progress: Sendable {
    private struct State {
        /// Sizes of the files that are done, and of the shares of others.
        var size = 0.0
        var files = 0
        /// Of audio.
        var seconds = 0.0
        var shown = ContinuousClock.now - .seconds(1)
    }

    private let label: String
    private let files: Int
    private let size: Double
    private let start = ContinuousClock.now
    private let isShown = isatty(2) == 1
    private let state = Mutex(State())

    /// - Parameter sizes: one for each file, in any measure of the work that it makes.
    init(_ label: String, sizes: [Double]) {
        (self.label, files, size) = (label, sizes.count, max(1, sizes.reduce(0, +)))
    }

    /// A file of that size has been gone through by so much more, in shares of 1, and so many seconds of audio.
    func advance(size: Double, by share: Double, seconds: Double = 0) {
        change { state in
            state.size += size * share
            state.seconds += seconds
        }
    }

    /// So much of all has been gone through, in shares of 1.
    func reach(_ share: Double) {
        change { $0.size = self.size * share }
    }

    /// A file is done with.
    func finishFile() {
        change { $0.files += 1 }
    }

    private func change(_ body: (inout State) -> Void) {
        guard isShown else { return }
        state.withLock { state in
            body(&state)
            show(&state)
        }
    }

    private func show(_ state: inout State) {
        let now = ContinuousClock.now
        guard now - state.shown > .milliseconds(100) else { return }
        state.shown = now
        let done = min(1, state.size / size)
        let elapsed = (now - start) / .seconds(1)
        var parts = ["\(label.visible) \(Int(done * 100)) %"]
        if files > 1 { parts.append("\(state.files) of \(files) files") }
        if state.seconds > 0, elapsed > 0 {
            let hours = state.seconds / 3600
            let length = hours < 0.1 ? String(format: "%.1f min", hours * 60) : String(format: "%.2f h", hours)
            parts.append("\(length) of audio at \(Int(state.seconds / elapsed)) × real time")
        }
        if done > 0.01 { parts.append("\(Self.clock(elapsed / done - elapsed)) left") }
        Self.isVisible.withLock { isVisible in
            isVisible = true
            Self.put("\r\u{1b}[K" + parts.joined(separator: ", "))
        }
    }

    /// Hours, minutes and seconds.
    private static func clock(_ seconds: Double) -> String {
        let seconds = Int(seconds)
        return String(format: "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    /// Whether the line is on the terminal.
    private static let isVisible = Mutex(false)

    /// Takes what is shown off the terminal, for something else to be written there.
    static func clear() {
        isVisible.withLock { isVisible in
            if isVisible { put("\r\u{1b}[K") }
            isVisible = false
        }
    }

    private static func put(_ text: String) {
        try? ByteSink(descriptor: 2, name: "standard error").write(Array(text.utf8))
    }

    deinit { Self.clear() }
}
