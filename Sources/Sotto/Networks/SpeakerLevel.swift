// SPDX-License-Identifier: Apache-2.0

import Spectral

/// How a speaker's level is told apart from the codes. Levels are in dB over the nominal one, powers those of mel magnitudes.
public struct LevelSettings: Sendable, Codable, Equatable {
    /// The first mel band that counts, and the one after the last.
    public let bands: [Int]
    /// Voiced frames after which one counts for 1 / e.
    public let memory: Double
    /// Frames of less power than this, in dB over the nominal level, count as unvoiced.
    public let silence: Double
    /// dB that a frame may be over the level.
    public let headroom: Double
    /// The power of the nominal level in dB.
    public let nominal: Double
    /// dB from one number to the next.
    public let step: Double
    /// How many numbers there are, and the number of the nominal level.
    public let steps: Int
    public let middle: Int
    /// dB by which the level may be off its number before another one is told.
    public let slack: Double

    /// The level that a number tells.
    public func decibels(of number: UInt8) -> Double { step * Double(min(Int(number), steps - 1) - middle) }

    /// The levels that can be told.
    var range: ClosedRange<Double> { step * Double(-middle)...step * Double(steps - 1 - middle) }

    func isPossible(bands count: Int) -> Bool {
        bands.count == 2 && 0 <= bands[0] && bands[0] < bands[1] && bands[1] <= count
            && (1...256).contains(steps) && 0 <= middle && middle < steps
            && (1...1e6).contains(memory) && (0.01...100).contains(step) && step * Double(steps) <= 400
            && (0...100).contains(slack)
            && [silence, headroom, nominal].allSatisfy { (-200...200).contains($0) }
    }
}

/// The slow level of a speaker, which looks only back: a mean of the power of voiced frames in which loud ones count most, so that neither
/// pauses nor noise between words change it. It is the nominal one until there was a voiced frame.
struct SpeakerLevel: Sendable {
    private let settings: LevelSettings
    private let keep: Double
    private let silence: Double
    /// Of the powers of voiced frames, and of their squares, each fading with every voiced frame.
    private var (sum, squares) = (0.0, 0.0)
    private static let least = 1e-30

    init(_ settings: LevelSettings) {
        self.settings = settings
        keep = 1 - 1 / settings.memory
        silence = preciseGain(decibels: 2 * (settings.nominal + settings.silence))
    }

    /// Mel magnitudes [frames · bands] of a latent's frames, and in which of them there is a voice → the level after them.
    mutating func advance(_ magnitudes: [Double], bands: Int, isVoiced: [Bool]) -> Double {
        var loudest = Self.least
        for (frame, isVoiced) in isVoiced.enumerated() {
            let first = frame * bands
            var power = 0.0
            for magnitude in magnitudes[first + settings.bands[0]..<first + settings.bands[1]] {
                power += magnitude * magnitude
            }
            loudest = max(loudest, power)
            guard isVoiced, power > silence else { continue }
            sum = sum * keep + power
            squares = squares * keep + power * power
        }
        let mean = sum > Self.least ? decibels(max(squares / sum, Self.least)) - settings.nominal : 0
        // What begins loudly, after noise that was taken for a voice or without a voice, isn't far louder than codes are for.
        let least = decibels(loudest) - settings.nominal - settings.headroom
        return max(mean, least).clamped(to: settings.range)
    }

    private func decibels(_ power: Double) -> Double { preciseLog(power) * 4.34294481903251828 }
}

/// The numbers by which a level is told: each stays until the level is more than the slack away from it.
struct LevelNumbers: Sendable {
    private let settings: LevelSettings
    /// Of the last frame; before the first one, the nominal level's.
    private(set) var number: UInt8

    init(_ settings: LevelSettings) {
        self.settings = settings
        number = UInt8(settings.middle)
    }

    /// The level of the next frame → its number.
    mutating func next(_ level: Double) -> UInt8 {
        if abs(level - settings.decibels(of: number)) > settings.slack {
            let nearest = Double(settings.middle) + (level / settings.step + 0.5).rounded(.down)
            number = UInt8(nearest.clamped(to: 0...Double(settings.steps - 1)))
        }
        return number
    }
}

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        min(max(self, range.lowerBound), range.upperBound)
    }
}
