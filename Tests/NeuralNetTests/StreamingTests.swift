// SPDX-License-Identifier: Apache-2.0
import NeuralNet
import TestSupport
import Testing

@Suite("A stream cut anywhere gives what the whole gives")
struct StreamingTests {
    private let rows = 11
    private let tolerance: Float = 1e-6

    /// Every cut in two, then one row at a time, then random cuts.
    private var cuts: [[Int]] {
        var generator = SeededGenerator(seed: 7)
        let random = (0..<20).map { _ in (1..<rows).filter { _ in Bool.random(using: &generator) } }
        return (0...rows).map { [$0] } + [Array(1..<rows)] + random
    }

    private func runInPieces(_ input: Matrix, cutAt cut: [Int], _ run: (Matrix) -> Matrix) -> Matrix {
        var output = Matrix()
        for (from, to) in zip([0] + cut, cut + [input.rows]) { output.append(run(input.rows(from..<to))) }
        return output
    }

    @Test func block() throws {
        let layer = try randomBlock(channels: 24, kernel: 5, expansion: 3).layer
        var generator = SeededGenerator(seed: 8)
        let input = generator.matrix(rows, 24)
        var whole = input
        var (state, scratch) = (layer.initialState(), Scratch())
        layer.forward(&whole, state: &state, scratch: &scratch)

        for cut in cuts {
            var pieceState = layer.initialState()
            let pieces = runInPieces(input, cutAt: cut) { piece in
                var x = piece
                layer.forward(&x, state: &pieceState, scratch: &scratch)
                return x
            }
            #expect(largestDifference(pieces, whole) < tolerance, "cut at \(cut)")
            #expect(pieceState == state, "cut at \(cut)")
        }
    }

    @Test func gru() throws {
        let layer = try randomGRU(inputs: 10, hidden: 12).layer
        var generator = SeededGenerator(seed: 9)
        let input = generator.matrix(rows, 10)
        var (whole, state, scratch) = (Matrix(), layer.initialState(), Scratch())
        layer.forward(input, state: &state, into: &whole, scratch: &scratch)

        for cut in cuts {
            var pieceState = layer.initialState()
            let pieces = runInPieces(input, cutAt: cut) { piece in
                var y = Matrix()
                layer.forward(piece, state: &pieceState, into: &y, scratch: &scratch)
                return y
            }
            #expect(largestDifference(pieces, whole) < tolerance, "cut at \(cut)")
        }
    }

    @Test func sameRowsGiveTheSameBits() throws {
        let layer = try randomBlock(channels: 24, kernel: 5, expansion: 3).layer
        var generator = SeededGenerator(seed: 10)
        let input = generator.matrix(8, 24)
        let results = (0..<3).map { _ in
            var (x, state, scratch) = (input, layer.initialState(), Scratch())
            layer.forward(&x, state: &state, scratch: &scratch)
            return x
        }
        #expect(results[0] == results[1] && results[1] == results[2])
    }

    @Test func twoStreamsShareALayerWithoutMixing() throws {
        let layer = try randomGRU(inputs: 10, hidden: 12).layer
        var generator = SeededGenerator(seed: 11)
        let inputs = [generator.matrix(rows, 10), generator.matrix(rows, 10)]
        var scratch = Scratch()
        func run(_ x: Matrix, _ state: inout GRU.State) -> Matrix {
            var y = Matrix()
            layer.forward(x, state: &state, into: &y, scratch: &scratch)
            return y
        }
        let apart = inputs.map { input in
            var (state, output) = (layer.initialState(), Matrix())
            for row in 0..<rows { output.append(run(input.rows(row..<row + 1), &state)) }
            return output
        }
        var states = [layer.initialState(), layer.initialState()]
        var together = [Matrix(), Matrix()]
        for row in 0..<rows {
            for stream in 0..<2 { together[stream].append(run(inputs[stream].rows(row..<row + 1), &states[stream])) }
        }
        #expect(together == apart)
    }

    /// Rows of several streams in one matrix, of any number of streams and of rows of each.
    @Test(arguments: [1, 2, 3, 7, 8, 13], [1, 2, 5]) func streamsTogetherGiveWhatTheyGiveAlone(streams: Int, rows: Int)
        throws
    {
        let layer = try randomStack(channels: 20, blocks: 2)
        var generator = SeededGenerator(seed: 12)
        var scratch = Scratch()
        var states = [RecurrentStack.State](repeating: layer.initialState(), count: streams)
        var (alone, all) = (states, RecurrentStack.States())
        for _ in 0..<3 {
            let inputs = (0..<streams).map { _ in generator.matrix(rows, 20) }
            var together = Matrix()
            for input in inputs { together.append(input) }
            for stream in 0..<streams { all.take(&states[stream]) }
            layer.forward(&together, states: &all, scratch: &scratch)
            for stream in 0..<streams { all.giveBack(to: &states[stream], of: stream) }
            all.removeAll()
            var apart = Matrix()
            for stream in 0..<streams {
                var x = inputs[stream]
                layer.forward(&x, state: &alone[stream], scratch: &scratch)
                apart.append(x)
            }
            #expect(together == apart)
        }
    }
}
