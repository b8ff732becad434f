// SPDX-License-Identifier: Apache-2.0

import CLetterTable

/// How likely each byte of a marked text (`CapitalMarks`) is after up to five before it, as a tree: the path from the root to a node
/// says bytes that follow each other, and a node its last byte's share after the others. The table is part of the format.
/// See Docs/token-format.md, which tells how it lies in its file.
package struct LetterTable: Sendable {
    /// Bytes that are looked back on.
    static let order = 5
    /// What the shares of a list and its rest add up to.
    package static let whole: UInt32 = 1 << 16
    static let shared = LetterTable(
        UnsafeBufferPointer(start: sotto_letter_table, count: sotto_letter_table_size))

    private static let shareCount = 64

    package struct Node: Sendable {
        package var byte: UInt8
        package var share: UInt16
        /// The list of what follows it; nil if that is not told.
        package var list: Int32?
    }

    /// Lists of nodes one after the other, each list with bytes ascending; the root's is number 0.
    package let nodes: [Node]
    private let starts: [Int32]
    /// For each list, the share that is left to be told by the list after fewer bytes.
    package let rests: [UInt32]

    package init(_ file: some RandomAccessCollection<UInt8>) {
        let bytes = Array(file)
        let shares = (0..<Self.shareCount).map { UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8 }
        var nodes: [Node] = []
        var (starts, rests): ([Int32], [UInt32]) = ([0], [])
        var (listCount, rest): (Int32, UInt32) = (1, Self.whole)
        nodes.reserveCapacity(bytes.count / 2)
        for at in stride(from: 2 * Self.shareCount, to: bytes.count - 1, by: 2) {
            let (byte, fields) = (bytes[at], bytes[at + 1])
            let (hasList, isLast) = (fields & 0x80 != 0, fields & 0x40 != 0)
            let share = shares[Int(fields & 0x3F)]
            nodes.append(Node(byte: byte, share: share, list: hasList ? listCount : nil))
            if hasList { listCount += 1 }
            rest -= UInt32(share)
            if isLast {
                starts.append(Int32(nodes.count))
                rests.append(rest)
                rest = Self.whole
            }
        }
        (self.nodes, self.starts, self.rests) = (nodes, starts, rests)
    }

    /// The nodes of a list.
    package func places(of list: Int32) -> Range<Int> { Int(starts[Int(list)])..<Int(starts[Int(list) + 1]) }

    /// The list of what follows `byte` where it follows what leads to `list`; nil if none is told.
    func list(after byte: UInt8, in list: Int32) -> Int32? {
        var places = places(of: list)
        while !places.isEmpty {
            let middle = places.lowerBound + places.count / 2
            if nodes[middle].byte == byte { return nodes[middle].list }
            places = nodes[middle].byte < byte ? middle + 1..<places.upperBound : places.lowerBound..<middle
        }
        return nil
    }
}

/// What may come next in a text: a share of each byte.
struct LetterPrediction {
    private let table = LetterTable.shared
    /// The lists after the last 0, 1 … bytes.
    private var lists = [Int32?](repeating: nil, count: LetterTable.order + 1)
    /// What each of the 256 bytes takes of `total`, at least 1.
    private(set) var shares = [UInt32](repeating: 0, count: 256)
    private(set) var total: UInt32 = 0

    /// A text begins as if after a line feed.
    init() {
        lists[0] = 0
        follow(UInt8(ascii: "\n"))
    }

    mutating func follow(_ byte: UInt8) {
        for length in (1...LetterTable.order).reversed() {
            lists[length] = lists[length - 1].flatMap { table.list(after: byte, in: $0) }
        }
        predict()
    }

    /// The longest list gives each byte its share of the whole, and the next what is left to the others, and so on.
    private mutating func predict() {
        var left: UInt64 = 1 << 24
        for byte in 0..<256 { shares[byte] = 0 }
        for list in lists.reversed() {
            guard let list else { continue }
            for place in table.places(of: list) {
                let node = table.nodes[place]
                shares[Int(node.byte)] += UInt32((left * UInt64(node.share)) >> 16)
            }
            left = (left * UInt64(table.rests[Int(list)])) >> 16
        }
        let equal = UInt32(left >> 8)
        total = 0
        for byte in 0..<256 {
            shares[byte] = (shares[byte] + equal) >> 8 + 1
            total += shares[byte]
        }
    }

    /// Where a byte's share lies in 0 ..< `total`.
    func range(of byte: UInt8) -> Range<UInt32> {
        let start = shares[..<Int(byte)].reduce(0, +)
        return start..<start + shares[Int(byte)]
    }

    /// The byte whose share `place` is in, and that share.
    func byte(at place: UInt32) -> (byte: UInt8, range: Range<UInt32>) {
        var start: UInt32 = 0
        for byte in 0..<255 {
            let end = start + shares[byte]
            if place < end { return (UInt8(byte), start..<end) }
            start = end
        }
        return (255, start..<total)
    }
}
