// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// When the phones of recordings are said, as another program has found: the JSON is described in Docs/bench.md.
public struct JoinedPhones: Sendable {
    /// By the recording's name.
    package var byClip: [String: [SaidSound]]

    /// - Throws: `SystemError` if the file can't be read, `BenchmarkError` if its phones are not of that form.
    public init(path: String) throws {
        let bytes = try FileMapping(path: path).contents
        guard let file = try? JSONDecoder().decode(File.self, from: Data(bytes)) else {
            throw BenchmarkError("\(path) has no phones to join; Docs/bench.md tells of which form they are")
        }
        byClip = (file.phones ?? [:]).mapValues { $0.map { SaidSound(label: $0.phone, start: $0.start, end: $0.end) } }
    }

    public var isEmpty: Bool { byClip.isEmpty }
}

private struct File: Decodable {
    struct Phone: Decodable {
        var phone: String
        var start: Double
        var end: Double
    }

    /// By the recording's name.
    var phones: [String: [Phone]]?
}
