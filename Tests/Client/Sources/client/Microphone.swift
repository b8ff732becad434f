// SPDX-License-Identifier: Apache-2.0

/// What the README's code hears: chunks of 100 samples, for a loop that waits and for one that doesn't.
struct Microphone: Sequence, AsyncSequence {
    typealias Element = [Float]
    typealias Failure = Never

    let speech: [Float]

    struct Iterator: IteratorProtocol, AsyncIteratorProtocol {
        var rest: ArraySlice<Float>

        mutating func next() -> [Float]? { chunk() }

        mutating func next(isolation actor: isolated (any Actor)?) async throws(Never) -> [Float]? { chunk() }

        private mutating func chunk() -> [Float]? {
            defer { rest = rest.dropFirst(100) }
            return rest.isEmpty ? nil : Array(rest.prefix(100))
        }
    }

    func makeIterator() -> Iterator { Iterator(rest: speech[...]) }

    func makeAsyncIterator() -> Iterator { makeIterator() }
}
