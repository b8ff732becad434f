// SPDX-License-Identifier: Apache-2.0
import Foundation
import NeuralNet
import Quantizer
import SystemIO
import Testing

/// On random codebooks of which code 40 repeats code 7 (Training/fixtures/make_quantizer_fixture.py).
@Suite("Residual quantizer")
struct ResidualQuantizerTests {
    private let quantizer: ResidualQuantizer
    private let books: [[[Float]]]
    private let latents: [[Float]]
    private let expectedCodes: [[UInt16]]
    /// By how many there are on average.
    private let expectedVariable: [Int: [[UInt16]]]
    private let others: Weights
    private let levels = 4
    private let codes = 50
    private let dimensions = 8

    init() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let file = try SafetensorsFile(path: folder.appending(path: "Fixtures/quantizer.safetensors").path)
        let weights = Weights(of: file)
        quantizer = try ResidualQuantizer(weights, codebooks: 4, codes: 50, dimensions: 8)
        let values = try weights.tensor("codebooks", shape: [4, 50, 8])
        books = split(split(values, into: 4 * 50), into: 4)
        latents = split(try weights.tensor("latents", shape: [200, 8]), into: 200)
        expectedCodes = split(try weights.tensor("codes", shape: [200, 4]).map { UInt16($0) }, into: 200)
        expectedVariable = try Dictionary(
            uniqueKeysWithValues: [2, 3].map { mean in
                let codes = split(try weights.tensor("variable.\(mean)", shape: [200, 4]), into: 200)
                return (mean, codes.map { row in row.filter { $0 >= 0 }.map { UInt16($0) } })
            })
        others = weights["descending"]
    }

    private func squaredDistance(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
    }

    private func encode(_ latent: [Float], codebooks: Int = 4) throws -> [UInt16] {
        try encode(latent, codes: .fixed(codebooks))
    }

    private func encode(_ latent: [Float], codes: CodesPerFrame) throws -> [UInt16] {
        var search = CodeSearch()
        return quantizer.encode(latent[...], by: try quantizer.rule(for: codes), with: &search)
    }

    /// What is left of a latent after each of its codes.
    private func residuals(_ latent: [Float], _ codes: [UInt16]) -> [[Float]] {
        var residual = latent
        return zip(books, codes).map { book, code in
            residual = zip(residual, book[Int(code)]).map { $0 - $1 }
            return residual
        }
    }

    private func nearest(_ vector: [Float], in book: [[Float]]) -> UInt16 {
        let distances = book.map { squaredDistance($0, vector) }
        return UInt16(distances.indices.min { distances[$0] < distances[$1] } ?? 0)
    }

    @Test func codesAreThoseOfExactDistances() throws {
        #expect(try latents.map { try encode($0) } == expectedCodes)
    }

    @Test(arguments: 1...4) func theLastCodeIsTheNearestToItsResidual(count: Int) throws {
        for latent in latents {
            let codes = try encode(latent, codebooks: count)
            let left = count > 1 ? residuals(latent, codes)[count - 2] : latent
            #expect(codes[count - 1] == nearest(left, in: books[count - 1]))
        }
    }

    @Test func noPairIsWorseThanTakingTheNearestTwice() throws {
        let zero = [Float](repeating: 0, count: dimensions)
        var better = 0
        for latent in latents {
            let first = nearest(latent, in: books[0])
            let second = nearest(residuals(latent, [first])[0], in: books[1])
            let plain = squaredDistance(residuals(latent, [first, second])[1], zero)
            let found = squaredDistance(residuals(latent, try encode(latent, codebooks: 2))[1], zero)
            #expect(found <= plain + 1e-5)
            if found < plain - 1e-5 { better += 1 }
        }
        #expect(better > latents.count / 10)
    }

    @Test(arguments: 1...4) func fewerCodesAreTheBestOfThatMany(count: Int) throws {
        var better = 0
        for latent in latents {
            let (few, all) = (try encode(latent, codebooks: count), try encode(latent))
            #expect(few.count == count)
            let found = squaredDistance(try quantizer.decode(few), latent)
            let prefix = squaredDistance(try quantizer.decode(all.prefix(count)), latent)
            #expect(found <= prefix + 1e-5)
            if found < prefix - 1e-5 { better += 1 }
        }
        #expect(count == levels ? better == 0 : better > latents.count / 10)
    }

    @Test(arguments: [2, 3]) func variableCodesAreThoseOfExactDistances(mean: Int) throws {
        let wanted = try #require(expectedVariable[mean])
        #expect(try latents.map { try encode($0, codes: .average(mean)) } == wanted)
        #expect(Set(wanted.map(\.count)).count > 2)
    }

    @Test(arguments: 1...4) func theFirstCodeTellsHowManyThereAre(mean: Int) throws {
        let counts = try quantizer.rule(for: .average(mean)).counts
        for latent in latents {
            let codes = try encode(latent, codes: .average(mean))
            #expect(codes.first.map(counts.count(after:)) == codes.count && codes.count <= counts.maxCodes)
        }
    }

    @Test func oneCodeAndAllOfThemDontVary() throws {
        for count in [1, 4] {
            #expect(try quantizer.rule(for: .average(count)).counts == CodeCounts(all: count))
            let fixed = try latents.map { try encode($0, codebooks: count) }
            #expect(try latents.map { try encode($0, codes: .average(count)) } == fixed)
        }
    }

    @Test func countsRise() throws {
        let counts = CodeCounts(thresholds: [3, 3, 9])
        #expect([0, 2, 3, 8, 9, .max].map { counts?.count(after: $0) } == [1, 1, 3, 3, 4, 4])
        #expect(CodeCounts(thresholds: [3, 2]) == nil && CodeCounts(thresholds: [])?.count(after: 7) == 1)
        #expect(CodeCounts(all: 3).count(after: 0) == 3 && !CodeCounts(all: 3).isVariable && counts?.isVariable == true)
    }

    @Test func thresholdsThatDescendAreRefused() throws {
        #expect(throws: WeightsError.self) {
            try ResidualQuantizer(others, codebooks: levels, codes: codes, dimensions: dimensions)
        }
    }

    @Test(arguments: [-1, 0, 5, .max]) func aNumberThatIsNotMadeIsRefused(number: Int) throws {
        for codes in [CodesPerFrame.fixed(number), .average(number)] {
            #expect(throws: QuantizerError.impossibleNumber(number, codebooks: levels)) {
                try quantizer.rule(for: codes)
            }
        }
    }

    @Test func whatWasSearchedBeforeLeavesNoTrace() throws {
        let (all, two) = (quantizer.fullRule, try quantizer.rule(for: .average(2)))
        var search = CodeSearch()
        let together = latents.map { latent in
            [
                quantizer.encode(latent[...], by: all, with: &search),
                quantizer.encode(latent[...], by: two, with: &search),
            ]
        }
        #expect(try together == latents.map { [try encode($0), try encode($0, codes: .average(2))] })
    }

    @Test func lowestIndexWinsTies() throws {
        let codes = try latents.map { try encode($0) }
        #expect(codes[..<50].count { $0[0] == 7 } > 25)
        #expect(codes.allSatisfy { !$0.contains(40) })
    }

    @Test func everyPrefixDecodesToItsPartialSum() throws {
        for codes in expectedCodes {
            var sum = [Float](repeating: 0, count: dimensions)
            for (level, code) in codes.enumerated() {
                for d in 0..<dimensions { sum[d] += books[level][Int(code)][d] }
                #expect(try quantizer.decode(codes.prefix(level + 1)) == sum)
            }
        }
    }

    @Test func eachCodebookBringsTheSumCloserOnAverage() throws {
        let errors = try (1...levels).map { used in
            try latents.reduce(0) { sum, latent in
                let decoded = try quantizer.decode(try encode(latent).prefix(used))
                return sum + squaredDistance(decoded, latent)
            }
        }
        #expect(zip(errors, errors.dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test func codesOutsideOfTheModelAreRefused() throws {
        #expect(throws: QuantizerError.codeOutOfRange(50, codebook: 1, codes: 50)) { try quantizer.decode([49, 50]) }
        #expect(throws: QuantizerError.codeOutOfRange(.max, codebook: 0, codes: 50)) { try quantizer.decode([.max]) }
        #expect(throws: QuantizerError.wrongCodeCount(0, codebooks: 4)) { try quantizer.decode([]) }
        #expect(throws: QuantizerError.wrongCodeCount(5, codebooks: 4)) { try quantizer.decode([0, 0, 0, 0, 0]) }
        #expect(QuantizerError.wrongCodeCount(5, codebooks: 4).kind == .badData)
    }

    /// A stream must survive a latent that is not a number: some code, the same each time.
    @Test func latentsThatAreNotFiniteStillGetCodes() throws {
        for value in [Float.nan, .infinity, -.infinity] {
            let latent = [Float](repeating: value, count: dimensions)
            #expect(try encode(latent).allSatisfy { $0 < codes })
            let average = try encode(latent, codes: .average(2))
            #expect(average.allSatisfy { $0 < codes } && !average.isEmpty)
        }
    }
}

private func split<Element>(_ values: [Element], into parts: Int) -> [[Element]] {
    let size = values.count / parts
    return (0..<parts).map { Array(values[$0 * size..<($0 + 1) * size]) }
}
