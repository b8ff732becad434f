// SPDX-License-Identifier: Apache-2.0

import Synchronization
import SystemIO
import Testing

@Suite struct ParallelWorkTests {
    struct Odd: Error, Equatable { let number: Int }

    @Test(arguments: [1, 2, 7, 100]) func resultsComeInOrderAndFailuresStopNothing(jobs: Int) throws {
        let busy = Mutex((now: 0, most: 0))
        var taken: [Int] = []
        var failed: [Int] = []
        try ParallelWork.run(on: Array(0..<200), jobs: jobs) { number in
            busy.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            defer { busy.withLock { $0.now -= 1 } }
            if number % 3 == 1 { throw Odd(number: number) }
            return number * 2
        } take: { number, result in
            #expect(taken.count + failed.count == number)
            switch result {
            case .success(let value): taken.append(value)
            case .failure(let error): failed.append((error as? Odd)?.number ?? -1)
            }
        }
        #expect(taken == (0..<200).filter { $0 % 3 != 1 }.map { $0 * 2 })
        #expect(failed == (0..<200).filter { $0 % 3 == 1 })
        #expect(busy.withLock { $0.now == 0 && $0.most <= jobs })
    }

    @Test(arguments: [1, 3]) func whoeverTakesMayEndIt(jobs: Int) {
        let begun = Mutex(0)
        var taken = 0
        #expect(throws: Odd(number: 5)) {
            try ParallelWork.run(
                on: Array(0..<10_000), jobs: jobs, work: { _ in begun.withLock { $0 += 1 } },
                take: { number, _ in
                    taken += 1
                    if number == 5 { throw Odd(number: 5) }
                })
        }
        // Others may have begun by then, but not all.
        #expect(taken == 6 && begun.withLock { $0 } < 10_000)
    }

    @Test func nothingIsSoonDone() throws {
        try ParallelWork.run(on: [Int](), jobs: 4, work: { $0 }, take: { _, _ in Issue.record("there is nothing") })
    }
}
