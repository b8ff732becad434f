// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The figures that matter most, for a terminal.
public struct Table {
    public let text: String

    public init(_ report: Report) {
        let columns = [
            ("payload_bit_s", "bit/s", 0), ("stoi", "STOI", 3), ("estoi", "ESTOI", 3), ("log_mel_l1", "mel L1", 3),
            ("lsd_db", "LSD dB", 2), ("f0_rmse_cents", "F0 cent", 1), ("voicing_error_share", "voicing", 3),
            ("encode_rtf", "enc RTF", 4), ("decode_rtf", "dec RTF", 4),
        ]
        let width = max(8, report.systems.map(\.name.count).max() ?? 0) + 2
        func pad(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        let head =
            "system".padding(toLength: width, withPad: " ", startingAt: 0)
            + columns.map { pad($0.1, 9) }.joined() + pad("clips", 7)
        let rows = report.systems.map { system in
            system.name.padding(toLength: width, withPad: " ", startingAt: 0)
                + columns.map { key, _, digits in
                    pad(system.figures[key].map { String(format: "%.\(digits)f", $0.mean) } ?? "–", 9)
                }.joined() + pad("\(system.clips)", 7)
        }
        text = ([head] + rows).joined(separator: "\n")
    }
}
