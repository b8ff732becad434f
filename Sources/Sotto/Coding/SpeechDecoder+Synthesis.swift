// SPDX-License-Identifier: Apache-2.0

import NeuralNet
import Platform
import Quantizer
import Spectral

/// From what frames say to samples.
extension SpeechDecoder {
    /// Latents of zeros, which is about the average latent, that a network runs on before it joins a stream. Each value up to
    /// 16 brings its state nearer to one it knows; without them speech comes in 10 dB louder still.
    private static let warmUp = 16

    /// The frames given go in, and as many frames of samples come out.
    mutating func advance(_ memory: inout DecodingMemory, appendingTo audio: inout [Float]) {
        defer { model.decodingMemory.putBack(memory) }
        guard let last = memory.given.lastLatent else { return }
        latent.replaceSubrange(latent.indices, with: last)
        var start = 0
        while start < memory.given.count {
            let isSilent = memory.given.frames[start].isLost && hasNothingToEcho
            var end = start
            repeat {
                lostFrames = memory.given.frames[end].isLost ? lostFrames + 1 : 0
                end += 1
            } while end < memory.given.count && isSilent == (memory.given.frames[end].isLost && hasNothingToEcho)
            if isSilent {
                beSilent(frames: end - start, &memory, appendingTo: &audio)
            } else {
                speak(start..<end, &memory, appendingTo: &audio)
            }
            start = end
        }
    }

    /// Whether what is lost now is silence: all that could go on has faded, or nothing has been heard of the stream yet.
    private var hasNothingToEcho: Bool { lostFrames >= Self.longestEcho || joinsMidStream && noise == nil }

    /// Some of the frames given.
    private mutating func speak(
        _ frames: Range<Int>, _ memory: inout DecodingMemory, appendingTo audio: inout [Float]
    ) {
        if queue != nil {
            let given = memory.given
            let ready = queue?.push(frames.map { .speech(Array(given.latents(of: $0))[...], given.frames[$0]) })
            play(ready ?? [], &memory, appendingTo: &audio)
            return
        }
        memory.spoken.removeAll(dimensions: latent.count)
        for frame in frames {
            memory.spoken.append(latents: memory.given.latents(of: frame))
            memory.spoken.append(memory.given.frames[frame])
        }
        synthesize(&memory, appendingTo: &audio)
    }

    /// Frames that are lost after others, when all has faded.
    mutating func beSilent(
        frames: Int, _ memory: inout DecodingMemory, appendingTo audio: inout [Float]
    ) {
        if let ready = queue?.push([LookaheadQueue.Frame](repeating: .silence, count: frames)) {
            play(ready, &memory, appendingTo: &audio)
        } else {
            playSilence(frames: frames, appendingTo: &audio)
        }
    }

    private mutating func playSilence(frames: Int, appendingTo audio: inout [Float]) {
        fadeIn.stayAway(frames: frames)
        audio += repeatElement(0, count: frames * model.configuration.frameSize)
    }

    /// Frames of speech go through the networks together, as far as they follow each other.
    mutating func play(
        _ ready: [LookaheadQueue.Ready], _ memory: inout DecodingMemory, appendingTo audio: inout [Float]
    ) {
        memory.spoken.removeAll(dimensions: latent.count)
        for (frame, vectors) in ready {
            if case .speech(let latents, let heard) = frame {
                memory.spoken.append(latents: latents)
                memory.spoken.append(heard, vectors: vectors)
                continue
            }
            synthesize(&memory, appendingTo: &audio)
            memory.spoken.removeAll(dimensions: latent.count)
            if case .noise(let noise, let isLost) = frame {
                synthesize(noise, isLost: isLost, &memory, appendingTo: &audio)
            } else {
                playSilence(frames: 1, appendingTo: &audio)
            }
        }
        synthesize(&memory, appendingTo: &audio)
    }

