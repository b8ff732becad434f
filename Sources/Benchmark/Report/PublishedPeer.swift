// SPDX-License-Identifier: Apache-2.0

/// What others have published of their codecs: measured by them, on other recordings, so no comparison but a hint.
public struct PublishedPeer: Sendable, Encodable {
    public var name: String
    public var bitsPerSecond: Double
    /// By the names that our own figures have.
    public var figures: [String: Double]
    public var source: String

    public static let all = [
        PublishedPeer(
            name: "Mimi", bitsPerSecond: 1100, figures: ["stoi": 0.91, "pesq_wb": 2.25],
            source: "Kyutai's Mimi, 24 kHz, 80 ms of delay, as cited by its authors and others."),
        PublishedPeer(
            name: "MOSS-Nano", bitsPerSecond: 750, figures: ["stoi": 0.90, "pesq_wb": 2.11],
            source: "MOSS-Audio-Tokenizer-Nano, 22 million parameters."),
        PublishedPeer(
            name: "MOSS-Nano", bitsPerSecond: 1000, figures: ["stoi": 0.92, "pesq_wb": 2.36],
            source: "MOSS-Audio-Tokenizer-Nano, 22 million parameters."),
    ]
}
