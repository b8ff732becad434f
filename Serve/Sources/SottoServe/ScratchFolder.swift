// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A folder that nobody else may look into, gone when nobody holds it any more.
final class ScratchFolder: Sendable {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sotto-serve-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(of name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }
}
