// SPDX-License-Identifier: Apache-2.0

package import NeuralNet

/// What a model is known by: SHA-256 of its configuration and its weights, and of as much of both as gives its codes their
/// meaning. `sotto_training.export` makes the same.
package struct ModelDigests: Equatable {
    package var weights: String
    package var codes: String
    /// Those of the encoder, the quantizer and the decoder, made of the digests of their tensors; the other two are then made of
    /// these, so that each tensor is read once. Empty in files with weights of 16 bits.
    package var parts: [String]

    private static let partNames = ["encoder", "quantizer", "decoder"]

    /// Computes them from what is there.
    ///
    /// - Parameters:
    ///   - json: the configuration, as it stands in the file.
    ///   - inParts: whether digests of the parts are wanted, and the others of those.
    package init(of tensors: Weights, configuration json: String, inParts: Bool) {
        self.init(of: tensors, configuration: json, parts: inParts ? Self.parts(Self.partNames, of: tensors) : [])
    }

    /// - Parameter parts: those of the parts, if the others are made of them.
    private init(of tensors: Weights, configuration json: String, parts: [String]) {
        let sections = Self.sections(of: Array(json.utf8))
        let values = ["sample_rate", "features", "encoder", "quantizer", "level"].compactMap { name in
            sections.first { $0.name.elementsEqual(name.utf8) }?.value
        }
        func whole(_ values: [ArraySlice<UInt8>], parts count: Int) -> String {
            Self.digest { digest in
                digest.update("[".utf8)
                digest.update(values.joined(separator: ",".utf8))
                digest.update("]".utf8)
                if parts.isEmpty {
                    tensors.feed(Self.partNames.prefix(count).map { "\($0)." }, to: &digest)
                } else {
                    for part in parts.prefix(count) { digest.update(part.utf8) }
                }
            }
        }
        weights = whole(sections.map(\.value), parts: 3)
        codes = whole(values, parts: 2)
        self.parts = parts
    }

    /// Whether these, which a file says it has, are those of what is there: of all of it, or, if its parts have digests of their own, of
    /// the parts that the purpose needs.
    func agree(with tensors: Weights, configuration json: String, for purpose: CodecModel.Purpose) -> Bool {
        guard !parts.isEmpty else {
            return self == ModelDigests(of: tensors, configuration: json, inParts: false)
        }
        let needed = Self.partNames.filter { name in
            switch purpose {
            case .everything: true
            case .encoding: name != "decoder"
            case .decoding: name != "encoder"
            }
        }
        var found = parts
        for (name, part) in zip(needed, Self.parts(needed, of: tensors)) {
            if let index = Self.partNames.firstIndex(of: name) { found[index] = part }
        }
        return self == ModelDigests(of: tensors, configuration: json, parts: found)
    }

    private static func parts(_ names: [String], of tensors: Weights) -> [String] {
        let digests = tensors.digests(names.map { "\($0)." })
        return names.map { partName in
            digest { part in
                for (name, digest) in digests where name.hasPrefix("\(partName).") {
                    part.update(name.utf8)
                    part.update(digest)
                }
            }
        }
    }

    /// Those that a file says it has.
    ///
    /// - Returns: nil if it names none, or anything but 64 lower-case hexadecimal digits.
    package init?(claimedBy file: SafetensorsFile) {
        guard let weights = file.metadata["weights_sha256"], Self.isDigest(weights),
            let codes = file.metadata["codes_sha256"], Self.isDigest(codes)
        else { return nil }
        let parts = Self.partNames.compactMap { file.metadata["\($0)_sha256"] }
        guard parts.isEmpty || parts.count == Self.partNames.count, parts.allSatisfy(Self.isDigest) else { return nil }
        (self.weights, self.codes, self.parts) = (weights, codes, parts)
    }

    private static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// The first eight bytes of a digest, which name it.
    static func identity(_ digest: String) -> [UInt8] {
        let value = UInt64(digest.prefix(16), radix: 16) ?? 0
        return stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private static func digest(of feed: (inout SHA256) -> Void) -> String {
        var digest = SHA256()
        feed(&digest)
        return digest.finish()
    }

    /// Names and values of a JSON object's fields, letter by letter; it is known to be one.
    private static func sections(of json: [UInt8]) -> [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] {
        var found: [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] = []
        var (depth, isText, isEscaped) = (0, false, false)
        var (start, colon) = (0, 0)
        for (index, byte) in json.enumerated() {
            if isText {
                if byte == UInt8(ascii: "\""), !isEscaped { isText = false }
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                if depth == 1 { start = index + 1 }
            case UInt8(ascii: ":") where depth == 1: colon = index
            case UInt8(ascii: ",") where depth == 1, UInt8(ascii: "}") where depth == 1:
                if start < colon { found.append((json[start..<colon], json[colon + 1..<index])) }
                start = index + 1
                if byte == UInt8(ascii: "}") { depth -= 1 }
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
        }
        return found.map { ($0.name.dropFirst().dropLast(), $0.value) }
    }
}
