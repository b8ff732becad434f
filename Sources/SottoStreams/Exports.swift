// SPDX-License-Identifier: Apache-2.0

// What callers of this library meet of the files and packets it is built on: `import SottoStreams` is enough for them.
@_exported public import struct TokenFile.LiveStatistics
@_exported public import struct TokenFile.ModelIdentity
@_exported public import struct TokenFile.TextSegment
@_exported public import enum TokenFile.TokenFileError
