// SPDX-License-Identifier: Apache-2.0

/// What a client may ask for. Whoever wants more is refused, and nobody else notices.
enum Limits {
    /// Connections at a time; more are closed as they come.
    static let connections = 128
    /// Of a request's body: a recording.
    static let recordingBytes = 64 << 20
    /// Of a request's body: a token file. Five minutes take 40 kB, beside a transcript.
    static let tokenBytes = 4 << 20
    static let textBytes = 64 << 10
    /// Of a recording, in seconds, coded or not.
    static let seconds = 300
    /// Recordings that are being received, worked on or wait for that.
    static let requests = 16
    /// Of a message on a live line: a third of a second at 48 kHz.
    static let messageBytes = 64 << 10
    /// By how many seconds live audio may be ahead of the clock.
    static let secondsAhead = 5.0
    /// Seconds that a client may take to ask for something, to send live audio, or to take a part of an answer.
    static let patience = 15.0
    /// Bytes a second that a body has to come in at, after the first seconds.
    static let bytesPerSecond = 256.0 * 1024
    /// Live streams at a time, whatever the speed.
    static let streams = 64
}
