// SPDX-License-Identifier: Apache-2.0

import Sotto
import SottoStreams
import Synchronization
import TokenFile

/// The models that token files are of, each loaded when the first of its files comes and kept for the others.
final class LoadedModels: Sendable {
    private let options: ModelOptions
    private let chosen = Mutex<CodecModel?>(nil)
    private let models = Mutex<[ModelIdentity: CodecModel]>([:])

    private let byWord = Mutex<[ModelIdentity: (words: WordModel, base: CodecModel)]>([:])

    init(_ options: ModelOptions) { self.options = options }

    /// The model that was asked for, or the usual one.
    func model() throws -> CodecModel {
        try chosen.withLock { chosen in
            if let chosen { return chosen }
            let model = try options.load(for: .decoding)
            chosen = model
            return model
        }
    }

    /// The model that tokens are of.
    func model(of tokens: ModelIdentity) throws -> CodecModel {
        // Others that need it wait while it is loaded.
        try models.withLock { models in
            if let known = models[tokens] { return known }
            let model = try options.load(for: tokens)
            models[tokens] = model
            return model
        }
    }

    /// The words' model that tokens by the word are of, and the model that it knows the latents of.
    func words(of tokens: ModelIdentity) throws -> (words: WordModel, base: CodecModel) {
        try byWord.withLock { models in
            if let known = models[tokens] { return known }
            let found = try options.loadWords(for: tokens)
            models[tokens] = found
            return found
        }
    }
}
