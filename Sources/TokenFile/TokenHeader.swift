// SPDX-License-Identifier: Apache-2.0

public import Quantizer
import SystemIO

/// Names what gives codes their meaning, by the first eight bytes of the SHA-256 of a model's encoder and codebooks.
public struct ModelIdentity: Hashable, Sendable, CustomStringConvertible {
    static let byteCount = 8

    public let bytes: [UInt8]

    /// - Throws: `TokenFileError.unwritable` unless `bytes` are eight.
    public init(_ bytes: [UInt8]) throws(TokenFileError) {
        guard bytes.count == Self.byteCount else {
            throw .unwritable("a model's identity of \(bytes.count) bytes, not \(Self.byteCount)")
        }
        self.bytes = bytes
    }

    /// Those that come next.
    init(from fields: inout ByteReader) {
        bytes = (0..<Self.byteCount).map { _ in fields.next(UInt8.self) }
    }

    public var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// - Throws: `TokenFileError.otherModel` unless `model`, which is to read what was made with this one, is the same.
    public func require(_ model: ModelIdentity) throws(TokenFileError) {
        guard self == model else { throw .otherModel(needs: self, has: model) }
    }
}

/// What a reader has to know before the first frame.
public struct TokenHeader: Hashable, Sendable {
    /// Of files whose frames all have the same number of codes, and of others.
    public static let versions: (fixed: UInt8, variable: UInt8) = (1, 2)
    /// What a token file starts with.
    public static let magic: [UInt8] = Array("Sotto\r\n".utf8) + [0x1a]
    static let byteCount = 40
    /// The header's flags that this program knows.
    private static let levelFlag: UInt8 = 1
    private static let letterFlag: UInt8 = 2
    private static let wordFlag: UInt8 = 4
    /// Bits of a word's code.
    private static let bitsPerWordCode = 8
    /// Samples that a recording may have.
    static let sampleCounts = 0..<1 << 48

    public let model: ModelIdentity
    /// Of the recording that was encoded, in Hz.
    public let sampleRate: Int
    /// Token frames a second, as a fraction.
    public var frameRate: (numerator: Int, denominator: Int) { (frameRateNumerator, frameRateDenominator) }
    private let frameRateNumerator: Int
    private let frameRateDenominator: Int
    /// How many codes the frames have.
    public let counts: CodeCounts
    public let bitsPerCode: Int
    /// Whether the file tells the speaker's level in each frame, apart from the codes.
    public let tellsLevels: Bool
    /// Whether texts may be compressed by letters, which programs of before can't read.
    public let allowsLetters: Bool
    /// How many codes a word has in a file by the word, which has no frames; nil in files of frames.
    public let codesPerWord: Int?
    /// Samples of the recording at its own rate; 0 while it is not known.
    public internal(set) var sampleCount: Int

    /// - Throws: `TokenFileError.impossible` if one of these is nothing that a header can hold.
    public init(
        model: ModelIdentity, sampleRate: Int, frameRate: (numerator: Int, denominator: Int), counts: CodeCounts,
        bitsPerCode: Int, tellsLevels: Bool = false, allowsLetters: Bool = false, sampleCount: Int = 0
    ) throws(TokenFileError) {
        self.model = model
        self.sampleRate = sampleRate
        (frameRateNumerator, frameRateDenominator) = frameRate
        self.counts = counts
        self.bitsPerCode = bitsPerCode
        self.tellsLevels = tellsLevels
        self.allowsLetters = allowsLetters
        codesPerWord = nil
        self.sampleCount = sampleCount
        try requireSense()
    }

    /// The header of a file by the word.
    ///
    /// - Parameter model: the words' model.
    /// - Throws: `TokenFileError.impossible` if one of these is nothing that a header can hold.
    public init(
        model: ModelIdentity, sampleRate: Int, frameRate: (numerator: Int, denominator: Int), codesPerWord: Int
    ) throws(TokenFileError) {
        guard (0...Int(UInt8.max)).contains(codesPerWord) else { throw .impossible("\(codesPerWord) codes a word") }
        self.model = model
        self.sampleRate = sampleRate
        (frameRateNumerator, frameRateDenominator) = frameRate
        (counts, bitsPerCode) = (CodeCounts(all: max(1, codesPerWord)), Self.bitsPerWordCode)
        (tellsLevels, allowsLetters, self.codesPerWord, sampleCount) = (false, true, codesPerWord, 0)
        try requireSense()
    }

    /// Whether a file is one by the word, by its first bytes alone.
    public static func isByWord(_ file: [UInt8]) -> Bool {
        file.starts(with: magic) && file.count > magic.count + 3 && file[magic.count] <= versions.variable
            && file[magic.count + 3] & wordFlag != 0
    }

