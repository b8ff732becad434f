// SPDX-License-Identifier: Apache-2.0

import CSottoModels
public import Sotto

/// A model that ships and is part of every program that uses this library: no file is looked for.
public enum EmbeddedModel: Sendable, CaseIterable {
    /// The usual one: 12.5 frames a second.
    case sotto16k
    /// Other codebooks on the same networks: 6.25 frames a second.
    case sotto16k6Hz
    /// One codebook of 8192 codes on the same networks: one code a frame.
    case sotto16kSingle
}

extension CodecModel {
    /// Loads a model that is part of the program, in place; what it costs is the same as from a file.
    ///
    /// - Throws: never, unless the program's file is damaged: then what `init(bytes:base:)` throws.
    public static func embedded(_ model: EmbeddedModel = .sotto16k) throws -> CodecModel {
        let usual = sotto_models_16k().bytes
        switch model {
        case .sotto16k: return try CodecModel(constant: usual)
        case .sotto16k6Hz: return try CodecModel(constant: sotto_models_16k_6hz().bytes, base: usual)
        case .sotto16kSingle: return try CodecModel(constant: sotto_models_16k_single().bytes, base: usual)
        }
    }
}

extension sotto_file {
    /// Constants of the program.
    fileprivate var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }
}
