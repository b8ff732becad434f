// SPDX-License-Identifier: Apache-2.0

// What callers of this library meet of the rooms it is built on: `import TokenFile` is enough for them.
@_exported public import enum Quantizer.Arrival
@_exported public import struct Quantizer.CodeCounts
@_exported public import typealias Quantizer.Codes
@_exported public import struct Quantizer.ComfortNoise
@_exported public import struct Quantizer.TokenFrame
@_exported public import enum SystemIO.FailureKind
@_exported public import protocol SystemIO.UserFacingError
@_exported public import struct Transcript.SymbolTiming
