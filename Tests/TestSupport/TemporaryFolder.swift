// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A folder that goes with the test.
package final class TemporaryFolder: Sendable {
    package let url = FileManager.default.temporaryDirectory.appending(path: "sotto-\(UUID().uuidString)")

    package init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    package func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

    /// Writes a file and returns its path.
    package func write(_ name: String, _ data: Data) throws -> String {
        try data.write(to: URL(filePath: path(name)))
        return path(name)
    }

    /// What lies in it, hidden files too, sorted.
    package var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: url.path).sorted()) ?? [] }
}
