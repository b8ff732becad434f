// SPDX-License-Identifier: Apache-2.0

import Quantizer
import Sotto
import TokenFile

/// Plays what happened to each frame of a stream, by the model that the stream names.
///
/// Frames that follow the hello of a model that is not here are that model's, until another hello comes: they are silent, but
/// take their time.
struct StreamReceiver: ~Copyable {
    /// Seconds of a pause that are heard without a sign of life of the sender.
    private static let longestPause = 5.12

    var player: StreamPlayer
    private var models: ModelShelf
    private var model: Model
    private let codebooks: Int
    private let makePlayer: (Model) throws -> StreamPlayer
    /// The model that the stream has named last, if it is not here.
    private var foreign: ModelIdentity?
    private var hasWarned = false
    private var hasPlayed = false

    /// - Parameters:
    ///   - codebooks: how many codes of each frame are played.
    ///   - player: makes one for a model.
    init(_ models: ModelShelf, codebooks: Int, player: @escaping (Model) throws -> StreamPlayer) throws {
        (self.models, model, self.codebooks, makePlayer) = (models, models.first, codebooks, player)
        self.player = try player(models.first)
    }

    mutating func take(_ event: LivePacketParser.Event) throws {
        switch event {
        case .hello(let identity, let nextFrame):
            try player.makeUpForLost()
            try goOn(with: identity)
            player.nextFrame = nextFrame
            if nextFrame == 0, foreign == nil { player.begin() }
        case .lost(let count): player.lost += count
        case .frame(let codes):
            guard foreign == nil else { return try player.playLost(1) }
            hasPlayed = true
            try player.play(Array(codes.prefix(codebooks)))
        case .noise(let levels): player.noise = foreign == nil ? ComfortNoise(levels: levels) : nil
        case .paused(let count):
            let heard = min(count, Int((Self.longestPause * model.configuration.frameRate).rounded()))
            try player.playPause(heard)
            try player.playLost(count - heard)
        case .skipped: break
        }
    }

    private mutating func goOn(with identity: ModelIdentity) throws {
        guard let next = models.model(of: identity) else {
            if !hasWarned {
                Message.warning("the stream is of model \(identity), which is not here: its frames are silent")
            }
            (foreign, hasWarned, player.noise) = (identity, true, nil)
            return
        }
        foreign = nil
        // Codes take as many bits in all models that came with sotto.
        guard try next.tokenIdentity != model.tokenIdentity else { return }
        model = next
        try player.goOn(as: makePlayer(next))
    }

    /// - Throws: `TokenFileError.otherModel` if all that came was of a model that is not here.
    func requireModel() throws {
        if let foreign, !hasPlayed { try foreign.require(model.tokenIdentity) }
    }
}