    mutating func synthesize(
        _ noise: ComfortNoise, isLost: Bool, _ memory: inout DecodingMemory, appendingTo audio: inout [Float]
    ) {
        let c = model.configuration
        let (start, bins) = (audio.count, c.synthesis.window / 2 + 1)
        // No pulses: as low as they get, in phase.
        memory.filters.removeAll(keepingCapacity: true)
        for _ in 0..<bins { memory.filters.append(c.synthesis.logGainLow) }
        for _ in 0..<bins { memory.filters.append(0) }
        background.begin(noise)
        for _ in 0..<c.frameSize / c.features.hop {
            model.noiseBands.logGains(decibels: background.next(), into: &memory.noiseGains)
            synthesis.next(
                SourceFilter.Frame(
                    frequency: c.features.pitch.reference, pulseLogGain: memory.filters[..<bins],
                    pulsePhase: memory.filters[bins...], noiseLogGain: memory.noiseGains[...]),
                appendingTo: &audio)
        }
        concealment.apply(isLost: isLost, to: &audio, in: start..<audio.count)
    }

    private mutating func join(_ memory: inout DecodingMemory) {
        model.decoder.forward(
            Matrix(rows: Self.warmUp, columns: latent.count), text: nil, state: &network, memory: &memory.network)
        fadeIn.start()
        joinsMidStream = false
    }

    /// What goes through the networks together.
    private mutating func synthesize(_ memory: inout DecodingMemory, appendingTo audio: inout [Float]) {
        guard memory.spoken.count > 0 else { return }
        if joinsMidStream { join(&memory) }
        model.decoder.forward(
            memory.spoken.latents, text: memory.spoken.vectors, state: &network, memory: &memory.network)
        render(memory.spoken.frames.indices, &memory, appendingTo: &audio)
    }

    /// What the network says of some of the frames that went through it together, as samples.
    mutating func render(
        _ frames: Range<Int>, _ memory: inout DecodingMemory, appendingTo audio: inout [Float]
    ) {
        let (start, size) = (audio.count, model.configuration.frameSize)
        let hops = size / model.configuration.features.hop
        for index in frames {
            let frame = memory.spoken.frames[index]
            fadeIn.beginFrame(isLost: frame.isLost)
            for row in index * hops..<(index + 1) * hops {
                synthesize(hop: row, of: frame, &memory, appendingTo: &audio)
            }
        }
        for (place, index) in frames.enumerated() {
            let (first, isLost) = (start + place * size, memory.spoken.frames[index].isLost)
            concealment.apply(isLost: isLost, to: &audio, in: first..<first + size)
            background.hear(audio[first..<first + size], isLost: isLost)
        }
    }

    /// One row of what the network says, less what fades in and no less than what is left of a pause's noise.
    private mutating func synthesize(
        hop row: Int, of frame: HeardFrame, _ memory: inout DecodingMemory, appendingTo audio: inout [Float]
    ) {
        memory.filters.removeAll(keepingCapacity: true)
        memory.filters.append(contentsOf: memory.network.filters.row(row))
        let bins = memory.filters.count / 3
        if let gain = fadeIn.next() {
            for i in 0..<bins { memory.filters[i] += gain }
            for i in 2 * bins..<3 * bins { memory.filters[i] += gain }
        }
        if let floor = background.remainder() {
            model.noiseBands.logGains(decibels: floor, into: &memory.noiseGains)
            // As loud as it is, whatever the speaker's level.
            let apart = log(frame.gain)
            for i in 0..<bins {
                memory.filters[2 * bins + i] = max(memory.filters[2 * bins + i], memory.noiseGains[i] - apart)
            }
        }
        synthesis.next(
            SourceFilter.Frame(
                frequency: model.configuration.features.pitch.frequency(feature: memory.network.pitch[row, 0]),
                pulseLogGain: memory.filters[..<bins], pulsePhase: memory.filters[bins..<2 * bins],
                noiseLogGain: memory.filters[(2 * bins)...], gain: frame.gain),
            appendingTo: &audio)
    }
}
