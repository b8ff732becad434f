// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Interleaved samples → one channel: the average of all, or one of them.
struct ChannelMixer: Sendable {
    /// Counted from 0; nil for the average.
    let channel: Int?
    /// Samples that were NaN or infinite, which count as zero.
    private(set) var notFinite = 0
    /// Samples far beyond full scale, and the greatest of them.
    private(set) var (loud, greatest): (Int, Float) = (0, 0)
    /// Of all channels and of their average.
    private var (energy, mixedEnergy): (Double, Double) = (0, 0)

    /// Codecs of good recordings go beyond full scale, but not that far.
    static let farBeyondFullScale: Float = 4
    /// An average with less of its channels' energy than this lacks most of what they hold.
    private static let leastEnergy = 0.01

    init(channel: Int?) { self.channel = channel }

    /// What cancels out when channels are averaged: they hold the same with opposite signs.
    var isCancelled: Bool { channel == nil && energy > 0 && mixedEnergy < Self.leastEnergy * energy }

    /// What is odd about the samples, each one line.
    func warnings(name: String) -> [String] {
        var lines: [String] = []
        if notFinite > 0 { lines.append("\(name) holds \(notFinite) samples that are not numbers; they are silent") }
        if loud > 0 {
            let most = String(format: "%.4g", greatest)
            lines.append("\(name) holds \(loud) samples far beyond full scale, up to ±\(most); it should be ±1")
        }
        return lines
    }

    mutating func mix(_ samples: [Float], channels: Int) -> [Float] {
        let count = samples.count / channels
        return [Float](unsafeUninitializedCapacity: count) { mixed, written in
            samples.withUnsafeBufferPointer { samples in
                for index in 0..<count { mixed[index] = mix(samples[index * channels..<(index + 1) * channels]) }
            }
            written = count
        }
    }

    private mutating func mix(_ samples: Slice<UnsafeBufferPointer<Float>>) -> Float {
        var (sum, squares): (Float, Float) = (0, 0)
        for sample in samples {
            guard sample.isFinite else {
                notFinite += 1
                continue
            }
            if abs(sample) > Self.farBeyondFullScale {
                loud += 1
                greatest = max(greatest, abs(sample))
            }
            sum += sample
            squares += sample * sample
        }
        let average = sum / Float(samples.count)
        guard let channel else {
            energy += Double(squares) / Double(samples.count)
            mixedEnergy += Double(average) * Double(average)
            return average
        }
        let sample = samples[samples.startIndex + min(channel, samples.count - 1)]
        return sample.isFinite ? sample : 0
    }
}
