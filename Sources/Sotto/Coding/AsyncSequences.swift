// SPDX-License-Identifier: Apache-2.0

import Quantizer

extension AsyncSequence where Element: Sequence<Float> {
    /// The codes of each frame of the speech in these chunks of mono samples at the model's rate, as soon as it is there.
    ///
    /// Nothing is read ahead: the next chunk is asked for when all frames of the last one have been taken. When the
    /// task is cancelled, the sequence ends where it is.
    public func encoded(by model: CodecModel) -> EncodedSpeech<Self> { encoded(by: SpeechEncoder(model)) }

    /// The same by an encoder of your own.
    public func encoded(by encoder: SpeechEncoder) -> EncodedSpeech<Self> {
        EncodedSpeech(spoken: SpokenSpeech(base: self, encoder: encoder))
    }
}

extension AsyncSequence where Element == SpokenFrame? {
    /// The samples [frameSize] of each frame of these, at the speaker's level, nil standing for one that was lost; see
    /// `SpeechDecoder`.
    ///
    /// One frame is read for each that is made. When the task is cancelled, the sequence ends where it is.
    public func decoded(by model: CodecModel) -> DecodedSpeech<Self> { decoded(by: SpeechDecoder(model)) }

    /// The same by a decoder of your own, which may be one that is conditioned on a transcript: what it holds back comes in one piece
    /// when the frames end.
    public func decoded(by decoder: SpeechDecoder) -> DecodedSpeech<Self> {
        DecodedSpeech(base: self, decoder: decoder)
    }
}

extension AsyncSequence where Element == Codes? {
    /// The same of codes alone, which are spoken at the nominal level.
    public func decoded(by model: CodecModel) -> DecodedSpeech<AsyncMapSequence<Self, SpokenFrame?>> {
        decoded(by: SpeechDecoder(model))
    }

    /// The same by a decoder of your own.
    public func decoded(by decoder: SpeechDecoder) -> DecodedSpeech<AsyncMapSequence<Self, SpokenFrame?>> {
        map { $0.map { SpokenFrame(codes: $0) } }.decoded(by: decoder)
    }
}

extension AsyncSequence where Element == Codes {
    /// The samples [frameSize] of each frame of these, spoken at the nominal level; see `SpeechDecoder`.
    public func decoded(by model: CodecModel) -> DecodedSpeech<AsyncMapSequence<Self, SpokenFrame?>> {
        decoded(by: SpeechDecoder(model))
    }

    /// The same by a decoder of your own.
    public func decoded(by decoder: SpeechDecoder) -> DecodedSpeech<AsyncMapSequence<Self, SpokenFrame?>> {
        map { SpokenFrame(codes: $0) }.decoded(by: decoder)
    }
}

/// Speech → codes as an asynchronous sequence; `encoded(by:)` makes it.
public struct EncodedSpeech<Base: AsyncSequence>: AsyncSequence where Base.Element: Sequence<Float> {
    public typealias Element = Codes
    public typealias Failure = Base.Failure

    /// The same with the speaker's level in each frame, for models that tell it apart from the codes.
    public let spoken: SpokenSpeech<Base>

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(spoken: spoken.makeAsyncIterator()) }

    public struct AsyncIterator: AsyncIteratorProtocol {
        var spoken: SpokenSpeech<Base>.AsyncIterator

        public mutating func next() async throws(Base.Failure) -> Codes? { try await next(isolation: nil) }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(Base.Failure) -> Codes? {
            try await spoken.next(isolation: actor)?.codes
        }
    }

    /// The samples [frameSize] of each frame, at the speaker's level; see `SpeechDecoder`.
    public func decoded(by model: CodecModel) -> DecodedSpeech<AsyncMapSequence<SpokenSpeech<Base>, SpokenFrame?>> {
        decoded(by: SpeechDecoder(model))
    }

    /// The same by a decoder of your own.
    public func decoded(
        by decoder: SpeechDecoder
    ) -> DecodedSpeech<AsyncMapSequence<SpokenSpeech<Base>, SpokenFrame?>> {
        spoken.map { $0 }.decoded(by: decoder)
    }
}

/// Speech → frames with the speaker's level as an asynchronous sequence; `EncodedSpeech.spoken` is it.
public struct SpokenSpeech<Base: AsyncSequence>: AsyncSequence where Base.Element: Sequence<Float> {
    public typealias Element = SpokenFrame
    public typealias Failure = Base.Failure

    let base: Base
    let encoder: SpeechEncoder

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), encoder: encoder)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        var encoder: SpeechEncoder
        private var ready: ArraySlice<SpokenFrame> = []
        private var isAtEnd = false

        init(base: Base.AsyncIterator, encoder: SpeechEncoder) {
            self.base = base
            self.encoder = encoder
        }

        public mutating func next() async throws(Base.Failure) -> SpokenFrame? { try await next(isolation: nil) }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(Base.Failure) -> SpokenFrame? {
            while ready.isEmpty, !isAtEnd {
                guard !Task.isCancelled else { return nil }
                if let audio = try await base.next(isolation: actor) {
                    ready = encoder.pushSpoken(audio)[...]
                } else {
                    ready = encoder.finish().spoken[...]
                    isAtEnd = true
                }
            }
            return Task.isCancelled ? nil : ready.popFirst()
        }
    }
}

/// Tokens → speech as an asynchronous sequence; `decoded(by:)` makes it. Fails with what its source throws, or with
/// `QuantizerError` for codes that are none of the model's.
public struct DecodedSpeech<Base: AsyncSequence>: AsyncSequence where Base.Element == SpokenFrame? {
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
