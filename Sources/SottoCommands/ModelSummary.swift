// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto
import SottoStreams
import SystemIO
import TokenFile

/// What `sotto inspect` tells of a file of weights; the names are those of its JSON.
struct ModelSummary: Encodable {
    /// nil if there is but one.
    var file: String?
    var name: String
    /// Of the weights and the configuration.
    var identity: String
    /// Of what gives the codes their meaning; token files name their model by it.
    var codesIdentity: String
    var sampleRate: Int
    var frameRate: Double
    var codebooks: Int
    var readsText: Bool
    /// dB from one number of the speaker's level to the next; nil if the codes say how loud a speaker is.
    var levelStep: Double?

    /// - Throws: what `CodecModel.init(path:)` throws, damage included.
    init(path: String, file: String?) throws {
        let model = try CodecModel(path: path)
        self.file = file
        let c = model.configuration
        name = c.name
        identity = model.identity.map { String(format: "%02x", $0) }.joined()
        codesIdentity = try model.tokenIdentity.description
        (sampleRate, frameRate, codebooks) = (c.sampleRate, c.frameRate, c.quantizer.codebooks)
        readsText = model.readsText
        levelStep = c.level?.step
    }

    func text(json: Bool) throws -> String {
        if json { return try jsonText(self, isLine: file != nil) }
        if let file { return "\(file.visible): model \(name.visible), identity \(identity), codes \(codesIdentity)" }
        return """
            name       \(name)
            identity   \(identity), as its weights have it
            codes      \(codesIdentity), the model of its token files
            frames     \(frameRate) Hz of up to \(codebooks) codes, audio at \(sampleRate) Hz
            text       \(readsText ? "is read" : "is not read")
            """ + (levelStep.map { "\nlevel      is told apart from the codes, in steps of \($0) dB" } ?? "")
    }
}
