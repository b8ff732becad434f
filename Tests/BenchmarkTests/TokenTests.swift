// SPDX-License-Identifier: Apache-2.0

import Benchmark
import Testing

struct TokenTests {
    @Test func evenUseOfAllCodes() throws {
        let frames = (0..<4096).map { [UInt16($0 % 16), UInt16($0 % 16)] }
        let found = try #require(TokenStatistics([frames], codes: 16, frameRate: 12.5))
        #expect(found.nominalBitRate == 100 && found.tokensPerSecond == 25)
        #expect(found.codebooks[0].shareUsed == 1 && found.codebooks[0].deadCodes == 0)
        #expect(abs(found.codebooks[0].perplexity - 16) < 1e-9)
        #expect(abs(found.codebooks[0].entropy0 - 4) < 0.01)
        // Each code tells the next one and its neighbour in the frame.
        #expect(try #require(found.codebooks[0].entropy1) < 0.01)
        #expect(abs(found.idealBitRate - 100) < 0.1)
        #expect(try #require(found.idealBitRate1) < 0.5)
        #expect(abs(try #require(found.shuffledIdealBitRate1) - 100) < 1)
        #expect(found.informationBetweenCodebooks[0] > 3.9)
        #expect(found.informationBetweenFrames[0] > 3.9)
    }

    @Test func oneCodeOnly() throws {
        let found = try #require(
            TokenStatistics([[[UInt16]](repeating: [3], count: 50)], codes: 8, frameRate: 10))
        #expect(found.codebooks[0].deadCodes == 7)
        #expect(found.codebooks[0].entropy0 == 0 && found.idealBitRate == 0)
        #expect(found.codebooks[0].longestRun == 50)
        #expect(found.codebooks[0].zipfSlope == nil)
    }

    @Test func runsEndWithTheRecording() throws {
        let found = try #require(TokenStatistics([[[1], [1]], [[1]]], codes: 2, frameRate: 1))
        #expect(found.codebooks[0].longestRun == 2)
    }

    @Test func singleFramesHaveNoRateOfOrderOne() throws {
        let found = try #require(TokenStatistics([[[1]], [[0]]], codes: 2, frameRate: 1))
        #expect(found.idealBitRate1 == nil && found.shuffledIdealBitRate1 == nil)
    }

    /// Ten frames of each code until use can be told, as many as there are pairs until order can.
    @Test func howManyFramesItTakesIsTold() throws {
        let few = try #require(TokenStatistics([[[3], [4]]], codes: 1024, frameRate: 12.5))
        #expect(few.frames == 2 && few.framesForUse == 10_240 && few.framesForOrder == 1_048_576)
    }

    @Test func nothingHasNoStatistics() {
        #expect(TokenStatistics([], codes: 8, frameRate: 10) == nil)
        #expect(TokenStatistics([[[]]], codes: 8, frameRate: 10) == nil)
    }

    @Test func framesMayHaveDifferentNumbersOfCodes() throws {
        let found = try #require(TokenStatistics([[[1, 2], [1], [0, 2], [0]], [[1]]], codes: 8, frameRate: 10))
        #expect(found.frames == 5 && found.tokensPerSecond == 14 && found.nominalBitRate == 42)
        #expect(found.codebooks.map { $0.counts.reduce(0, +) } == [5, 2])
        #expect(found.codebooks[1].longestRun == 2 && found.informationBetweenCodebooks.count == 1)
    }

    @Test func intervalHoldsTheMean() throws {
        let interval = try #require(Interval([1, 2, 3, 4, 5, 6]))
        #expect(interval.mean == 3.5 && interval.low < 3.5 && interval.high > 3.5)
        #expect(Interval([]) == nil)
    }

    @Test func clipsOfOneSpeakerAreDrawnTogether() throws {
        // Six clips of each of two speakers, all of one alike: there are but two values to draw.
        let values = (0..<12).map { Double($0 / 6) }
        let known: [Double?] = values
        let (alone, together) = (Interval(values), Interval(known + [nil], groups: (0..<13).map { $0 / 6 }))
        #expect(try #require(together).mean == 0.5 && together?.count == 12)
        #expect(together?.low == 0 && together?.high == 1)
        #expect(try #require(alone).low > 0.1)
        #expect(Interval([nil], groups: [0]) == nil)
    }
}
