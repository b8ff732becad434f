// SPDX-License-Identifier: Apache-2.0

/// How pitch is looked for. Frequencies in Hz, costs in units of correlation (0 … 1).
public struct PitchSettings: Sendable, Codable, Equatable {
    public let window: Int
    public let fft: Int
    public let low: Double
    public let high: Double
    public let candidates: Int
    public let voicingThreshold: Double
    public let silenceThreshold: Double
    public let octaveCost: Double
    public let octaveJumpCost: Double
    public let voicingCost: Double
    public let levelDecay: Double
    /// What is held before the first voiced frame.
    public let reference: Double
    /// How many units of a feature an e-fold of F0 makes.
    public let scale: Double

    /// ln F0 as the network reads it, centred on the reference.
    public func feature(logF0: Float) -> Float { (logF0 - Float(preciseLog(reference))) * Float(scale) }

    /// The frequency in Hz that a feature stands for, kept inside of what can be tracked.
    public func frequency(feature: Float) -> Double {
        min(max(reference * preciseExp(Double(feature) / scale), low / 2), high * 2)
    }
}
