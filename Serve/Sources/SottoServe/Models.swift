// SPDX-License-Identifier: Apache-2.0

import Sotto
import SottoModels
import SottoStreams

/// The models of the page, each loaded once.
struct Models: Sendable {
    struct Entry: Sendable {
        let name: String
        let model: CodecModel
        let identity: ModelIdentity
    }

    let entries: [Entry]

    /// - Parameter choice: the only one, a file's path or the name of one that came with sotto; nil takes those in the program.
    init(_ choice: String?) throws {
        let all: [(String, CodecModel)]
        if let choice {
            all = [(choice.split(separator: "/").last.map(String.init) ?? choice, try CodecModel.load(choice))]
        } else {
            all = [("sotto-16k", try .embedded(.sotto16k)), ("sotto-16k-6hz", try .embedded(.sotto16k6Hz))]
        }
        entries = try all.map { Entry(name: $0, model: $1, identity: try $1.tokenIdentity) }
    }

    /// - Throws: `Refusal` if there is none of that name; nil is the first one's.
    func named(_ name: String?) throws(Refusal) -> CodecModel {
        guard let name else { return entries[0].model }
        guard let entry = entries.first(where: { $0.name == name }) else {
            throw Refusal(.badRequest, "there is no model “\(name)” here")
        }
        return entry.model
    }

    /// The one that tokens are of.
    func model(of tokens: ModelIdentity) throws(TokenFileError) -> CodecModel {
        guard let entry = entries.first(where: { $0.identity == tokens }) else {
            throw .otherModel(needs: tokens, has: entries[0].identity)
        }
        return entry.model
    }

    func name(of tokens: ModelIdentity) -> String? { entries.first { $0.identity == tokens }?.name }
}
