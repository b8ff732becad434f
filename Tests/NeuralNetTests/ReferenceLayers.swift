// SPDX-License-Identifier: Apache-2.0
import Foundation
import NeuralNet

/// The layers written down from their equations, slowly and in double precision.
enum Reference {
    typealias Rows = [[Double]]

    static func rows(of matrix: Matrix) -> Rows {
        (0..<matrix.rows).map { row in (0..<matrix.columns).map { Double(matrix[row, $0]) } }
    }

    static func linear(_ x: Rows, weight: [Double], bias: [Double]) -> Rows {
        x.map { row in
            bias.indices.map { o in
                row.indices.reduce(bias[o]) { $0 + weight[o * row.count + $1] * row[$1] }
            }
        }
    }

    static func norm(_ x: Rows, weight: [Double], bias: [Double]) -> Rows {
        x.map { row in
            let mean = row.reduce(0, +) / Double(row.count)
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
            return row.indices.map { (row[$0] - mean) / (variance + 1e-5).squareRoot() * weight[$0] + bias[$0] }
        }
    }

    static func convolution(_ x: Rows, weight: [Double], bias: [Double], kernel: Int) -> Rows {
        x.indices.map { t in
            bias.indices.map { c in
                (0..<kernel).reduce(bias[c]) { sum, k in
                    let time = t - (kernel - 1) + k
                    return time < 0 ? sum : sum + weight[c * kernel + k] * x[time][c]
                }
            }
        }
    }

    static func block(_ x: Rows, _ model: Random<ConvNeXtBlock>, kernel: Int) -> Rows {
        var y = convolution(x, weight: model["conv.weight"], bias: model["conv.bias"], kernel: kernel)
        y = norm(y, weight: model["norm.weight"], bias: model["norm.bias"])
        y = linear(y, weight: model["expand.weight"], bias: model["expand.bias"])
        y = y.map { $0.map { $0 > 0 ? $0 * $0 : 0 } }
        y = linear(y, weight: model["project.weight"], bias: model["project.bias"])
        let scale = model["scale"]
        return zip(x, y).map { x, y in x.indices.map { x[$0] + scale[$0] * y[$0] } }
    }

    static func gru(_ x: Rows, _ model: Random<GRU>, hidden: Int) -> Rows {
        var h = [Double](repeating: 0, count: hidden)
        return x.map { row in
            let a = linear([row], weight: model["weight_ih_l0"], bias: model["bias_ih_l0"])[0]
            let b = linear([h], weight: model["weight_hh_l0"], bias: model["bias_hh_l0"])[0]
            h = (0..<hidden).map { i in
                let r = 1 / (1 + exp(-(a[i] + b[i])))
                let z = 1 / (1 + exp(-(a[hidden + i] + b[hidden + i])))
                let n = tanh(a[2 * hidden + i] + r * b[2 * hidden + i])
                return (1 - z) * n + z * h[i]
            }
            return h
        }
    }
}
