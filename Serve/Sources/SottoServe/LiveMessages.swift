// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sotto

/// What a page says on its live line, beside the samples. See Docs/page.md.
struct LiveRequest: Decodable {
    enum Kind: String, Decodable {
        /// Begins a stream, in place of the one before.
        case start
        /// Changes how bad the line is.
        case line
        /// Ends the stream: what is left of it is still coded.
        case stop
    }

    var type: Kind
    var model: String?
    /// Of the samples, in Hz.
    var rate: Int?
    var codes: Int?
    var average: Bool?
    var redundancy: Bool?
    var pauses: Bool?
    /// In per cent.
    var loss: Double?
    var burst: Double?
}

/// What the server says, in JSON.
enum LiveReply {
    /// A stream has begun.
    struct Stream: Encodable {
        var type = "stream"
        var stream: Int
        var rate: Int
        var frameRate: Double
        var frameSize: Int
        var bitsPerCode: Int
        var maxCodes: Int
    }

    /// Frames that were sent.
    struct Frames: Encodable {
        struct Frame: Encodable {
            /// None in a pause.
            var codes: Codes?
            /// Whether the line lost what was sent of it.
            var lost: Bool?
        }

        var type = "frames"
        var stream: Int
        /// The number of the first one.
        var first: Int
        var frames: [Frame]
        /// Of the packets.
        var bytes: Int
        /// Processor time of the stream so far, in seconds.
        var encodeSeconds: Double
        var decodeSeconds: Double
        /// What the receiver has counted so far.
        var received: Int
        var missed: Int
        var repaired: Int
    }

    /// All of a stream has been said.
    struct End: Encodable {
        var type = "end"
        var stream: Int
    }

    /// Nothing more comes, and why.
    struct Refused: Encodable {
        var type = "refused"
        var reason: String
    }
}

/// One message to a page.
enum LiveMessage {
    case text(String)
    /// Samples of a stream from its sample `position` on, at the model's sample rate.
    case audio(stream: Int, position: Int, samples: [Float])

    static func json(_ reply: some Encodable) throws -> LiveMessage {
        .text(String(decoding: try JSONEncoder().encode(reply), as: UTF8.self))
    }
}
