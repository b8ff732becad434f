// SPDX-License-Identifier: Apache-2.0

import Foundation

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
        FileHandle.standardError.write(Data("\r\(label) \(bar) \(percent) %".utf8))
    }

    deinit {
        if isShown && shown >= 0 { FileHandle.standardError.write(Data("\r\u{1b}[K".utf8)) }
    }
}
