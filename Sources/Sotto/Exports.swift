// SPDX-License-Identifier: Apache-2.0

// What callers of this library meet of the rooms it is built on: `import Sotto` is enough for them.
@_exported public import enum NeuralNet.WeightsError
@_exported public import enum Quantizer.Arrival
@_exported public import struct Quantizer.CodeCounts
@_exported public import typealias Quantizer.Codes
@_exported public import enum Quantizer.CodesPerFrame
@_exported public import struct Quantizer.ComfortNoise
@_exported public import enum Quantizer.QuantizerError
@_exported public import struct Quantizer.TokenFrame
@_exported public import struct Spectral.PitchSettings
@_exported public import enum SystemIO.FailureKind
@_exported public import enum SystemIO.SystemError
@_exported public import protocol SystemIO.UserFacingError
@_exported public import struct Transcript.SymbolTiming
@_exported public import struct Transcript.TranscriptSettings
