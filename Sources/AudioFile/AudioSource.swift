// SPDX-License-Identifier: Apache-2.0

/// How samples are laid out; it may change in the middle of a recording.
struct AudioFormat: Equatable {
    /// In Hz.
    var sampleRate: Int
    var channels: Int
    /// Of a sample, where the coding has a number of them.
    var bits: Int?
}

/// What a recording is read as, one piece after another.
enum AudioPiece {
    /// Interleaved.
    case samples([Float], AudioFormat)
    /// So many samples of each channel were damaged, as near as the container tells.
    case lost(Int, AudioFormat)
}

extension AudioPiece {
    var format: AudioFormat {
        switch self {
        case .samples(_, let format), .lost(_, let format): format
        }
    }
}

/// How a recording ended.
enum AudioEnding: Equatable {
    case whole
    /// So many samples of each channel that were promised didn't come.
    case samplesMissing(Int)
    /// So many bytes of samples that were promised are not there; the others are `held`.
    case bytesMissing(Int, held: Int)
    /// The length was never written: the recorder was killed. What is there was read.
    case unfinished
    /// The last page, which says that it is the last, is not there.
    case noLastPage
    /// The rest, from here on, can't be read.
    case unreadable(reason: String)
}

/// A recording of one container, read once from its start to its end.
protocol AudioSource: AnyObject {
    /// About how many samples of each channel there are, for progress; 0 if nothing tells.
    var expectedCount: Int { get }

    /// How the samples are laid out at the start, as the header says; nil if none does.
    var format: AudioFormat? { get }

    /// nil at the end.
    func next() throws -> AudioPiece?

    /// Known once `next` has returned nil.
    var ending: AudioEnding { get }
}

/// Silence that stands for what was lost is no longer than this, in seconds: a longer gap is a wrong number.
let longestGap = 600
