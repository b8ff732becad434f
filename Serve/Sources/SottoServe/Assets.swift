// SPDX-License-Identifier: Apache-2.0

import CPage
import Foundation

/// The files of the page and the samples, which are inside of the program.
struct Assets: Sendable {
    struct Asset: Sendable {
        let type: String
        nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

        /// Constants of the program.
        init(_ file: sotto_page_file) {
            type = String(cString: file.type)
            bytes = UnsafeRawBufferPointer(start: file.start, count: file.count)
        }
    }

    private let files: [String: Asset]

    init() {
        var files: [String: Asset] = [:]
        for index in 0..<sotto_page_count() {
            let file = sotto_page(index)
            files[String(cString: file.path)] = Asset(file)
        }
        self.files = files
    }

    /// Only the paths that are there: no folder is looked into.
    subscript(path: String) -> Asset? { files[path] }

    /// The names of the samples and what is said in them.
    var samples: [(name: String, text: String)] {
        files.keys.filter { $0.hasPrefix("/samples/") && $0.hasSuffix(".flac") }.sorted().map { path in
            let name = String(path.dropFirst("/samples/".count).dropLast(".flac".count))
            let text = files["/samples/\(name).txt"].map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
            return (name, text.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }
}
