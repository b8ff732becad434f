// SPDX-License-Identifier: Apache-2.0

/// Rows of inputs, and what a map should make of each.
package struct ProbeSamples {
    /// [count, inputs], the last input being 1.
    package var inputs: [Float]
    /// [count, outputs]
    package var targets: [Float]
    package var count: Int

    package init(inputs: [Float] = [], targets: [Float] = [], count: Int = 0) {
        (self.inputs, self.targets, self.count) = (inputs, targets, count)
    }
}

/// The normal equations of a linear map from rows of inputs to rows of outputs, summed over any number of rows. Their solution with
/// a penalty for large weights is ridge regression (Hoerl & Kennard 1970) in closed form.
package struct NormalEquations {
    let inputs: Int
    let outputs: Int
    /// XᵀX [inputs, inputs], its upper triangle.
    private var squares: [Float]
    /// YᵀX [outputs, inputs].
    private var products: [Float]
    private(set) var count = 0

    package init(inputs: Int, outputs: Int) {
        (self.inputs, self.outputs) = (inputs, outputs)
        squares = [Float](repeating: 0, count: inputs * inputs)
        products = [Float](repeating: 0, count: outputs * inputs)
    }

    package mutating func add(_ samples: ProbeSamples) {
        precondition(samples.inputs.count == samples.count * inputs && samples.targets.count == samples.count * outputs)
        BLAS.addSquares(of: samples.inputs, rows: samples.count, to: &squares)
        BLAS.addProducts(of: samples.targets, samples.inputs, rows: samples.count, to: &products)
        count += samples.count
    }

    package mutating func add(_ other: NormalEquations) {
        precondition(inputs == other.inputs && outputs == other.outputs)
        for i in squares.indices { squares[i] += other.squares[i] }
        for i in products.indices { products[i] += other.products[i] }
        count += other.count
    }

    /// The map of least squared error plus `penalty` times the rows times the squared weights of all inputs but the last, the
    /// constant.
    ///
    /// - Returns: nil without rows.
    /// - Throws: `BenchmarkError` if inputs or targets aren't finite.
    package func solution(penalty: Float) throws(BenchmarkError) -> LinearMap? {
        guard count > 0 else { return nil }
        var squares = squares
        for i in 0..<inputs - 1 { squares[i * inputs + i] += penalty * Float(count) }
        guard let weights = BLAS.solve(squares, products, size: inputs), weights.allSatisfy(\.isFinite) else {
            throw BenchmarkError("a probe can't be fitted: its frames hold numbers that aren't finite, or too large")
        }
        return LinearMap(weights: weights, inputs: inputs)
    }
}

/// What a probe has learnt.
package struct LinearMap {
    /// [outputs, inputs]
    package let weights: [Float]
    let inputs: Int

    /// Rows [count, inputs] → [count, outputs].
    package func callAsFunction(_ rows: [Float], count: Int) -> [Float] {
        BLAS.product(rows, weights, rows: count, inputs: inputs)
    }
}

/// What maps predict of clips that they were not fitted to: those of each fold are held out in turn.
///
/// - Parameters:
///   - folds: the fold of each clip, from 0 on; nil for a clip that is left out.
///   - samples: those of a clip, asked for twice.
/// - Returns: for each clip [its samples, outputs]; empty for one that is left out, or if nothing is left to fit to.
/// - Throws: `BenchmarkError` if inputs or targets aren't finite.
func crossValidated(
    folds: [Int?], inputs: Int, outputs: Int, penalty: Float, samples: (_ clip: Int) -> ProbeSamples
) throws(BenchmarkError) -> [[Float]] {
    let none = NormalEquations(inputs: inputs, outputs: outputs)
    var sums = [NormalEquations](repeating: none, count: (folds.compactMap(\.self).max() ?? -1) + 1)
    for (clip, fold) in folds.enumerated() {
        if let fold { sums[fold].add(samples(clip)) }
    }
    var maps: [LinearMap?] = []
    for held in sums.indices {
        var rest = none
        for other in sums.indices where other != held { rest.add(sums[other]) }
        maps.append(try rest.solution(penalty: penalty))
    }
    return folds.enumerated().map { clip, fold in
        guard let map = fold.flatMap({ maps[$0] }) else { return [] }
        let samples = samples(clip)
        return map(samples.inputs, count: samples.count)
    }
}
