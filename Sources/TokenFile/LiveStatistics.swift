// SPDX-License-Identifier: Apache-2.0

/// What a receiver has heard of a stream so far.
public struct LiveStatistics: Hashable, Sendable, CustomStringConvertible {
    /// Packets of frames that came in time, those of pauses too.
    public internal(set) var received = 0
    /// Frames of speech that never came, or too late, and aren't repaired.
    public internal(set) var lost = 0
    /// Frames that are made of the first code that came with the next one.
    public internal(set) var repaired = 0
    /// Packets that came after their time.
    public internal(set) var late = 0
    /// Packets that came again.
    public internal(set) var duplicates = 0
    /// Bytes that belong to no packet.
    public internal(set) var garbageBytes = 0
    public internal(set) var hellos = 0
    /// Packets with a speaker's level.
    public internal(set) var levels = 0

    public init() {}

    /// Packets of any kind.
    public var packets: Int { received + late + duplicates + hellos + levels }

    /// Whether everything came, in order and once.
    public var isPerfect: Bool { lost + repaired + late + duplicates + garbageBytes == 0 }

    public var description: String {
        """
        \(received) frames received, \(lost) lost, \(repaired) repaired, \(late) late, \(duplicates) duplicates, \
        \(garbageBytes) garbage bytes
        """
    }
}
