// SPDX-License-Identifier: Apache-2.0

import Quantizer

extension AsyncSequence where Element: Sequence<Float> {
    /// Each frame of the speech in these chunks of mono samples at the model's rate, as soon as it is there.
    ///
    /// Nothing is read ahead: the next chunk is asked for when all frames of the last one have been taken. When the
    /// task is cancelled, the sequence ends where it is.
    public func encoded(by model: CodecModel) -> EncodedSpeech<Self> { encoded(by: SpeechEncoder(model)) }

    /// The same by an encoder of your own.
    public func encoded(by encoder: SpeechEncoder) -> EncodedSpeech<Self> {
        EncodedSpeech(base: self, encoder: encoder)
    }
}

extension AsyncSequence where Element == TokenFrame? {
    /// The samples [frameSize] of each of these frames, nil standing for one that was lost; see `SpeechDecoder`.
    ///
    /// One frame is read for each that is made. When the task is cancelled, the sequence ends where it is.
    public func decoded(by model: CodecModel) -> DecodedSpeech<Self> { decoded(by: SpeechDecoder(model)) }

    /// The same by a decoder of your own, which may be one that is conditioned on a transcript: what it holds back comes in one piece
    /// when the frames end.
    public func decoded(by decoder: SpeechDecoder) -> DecodedSpeech<Self> {
        DecodedSpeech(base: self, decoder: decoder)
    }
}

extension AsyncSequence where Element == TokenFrame {
    /// The samples [frameSize] of each of these frames; see `SpeechDecoder`.
    public func decoded(by model: CodecModel) -> DecodedSpeech<AsyncMapSequence<Self, TokenFrame?>> {
        decoded(by: SpeechDecoder(model))
    }

    /// The same by a decoder of your own.
    public func decoded(by decoder: SpeechDecoder) -> DecodedSpeech<AsyncMapSequence<Self, TokenFrame?>> {
        map { $0 }.decoded(by: decoder)
    }
}

/// Speech → tokens as an asynchronous sequence; `encoded(by:)` makes it.
public struct EncodedSpeech<Base: AsyncSequence>: AsyncSequence where Base.Element: Sequence<Float> {
    public typealias Element = TokenFrame
    public typealias Failure = Base.Failure

    let base: Base
    let encoder: SpeechEncoder

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), encoder: encoder)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        var encoder: SpeechEncoder
        private var ready: ArraySlice<TokenFrame> = []
        private var isAtEnd = false

        init(base: Base.AsyncIterator, encoder: SpeechEncoder) {
            self.base = base
            self.encoder = encoder
        }

        public mutating func next() async throws(Base.Failure) -> TokenFrame? { try await next(isolation: nil) }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(Base.Failure) -> TokenFrame? {
            while ready.isEmpty, !isAtEnd {
                guard !Task.isCancelled else { return nil }
                if let audio = try await base.next(isolation: actor) {
                    ready = encoder.push(audio)[...]
                } else {
                    ready = encoder.finish().frames[...]
                    isAtEnd = true
                }
            }
            return Task.isCancelled ? nil : ready.popFirst()
        }
    }
}

/// Tokens → speech as an asynchronous sequence; `decoded(by:)` makes it. Fails with what its source throws, or with
/// `QuantizerError` for codes that are none of the model's.
public struct DecodedSpeech<Base: AsyncSequence>: AsyncSequence where Base.Element == TokenFrame? {
    public typealias Element = [Float]
    public typealias Failure = any Error

    let base: Base
    let decoder: SpeechDecoder

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), decoder: decoder)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        var decoder: SpeechDecoder
        private var isAtEnd = false

        init(base: Base.AsyncIterator, decoder: SpeechDecoder) {
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
            guard let frame else { return decoder.pushLost() }
            return try decoder.push(frame)
        }
    }
}
