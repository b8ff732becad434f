// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemIO

/// A regular file, open for reading at any place.
final class InputFile {
    /// In bytes.
    let count: Int
    private let descriptor: Int32
    private let name: String
    /// What a read met, for those whom a C library stands between.
    private(set) var failure: SystemError?

    /// - Parameter name: what messages call it.
    init(path: String, name: String) throws(SystemError) {
        // Without O_NONBLOCK, opening a named pipe would wait for its writer.
        let descriptor = path.withSystemPath { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { throw errno == ENOENT ? .noSuchFile(name) : .cannotOpen(name, errno: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw status.st_mode & S_IFMT == S_IFDIR ? .isDirectory(name) : .notRegularFile(name)
        }
        self.descriptor = descriptor
        self.name = name
        count = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// Fills `buffer` with what is at `offset`; fewer bytes at the end or when reading fails.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var done = 0
        while done < buffer.count, let place = buffer.baseAddress {
            let got = pread(descriptor, place + done, buffer.count - done, off_t(offset + done))
            if got > 0 {
                done += got
            } else if got == 0 {
                break
            } else if errno != EINTR {
                failure = .cannotRead(name, errno: errno)
                break
            }
        }
        return done
    }

    /// At most `count` bytes from `offset` on.
    func bytes(at offset: Int, count: Int) -> [UInt8] {
        guard offset >= 0, count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, got in
            got = read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }
}

/// A place in a file that C libraries read from and move about.
final class FileCursor {
    let file: InputFile
    /// What is before it in the file is not seen.
    let start: Int
    /// What is from here on isn't, either.
    private let end: Int
    private(set) var position = 0
    /// Bytes that are read in place of those in the file.
    private let patch: (offset: Int, bytes: [UInt8])?

    var count: Int { end - start }

    init(_ file: InputFile, from start: Int = 0, to end: Int? = nil, patch: (offset: Int, bytes: [UInt8])? = nil) {
        (self.file, self.start, self.end, self.patch) = (file, start, end ?? file.count, patch)
    }

    func read(into place: UnsafeMutableRawPointer?, count: Int) -> Int {
        let wanted = max(0, min(count, self.count - position))
        let buffer = UnsafeMutableRawBufferPointer(start: place, count: wanted)
        let got = file.read(at: start + position, into: buffer)
        if let patch {
            for (index, byte) in patch.bytes.enumerated() {
                let offset = patch.offset + index - position
                if (0..<got).contains(offset) { buffer[offset] = byte }
            }
        }
        position += got
        return got
    }

    /// As `lseek`: -1 for a place before the start.
    func seek(to offset: Int, whence: Int32) -> Int {
        let base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? position : count
        let (target, overflow) = base.addingReportingOverflow(offset)
        guard !overflow, (0...1 << 60).contains(target) else { return -1 }
        position = target
        return target
    }

    /// For a C library to hand back; the cursor must outlive it.
    var handle: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static func of(_ handle: UnsafeMutableRawPointer?) -> FileCursor? {
        handle.map { Unmanaged<FileCursor>.fromOpaque($0).takeUnretainedValue() }
    }
}
