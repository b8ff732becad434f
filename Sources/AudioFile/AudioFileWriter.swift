// SPDX-License-Identifier: Apache-2.0

import CSndfile
import Foundation
public import SystemIO

/// Writes mono samples as WAV or FLAC; the file appears under its name when `finish()` is reached.
public struct AudioFileWriter: ~Copyable {
    public enum Encoding: Sendable {
        case pcm16
        case float32
    }

    /// Samples so far that were too loud for 16 bits, and are clipped.
    public private(set) var clipped = 0

    private let path: String
    private let encoding: Encoding
    private let output: OutputFile
    private let file: SoundFile

    /// - Parameter replaces: whether a file of that name may be replaced.
    /// - Throws: `AudioFileError` for another ending than .wav and .flac, `SystemError` if the file can't be made.
    public init(path: String, sampleRate: Int, encoding: Encoding, replaces: Bool) throws {
        guard supportedSampleRates.contains(sampleRate) else { throw AudioFileError.unsupportedRate(sampleRate) }
        let container: Int
        switch URL(filePath: path).pathExtension.lowercased() {
        case "wav": container = Int(SF_FORMAT_WAV)
        case "flac" where encoding == .float32: throw AudioFileError.floatInFLAC
        // Above 16 bits, a stream's frames tell the sample rate in tens of Hz.
        case "flac" where sampleRate > Int(UInt16.max) && sampleRate % 10 != 0:
            throw AudioFileError.rateInFLAC(sampleRate)
        case "flac": container = Int(SF_FORMAT_FLAC)
        default: throw AudioFileError.unsupportedExtension(path)
        }
        let samples = encoding == .pcm16 ? Int(SF_FORMAT_PCM_16) : Int(SF_FORMAT_FLOAT)
        let output = try OutputFile(path: path, replaces: replaces)
        let file = try SoundFile(path: output.temporaryPath, format: container | samples, sampleRate: sampleRate)
        self.output = output
        self.file = file
        self.path = path
        self.encoding = encoding
    }

    /// Samples beyond full scale are clipped in 16 bits and kept in floating point.
    public mutating func write(_ samples: ArraySlice<Float>) throws(SystemError) {
        if encoding == .pcm16 { clipped += samples.count(where: PCMFormat.isClipped) }
        errno = 0
        let written =
            switch encoding {
            case .pcm16: file.write(samples.map(PCMFormat.int16))
            case .float32: file.write(Array(samples))
            }
        // libsndfile doesn't say why; errno still holds what the last write met.
        guard written == samples.count else { throw .cannotWrite(path, errno: errno == 0 ? EIO : errno) }
    }

    /// The same.
    public mutating func write(_ samples: [Float]) throws(SystemError) { try write(samples[...]) }

    public consuming func finish() throws(SystemError) {
        file.close()
        try output.commit()
    }
}

/// An open libsndfile handle for writing.
private final class SoundFile {
    private var handle: OpaquePointer?

    init(path: String, format: Int, sampleRate: Int) throws(SystemError) {
        var info = SF_INFO()
        info.samplerate = Int32(sampleRate)
        info.channels = 1
        info.format = Int32(format)
        handle = path.withSystemPath { sf_open($0, Int32(SFM_WRITE), &info) }
        if handle == nil { throw .cannotCreate(path, errno: errno) }
    }

    deinit { close() }

    func write(_ samples: [Int16]) -> Int { Int(sf_write_short(handle, samples, sf_count_t(samples.count))) }

    func write(_ samples: [Float]) -> Int { Int(sf_write_float(handle, samples, sf_count_t(samples.count))) }

    func close() {
        if let handle {
            // A header that is written with the first samples would be wanting in a file of none.
            sf_command(handle, Int32(SFC_UPDATE_HEADER_NOW), nil, 0)
            sf_close(handle)
        }
        handle = nil
    }
}
