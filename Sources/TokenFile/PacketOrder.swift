// SPDX-License-Identifier: Apache-2.0

import Quantizer

/// Tells from the numbers of packets, which may be lost, come late or twice and in any order, what happened to each frame.
///
/// A frame carries the lowest eight bits of its number, a hello all of it. The receiver never goes back: what comes after its time
/// is left out, so that every frame takes its time once.
struct PacketOrder {
    /// Frames by which a packet may come late; farther back, its number is that of a frame ahead.
    private static let lateness: UInt8 = 32
    /// Packets by which one may overtake another where a sender starts afresh.
    private static let overtaking = 3

    /// The next frame's number.
    private struct Expected {
        var number: UInt32
        /// Whether more than the lowest eight bits are known, from a hello.
        var isWhole: Bool
        var low: UInt8 { UInt8(truncatingIfNeeded: number) }
    }

    /// What was heard before the sender started afresh; packets of it may still come.
    private struct Former {
        var model: ModelIdentity?
        var expected: Expected
        var packetsLeft = 2 * PacketOrder.overtaking
    }

    private(set) var statistics = LiveStatistics()
    private var expected: Expected?
    /// The model of the last hello.
    private var model: ModelIdentity?
    /// Whether what was heard last was a pause; frames that are missing then belong to it.
    private var isPaused = false
    /// Bit i tells whether the frame i + 1 before the expected one came.
    private var arrived: UInt64 = 0
    private var former: Former?
    /// Frames taken for the former sender's last ones that may have been the first of the one that started afresh, having overtaken its
    /// hello: what comes next tells. The hello's event waits for it.
    private var mayHaveOvertaken: UInt8 = 0
    private var levels = LevelOrder()
    /// Packets with the first numbers there are, which may be those of a sender that starts afresh: its hello, which says so, may come
    /// after them. In the order of their numbers.
    private var waiting: [LivePacket] = []
    /// Packets of the stream as it was that came meanwhile.
    private var contradictions = 0

    mutating func take(_ packet: LivePacket, into events: inout [LivePacketParser.Event]) {
        defer { forgetFormer() }
        guard let number = packet.number else { return takeHello(packet, into: &events) }
        decideStart(by: packet, number, into: &events)
        guard !isStray(number) else {
            statistics.late += 1
            return
        }
        if case .level(_, let level) = packet {
            statistics.levels += 1
            return levels.take(
                level, from: number, ahead: gap(to: number), isLate: isLate(number),
                mayBeFresh: number <= UInt8(Self.overtaking))
        }
        guard mayBeFresh(number) else {
            // Whatever comes behind those that wait shows that they belong here.
            if !waiting.isEmpty, let first = waiting[0].number, gap(to: number) > gap(to: first), !isLate(number) {
                release(into: &events)
            }
            let isLate = isLate(number)
            accept(packet, into: &events)
            return isLate ? () : reconsider(contradicted: true, into: &events)
        }
        let place = waiting.firstIndex { $0.number ?? 0 >= number } ?? waiting.endIndex
        guard place == waiting.endIndex || waiting[place].number != number else {
            statistics.duplicates += 1
            return
        }
        waiting.insert(packet, at: place)
        if waiting.count > Self.overtaking { release(into: &events) }
    }

    /// A hello came that can't be read.
    mutating func takeUnknownHello() { statistics.hellos += 1 }

    /// No more packets come.
    mutating func finish(into events: inout [LivePacketParser.Event]) {
        settleStart(into: &events)
        release(into: &events)
    }

    // MARK: Hellos

    private mutating func takeHello(_ packet: LivePacket, into events: inout [LivePacketParser.Event]) {
        guard case .hello(let identity, let nextFrame, _) = packet else { return }
        statistics.hellos += 1
        let number = UInt32(truncatingIfNeeded: nextFrame)
        guard !isStray(identity, number) else { return }
        settleStart(into: &events)
        let isFresh = model.map { $0 != identity } ?? false || isRestart(number)
        if isFresh { startAfresh(at: number) }
        model = identity
        guard mayHaveOvertaken == 0 else { return }
        let place = events.count
        let missed = isFresh ? 0 : advance(toHello: number, &events)
        events.insert(.hello(identity, nextFrame: Int((expected?.number ?? 0) &- missed)), at: place)
        if isFresh { release(into: &events) } else { reconsider(contradicted: false, into: &events) }
    }

    /// Whether a hello goes back farther than packets come late, or farther ahead than frames are lost.
    private func isRestart(_ number: UInt32) -> Bool {
        guard let expected, expected.isWhole else { return false }
        let gap = number &- expected.number
        return gap > LivePacketParser.longestLoss && gap < 0 &- UInt32(Self.lateness)
    }

    private mutating func startAfresh(at number: UInt32) {
        former = expected.map { Former(model: model, expected: $0) }
        let numbered = expected.map { $0.low &- UInt8(truncatingIfNeeded: number) } ?? 0
        mayHaveOvertaken = numbered <= UInt8(Self.overtaking) ? numbered : 0
        expected = Expected(number: number, isWhole: true)
        (isPaused, arrived) = (false, 0)
        levels.startAfresh(0...UInt8(Self.overtaking))
    }

    /// Counts the frames before a hello, of losses too long for a frame's eight bits too, and returns how many they are. A hello that
    /// comes after its frame tells the whole number all the same.
    private mutating func advance(toHello number: UInt32, _ events: inout [LivePacketParser.Event]) -> UInt32 {
        guard let now = expected else {
            expected = Expected(number: number, isWhole: true)
            return 0
        }
        if now.isWhole {
            let gap = number &- now.number
            return gap <= LivePacketParser.longestLoss ? miss(gap, &events) : 0
        }
        let low = UInt8(truncatingIfNeeded: number)
        let missed = isLate(low) ? 0 : miss(UInt32(gap(to: low)), &events)
        let behind = isLate(low) ? now.low &- low : 0
        expected = Expected(number: number &+ UInt32(behind), isWhole: true)
        return missed
    }

