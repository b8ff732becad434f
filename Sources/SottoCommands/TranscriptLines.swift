// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// What is said in a live stream, as it comes beside it: lines of a frame's number, a tab, and the text that is said from
/// there on.
struct TranscriptLines {
    /// Longer lines are none.
    private static let longestLine = 1 << 20

    private let source: ByteSource
    private let name: String
    private var pending: [UInt8] = []
    private var number = 0
    private var hasComplained = false

    /// - Parameter place: the number of a descriptor that is open, or the path of a file or pipe.
    init(from place: String) throws {
        guard place != "-" else { throw UsageError("standard input brings the packets; give the text another way in") }
        if let descriptor = Int32(place) {
            guard descriptor > 2 else { throw UsageError("--text-from takes descriptors from 3 on, not \(descriptor)") }
            name = "descriptor \(descriptor)"
            source = try ByteSource(open: descriptor, name: name)
        } else {
            name = place
            source = try ByteSource(path: place)
        }
    }

    /// The lines that are there now, without waiting for more. Of those that are none the first is told of.
    mutating func read() throws -> [(frame: Int, text: String)] {
        var found: [(frame: Int, text: String)] = []
        while let bytes = try source.readAvailable() {
            guard !bytes.isEmpty else { return found }
            for byte in bytes {
                if byte == UInt8(ascii: "\n") { takeLine(into: &found) } else { pending.append(byte) }
            }
            // Whoever never ends a line doesn't get to fill the memory.
            if pending.count > 2 * Self.longestLine { pending.removeLast(pending.count - Self.longestLine - 1) }
        }
        if !pending.isEmpty { takeLine(into: &found) }
        return found
    }

    private mutating func takeLine(into found: inout [(frame: Int, text: String)]) {
        number += 1
        let line = pending.last == UInt8(ascii: "\r") ? pending.dropLast() : pending[...]
        pending.removeAll(keepingCapacity: true)
        guard line.count <= Self.longestLine, let whole = try? PlainText.decode(line, name: name),
            case let parts = whole.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false),
            parts.count == 2, let frame = UInt32(parts[0])
        else {
            if !hasComplained {
                Message.warning(
                    "line \(number) of \(name) is no FRAME, tab, text in UTF-8; it and others like it are left out")
            }
            hasComplained = true
            return
        }
        found.append((Int(frame), String(parts[1])))
    }
}
