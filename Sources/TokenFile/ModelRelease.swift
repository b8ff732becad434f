// SPDX-License-Identifier: Apache-2.0

/// The release of this package that has a model whose tokens may still lie about after other models have taken its place.
///
/// Whenever the codes of the models that ship change, those of before get their line here.
struct ModelRelease {
    /// As `ModelIdentity` names it.
    let identity: String
    let model: String
    /// The package's version then, nil of before it had versions, and the Git commit that reads the tokens and has the weights in
    /// Models/.
    let version: String?
    let commit: String

    static let all = [
        ModelRelease(identity: "bd3403ede2a5740b", model: "sotto-16k", version: "0.9.0", commit: "4184c2c"),
        ModelRelease(identity: "33951e0f0db120d3", model: "sotto-16k-6hz", version: "0.9.0", commit: "4184c2c"),
        ModelRelease(identity: "294048fda6244e3d", model: "sotto-16k", version: nil, commit: "b5f424b"),
        ModelRelease(identity: "47068b3333cf2f0a", model: "sotto-16k-6hz", version: nil, commit: "b5f424b"),
        ModelRelease(identity: "10cbe59c9f4cfa97", model: "sotto-16k", version: nil, commit: "c9cad64"),
        ModelRelease(identity: "342eff622242b168", model: "sotto-16k", version: nil, commit: "97c24dc"),
        ModelRelease(identity: "4c6bf4a277844744", model: "sotto-16k", version: nil, commit: "d76693b"),
        ModelRelease(identity: "bdce767ffe45a49c", model: "sotto-16k", version: nil, commit: "6eecd6a"),
    ]
}

extension ModelIdentity {
    /// The identity, and which release's model it is if that is known.
    public var fullName: String {
        guard let release = ModelRelease.all.first(where: { $0.identity == description }) else { return description }
        let version = release.version.map { "release \($0), " } ?? ""
        return "\(description) (\(release.model) of \(version)commit \(release.commit))"
    }
}
