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
        try weights.finish()
    }

    private func squaredDistance(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
    }

    @Test func codesAreThoseOfExactDistances() {
        #expect(latents.map { quantizer.encode($0, codebooks: levels) } == expectedCodes)
    }

    @Test func everyCodeIsTheNearestToItsResidual() {
        for latent in latents {
            var residual = latent
            for (book, code) in zip(books, quantizer.encode(latent, codebooks: levels)) {
                let distances = book.map { squaredDistance($0, residual) }
                let least = distances.indices.min { distances[$0] < distances[$1] }
                #expect(least == Int(code))
                residual = zip(residual, book[Int(code)]).map { $0 - $1 }
            }
        }
    }

    @Test func lowestIndexWinsTies() {
        let codes = latents.map { quantizer.encode($0, codebooks: levels) }
        #expect(codes[..<50].allSatisfy { $0[0] == 7 })
        #expect(codes.allSatisfy { !$0.contains(40) })
    }

    @Test func fewerCodebooksGiveAPrefix() {
        for latent in latents {
            let all = quantizer.encode(latent, codebooks: levels)
            for used in 1...levels { #expect(quantizer.encode(latent, codebooks: used) == Array(all.prefix(used))) }
        }
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
                let decoded = try quantizer.decode(quantizer.encode(latent, codebooks: used))
                return sum + squaredDistance(decoded, latent)
            }
        }
        #expect(zip(errors, errors.dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test func codesOutsideOfTheModelAreRefused() {
        #expect(throws: QuantizerError.codeOutOfRange(50, codebook: 1, codes: 50)) { try quantizer.decode([49, 50]) }
        #expect(throws: QuantizerError.codeOutOfRange(.max, codebook: 0, codes: 50)) { try quantizer.decode([.max]) }
        #expect(throws: QuantizerError.wrongCodeCount(0, codebooks: 4)) { try quantizer.decode([]) }
        #expect(throws: QuantizerError.wrongCodeCount(5, codebooks: 4)) { try quantizer.decode([0, 0, 0, 0, 0]) }
        #expect(QuantizerError.wrongCodeCount(5, codebooks: 4).kind == .badData)
    }

    /// A stream must survive a latent that is not a number: some code, the same each time.
    @Test func latentsThatAreNotFiniteStillGetCodes() {
        for value in [Float.nan, .infinity, -.infinity] {
            let latent = [Float](repeating: value, count: dimensions)
            #expect(quantizer.encode(latent, codebooks: levels).allSatisfy { $0 < codes })
        }
    }
}

private func split<Element>(_ values: [Element], into parts: Int) -> [[Element]] {
    let size = values.count / parts
    return (0..<parts).map { Array(values[$0 * size..<($0 + 1) * size]) }
}
