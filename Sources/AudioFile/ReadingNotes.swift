// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What was odd about a recording, gathered while it is read.
struct ReadingNotes {
    /// Gaps that became silence: how many, the place of the first and the length of all, in seconds.
    private var (gaps, firstGap, gapLength): (Int, Double, Double) = (0, 0, 0)
    private var (changes, firstChange): (Int, String) = (0, "")
    private var format: AudioFormat?

    /// - Parameter seconds: where in the recording.
    mutating func note(_ piece: AudioPiece, at seconds: Double) {
        switch piece {
        case .lost(let count, let format):
            if gaps == 0 { firstGap = seconds }
            gaps += 1
            gapLength += Double(count) / Double(format.sampleRate)
        case .samples(_, let next):
            if let format, format != next, case let change = Self.change(from: format, to: next), !change.isEmpty {
                changes += 1
                if changes == 1 { firstChange = "\(change) at \(Self.seconds(seconds))" }
            }
            format = next
        }
    }

    /// Lines for the person who reads the recording in.
    ///
    /// - Parameters:
    ///   - name: the recording's.
    ///   - length: of what was read, in seconds.
    func lines(name: String, ending: AudioEnding, length: Double, mixer: ChannelMixer) -> [String] {
        var lines: [String] = []
        if gaps == 1 {
            lines.append(
                "\(name) is damaged at \(Self.seconds(firstGap)): \(Self.seconds(gapLength)) can't be read and are silent"
            )
        } else if gaps > 1 {
            lines.append(
                "\(name) is damaged in \(gaps) places, first at \(Self.seconds(firstGap)): "
                    + "\(Self.seconds(gapLength)) in all can't be read and are silent")
        }
        if changes > 0 {
            let often = changes > 1 ? ", the first of \(changes) changes" : ""
            lines.append("\(name) changes \(firstChange)\(often); all of it is read, at its first sample rate")
        }
        if let line = Self.line(name, ending, length) { lines.append(line) }
        return lines + mixer.warnings(name: name)
    }

    private static func line(_ name: String, _ ending: AudioEnding, _ length: Double) -> String? {
        let held = "\(seconds(length)) could be read"
        switch ending {
        case .whole:
            return length == 0 ? "\(name) holds no samples" : nil
        case .samplesMissing(let count):
            return "\(name) is cut off or damaged: \(count) samples that it promises are not there; \(held)"
        case .bytesMissing(let count, let bytes):
            let seconds = seconds(length * Double(count) / Double(max(1, bytes)))
            return "\(name) is cut off: \(count) bytes (\(seconds)) that it promises are not there; \(held)"
        case .unfinished:
            return "\(name) was never finished: its length is missing; it was read to the end, \(seconds(length))"
        case .noLastPage:
            return "\(name) is cut off: its last page is missing; \(held)"
        case .unreadable(let reason):
            return "\(name) can't be read to its end (\(reason)); \(held)"
        }
    }

    /// Why there was nothing to read at all.
    static func reason(for ending: AudioEnding) -> String {
        switch ending {
        case .whole: "it is empty"
        case .samplesMissing(let count): "none of the \(count) samples that it promises is there or undamaged"
        case .bytesMissing(let count, _): "none of the \(count) bytes of samples that it promises is there"
        case .unfinished, .noLastPage: "it was cut off before the first sample"
        case .unreadable(let reason): reason
        }
    }

    /// Empty if nothing that matters has changed.
    private static func change(from old: AudioFormat, to new: AudioFormat) -> String {
        var parts: [String] = []
        if old.sampleRate != new.sampleRate { parts.append("from \(old.sampleRate) to \(new.sampleRate) Hz") }
        if old.channels != new.channels { parts.append("from \(old.channels) to \(new.channels) channels") }
        if parts.isEmpty, let old = old.bits, let new = new.bits, old != new {
            parts.append("from \(old) to \(new) bits")
        }
        return parts.joined(separator: " and ")
    }

    private static func seconds(_ seconds: Double) -> String { String(format: "%.2f s", seconds) }
}
