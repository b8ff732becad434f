// SPDX-License-Identifier: Apache-2.0

package import NeuralNet
import Platform

/// Tells the letters from decoded latents: a small causal network of its own.
package struct LetterClassifier: Sendable {
    package struct State: Sendable {
        var trunk: RecurrentStack.State
        var scratch = Scratch()
        // Kept from step to step for their memory alone.
        var rows = Matrix()
        var logits = Matrix()
    }

    /// Rows of a latent.
    let rate: Int
    private let symbols: Int
    private let input: Linear
    private let trunk: RecurrentStack
    private let norm: LayerNorm
    private let output: Linear
    /// How often each symbol is said, [symbols].
    package let prior: [Float]
    /// The logarithm that a symbol's frequency takes from its own.
    private let discount: [Float]
    private let scale: Float

    init(_ weights: Weights, _ c: TranscriptSettings, dimensions: Int) throws(WeightsError) {
        let l = c.listener
        (rate, symbols, scale) = (c.rate, c.symbols, c.follower.scale)
        input = try Linear(weights["input"], inputs: dimensions, outputs: l.channels)
        trunk = try RecurrentStack(
            weights["trunk"], channels: l.channels, blocks: l.blocks, kernel: l.kernel, expansion: l.expansion)
        norm = try LayerNorm(weights["norm"], channels: l.channels)
        output = try Linear(weights["output"], inputs: l.channels, outputs: c.rate * c.symbols)
        prior = try weights.tensor("prior", shape: [c.symbols])
        guard prior.allSatisfy({ $0 > 0 }) else {
            throw weights.malformed("prior", because: "it holds a symbol for impossible")
        }
        discount = prior.map { c.follower.prior * log($0) }
    }

    package func initialState() -> State { State(trunk: trunk.initialState()) }

    /// latents [n, dimensions] → logits [n · rate, symbols].
    package func logits(_ latents: Matrix, state: inout State) -> Matrix {
        input.forward(latents, into: &state.rows)
        trunk.forward(&state.rows, state: &state.trunk, scratch: &state.scratch)
        norm.forward(&state.rows)
        output.forward(state.rows, into: &state.logits)
        state.logits.reshape(rows: latents.rows * rate, columns: symbols)
        return state.logits
    }

    /// logits [rows, symbols] → what they say, row by row.
    package func emissions(_ logits: Matrix) -> Emissions {
        var heard = Emissions(likely: Matrix(rows: logits.rows, columns: symbols))
        for row in 0..<logits.rows {
            let values = logits.row(row)
            let highest = values.max() ?? 0
            let total = values.reduce(0) { $0 + exp($1 - highest) }
            let logs = zip(values, discount).map { ($0 - highest - log(total) - $1) * scale }
            let best = logs.max() ?? 0
            // Weights that no training would leave behind may overflow; nothing was then heard.
            let isSound = logs.allSatisfy(\.isFinite)
            for (symbol, log) in logs.enumerated() { heard.likely[row, symbol] = isSound ? exp(log - best) : 1 }
            heard.letters.append(isSound ? 1 - exp(values[values.startIndex] - highest) / total : 0)
        }
        return heard
    }
}

/// What was heard in some rows.
package struct Emissions: Sendable {
    /// [rows, symbols]: how much each symbol's probability exceeds how often it is said (Bourlard and Morgan 1994), to a
    /// power below 1 because neighbouring rows hear the same; the likeliest is 1.
    package var likely: Matrix
    /// [rows]: the probability of any symbol but the blank.
    package var letters: [Float]

    package init(likely: Matrix = Matrix(), letters: [Float] = []) { (self.likely, self.letters) = (likely, letters) }
}
