// SPDX-License-Identifier: Apache-2.0

/// One way to store a recording, and the shell command that does it from `$in`, a WAV, to `$out`.
struct RecordingKind: Sendable, CustomStringConvertible {
    let name: String
    /// The file's ending.
    let ending: String
    let make: String
    var rate = 16_000
    var channels = 1
    /// Whether it tells, at the start or at the end, that something is missing.
    var promises = true
    /// Samples that are coded together, one of which can't be read without the others.
    var frame = 1
    /// Whether its samples go to the end of the file, whatever that holds.
    var hasNoLength = false
    /// Milliseconds that what follows damage may be early or late.
    var lagBehindDamage = 5
    /// Whether it can be damaged, and joined, frame by frame.
    var isStream = false

    var description: String { name }

    static let all: [RecordingKind] = plain + lossless + mpeg + ogg

    private static let plain = [
        RecordingKind(name: "wav", ending: "wav", make: "cp $in $out"),
        RecordingKind(name: "wav-u8", ending: "wav", make: "ffmpeg -i $in -c:a pcm_u8 $out"),
        RecordingKind(name: "wav-24-extensible", ending: "wav", make: "ffmpeg -i $in -c:a pcm_s24le $out"),
        RecordingKind(name: "wav-32-stereo", ending: "wav", make: "ffmpeg -i $in -c:a pcm_s32le $out", channels: 2),
        RecordingKind(name: "wav-float", ending: "wav", make: "ffmpeg -i $in -c:a pcm_f32le $out", rate: 44_100),
        RecordingKind(name: "wav-alaw", ending: "wav", make: "ffmpeg -i $in -c:a pcm_alaw $out", rate: 8000),
        RecordingKind(name: "wav-mulaw", ending: "wav", make: "ffmpeg -i $in -c:a pcm_mulaw $out", rate: 8000),
        RecordingKind(name: "wav-adpcm", ending: "wav", make: "ffmpeg -i $in -c:a adpcm_ms $out", frame: 1012),
        RecordingKind(
            name: "wav-piped", ending: "wav", make: "ffmpeg -i $in -f wav - | cat > $out", promises: false,
            hasNoLength: true),
        RecordingKind(name: "rf64", ending: "wav", make: "ffmpeg -i $in -rf64 always $out"),
        RecordingKind(name: "w64", ending: "w64", make: "ffmpeg -i $in -f w64 $out"),
        RecordingKind(name: "aiff", ending: "aiff", make: "ffmpeg -i $in $out", rate: 44_100, channels: 2),
        RecordingKind(name: "aifc-alaw", ending: "aifc", make: "ffmpeg -i $in -c:a pcm_alaw -f aiff $out"),
        RecordingKind(name: "au", ending: "au", make: "sox $in $out"),
        RecordingKind(
            name: "au-piped", ending: "au", make: "ffmpeg -i $in -f au - | cat > $out", promises: false,
            hasNoLength: true),
        RecordingKind(name: "caf", ending: "caf", make: "ffmpeg -i $in -f caf $out"),
    ]

    private static let lossless = [
        RecordingKind(name: "flac", ending: "flac", make: "flac -s $in -o $out", frame: 4096, isStream: true),
        RecordingKind(
            name: "flac-24-stereo", ending: "flac", make: "sox $in -b 24 $out", rate: 44_100, channels: 2, frame: 4096,
            isStream: true),
        RecordingKind(
            name: "flac-piped", ending: "flac", make: "flac -s -c - < $in 2>/dev/null | cat > $out", frame: 4096,
            isStream: true),
        RecordingKind(name: "flac-8", ending: "flac", make: "sox $in -b 8 $out", frame: 4096, isStream: true),
        RecordingKind(
            name: "flac-in-ogg", ending: "oga", make: "flac -s --ogg $in -o $out", frame: 4096, isStream: true),
    ]

    private static let mpeg = [
        RecordingKind(name: "mp3-lame", ending: "mp3", make: "lame --quiet -V5 $in $out", frame: 576, isStream: true),
        RecordingKind(
            name: "mp3-44k-stereo", ending: "mp3", make: "lame --quiet -b 128 --resample 44.1 $in $out", rate: 44_100,
            channels: 2,
            frame: 1152, isStream: true),
        RecordingKind(
            name: "mp3-untagged-constant", ending: "mp3", make: "lame --quiet -t -b 32 $in $out", promises: false,
            frame: 576, isStream: true),
        RecordingKind(
            name: "mp3-untagged-variable", ending: "mp3", make: "lame --quiet -t -V5 --resample 44.1 $in $out",
            rate: 44_100,
            promises: false, frame: 1152, lagBehindDamage: 60, isStream: true),
        RecordingKind(
            name: "mp3-8k", ending: "mp3", make: "lame --quiet -b 16 $in $out", rate: 8000, promises: false, frame: 576,
            isStream: true),
        RecordingKind(
            name: "mp2", ending: "mp2", make: "ffmpeg -i $in -b:a 160k $out", rate: 48_000, channels: 2,
            promises: false, frame: 1152, isStream: true),
    ]

    private static let ogg = [
        RecordingKind(name: "vorbis", ending: "ogg", make: "oggenc -Q $in -o $out", frame: 1024, isStream: true),
        RecordingKind(
            name: "vorbis-44k-stereo", ending: "ogg", make: "oggenc -Q $in -o $out", rate: 44_100, channels: 2,
            frame: 1024, isStream: true),
        RecordingKind(
            name: "vorbis-ffmpeg", ending: "ogg", make: "ffmpeg -i $in -c:a libvorbis $out", rate: 22_050, frame: 1024,
            isStream: true),
        RecordingKind(name: "opus", ending: "opus", make: "opusenc --quiet $in $out", frame: 320, isStream: true),
        RecordingKind(
            name: "opus-48k-stereo", ending: "opus", make: "opusenc --quiet $in $out", rate: 48_000, channels: 2,
            frame: 960, isStream: true),
        RecordingKind(
            name: "opus-60-ms", ending: "opus", make: "opusenc --quiet --framesize 60 $in $out", rate: 24_000,
            frame: 1440, isStream: true),
        RecordingKind(
            name: "opus-ffmpeg", ending: "opus", make: "ffmpeg -i $in -c:a libopus -page_duration 200000 $out",
            rate: 8000, frame: 160, isStream: true),
    ]
}
