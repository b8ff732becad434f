// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Quantizer

/// Frames as one stream of tokens: code c of codebook k is k · size + c, frame after frame. A token of codebook 0 begins a frame, so that
/// frames may have different numbers of codes.
package enum FlatTokens {
    /// - Parameter size: how many codes a codebook has.
    /// - Throws: `CodeArrayError` if a frame is lost.
    static func tokens(of frames: [Codes?], size: Int) throws(CodeArrayError) -> [UInt32] {
        var tokens: [UInt32] = []
        for (index, frame) in frames.enumerated() {
            guard let frame else { throw .lostFrame(index) }
            for (book, code) in frame.enumerated() { tokens.append(UInt32(book * size) + UInt32(code)) }
        }
        return tokens
    }

    /// The frames of a stream in one of NumPy's files or a list of JSON.
    ///
    /// - Parameter books: how many codebooks there are.
    /// - Throws: `CodeArrayError` if it is none, at the first token that is of no codebook or not of the one that has to come.
    package static func frames(of bytes: [UInt8], books: Int, size: Int) throws(CodeArrayError) -> [Codes?] {
        var frames: [Codes] = []
        for (index, token) in try tokens(bytes).enumerated() {
            guard (0..<books * size).contains(token) else {
                throw .notAnArray("token \(index) is \(token); this model's are 0 to \(books * size - 1)")
            }
            let (book, code) = token.quotientAndRemainder(dividingBy: size)
            if book == 0 {
                frames.append([UInt16(code)])
            } else if let last = frames.last, last.count == book {
                frames[frames.count - 1].append(UInt16(code))
            } else {
                let before = frames.last.map { "one of codebook \($0.count - 1)" } ?? "none"
                throw .notAnArray("token \(index) is of codebook \(book), after \(before)")
            }
        }
        return frames
    }

    private static func tokens(_ bytes: [UInt8]) throws(CodeArrayError) -> [Int] {
        if bytes.starts(with: NumPyHeader.magic) {
            let array = try NumPyArray(bytes)
            guard array.shape.count == 1 else {
                throw .notAnArray("it has \(array.shape.count) dimensions; a stream of tokens has one")
            }
            return (0..<array.shape[0]).map { array[$0, 0, of: 1] }
        }
        guard let tokens = try? JSONDecoder().decode([Int].self, from: Data(bytes)) else {
            throw .notAnArray("a stream of tokens is one of NumPy's arrays, or a list of whole numbers in JSON")
        }
        return tokens
    }
}
