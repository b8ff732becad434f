// SPDX-License-Identifier: Apache-2.0

import CSndfile
import Foundation
import SystemIO

/// Mono samples of an audio file of any format that libsndfile reads, block by block.
public struct AudioFileReader: ~Copyable {
    public let path: String
    public let sampleRate: Int
    public let channels: Int
    /// Samples a channel, as the file says.
    public let frameCount: Int
    /// What was odd but could be worked around, each one line; complete once the end has been read.
    public private(set) var warnings: [String] = []

    private let file: OpaquePointer
    private var framesRead = 0
    private var notFinite = 0
    private var isAtEnd = false
    private var interleaved: [Float] = []

    /// - Throws: `SystemError` if the file can't be opened, `AudioFileError` if it is not audio of a supported kind.
    public init(path: String) throws {
        // libsndfile says little of why it can't open a file; a mapping says it clearly.
        let size = try FileMapping(path: path).count
        guard size > 0 else { throw AudioFileError.empty(path) }
        var info = SF_INFO()
        guard let file = path.withSystemPath({ sf_open($0, Int32(SFM_READ), &info) }) else {
            throw AudioFileError.notAudio(path, reason: String(cString: sf_strerror(nil)).trimmed)
        }
        guard supportedSampleRates.contains(Int(info.samplerate)) else {
            sf_close(file)
            throw AudioFileError.unsupportedRate(Int(info.samplerate))
        }
        guard (1...64).contains(info.channels) else {
            sf_close(file)
            throw AudioFileError.unsupportedChannels(Int(info.channels))
        }
        self.path = path
        self.file = file
        sampleRate = Int(info.samplerate)
        channels = Int(info.channels)
        frameCount = max(0, Int(info.frames))
        if Int(info.format) & Int(SF_FORMAT_TYPEMASK) == Int(SF_FORMAT_WAV),
            let missing = WaveHeader.missingBytes(path: path, fileSize: size)
        {
            warnings.append("\(path) is cut off: \(missing) bytes that its header promises are not there")
        }
    }

    deinit { sf_close(file) }

    /// The next samples, at most `limit` of them, as the mean of the channels; empty at the end.
    ///
    /// Samples that are not finite become zero.
    public mutating func read(upTo limit: Int) -> [Float] {
        guard !isAtEnd else { return [] }
        if interleaved.count != limit * channels { interleaved = [Float](repeating: 0, count: limit * channels) }
        let count = Int(sf_readf_float(file, &interleaved, sf_count_t(limit)))
        framesRead += max(0, count)
        if count <= 0 {
            isAtEnd = true
            noteTheEnd()
            return []
        }
        return (0..<count).map { frame in
            var sum: Float = 0
            for sample in interleaved[frame * channels..<(frame + 1) * channels] {
                if sample.isFinite { sum += sample } else { notFinite += 1 }
            }
            return sum / Float(channels)
        }
    }

    private mutating func noteTheEnd() {
        // A stream of unknown length claims the greatest one.
        if framesRead < frameCount, frameCount < Int(Int32.max), warnings.isEmpty {
            warnings.append("\(path) is cut off: it holds \(framesRead) of the \(frameCount) samples it promises")
        }
        if notFinite > 0 { warnings.append("\(path) holds \(notFinite) samples that are not numbers; they are silent") }
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines.union(["."])) }
}
