// SPDX-License-Identifier: Apache-2.0

import Sotto
import TokenFile

/// The models that a stream may name, each loaded once and kept, however often the stream changes between them.
struct ModelShelf {
    /// The one that is heard until the stream names another.
    let first: Model
    private let named: String?
    private var models: [ModelIdentity: Model]
    /// Whether the others have been loaded, or can't be.
    private var isComplete = false

    init(_ options: ModelOptions) throws {
        named = options.model
        first = try options.load()
        models = [try first.tokenIdentity: first]
    }

    /// nil if it is none of those that may be named.
    mutating func model(of identity: ModelIdentity) -> Model? {
        if models[identity] == nil, !isComplete {
            isComplete = true
            for name in Model.choices(named).dropFirst() {
                guard let model = try? Model.load(name), let identity = try? model.tokenIdentity else { continue }
                models[identity] = model
            }
        }
        return models[identity]
    }
}
