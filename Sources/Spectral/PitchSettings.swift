// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How pitch is looked for. Frequencies in Hz, costs in units of correlation (0 … 1).
public struct PitchSettings: Sendable, Codable, Equatable {
    public var window: Int
    public var fft: Int
    public var low: Double
    public var high: Double
    public var candidates: Int
    public var voicingThreshold: Double
    public var silenceThreshold: Double
    public var octaveCost: Double
    public var octaveJumpCost: Double
    public var voicingCost: Double
    public var levelDecay: Double
    /// What is held before the first voiced frame.
    public var reference: Double
    /// How many units of a feature an e-fold of F0 makes.
    public var scale: Double

    /// ln F0 as the network reads it, centred on the reference.
    public func feature(logF0: Float) -> Float { (logF0 - Float(log(reference))) * Float(scale) }

    /// The frequency in Hz that a feature stands for, kept inside of what can be tracked.
    public func frequency(feature: Float) -> Double {
        min(max(reference * exp(Double(feature) / scale), low / 2), high * 2)
    }
}
