// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// A bar on a terminal's standard error; nothing anywhere else.
struct Progress: ~Copyable {
    private let label: String
    private let total: Int
    private let isShown: Bool
    private var shown = -1

    init(_ label: String, total: Int) {
        self.label = label
        self.total = max(1, total)
        isShown = isatty(2) == 1
    }

    mutating func update(_ done: Int) {
        let percent = min(100, done * 100 / total)
        guard isShown, percent != shown else { return }
        shown = percent
        let filled = percent * 30 / 100
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        let line = Array("\r\(label.withEscapedBytesShown) \(bar) \(percent) %".utf8)
        try? ByteSink(descriptor: 2, name: "standard error").write(line)
    }

    deinit {
        if isShown && shown >= 0 { Self.clear() }
    }

    /// Takes what is shown off the terminal.
    static func clear() {
        guard isatty(2) == 1 else { return }
        try? ByteSink(descriptor: 2, name: "standard error").write(Array("\r\u{1b}[K".utf8))
    }
}
