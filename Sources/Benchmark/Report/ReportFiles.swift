// SPDX-License-Identifier: Apache-2.0

import CReportPage
import Foundation

/// The files of the page, which are inside of the program: from `Serve/Report` and, what it shares with the live page, `Serve/Page`.
enum ReportFiles {
    private static let texts: [String: String] = {
        let files = (0..<sotto_report_count()).map { sotto_report($0) }
        return Dictionary(
            uniqueKeysWithValues: files.map { file in
                let bytes = UnsafeRawBufferPointer(start: file.start, count: file.count)
                return (String(cString: file.name), String(decoding: bytes, as: UTF8.self))
            })
    }()

    /// - Throws: `BenchmarkError` if the program was built without it.
    static func text(_ name: String) throws -> String {
        guard let text = texts[name] else { throw BenchmarkError("the page's \(name) is not in this program") }
        return text
    }
}
