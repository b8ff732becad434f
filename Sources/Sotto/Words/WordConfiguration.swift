// SPDX-License-Identifier: Apache-2.0

import Platform
import Transcript

/// The numbers that shape the networks of a words' model; they travel inside of its file.
struct WordConfiguration: Sendable, Codable, Equatable {
    let name: String
    /// The SHA-256 of the codes of the model whose latents it knows.
    let baseCodesSha256: String
    /// Of a latent.
    let dimensions: Int
    /// Rows in a token frame.
    let rate: Int
    /// Of what is known of a frame, of a letter, and of a word's vector.
    let channels: Int
    let letters: Int
    let words: Int
    /// Numbers of a voice.
    let voice: Int
    let codebooks: Int
    /// Of a codebook.
    let codes: Int
    /// How many codes a word may get, ascending.
    let counts: [Int]

    init(json: String) throws(WordError) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(WordConfiguration.self, from: Data(json.utf8))
        } catch {
            throw .badConfiguration("it is not the JSON it should be")
        }
        let sizes = [dimensions, channels, letters, words]
        guard sizes.allSatisfy({ (1...4096).contains($0) }) else {
            throw .badConfiguration("a size is not positive or absurdly large")
        }
        guard rate == WordTimeline.rowsPerFrame, voice == SpokenWords.voiceCount, (1...256).contains(codes),
            (1...255).contains(codebooks)
        else { throw .badConfiguration("a token file can't hold its voices or its codes") }
        guard !counts.isEmpty, counts.allSatisfy({ (0...codebooks).contains($0) }),
            zip(counts, counts.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw .badConfiguration("its numbers of codes a word don't ascend, or there are no such codebooks") }
    }
}
