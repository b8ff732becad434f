// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// So many at a time and no more.
final class Slots: Sendable {
    let count: Int
    private let taken = Mutex(0)

    init(_ count: Int) { self.count = count }

    /// A place, or nil if all are taken. It is free again when nobody holds it any more.
    func take() -> Slot? {
        let isFree = taken.withLock { taken in
            guard taken < count else { return false }
            taken += 1
            return true
        }
        return isFree ? Slot(of: self) : nil
    }

    fileprivate func give() { taken.withLock { $0 -= 1 } }
}

final class Slot: Sendable {
    private let slots: Slots

    fileprivate init(of slots: Slots) { self.slots = slots }

    deinit { slots.give() }
}

/// Lets one after the other work, so many at a time, in the order in which they came.
actor WorkQueue {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(workers: Int) { free = workers }

    /// Runs `work` when it is its turn.
    nonisolated func run<Result: Sendable>(_ work: @Sendable () async throws -> Result) async throws -> Result {
        await enter()
        do {
            let result = try await work()
            await leave()
            return result
        } catch {
            await leave()
            throw error
        }
    }

    private func enter() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
