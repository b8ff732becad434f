// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO
import TokenFile

/// What `make demo` makes: a sentence, its recording, and what becomes of it at each bitrate.
struct Demo: Encodable {
    struct Version: Encodable {
        /// Of the codes, nominal.
        var bitsPerSecond: Int
        var codesPerFrame: Int
        var frameRate: Double
        var bitsPerCode: Int
        var fileBytes: Int
        /// Codes, the coarsest first; nil is a frame that is lost.
        var frames: [Codes?]
        /// A WAV, in base64.
        var wav: Data
    }

    var sentence: String
    /// A FLAC file, in base64.
    var original: Data
    /// The most bits a second first.
    var versions: [Version]

    /// - Parameters:
    ///   - folder: with `original.flac`, and for each bitrate `campfire-N.sotto` and `decoded-N-bits-a-second.wav`.
    ///   - sentence: a file with what is said.
    /// - Throws: if a file is missing or can't be read.
    init(in folder: URL, sentence: URL) throws {
        let text = try String(contentsOf: sentence, encoding: .utf8)
        self.sentence = text.trimmingCharacters(in: .whitespacesAndNewlines)
        original = try Data(contentsOf: folder.appending(path: "original.flac"))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
        let rates = names.compactMap { name -> Int? in
            guard name.hasPrefix("campfire-"), name.hasSuffix(".sotto") else { return nil }
            return Int(name.dropFirst("campfire-".count).dropLast(".sotto".count))
        }
        guard !rates.isEmpty else { throw DemoError.noTokens(folder.path(percentEncoded: false)) }
        versions = try rates.sorted(by: >).map { rate in
            let tokens = try Data(contentsOf: folder.appending(path: "campfire-\(rate).sotto"))
            let recording = try TokenFileReader.read(Array(tokens))
            let header = recording.header
            return Version(
                bitsPerSecond: rate, codesPerFrame: header.counts.maxCodes,
                frameRate: Double(header.frameRate.numerator) / Double(header.frameRate.denominator),
                bitsPerCode: header.bitsPerCode, fileBytes: tokens.count, frames: recording.frames,
                wav: try Data(contentsOf: folder.appending(path: "decoded-\(rate)-bits-a-second.wav")))
        }
    }
}

enum DemoError: UserFacingError {
    case usage
    case noTokens(String)

    var kind: FailureKind {
        switch self {
        case .usage: .wrongUsage
        case .noTokens: .missingInput
        }
    }

    var description: String {
        switch self {
        case .usage: "it takes the folder that make demo writes to, and nothing else"
        case .noTokens(let folder): "there are no token files in \(folder); make demo makes them first"
        }
    }
}
