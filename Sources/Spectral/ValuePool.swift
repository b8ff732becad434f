// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Room for numbers that streams share: as many pieces as work at the same moment, each kept for the next one that asks.
///
/// A piece begins where the widest registers can be filled at once. What it holds when it is lent is undefined.
final class ValuePool: Sendable {
    private struct Piece: @unchecked Sendable {
        let values: UnsafeMutablePointer<Double>
    }

    private let count: Int
    private let idle = Mutex<[Piece]>([])

    /// Pieces of so many numbers.
    init(count: Int) { self.count = count }

    deinit { idle.withLock { for piece in $0 { piece.values.deallocate() } } }

    /// Lends a piece.
    func withValues<Result>(_ body: (UnsafeMutablePointer<Double>) -> Result) -> Result {
        let piece = idle.withLock { $0.popLast() } ?? makePiece()
        defer { idle.withLock { $0.append(piece) } }
        return body(piece.values)
    }

    private func makePiece() -> Piece {
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Double>.stride, alignment: 64)
        let values = bytes.bindMemory(to: Double.self, capacity: count)
        values.initialize(repeating: 0, count: count)
        return Piece(values: values)
    }
}
