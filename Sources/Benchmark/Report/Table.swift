// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The figures that matter most, for a terminal; those that were joined stand below, as many beside each other as fit.
public struct Table {
    private struct Column {
        var figure: String
        var title: String
        var digits: Int
        var width: Int { max(9, title.count + 2) }
    }

    private static let own = [
        "payload_bit_s", "told_bit_s", "stoi", "estoi", "log_mel_distance", "lsd_db", "mcd_db", "f0_rmse_cents",
        "voicing_error_share", "encode_rtf", "decode_rtf",
    ].map { key in
        let short = ["encode_rtf": "enc RTF", "decode_rtf": "dec RTF", "told_bit_s": "and text"]
        return Column(figure: key, title: short[key] ?? Figure[key].name, digits: Figure[key].digits)
    }

    /// Characters of the columns of a block.
    private static let limit = 100

    public let text: String

    public init(_ report: Report) {
        // Only where a decoder was given a text is there one in the rate.
        let isTold = report.systems.contains { $0.figures["told_bit_s"] != nil }
        var blocks = [Self.own.filter { isTold || $0.figure != "told_bit_s" }]
        // What was joined starts a block of its own.
        var width = Self.limit
        for name in report.joined ?? [] {
            let column = Column(figure: name, title: name, digits: 3)
            if width + column.width > Self.limit {
                blocks.append([])
                width = 0
            }
            blocks[blocks.count - 1].append(column)
            width += column.width
        }
        let headline = report.headline.map { ($0.sentences + $0.notes).joined(separator: "\n") }
        text =
            ([headline].compactMap(\.self) + blocks.map { Self.block($0, report) }
            + [report.robustness.map(Self.block), report.probe?.table].compactMap(\.self)).joined(separator: "\n\n")
    }

    /// The share of frames with the same codes, in percent.
    private static func block(_ rows: [Robustness]) -> String {
        let columns = [("one", \Robustness.sameWithOne), ("first", \.sameFirst), ("all", \.sameAll)]
        func line(_ name: String, _ cells: [String]) -> String {
            name.padding(toLength: 20, withPad: " ", startingAt: 0) + cells.map { pad($0, 9) }.joined()
        }
        let lines = rows.map { row in
            line(row.change, columns.map { String(format: "%.1f", 100 * row[keyPath: $0.1]) } + ["\(row.frames)"])
        }
        return ([line("same codes, %", columns.map(\.0) + ["frames"])] + lines).joined(separator: "\n")
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func block(_ columns: [Column], _ report: Report) -> String {
        let width = max(8, report.systems.map(\.name.count).max() ?? 0) + 2
        let head =
            "system".padding(toLength: width, withPad: " ", startingAt: 0)
            + columns.map { pad($0.title, $0.width) }.joined() + pad("clips", 7)
        let rows = report.systems.map { system -> String in
            system.name.padding(toLength: width, withPad: " ", startingAt: 0)
                + columns.map { column in
                    let figure = system.figures[column.figure]
                    return pad(figure.map { String(format: "%.\(column.digits)f", $0.mean) } ?? "–", column.width)
                }.joined() + pad("\(system.figures["payload_bit_s"]?.count ?? system.figures["stoi"]?.count ?? 0)", 7)
        }
        return ([head] + rows).joined(separator: "\n")
    }
}
