// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// What was found of each recording's codes, kept as robustness/CLIP.json in the report's folder, so that the next run looks only at new ones.
public struct RobustnessStore: Sendable {
    private struct Kept: Codable {
        var key: [String]
        /// By the change.
        var counts: [String: SIMD4<Int>]
    }

    private static let version = 1

    private let folder: URL
    /// What all of it depends on.
    private let key: [String]

    /// - Parameters:
    ///   - model: the path of the weights.
    ///   - noises: the folder of noise, if there is one.
    ///   - forgets: whether what was kept is thrown away.
    /// - Throws: `SystemError` if the folder can't be made, or that of the noises not read.
    public init(report: String, model: String, noises: String?, forgets: Bool) throws {
        folder = URL(filePath: report).appending(path: "robustness")
        var paths = [model]
        if let noises {
            paths += try Folder.names(in: noises).map {
                URL(filePath: noises).appending(path: $0).path(percentEncoded: false)
            }
        }
        key = ["version \(Self.version)"] + paths.map { "\($0) \(FileStamp(of: $0)?.description ?? "")" }
        if forgets { try? FileManager.default.removeItem(at: folder) }
        try Folder.create(folder.path(percentEncoded: false))
    }

    /// nil if not all of the changes were kept of this recording as it is now.
    func counts(of clip: Clip, changes: [String]) -> [SIMD4<Int>]? {
        guard let file = try? FileMapping(path: place(of: clip)),
            let kept = try? JSONDecoder().decode(Kept.self, from: Data(file.contents)), kept.key == key(of: clip)
        else { return nil }
        let counts = changes.compactMap { kept.counts[$0] }
        return counts.count == changes.count ? counts : nil
    }

    /// What can't be kept costs the next run some time and nothing else.
    func keep(_ counts: [SIMD4<Int>], of clip: Clip, changes: [String]) {
        let kept = Kept(key: key(of: clip), counts: Dictionary(zip(changes, counts)) { first, _ in first })
        guard let bytes = try? JSONEncoder().encode(kept),
            let output = try? OutputFile(path: place(of: clip), replaces: true),
            (try? output.write(Array(bytes))) != nil
        else { return }
        try? output.commit()
    }

    private func key(of clip: Clip) -> [String] {
        key + ["\(clip.path) \(FileStamp(of: clip.path)?.description ?? "")"]
    }

    private func place(of clip: Clip) -> String {
        folder.appending(path: "\(clip.id).json").path(percentEncoded: false)
    }
}
