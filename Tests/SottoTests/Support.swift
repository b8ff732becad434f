// SPDX-License-Identifier: Apache-2.0

import Foundation
import NeuralNet
import Sotto

/// The shipped model and what PyTorch says of a real clip with the same weights (`sotto_training.golden`).
enum Fixture {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func path(_ name: String) -> String { root.appending(path: name).path(percentEncoded: false) }

    static let modelPath = path("Models/sotto-16k.safetensors")

    static func model() throws -> Model { try Model(path: modelPath) }

    static func golden() throws -> SafetensorsFile {
        try SafetensorsFile(path: path("Tests/SottoTests/Fixtures/golden.safetensors"))
    }

    /// Four seconds of real speech.
    static func speech() throws -> [Float] { try golden().values("audio") }

    static func codes(_ file: SafetensorsFile, codebooks: Int = 8) throws -> [Codes] {
        try rows(of: file, "codes.\(codebooks)", columns: codebooks)
    }

    /// So many codes a frame in the mean.
    static func codes(_ file: SafetensorsFile, mean: Int) throws -> [Codes] {
        try rows(of: file, "codes.variable.\(mean)", columns: 8)
    }

    private static func rows(of file: SafetensorsFile, _ name: String, columns: Int) throws -> [Codes] {
        let all = try file.values(name)
        return stride(from: 0, to: all.count, by: columns).map { start in
            all[start..<start + columns].filter { $0 >= 0 }.map { UInt16($0) }
        }
    }
}

extension SafetensorsFile {
    func values(_ name: String) throws -> [Float] { try tensor(name, shape: shape(of: name) ?? []) }
}

extension Collection<Float> {
    var peak: Float { lazy.map(abs).max() ?? 0 }
}

/// The greatest difference of two signals of one length.
func distance(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
    a.count == b.count ? zip(a, b).lazy.map { abs($0 - $1) }.max() ?? 0 : .infinity
}
