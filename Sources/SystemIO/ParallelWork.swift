// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// The same work on many things, several at a time.
public enum ParallelWork {
    /// Does `work` on each item; one that fails doesn't stop the others.
    ///
    /// - Parameters:
    ///   - jobs: how many at a time, 1 or more; what comes out is the same for any number.
    ///   - take: is given each result, in the items' order, one at a time. If it throws, nothing more is begun.
    /// - Throws: what `take` throws.
    public static func run<Item: Sendable, Value: Sendable>(
        on items: [Item], jobs: Int, work: @Sendable (Item) throws -> Value,
        take: (Item, Result<Value, any Error>) throws -> Void
    ) throws {
        let state = Mutex(State<Value>())
        try withoutActuallyEscaping(take) { take in
            // It is called with the state locked, so never twice at a time, and not after this function's end.
            nonisolated(unsafe) let take = take
            DispatchQueue.concurrentPerform(iterations: min(jobs, items.count)) { _ in
                while let index = state.withLock({ $0.begin(of: items.count) }) {
                    let result = Result { try work(items[index]) }
                    state.withLock { $0.finish(index, result) { try take(items[$0], $1) } }
                }
            }
            if let failure = state.withLock({ $0.failure }) { throw failure }
        }
    }
}

private struct State<Value: Sendable> {
    /// The item that is begun next, and the one whose result is taken next.
    private var (next, taken) = (0, 0)
    private var waiting: [Int: Result<Value, any Error>] = [:]
    private(set) var failure: (any Error)?

    /// The item to work on, nil if there is none left.
    mutating func begin(of count: Int) -> Int? {
        guard failure == nil, next < count else { return nil }
        defer { next += 1 }
        return next
    }

    /// Hands on what is complete from the start on.
    mutating func finish(
        _ index: Int, _ result: Result<Value, any Error>, take: (Int, Result<Value, any Error>) throws -> Void
    ) {
        waiting[index] = result
        while failure == nil, let result = waiting.removeValue(forKey: taken) {
            do { try take(taken, result) } catch { failure = error }
            taken += 1
        }
    }
}
