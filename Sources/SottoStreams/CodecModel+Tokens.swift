// SPDX-License-Identifier: Apache-2.0

public import Quantizer
public import Sotto
public import TokenFile

extension CodecModel {
    /// What token files and streams name this model's codes by.
    public var tokenIdentity: ModelIdentity {
        get throws(TokenFileError) { try ModelIdentity(codesIdentity) }
    }

    /// The header of a token file with codes of this model.
    ///
    /// - Parameters:
    ///   - sampleRate: of the recording, in Hz.
    ///   - counts: how many codes the frames have, as `SpeechEncoder.counts` tells.
    ///   - allowsLetters: whether texts may be compressed by letters.
    /// - Throws: `TokenFileError.impossible` if the sample rate is none that a header can hold.
    public func tokenHeader(
        sampleRate: Int, counts: CodeCounts, allowsLetters: Bool = false
    ) throws(TokenFileError) -> TokenHeader {
        try TokenHeader(
            model: tokenIdentity, sampleRate: sampleRate, frameRate: configuration.frameRateFraction,
            counts: counts, bitsPerCode: configuration.bitsPerCode, tellsLevels: configuration.level != nil,
            allowsLetters: allowsLetters)
    }
}
