// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What libsndfile doesn't tell of a WAV file: whether the data chunk is as long as it says.
enum WaveHeader {
    /// Bytes that the data chunk promises beyond the end of the file; nil if there are none, or no promise.
    static func missingBytes(path: String, fileSize: Int) -> Int? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        var position = 12
        // A sane file has a handful of chunks before the samples.
        for _ in 0..<64 {
            guard (try? handle.seek(toOffset: UInt64(position))) != nil,
                let head = try? handle.read(upToCount: 8), head.count == 8
            else { return nil }
            let size = head.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            if head.prefix(4) == Data("data".utf8) {
                // Programs that write to a pipe leave 0 or the greatest number here.
                guard size > 0, size < 0x7FFF_F000 else { return nil }
                let missing = position + 8 + size - fileSize
                return missing > 0 ? missing : nil
            }
            position += 8 + size + size % 2
            guard position < fileSize else { return nil }
        }
        return nil
    }
}
