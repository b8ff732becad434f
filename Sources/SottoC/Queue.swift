// SPDX-License-Identifier: Apache-2.0

/// What waits to be taken, first come first.
struct Queue<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var start = 0

    var count: Int { elements.count - start }
    var first: Element? { start < elements.count ? elements[start] : nil }

    /// The next ones, which stay.
    func prefix(_ most: Int) -> ArraySlice<Element> { elements[start...].prefix(most) }

    mutating func append(_ more: some Sequence<Element>) { elements.append(contentsOf: more) }

    mutating func popFirst() -> Element? {
        guard let first else { return nil }
        drop(1)
        return first
    }

    /// Moves as many as there is room for.
    ///
    /// - Returns: how many these are.
    mutating func move(to room: Slice<UnsafeMutableBufferPointer<Element>>) -> Int {
        let moved = min(count, room.count)
        _ = UnsafeMutableBufferPointer(rebasing: room).update(from: elements[start..<start + moved])
        drop(moved)
        return moved
    }

    private mutating func drop(_ count: Int) {
        start += count
        if start == elements.count {
            elements.removeAll(keepingCapacity: true)
            start = 0
        } else if start > 1 << 16 {
            elements.removeFirst(start)
            start = 0
        }
    }
}
