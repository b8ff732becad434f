// SPDX-License-Identifier: Apache-2.0

// A layer runs over several streams together: their rows lie in one matrix, as many of each, one stream after the other, so that each
// weight is read once for all of them. What a stream gets is the same to the bit as alone.

/// The states that several streams have in layers, for each layer those of all streams. They are moved here and back, not copied.
public protocol StreamStates: Sendable {
    /// That of one stream.
    associatedtype State

    init()
    /// Takes the state of one more stream, which is empty until it is given back.
    mutating func take(_ state: inout State)
    mutating func giveBack(to state: inout State, of stream: Int)
    /// Forgets the streams, whose states have been given back, and keeps the memory.
    mutating func removeAll()
}

extension StreamStates {
    /// Calls `body` with one stream's state.
    mutating func withState(_ state: inout State, _ body: (inout Self) -> Void) {
        take(&state)
        body(&self)
        giveBack(to: &state, of: 0)
        removeAll()
    }
}

/// Calls `body` with an array of one value.
func withArray<Value>(of value: inout Value, _ body: (inout [Value]) -> Void) {
    withUnsafeMutablePointer(to: &value) { place in
        var values = [place.move()]
        body(&values)
        place.initialize(to: values.removeLast())
    }
}
