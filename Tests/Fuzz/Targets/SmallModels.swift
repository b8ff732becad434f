// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto

/// The small models of Sotto's own tests, so that a second of speech takes a millisecond.
enum SmallModels {
    static let all = ["level-model", "level-model-6hz", "text-model", "byte-model"].map(load)

    /// The one that reads transcripts.
    static let reader = all.first(where: \.readsText)

    private static func load(_ name: String) -> CodecModel {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = tests.appending(path: "SottoTests/Fixtures/\(name).safetensors").path(percentEncoded: false)
        // Without its models a target would find nothing and say nothing of it.
        do { return try CodecModel(path: path) } catch { fatalError("\(error)") }
    }
}
