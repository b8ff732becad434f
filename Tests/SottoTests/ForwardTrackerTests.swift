// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Sotto
import Testing
import Transcript

@Suite struct LetterFollowerTests {
    let model: TranscriptHMM
    private let sentence = "the transcript does a part of the work"

    init() throws { model = try TextFixture.letters() }

    private func certainties(_ text: String, hearing rows: [[Float]?]) -> [Float] {
        var follower = ForwardTracker(TextSymbols(text).values, model: model)
        return rows.map { row in
            follower.step(row?[...])
            return follower.letterCertainty
        }
    }

    private func meanCertainty(_ text: String, hearing rows: [[Float]?]) -> Float {
        certainties(text, hearing: rows).reduce(0, +) / Float(rows.count)
    }

    private func heard(_ text: String) -> [[Float]] { TextFixture.heard(text) }

    /// A listener that is often right, of speech that begins before the text, leaves a part of it out and ends by
    /// saying its end twice.
    @Test func sharesAreThoseOfTheTrainersFollower() throws {
        let golden = try TextFixture.golden()
        let listener = try #require(try TextFixture.model().transcripts).classifier
        let (logits, wanted) = (try golden.values("follow.logits"), try golden.values("follow.share"))
        let rows = listener.emissions(Matrix(rows: logits.count / 30, columns: 30, values: logits)).likely
        var follower = ForwardTracker(
            TextSymbols(try TextFixture.sentence()).values,
            model: TranscriptHMM(try TextFixture.follower(), prior: listener.prior))
        let states = wanted.count / rows.rows
        for row in 0..<rows.rows {
            follower.step(rows.row(row))
            #expect(distance(follower.share, wanted[row * states..<(row + 1) * states]) < 1e-4)
        }
    }

    @Test func theRightTextIsFollowed() { #expect(meanCertainty(sentence, hearing: heard(sentence)) > 0.9) }

    @Test(arguments: ["nobody ever said so", "quite", "", "жаль", "zzzzzzzzzzzz", "🙂"])
    func anotherTextIsLeftAside(text: String) { #expect(meanCertainty(text, hearing: heard(sentence)) < 0.3) }

    @Test func twiceTheTextIsFollowedOnce() {
        #expect(meanCertainty(sentence + " " + sentence, hearing: heard(sentence)) > 0.9)
    }

    @Test func halfOfTheTextIsFollowedForHalfOfTheTime() {
        let all = certainties("the transcript does", hearing: heard(sentence))
        #expect(all[all.count / 4] > 0.9)
        #expect(all[all.count - 1] < 0.5)
    }

    @Test func speechBeforeTheTextIsPassedOver() {
        let all = certainties(sentence, hearing: heard("but first of all some more ") + heard(sentence))
        #expect(all[all.count - 1] > 0.9)
    }

    @Test func whoSkipsAPartIsFoundAgain() {
        let all = certainties(sentence, hearing: heard("the transcript") + heard("part of the work"))
        #expect(all[all.count - 1] > 0.9)
    }

    @Test func lostRowsPassWithoutLosingThePlace() {
        let rows = heard(sentence)
        let all = certainties(sentence, hearing: rows.enumerated().map { (60..<68).contains($0) ? nil : $1 })
        #expect(all[all.count - 1] > 0.9)
    }

    @Test func aBookIsFollowedFarIntoIt() {
        let page = "all work and no play makes a rather dull book that nobody wants to read "
        let book = String(repeating: page, count: 1500)
        let all = certainties(book, hearing: heard(String(repeating: page, count: 30)))
        #expect(all.suffix(100).allSatisfy { $0 > 0.9 })
        #expect(meanCertainty(String(book.reversed()), hearing: heard(sentence)) < 0.3)
    }

    @Test(arguments: [Float.nan, .infinity, 0]) func whatMakesNoSenseStopsNothing(value: Float) {
        let rows = heard(sentence)
        let nonsense = [[Float]](repeating: [Float](repeating: value, count: 30), count: 5)
        let all = certainties(sentence, hearing: rows.prefix(20) + nonsense + rows)
        #expect(all.allSatisfy(\.isFinite) && all[all.count - 1] > 0.9)
    }
}
