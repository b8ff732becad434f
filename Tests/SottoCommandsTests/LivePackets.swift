// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The packets of an undamaged live stream of codes of 10 bits.
func livePackets(_ stream: Data) -> [Data] {
    var (packets, rest) = ([Data](), [UInt8](stream)[...])
    while let first = rest.first {
        let codes = Int(first & 7) + (first & 0xF8 == 0xB8 ? 2 : 1)
        let size = [0xD3: 16, 0xB4: 20, 0xB5: 4, 0xB6: 5][first] ?? 4 + (codes * 10 + 7) / 8
        packets.append(Data(rest.prefix(size)))
        rest = rest.dropFirst(size)
    }
    return packets
}

/// Whether a packet has a frame's codes.
func hasCodes(_ packet: Data) -> Bool { packet.first.map { [0xA8, 0xB8].contains($0 & 0xF8) } ?? false }

/// The bytes of such a stream up to the end of so many frames with codes; all of it if there are fewer.
func beginning(of stream: Data, frames: Int) -> Data {
    var (result, count) = (Data(), 0)
    for packet in livePackets(stream) where count < frames {
        result += packet
        if hasCodes(packet) { count += 1 }
    }
    return result
}