    // MARK: Where the sender starts afresh

    /// Whether a frame's number, one of the first, is reached by a step over frames that are missing.
    private func mayBeFresh(_ number: UInt8) -> Bool {
        expected != nil && number <= UInt8(Self.overtaking) && number < gap(to: number) && !isLate(number)
    }

    /// Where a sender started afresh: its first frames are still to come if one of them comes now, else they have been heard.
    private mutating func decideStart(
        by packet: LivePacket, _ number: UInt8, into events: inout [LivePacketParser.Event]
    ) {
        let ahead = gap(to: number)
        guard mayHaveOvertaken > 0, !isLate(number) else { return }
        if case .level = packet, ahead >= mayHaveOvertaken { return }
        settleStart(ahead: min(ahead, mayHaveOvertaken), into: &events)
    }

    private mutating func settleStart(ahead: UInt8 = 0, into events: inout [LivePacketParser.Event]) {
        guard mayHaveOvertaken > 0, let model else { return }
        mayHaveOvertaken = 0
        expected?.number &+= UInt32(ahead)
        events.append(.hello(model, nextFrame: Int(expected?.number ?? 0)))
        release(into: &events)
    }

    /// Takes the packets that wait, as those of the stream that goes on.
    private mutating func release(into events: inout [LivePacketParser.Event]) {
        for packet in waiting { accept(packet, into: &events) }
        (waiting, contradictions) = ([], 0)
    }

    /// After a packet that doesn't wait: those that do may follow it, or be none of this stream.
    private mutating func reconsider(contradicted: Bool, into events: inout [LivePacketParser.Event]) {
        guard let first = waiting.first?.number else { return }
        contradictions += contradicted ? 1 : 0
        if !mayBeFresh(first) {
            release(into: &events)
        } else if contradictions > Self.overtaking {
            statistics.late += waiting.count
            (waiting, contradictions) = ([], 0)
        }
    }

    /// Whether a hello is one of before the sender started afresh.
    private func isStray(_ identity: ModelIdentity, _ number: UInt32) -> Bool {
        guard let former, former.model == identity else { return false }
        let lateness = UInt32(Self.lateness)
        guard former.expected.isWhole else { return true }
        return number &- former.expected.number &+ lateness <= 2 * lateness
    }

    /// Whether a frame is nearer to those of before the sender started afresh.
    private func isStray(_ number: UInt8) -> Bool {
        guard let former, !isLate(number) else { return false }
        let (ahead, behind) = (number &- former.expected.low, former.expected.low &- number)
        let distance = min(ahead, behind)
        return distance <= Self.lateness && distance < gap(to: number)
    }

    private mutating func forgetFormer() {
        former?.packetsLeft -= 1
        if let former, former.packetsLeft < 0 { self.former = nil }
    }

    // MARK: Frames

    private mutating func accept(_ packet: LivePacket, into events: inout [LivePacketParser.Event]) {
        guard let number = packet.number else { return }
        guard !isLate(number) else {
            let place = UInt64(0 &- gap(to: number)) - 1
            if arrived >> place & 1 == 1 { statistics.duplicates += 1 } else { statistics.late += 1 }
            return
        }
        switch packet {
        case .hello, .level: break
        case .frame(_, let codes, let before):
            if let before, gap(to: number) > 0 {
                // What is left of the frame before, which was one of speech.
                arrive(number &- 1, .codes([before]), isPause: false, isOwn: false, into: &events)
            }
            arrive(number, .codes(codes), isPause: false, into: &events)
        case .noise(_, let noise): arrive(number, .noise(noise), isPause: true, into: &events)
        case .pause:
            isPaused = true
            arrive(number, .paused(1), isPause: true, into: &events)
        }
    }

    /// The frame whose number ends in `number` is there; those missing before it are counted.
    private mutating func arrive(
        _ number: UInt8, _ frame: Arrival, isPause: Bool, isOwn: Bool = true,
        into events: inout [LivePacketParser.Event]
    ) {
        if expected == nil { expected = Expected(number: UInt32(number), isWhole: false) }
        miss(UInt32(gap(to: number)), &events)
        if !isPause, let level = levels.level(at: number) { events.append(.frames(.level(level))) }
        events.append(.frames(frame))
        levels.advance(by: 1)
        isPaused = isPause
        expected?.number &+= 1
        arrived = arrived << 1 | (isOwn ? 1 : 0)
        if isOwn { statistics.received += 1 } else { statistics.repaired += 1 }
    }

    /// How far the frame whose number ends in `number` is ahead of the expected one, modulo 256.
    private func gap(to number: UInt8) -> UInt8 { expected.map { number &- $0.low } ?? 0 }

    /// Whether a frame comes late or twice.
    private func isLate(_ number: UInt8) -> Bool { gap(to: number) > UInt8.max - Self.lateness }

    @discardableResult
    private mutating func miss(_ count: UInt32, _ events: inout [LivePacketParser.Event]) -> UInt32 {
        guard count > 0 else { return 0 }
        events.append(.frames(isPaused ? .paused(Int(count)) : .lost(Int(count))))
        if !isPaused { statistics.lost += Int(count) }
        expected?.number &+= count
        levels.advance(by: count)
        arrived = count < 64 ? arrived << UInt64(count) : 0
        return count
    }
}
