"""Training clips as they sound elsewhere: with noise, through a telephone, from a small room, or recoded. Their words are the same, and
so should be the codes.

    python -m sotto_training.data.changed --data data/train --noises FOLDER --out data/changed/1 --seed 1 --seconds 20000

Writes prepared clips (as sotto_training.data.prepare) of changed versions, sample for sample in step with those that they are made
of, until there are so many seconds; the pitch is what is tracked in what is heard. FFmpeg recodes. Several folders may be made at
once, with different seeds.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from ..model.pitch import track
from .clips import Clips, TrainingClips, collated, steady_noise
from .prepare import load

# What happens to a clip, and how often. The level is left: in training it changes with each crop.
KINDS = {"noise": 0.36, "steady": 0.1, "telephone": 0.2, "mp3": 0.12, "opus": 0.12, "room": 0.1}
# Bits a second that clips are recoded at, in thousands.
RECODED = {"mp3": (24, 32, 48), "opus": (12, 16, 24)}
# So many of the telephone's and the room's clips have noise too.
MORE_NOISE = 0.2
# How much louder they may be, in dB, where the level is told apart.
LOUDER = (-12, 6)


def with_noise(speech, noise, ratio: float):
    """Speech and a noise that is so many dB below it."""
    power = np.mean(np.square(noise)) + 1e-12
    return speech + noise * np.sqrt(np.mean(np.square(speech)) / power * 10 ** (-ratio / 10)).astype(np.float32)


def telephone(speech, sample_rate: int, low: float = 300, high: float = 3400, companded: bool = False):
    """What a telephone lets through, and as it compands it (mu-law, 8 bits)."""
    spectrum = np.fft.rfft(speech)
    hertz = np.fft.rfftfreq(len(speech), 1 / sample_rate)
    # Each edge falls over an eighth of an octave.
    pass_high, pass_low = (np.clip(0.5 + 8 * np.log2(np.maximum(hertz, 1) / edge), 0, 1) for edge in (low, high))
    narrow = np.fft.irfft(spectrum * pass_high * (1 - pass_low), len(speech)).astype(np.float32)
    if not companded:
        return narrow
    steps = np.round(127 * np.sign(narrow) * np.log1p(255 * np.abs(narrow).clip(0, 1)) / np.log(256)) / 127
    return (np.sign(steps) * (256 ** np.abs(steps) - 1) / 255).astype(np.float32)


def in_room(speech, sample_rate: int, random, seconds: float, ratio: float):
    """With an echo that dies away by 60 dB in so many seconds, and is so many dB below the direct sound."""
    time = np.arange(int(seconds * sample_rate)) / sample_rate
    echo = random.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    # Walls are a metre or two away.
    echo[: int(0.004 * sample_rate)] = 0
    echo *= 10 ** (-ratio / 20) / np.sqrt(np.sum(echo**2))
    echo[0] = 1
    size = 1 << (len(speech) + len(echo)).bit_length()
    return np.fft.irfft(np.fft.rfft(speech, size) * np.fft.rfft(echo, size), size)[: len(speech)].astype(np.float32)


def recoded(speech, sample_rate: int, codec: str, kilobits: int):
    """After MP3 or Opus of so many thousand bits a second, in step."""
    encoder = {"mp3": "libmp3lame", "opus": "libopus"}[codec]
    tool = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-threads", "1", "-y"]
    raw = ["-f", "f32le", "-ar", str(sample_rate), "-ac", "1"]
    with tempfile.TemporaryDirectory() as folder:
        coded = f"{folder}/coded.{codec}"
        subprocess.run([*tool, *raw, "-i", "-", "-c:a", encoder, "-b:a", f"{kilobits}k", coded],
                       input=speech.astype("<f4").tobytes(), check=True)
        back = subprocess.run([*tool, "-i", coded, *raw, "-"], check=True, capture_output=True).stdout
    back = np.frombuffer(back, "<f4")[: len(speech)]
    return np.pad(back, (0, len(speech) - len(back)))


class Noises:
    """Recordings of noise, of which parts are drawn."""

    def __init__(self, folder: Path, sample_rate: int):
        parts = [load(path, sample_rate) for path in sorted(folder.iterdir()) if path.suffix in (".opus", ".flac", ".wav")]
        self.parts = [part for part in parts if len(part) > sample_rate and np.mean(part**2) > 1e-8]

    def drawn(self, count: int, random):
        part = self.parts[random.integers(len(self.parts))]
        return np.take(part, np.arange(count) + random.integers(len(part)), mode="wrap")


def changed(speech, sample_rate: int, noises: Noises, random):
    """-> how the clip was changed, and the clip."""
    kind = str(random.choice(list(KINDS), p=list(KINDS.values())))
    if kind == "telephone":
        speech = telephone(speech, sample_rate, random.uniform(200, 400), random.uniform(3000, 3800), random.random() < 0.5)
    elif kind == "room":
        speech = in_room(speech, sample_rate, random, random.uniform(0.1, 0.45), random.uniform(3, 15))
    elif kind in RECODED:
        speech = recoded(speech, sample_rate, kind, int(random.choice(RECODED[kind])))
    elif kind == "steady":
        speech = with_noise(speech, steady_noise(len(speech), random), random.uniform(10, 28))
    if kind == "noise" or kind in ("telephone", "room") and random.random() < MORE_NOISE:
        speech = with_noise(speech, noises.drawn(len(speech), random), random.uniform(7, 26))
    return kind, speech


class ChangedClips:
    """Changed versions of the training clips."""

    def __init__(self, folders: list[Path], clips: TrainingClips, config: dict):
        self.parts, self.versions, self.told_apart = [Clips(folder, config) for folder in folders], {}, "level" in config
        for part in self.parts:
            for clip in part.clips:
                self.versions.setdefault(clip["id"], []).append((part, clip))
        self.clips, self.random = clips, clips.random

    def batch(self, places, gains, before, frames: int):
        """Changed versions of half as many crops as these of the training clips, of those that have some: their rows [n], how much
        louder they are in dB [n], what is heard [n, samples], log_f0 and voiced [n, frames + lead], and what the level begins from
        [n, 2]; none if none has. Their number is always the same, so that one shape has to be compiled for."""
        known = [row for row, (which, _) in enumerate(places) if self.clips.clips[which]["id"] in self.versions]
        rows = []
        for number in range((len(places) + 1) // 2 if known else 0):
            row = known[number % len(known)]
            (which, first), gain = places[row], gains[row]
            versions = self.versions[self.clips.clips[which]["id"]]
            part, clip = versions[self.random.integers(len(versions))]
            louder = self.random.uniform(*LOUDER) if self.told_apart else 0.0
            audio, log_f0, voiced = part.crop(clip, first, frames)
            audio = np.clip(audio * np.float32(10 ** ((gain + louder) / 20)), -1, 1)
            power = np.float32(10 ** (louder / 10))
            rows.append((row, np.float32(louder), audio, log_f0, voiced, before[row].numpy() * np.array([power, power**2])))
        return collated(rows) if rows else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True, type=Path)
    parser.add_argument("--data", required=True, type=Path, help="a folder from sotto_training.data.prepare")
    parser.add_argument("--noises", required=True, type=Path, help="a folder of recordings of noise")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    config = json.loads(arguments.config.read_text())
    rate, hop = config["sample_rate"], config["features"]["hop"]
    source, noises, random = Clips(arguments.data, config), Noises(arguments.noises, rate), np.random.default_rng(arguments.seed)
    arguments.out.mkdir(parents=True, exist_ok=True)
    clips, start, began = [], 0, time.monotonic()
    with (open(arguments.out / "audio.i16", "wb") as audio_file, open(arguments.out / "log_f0.f16", "wb") as f0_file,
          open(arguments.out / "voiced.u8", "wb") as voiced_file):
        for which in random.permutation(len(source.clips)):
            clip = source.clips[which]
            audio = source.audio[clip["start"]: clip["start"] + clip["samples"]] / np.float32(32768)
            kind, audio = changed(audio, rate, noises, random)
            audio = np.round(np.clip(audio, -1, 32767 / 32768) * 32768).astype(np.int16)
            log_f0, voiced = track(audio / 32768, rate, hop, config["features"]["pitch"])
            audio.tofile(audio_file)
            log_f0.astype(np.float16).tofile(f0_file)
            voiced.astype(np.uint8).tofile(voiced_file)
            clips.append({**clip, "start": start, "kind": kind})
            start += len(audio)
            if len(clips) % 200 == 0:
                print(f"{len(clips)} clips, {start / rate / 3600:.2f} h, {(time.monotonic() - began) / 60:.1f} min", flush=True)
            if start > arguments.seconds * rate:
                break
    (arguments.out / "clips.json").write_text(json.dumps(clips))
    print(f"{len(clips)} clips, {start / rate / 3600:.2f} h -> {arguments.out}")


if __name__ == "__main__":
    main()
