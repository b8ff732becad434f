// SPDX-License-Identifier: Apache-2.0

/// Samples of 8 bits as telephones carry them, ITU-T G.711.
enum G711 {
    case alaw
    case mulaw

    /// The 16-bit sample of each of the 256 codes.
    var samples: [Int16] { self == .alaw ? Self.alawSamples : Self.mulawSamples }

    /// The code whose sample is nearest, one for each 16-bit sample, from the lowest on.
    var codes: [UInt8] { self == .alaw ? Self.alawCodes : Self.mulawCodes }

    private static let alawSamples = (0...255).map { code -> Int16 in
        let bits = code ^ 0x55
        let (exponent, mantissa) = (bits >> 4 & 7, bits & 15)
        let step = mantissa << 4 + 8
        let size = exponent == 0 ? step : (step + 0x100) << (exponent - 1)
        return Int16(bits & 0x80 != 0 ? size : -size)
    }

    private static let mulawSamples = (0...255).map { code -> Int16 in
        let bits = ~code
        let size = ((bits & 15) << 3 + 0x84) << (bits >> 4 & 7) - 0x84
        return Int16(bits & 0x80 != 0 ? -size : size)
    }

    private static let alawCodes = nearest(alawSamples)
    private static let mulawCodes = nearest(mulawSamples)

    private static func nearest(_ samples: [Int16]) -> [UInt8] {
        // The last of the codes of one sample: µ-law has a positive zero and a negative one.
        var codes = samples.indices.sorted { (samples[$0], $0) < (samples[$1], $1) }
        codes = codes.indices.filter { $0 == 255 || samples[codes[$0]] != samples[codes[$0 + 1]] }.map { codes[$0] }
        var place = 0
        return (Int(Int16.min)...Int(Int16.max)).map { sample in
            while place + 1 < codes.count,
                abs(Int(samples[codes[place + 1]]) - sample) < abs(Int(samples[codes[place]]) - sample)
            {
                place += 1
            }
            return UInt8(codes[place])
        }
    }
}
