// SPDX-License-Identifier: Apache-2.0

/// Tells before which frame each level holds that packets tell, which may be lost, come late or twice and in any order. A level whose
/// packet never came is that of the packet before it, until the next one.
struct LevelOrder {
    /// Frames by which a level may be ahead of the expected one, and levels that wait for their frames.
    private static let mostAhead: UInt8 = 95
    private static let mostWaiting = 8

    private typealias Told = (number: UInt8, level: UInt8)

    /// In the order of their arrival.
    private var waiting: [Told] = []
    /// One that may be of a sender that starts afresh, whose hello comes after it.
    private var fresh: Told?
    /// The number of the frame that the newest level was told for, and how many frames ago that was.
    private var newest: (number: UInt8, age: UInt32)?

    /// - Parameters:
    ///   - ahead: how far its frame is ahead of the expected one, modulo 256.
    ///   - isLate: whether it is behind that instead; then it holds from the next frame on, unless a later one holds already.
    ///   - mayBeFresh: whether it is one of the first frames that a sender counts.
    mutating func take(_ level: UInt8, from number: UInt8, ahead: UInt8, isLate: Bool, mayBeFresh: Bool) {
        guard isLate || ahead <= Self.mostAhead else {
            if mayBeFresh { fresh = (number, level) }
            return
        }
        if waiting.count == Self.mostWaiting { waiting.removeFirst() }
        waiting.append((number, level))
    }

    /// The level that is told before a frame with codes, if one is.
    mutating func level(at number: UInt8) -> UInt8? {
        let isDue = { (told: Told) in number &- told.number < 128 }
        let due = waiting.filter(isDue)
        waiting.removeAll(where: isDue)
        guard let last = due.min(by: { number &- $0.number < number &- $1.number }) else { return nil }
        // Numbers of before that are far behind would look as if they were ahead.
        if let newest, newest.age < 64, (1..<128).contains(newest.number &- last.number) { return nil }
        newest = (last.number, UInt32(number &- last.number))
        return last.level
    }

    /// So many frames go by.
    mutating func advance(by count: UInt32) {
        if let newest { self.newest = newest.age < 64 ? (newest.number, newest.age + min(count, 64)) : nil }
        if count > UInt32(Self.mostAhead) { waiting = [] }
    }

    /// What comes next is of a sender that starts afresh; first frames, which may have overtaken its hello, are among `numbers`.
    mutating func startAfresh(_ numbers: ClosedRange<UInt8>) {
        waiting = (waiting + [fresh].compactMap(\.self)).filter { numbers.contains($0.number) }
        (fresh, newest) = (nil, nil)
    }
}
