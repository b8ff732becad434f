// SPDX-License-Identifier: Apache-2.0

import NeuralNet

/// The letter classifier for whole recordings, in which a pause is silence however long it lasts.
///
/// The network remembers what was said last and in a pause may go on hearing it, for seconds; one that starts there hears
/// nothing. So blocks of latents are also heard afresh. Three or more in a row without letters are a pause; if letters go
/// on in it all the same, it is taken for silence and the listening starts anew. The last of them isn't part of it: a
/// letter that begins there is told later.
struct RecordingClassifier: Sendable {
    enum Row: Sendable, Equatable {
        /// A row of `Emissions`.
        case heard(likely: [Float], letters: Float, isPause: Bool)
        /// Nothing could be heard, but time went by.
        case lost
    }

    /// Latents that are heard afresh together: 320 ms in the models that ship.
    private static let blockLength = 4
    /// The mean probability of letters up to which nothing is said.
    private static let quiet: Float = 0.2
    /// Latents by which letters are told late.
    private static let lateness = 2
    /// A row in which nothing is said: letters are unlikely there, but not impossible.
    private static let silence = Row.heard(
        likely: [1] + [Float](repeating: 0.05, count: TextSymbols.count - 1), letters: 0, isPause: true)

    private struct Block {
        /// [latents · dimensions]
        var latents: ArraySlice<Float>
        var isLost: ArraySlice<Bool>
        /// The mean probability of letters in each latent but the first, which a fresh classifier can't tell yet.
        var letters: [Float] = []

        var count: Int { isLost.count }
        var isQuiet: Bool {
            !isLost.contains(true) && !letters.isEmpty && letters.reduce(0, +) <= quiet * Float(letters.count)
        }
    }

    private let classifier: LetterClassifier
    private let dimensions: Int
    private var listening: LetterClassifier.State
    /// What is no whole block yet.
    private var latest = Block(latents: [], isLost: [])
    /// Blocks that wait for the three that come after them.
    private var waiting: [Block] = []
    private var isInPause = false
    /// Latents of the next block in which what was said before a pause is still told.
    private var late = 0

    init(_ classifier: LetterClassifier, dimensions: Int) {
        (self.classifier, self.dimensions) = (classifier, dimensions)
        listening = classifier.initialState()
    }

    /// Latents [n, dimensions], and which of them are lost → the rows that are known by now.
    mutating func push(_ latents: Matrix, isLost: [Bool]) -> [Row] {
        latest.latents += latents.values
        latest.isLost += isLost
        var rows: [Row] = []
        while latest.count >= Self.blockLength {
            let size = Self.blockLength * dimensions
            append(Block(latents: latest.latents.prefix(size), isLost: latest.isLost.prefix(Self.blockLength)))
            latest.latents = latest.latents.dropFirst(size)
            latest.isLost = latest.isLost.dropFirst(Self.blockLength)
            if waiting.count == 4 { rows += settle() }
        }
        return rows
    }

    /// Ends the recording.
    mutating func finish() -> [Row] {
        if latest.count > 0 { append(latest) }
        latest = Block(latents: [], isLost: [])
        var rows: [Row] = []
        while !waiting.isEmpty { rows += settle() }
        return rows
    }

    private mutating func append(_ block: Block) {
        var (block, fresh) = (block, classifier.initialState())
        let letters = hear(block, &fresh).letters
        block.letters = (1..<block.count).map { mean(letters, ofLatent: $0) }
        waiting.append(block)
    }

    private func hear(_ block: Block, _ state: inout LetterClassifier.State) -> Emissions {
        let latents = Matrix(rows: block.count, columns: dimensions, values: Array(block.latents))
        return classifier.emissions(classifier.logits(latents, state: &state))
    }

    private func mean(_ letters: [Float], ofLatent number: Int) -> Float {
        letters[number * classifier.rate..<(number + 1) * classifier.rate].reduce(0, +) / Float(classifier.rate)
    }

    /// The rows of the block that waits longest.
    private mutating func settle() -> [Row] {
        let block = waiting.removeFirst()
        let quietBlocks = waiting.prefix { $0.isQuiet }.count
        let isPause = block.isQuiet && quietBlocks >= (isInPause ? 1 : 2)
        let isPauseNext = !block.isQuiet && quietBlocks >= 3
        isInPause = isPause
        if isPauseNext {
            let last = block.letters.lastIndex { $0 > Self.quiet } ?? -1
            late = last + 2 + Self.lateness
        }
        let told = min(late, block.count) * classifier.rate
        late = max(0, late - block.count)
        let heard = hear(block, &listening)
        let rows = heard.letters.indices.map { row in
            block.isLost[block.isLost.startIndex + row / classifier.rate]
                ? Row.lost
                : .heard(
                    likely: Array(heard.likely.row(row)), letters: heard.letters[row], isPause: isPause && row >= told)
        }
        guard isPause || isPauseNext, mean(heard.letters, ofLatent: block.count - 1) > Self.quiet else { return rows }
        if isPause {
            listening = classifier.initialState()
            _ = hear(block, &listening)
        }
        return rows[..<told] + [Row](repeating: Self.silence, count: rows.count - told)
    }
}
