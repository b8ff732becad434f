// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto
import SottoStreams
import TokenFile

/// What `sotto inspect` tells of tokens by the word; the names are those of its JSON.
struct WordSummary: Encodable {
    /// nil if there is but one.
    var file: String?
    var model: String
    var sampleRate: Int
    var samples: Int?
    var seconds: Double
    var frames: Int
    /// Those that are said, and the pauses between them.
    var words: Int
    var pauses: Int
    /// Of a word; a pause has one at most.
    var codesPerWord: Int
    var lostCodes: Int
    /// The voice's numbers, 0 to 7; nil if it is lost.
    var voice: [UInt8]?
    /// The number of the speaker's level.
    var level: UInt8?
    /// What each part takes, with what frames it; the codes without.
    var codeBitsPerSecond: Double
    var timingBitsPerSecond: Double
    var voiceBitsPerSecond: Double
    var textBitsPerSecond: Double
    var fileBitsPerSecond: Double
    var fileBytes: Int
    var text: String
    var warnings: [String]

    init(_ recording: TokenRecording, of file: String?) {
        self.file = file
        let header = recording.header
        (model, sampleRate, samples) = (header.model.description, header.sampleRate, recording.sampleCount)
        (seconds, frames) = (recording.seconds, recording.frameCount)
        let all = (try? recording.spokenWords)?.words(frameRate: recording.frameRate) ?? []
        words = all.count { !$0.text.isEmpty }
        pauses = all.count - words
        codesPerWord = header.codesPerWord ?? 0
        let codes = recording.words?.codes ?? []
        lostCodes = codes.count { $0 == nil }
        (voice, level) = (recording.words?.voice, recording.words?.level)
        let (sizes, length) = (recording.sizes, recording.seconds)
        func rate(_ bits: Int) -> Double { length > 0 ? Double(bits) / length : 0 }
        codeBitsPerSecond = rate(sizes.codeBits)
        timingBitsPerSecond = rate(8 * sizes.timingBytes)
        voiceBitsPerSecond = rate(8 * sizes.voiceBytes)
        textBitsPerSecond = rate(8 * (sizes.textBytes - sizes.timingBytes))
        (fileBytes, fileBitsPerSecond) = (sizes.fileBytes, rate(8 * sizes.fileBytes))
        text = recording.texts.map(\.text).joined(separator: " ")
        warnings = recording.warnings
    }

    func text(json: Bool) throws -> String {
        if json { return try jsonText(self, isLine: file != nil) }
        return file.map(line) ?? lines
    }

    private func line(_ file: String) -> String {
        "\(file.visible): \(rounded(seconds, 2)) s, \(words) words, \(pauses) pauses, \(codesPerWord) codes a word, "
            + "\(rounded(fileBitsPerSecond, 1)) bit/s, \(fileBytes) bytes, words' model \(model)"
            + (warnings.isEmpty ? "" : ", damaged")
    }

    private var lines: String {
        let lost = lostCodes > 0 ? ", \(lostCodes) lost" : ""
        let spoken = voice.map { $0.map { String($0) }.joined() } ?? "lost"
        let loudness = level.map { ", level \($0)" } ?? ""
        let lines = [
            "model      \(model), of words",
            "duration   \(rounded(seconds, 2)) s at \(sampleRate) Hz",
            "words      \(words), and \(pauses) pauses",
            "codes      \(codesPerWord) a word\(lost), \(rounded(codeBitsPerSecond, 1)) bit/s",
            "timing     \(rounded(timingBitsPerSecond, 1)) bit/s",
            "voice      \(spoken)\(loudness), \(rounded(voiceBitsPerSecond, 1)) bit/s",
            "text       \(text.visible) (\(rounded(textBitsPerSecond, 1)) bit/s)",
            "file       \(fileBytes) bytes, \(rounded(fileBitsPerSecond, 1)) bit/s with all that is in it",
        ]
        return (lines + warnings.map { "damage     \($0.visible)" }).joined(separator: "\n")
    }
}

/// What `sotto inspect` tells of a words' model; the names are those of its JSON.
struct WordModelSummary: Encodable {
    /// nil if there is but one.
    var file: String?
    var name: String
    var identity: String
    var codesIdentity: String
    /// The codes of the model whose latents it knows.
    var baseIdentity: String
    var codesPerWord: [Int]

    /// - Throws: what `WordModel.init(path:)` throws, damage included.
    init(path: String, file: String?) throws {
        let model = try WordModel(path: path)
        func digits(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }
        (self.file, name, codesPerWord) = (file, model.name, model.counts)
        (identity, codesIdentity) = (digits(model.identity), digits(model.codesIdentity))
        baseIdentity = digits(model.baseIdentity)
    }

    func text(json: Bool) throws -> String {
        if json { return try jsonText(self, isLine: file != nil) }
        if let file {
            return "\(file.visible): words' model \(name.visible), identity \(identity), codes \(codesIdentity)"
        }
        return """
            name       \(name)
            identity   \(identity), as its weights have it
            codes      \(codesIdentity), the words' model of token files by the word
            words      \(codesPerWord.map { String($0) }.joined(separator: ", ")) codes each
            latents    of the model with codes \(baseIdentity)
            """
    }
}
