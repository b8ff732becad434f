// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Probe {
    /// The rows for a terminal: means with their intervals.
    var table: String {
        let columns: [(title: String, figure: KeyPath<Row, Interval?>, scale: Double, digits: Int)] = [
            ("\(sound), %", \.sounds, 100, 1), ("speaker, %", \.speaker, 100, 1), ("pitch, cents", \.pitchCents, 1, 0),
            ("model bits", \.modelBits, 1, 2), ("written bits", \.writtenBits, 1, 1),
        ]
        func line(_ name: String, _ cells: [String]) -> String {
            name.padding(toLength: width, withPad: " ", startingAt: 0)
                + cells.map { String(repeating: " ", count: max(0, 22 - $0.count)) + $0 }.joined()
        }
        let width = max(20, (rows.map(\.system.count).max() ?? 0) + 2)
        let lines = rows.map { row in
            line(
                row.system,
                columns.map { column in
                    guard let figure = row[keyPath: column.figure] else { return "–" }
                    let cells = [figure.mean, figure.low, figure.high].map {
                        String(format: "%.\(column.digits)f", $0 * column.scale)
                    }
                    return "\(cells[0]) [\(cells[1]), \(cells[2])]"
                })
        }
        return ([line("probe", columns.map(\.title))] + lines).joined(separator: "\n")
    }
}
