// SPDX-License-Identifier: Apache-2.0

import Quantizer

extension AsyncSequence where Element: Sequence<Float> {
    /// The codes of each frame of the speech in these chunks of mono samples at the model's rate, as soon as it is there.
    ///
    /// Nothing is read ahead: the next chunk is asked for when all frames of the last one have been taken. When the
    /// task is cancelled, the sequence ends where it is.
    ///
    /// - Parameter codebooks: how many codes a frame gets; see `Encoder`.
    public func encoded(by model: Model, codebooks: Int? = nil) -> EncodedSpeech<Self> {
        encoded(by: Encoder(model, codebooks: codebooks))
    }

    /// The same by an encoder of your own.
    public func encoded(by encoder: Encoder) -> EncodedSpeech<Self> { EncodedSpeech(base: self, encoder: encoder) }
}

extension AsyncSequence where Element == Codes? {
    /// The samples [frameSize] of each frame of these, nil standing for one that was lost; see `Decoder`.
    ///
    /// One frame is read for each that is made. When the task is cancelled, the sequence ends where it is.
    public func decoded(by model: Model) -> DecodedSpeech<Self> { decoded(by: Decoder(model)) }

    /// The same by a decoder of your own, which may be one that is told what is said: what it holds back comes in one piece
    /// when the frames end.
    public func decoded(by decoder: Decoder) -> DecodedSpeech<Self> { DecodedSpeech(base: self, decoder: decoder) }
}

extension AsyncSequence where Element == Codes {
    /// The samples [frameSize] of each frame of these; see `Decoder`.
    public func decoded(by model: Model) -> DecodedSpeech<AsyncMapSequence<Self, Codes?>> {
        decoded(by: Decoder(model))
    }

    /// The same by a decoder of your own.
    public func decoded(by decoder: Decoder) -> DecodedSpeech<AsyncMapSequence<Self, Codes?>> {
        map { $0 }.decoded(by: decoder)
    }
}

/// Speech → tokens as an asynchronous sequence; `encoded(by:)` makes it.
public struct EncodedSpeech<Base: AsyncSequence>: AsyncSequence where Base.Element: Sequence<Float> {
    public typealias Element = Codes
    public typealias Failure = Base.Failure

    let base: Base
    let encoder: Encoder

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), encoder: encoder)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        var encoder: Encoder
        private var ready: ArraySlice<Codes> = []
        private var isAtEnd = false

        init(base: Base.AsyncIterator, encoder: Encoder) {
            self.base = base
            self.encoder = encoder
        }

        public mutating func next() async throws(Base.Failure) -> Codes? { try await next(isolation: nil) }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(Base.Failure) -> Codes? {
            while ready.isEmpty, !isAtEnd {
                guard !Task.isCancelled else { return nil }
                if let audio = try await base.next(isolation: actor) {
                    ready = encoder.push(audio)[...]
                } else {
                    ready = encoder.finish()[...]
                    isAtEnd = true
                }
            }
            return Task.isCancelled ? nil : ready.popFirst()
        }
    }
}

/// Tokens → speech as an asynchronous sequence; `decoded(by:)` makes it. Fails with what its source throws, or with
/// `QuantizerError` for codes that are none of the model's.
public struct DecodedSpeech<Base: AsyncSequence>: AsyncSequence where Base.Element == Codes? {
    public typealias Element = [Float]
    public typealias Failure = any Error

    let base: Base
    let decoder: Decoder

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), decoder: decoder)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        var decoder: Decoder
        private var isAtEnd = false

        init(base: Base.AsyncIterator, decoder: Decoder) {
            self.base = base
            self.decoder = decoder
        }

        public mutating func next() async throws -> [Float]? { try await next(isolation: nil) }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> [Float]? {
            guard !Task.isCancelled, !isAtEnd else { return nil }
            guard let frame = try await base.next(isolation: actor) else {
                isAtEnd = true
                let held = Task.isCancelled ? [] : decoder.finish()
                return held.isEmpty ? nil : held
            }
            guard let codes = frame else { return decoder.pushLost() }
            return try decoder.push(codes)
        }
    }
}
