// SPDX-License-Identifier: Apache-2.0

import Sotto
import Testing
import Transcript

/// The timing of a path, four rows of 20 ms a frame, where each symbol is heard in three rows.
@Suite struct ViterbiPathTimingTests {
    let model: TranscriptHMM

    init() throws { model = try TextFixture.letters() }

    private func timing(
        _ text: String, hearing rows: [[Float]], frames: Int? = nil, startsLate: Double = 0, endsLate: Double = 0
    ) throws -> [Int]? {
        var aligner = ViterbiAligner(TextSymbols(text).values, model: model)
        for row in rows { aligner.step(row[...]) }
        var lateness = try #require(try TextFixture.model().configuration.text).align.lateness
        (lateness.start, lateness.end) = (startsLate, endsLate)
        return aligner.finish().timing(
            frames: frames ?? (rows.count + 3) / 4, rate: 4, row: 0.02, lateness: lateness)?.counts
    }

    /// Of symbols that begin at these rows.
    private func counts(_ rows: [Int], frames: Int) -> [Int] {
        rows.reduce(into: [Int](repeating: 0, count: frames)) { if $1 / 4 < frames { $0[$1 / 4] += 1 } }
    }

    private let text = "hear the words"
    private var starts: [Int] { (0..<text.count).map { 3 * $0 } }

    @Test func symbolsAndTheirEndBeginWhereTheyAreHeard() throws {
        let rows = TextFixture.heard(text) + TextFixture.heard("and more")
        #expect(try timing(text, hearing: rows) == counts(starts + [42], frames: 17))
    }

    @Test func whatTheListenerIsLateByIsTakenOff() throws {
        let before = TextFixture.heard("much more is said")
        let rows = before + TextFixture.heard(text) + TextFixture.heard("and more")
        let wanted = counts(
            starts.map { before.count + $0 - 5 } + [before.count + 42 - 3], frames: (rows.count + 3) / 4)
        // Half a row more, so that no rounding decides.
        #expect(try timing(text, hearing: rows, startsLate: 0.09, endsLate: 0.05) == wanted)
        // Nothing begins before the recording, nor before what it follows.
        let early = try #require(try timing(text, hearing: rows, startsLate: 9))
        #expect(early[0] == text.count && early.reduce(0, +) == text.count + 1)
        let ended = try #require(try timing(text, hearing: rows, endsLate: 9))
        #expect(ended.lastIndex { $0 > 0 } == (before.count + 39) / 4 && ended.reduce(0, +) == text.count + 1)
    }

    @Test func whatIsNotMetBeginsWithWhatIsMetNext() throws {
        let text = "the first part and then something else comes last"
        let rows = TextFixture.heard("the first part") + TextFixture.heard("else comes last") + TextFixture.heard("so")
        let timing = try #require(try timing(text, hearing: rows))
        #expect(timing.reduce(0, +) == text.count + 1)
        // All of "and then something" at once, with spaces.
        #expect(timing.count { $0 >= 18 } == 1)
        #expect(timing.prefix(10) == counts((0..<14).map { 3 * $0 }, frames: 10)[...])
    }

    @Test func whatIsNeverMetBeginsWithTheEnd() throws {
        let timing = try #require(
            try timing(
                "hear the words going", hearing: TextFixture.heard("hear the") + TextFixture.heard("quite, quite"))
        )
        #expect(timing.reduce(0, +) == 21)
        #expect(timing.firstIndex { $0 >= 12 } == 6)
    }

    @Test func whatBeginsAfterTheRecordingDoesntCount() throws {
        let rows = TextFixture.heard(text)
        #expect(try timing(text, hearing: rows, frames: 6) == counts(starts, frames: 6))
        #expect(try timing(text, hearing: rows, frames: 0) == [])
    }

    @Test func aTextThatIsNotMetHasNone() throws { #expect(try timing(text, hearing: []) == nil) }
}
