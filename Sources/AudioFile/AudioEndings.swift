// SPDX-License-Identifier: Apache-2.0

/// The endings, in small letters, of the names of files that recordings are looked for in.
public let audioEndings: Set<String> = [
    "wav", "w64", "rf64", "flac", "ogg", "oga", "opus", "mp3", "mp2", "aiff", "aif", "aifc", "au", "caf",
]
