// SPDX-License-Identifier: Apache-2.0

/// What shapes the networks and the model by which a transcript is read: the `text` part of a codec's configuration.
public struct TranscriptSettings: Sendable, Codable, Equatable {
    /// Symbols of the alphabet, the blank among them.
    public package(set) var symbols: Int
    /// Rows of a latent.
    public package(set) var rate: Int
    /// Latents that are heard before one is conditioned on the text.
    public package(set) var lookahead: Int
    /// Of the vectors that the text encoder makes, and of its layers.
    public package(set) var channels: Int
    public package(set) var blocks: Int
    public package(set) var kernel: Int
    public package(set) var expansion: Int
    /// How much the text counts, 0 to 1, in frames of one code, of two, and so on: many codes say it all themselves.
    public package(set) var weights: [Float]
    public package(set) var listener: Classifier
    public package(set) var follower: Follower
    public package(set) var align: Align

    /// Symbols on each side that a state's vector depends on.
    package var reach: Int { blocks * (kernel / 2) }

    public struct Classifier: Sendable, Codable, Equatable {
        public package(set) var channels: Int
        public package(set) var blocks: Int
        public package(set) var kernel: Int
        public package(set) var expansion: Int
    }

    /// How the speech is followed through the text; all but the first three are shares of one row's probability.
    public struct Follower: Sendable, Codable, Equatable {
        /// The power of a symbol's frequency that its probability is divided by.
        public package(set) var prior: Float
        /// The power that what was heard is then raised to.
        public package(set) var scale: Float
        /// What a row of speech that is in no text costs, in nats.
        public package(set) var filler: Float
        /// From before the text into it.
        public package(set) var entry: Float
        /// From the end of the text to after it.
        public package(set) var leave: Float
        /// From anywhere in the text to after it.
        public package(set) var lost: Float
        /// From after the text to the beginning of one of its words.
        public package(set) var resume: Float
        /// Of a letter that goes on, and of one that a blank follows.
        public package(set) var letterStays: Float
        public package(set) var letterEnds: Float
        /// Of a blank that goes on.
        public package(set) var blankStays: Float
    }

    /// How words are found in a whole recording: by the model that tracks it, whose best path alone counts.
    public struct Align: Sendable, Codable, Equatable {
        /// In seconds, by how much the classifier hears words begin and end too late.
        public struct Lateness: Sendable, Codable, Equatable {
            public package(set) var start: Double
            public package(set) var end: Double
        }

        /// What `Follower.filler` is, for a best path: where all paths through any speech count together, less does.
        public package(set) var filler: Float
        public package(set) var lateness: Lateness
    }
}

extension TranscriptSettings {
    /// What is wrong with them, nil if nothing is: a file can hold any numbers, and the networks rely on these.
    ///
    /// - Parameters:
    ///   - upsample: frames of the synthesis that a latent becomes.
    ///   - stack: latents of a token frame.
    ///   - codebooks: the most codes of a token frame.
    package func complaint(upsample: Int, stack: Int, codebooks: Int) -> String? {
        let sizes = [rate, channels, expansion, listener.channels, listener.kernel, listener.expansion]
        let f = follower
        let shares = [f.entry, f.leave, f.lost, f.resume, f.letterStays, f.letterEnds, f.blankStays]
        let rules: [(holds: () -> Bool, complaint: String)] = [
            ({ symbols == TextSymbols.count }, "the text has another alphabet than this program"),
            (
                { sizes.allSatisfy { (1...1 << 16).contains($0) } },
                "a size of the text is not positive or absurdly large"
            ),
            (
                { (0...64).contains(lookahead) && lookahead % stack == 0 },
                "the text's lookahead is out of range, or no whole number of token frames"
            ),
            (
                { weights.count == codebooks && weights.allSatisfy { (0...1).contains($0) } },
                "the text's weights are not one for each number of codebooks, from 0 to 1"
            ),
            ({ upsample % rate == 0 }, "the text's rate doesn't divide the decoder's"),
            (
                {
                    (1...64).contains(blocks) && (3...129).contains(kernel) && kernel % 2 == 1 && reach <= 64
                        && (0...64).contains(listener.blocks)
                }, "bad blocks or kernel of the text"
            ),
            (
                {
                    shares.allSatisfy { (0...1).contains($0) } && f.letterStays + f.letterEnds <= 1
                        && f.leave + f.lost <= 1
                }, "a share of the follower is none"
            ),
            (
                { (0...10).contains(f.prior) && f.scale > 0 && f.scale <= 10 && (-20...20).contains(f.filler) },
                "a weight of the follower is out of range"
            ),
            (
                {
                    (-20...20).contains(align.filler) && (-10...10).contains(align.lateness.start)
                        && (-10...10).contains(align.lateness.end)
                }, "what words are aligned by is out of range"
            ),
        ]
        return rules.first { !$0.holds() }?.complaint
    }
}