    var bytes: [UInt8] {
        var out = ByteWriter()
        out.append(Self.magic)
        out.append([counts.isVariable ? Self.versions.variable : Self.versions.fixed])
        let flags =
            (tellsLevels ? Self.levelFlag : 0) | (allowsLetters ? Self.letterFlag : 0)
            | (codesPerWord != nil ? Self.wordFlag : 0)
        out.append([UInt8(codesPerWord ?? counts.maxCodes), UInt8(bitsPerCode), flags])
        out.append(model.bytes)
        out.append(UInt32(sampleRate))
        out.append(UInt16(frameRateNumerator))
        out.append(UInt16(frameRateDenominator))
        out.append(UInt64(sampleCount))
        out.append(Checksum.crc32(out.bytes))
        guard counts.isVariable else { return out.bytes }
        var table = ByteWriter()
        for start in counts.thresholds { table.append(start) }
        table.append(Checksum.crc32(table.bytes))
        return out.bytes + table.bytes
    }

    /// Bytes from a file's start to its first chunk.
    var size: Int { Self.byteCount + (counts.isVariable ? 2 * counts.thresholds.count + 4 : 0) }

    init(_ file: [UInt8]) throws(TokenFileError) {
        let magic = Self.magic
        guard file.prefix(magic.count).elementsEqual(magic.prefix(file.count)), !file.isEmpty else {
            throw LivePacketParser.holdsPackets(file) ? .packets : .notTokens
        }
        guard file.count >= Self.byteCount else { throw .cutHeader(bytes: file.count) }
        var fields = ByteReader(file[magic.count..<Self.byteCount])
        let version = fields.next(UInt8.self)
        // A version to come may lay out the rest in another way, checksum and all.
        guard version <= Self.versions.variable else { throw .futureVersion(Int(version)) }
        let checksum = ByteReader(file[(Self.byteCount - 4)...]).peek(UInt32.self)
        guard Checksum.crc32(file[..<(Self.byteCount - 4)]) == checksum else { throw .damagedHeader }
        let codebooks = Int(fields.next(UInt8.self))
        bitsPerCode = Int(fields.next(UInt8.self))
        let flags = fields.next(UInt8.self)
        model = ModelIdentity(from: &fields)
        sampleRate = Int(fields.next(UInt32.self))
        frameRateNumerator = Int(fields.next(UInt16.self))
        frameRateDenominator = Int(fields.next(UInt16.self))
        sampleCount = Int(truncatingIfNeeded: fields.next(UInt64.self))
        let unknown = flags & ~(Self.levelFlag | Self.letterFlag | Self.wordFlag)
        guard unknown == 0 else { throw .unknownFeatures(flags: unknown) }
        codesPerWord = flags & Self.wordFlag != 0 ? codebooks : nil
        guard codebooks > 0 || codesPerWord != nil else { throw .impossible("no codebooks") }
        if codesPerWord != nil {
            guard version <= Self.versions.fixed, bitsPerCode == Self.bitsPerWordCode, flags & Self.levelFlag == 0
            else {
                throw .impossible("words with levels of frames, or codes of another kind than theirs")
            }
        }
        tellsLevels = flags & Self.levelFlag != 0
        allowsLetters = flags & Self.letterFlag != 0
        guard version >= Self.versions.fixed else { throw .impossible("version \(version)") }
        counts =
            version == Self.versions.variable
            ? try Self.counts(in: file, codebooks: codebooks) : CodeCounts(all: max(1, codebooks))
        try requireSense()
    }

    private func requireSense() throws(TokenFileError) {
        guard counts.maxCodes <= UInt8.max else { throw .impossible("\(counts.maxCodes) codebooks") }
        guard (1...16).contains(bitsPerCode) else { throw .impossible("codes of \(bitsPerCode) bits") }
        guard supportedSampleRates.contains(sampleRate) else { throw .impossible("a sample rate of \(sampleRate) Hz") }
        let rates = 1...Int(UInt16.max)
        guard rates.contains(frameRateNumerator), rates.contains(frameRateDenominator) else {
            throw .impossible("a frame rate of \(frameRateNumerator) / \(frameRateDenominator) Hz")
        }
        guard Self.sampleCounts.contains(sampleCount) else { throw .impossible("\(sampleCount) samples") }
    }

    /// What stands between the header and the first chunk where frames have different numbers of codes.
    private static func counts(in file: [UInt8], codebooks: Int) throws(TokenFileError) -> CodeCounts {
        let end = byteCount + 2 * (codebooks - 1)
        guard file.count >= end + 4 else { throw .cutHeader(bytes: file.count) }
        guard Checksum.crc32(file[byteCount..<end]) == ByteReader(file[end...]).peek(UInt32.self) else {
            throw .damagedHeader
        }
        var table = ByteReader(file[byteCount..<end])
        guard let counts = CodeCounts(thresholds: (1..<codebooks).map { _ in table.next(UInt16.self) }),
            counts.isVariable
        else { throw .impossible("the numbers of its codes don't ascend") }
        return counts
    }
}
