// SPDX-License-Identifier: Apache-2.0

public import Sotto
public import TokenFile

/// The models that a stream may name, each loaded once and kept, however often the stream changes between them.
///
/// All have the sample rate of the first; one that hasn't is none of those that may be named.
public struct ModelShelf: Sendable {
    /// The one that is heard until the stream names another.
    public let first: CodecModel
    private var models: [ModelIdentity: CodecModel]
    /// Loads the others; nil once that has been done.
    private var loadOthers: (@Sendable () -> [CodecModel])?

    /// - Parameters:
    ///   - first: the one that is heard until the stream names another.
    ///   - others: called when the stream first names a model that isn't `first`.
    public init(_ first: CodecModel, others: @escaping @Sendable () -> [CodecModel] = { [] }) throws(TokenFileError) {
        self.first = first
        models = [try first.tokenIdentity: first]
        loadOthers = others
    }

    /// nil if it is none of those that may be named.
    mutating func model(of identity: ModelIdentity) -> CodecModel? {
        if models[identity] == nil, let loadOthers {
            self.loadOthers = nil
            for model in loadOthers() where model.configuration.sampleRate == first.configuration.sampleRate {
                if let identity = try? model.tokenIdentity { models[identity] = model }
            }
        }
        return models[identity]
    }
}
