// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto
import SystemIO
import TokenFile

/// What `sotto inspect` tells of a file of weights; the names are those of its JSON.
struct ModelSummary: Encodable {
    var name: String
    /// Of the weights and the configuration.
    var identity: String
    /// Of what gives the codes their meaning; token files name their model by it.
    var codesIdentity: String
    var sampleRate: Int
    var frameRate: Double
    var codebooks: Int
    var readsText: Bool

    /// - Throws: what `Model.init(path:)` throws, damage included.
    init(path: String) throws {
        let model = try InputFailure.naming(path) { try Model(path: path) }
        let c = model.configuration
        name = c.name
        identity = model.identity.map { String(format: "%02x", $0) }.joined()
        codesIdentity = model.tokenIdentity.description
        (sampleRate, frameRate, codebooks) = (c.sampleRate, c.frameRate, c.quantizer.codebooks)
        readsText = model.readsText
    }

    func text(json: Bool) throws -> String {
        guard json else {
            return """
                name       \(name)
                identity   \(identity), as its weights have it
                codes      \(codesIdentity), the model of its token files
                frames     \(frameRate) Hz of up to \(codebooks) codes, audio at \(sampleRate) Hz
                text       \(readsText ? "is read" : "is not read")

                """
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}
