"""Prepared clips in memory, random crops of them, and validation clips."""

import json
from pathlib import Path

import numpy as np
import torch

from ..model.text import symbols

# Share of the batch by corpus; a corpus of one speaker would otherwise weigh too much.
SHARES = {
    "librispeech": 0.42, "commonvoice_59lang": 0.2, "speechocean762": 0.16, "ljspeech": 0.07,
    "rhasspy_kathleen": 0.04, "rhasspy_flemishguy": 0.03, "rhasspy_kerstin": 0.03, "picovoice_barista": 0.05,
}


# Share of the clips that are heard with noise, and are to be said without.
NOISY = 0.12
# Share of the crops that are heard as if they were a clip's beginning, and of those that come after louder or quieter speech, by so
# many dB at most.
BEGINNING, SURPRISING, SURPRISE = 0.25, 0.15, 12.0


class Clips:
    def __init__(self, folder: Path, config: dict):
        self.hop = config["features"]["hop"]
        self.lead = config["synthesis"]["pitch_lead"]
        self.clips = json.loads((folder / "clips.json").read_text())
        self.audio = np.fromfile(folder / "audio.i16", np.int16)
        self.log_f0 = np.fromfile(folder / "log_f0.f16", np.float16)
        self.voiced = np.fromfile(folder / "voiced.u8", np.uint8)
        sums = folder / "sums.f32"
        self.sums = np.fromfile(sums, np.float32).reshape(-1, 2) if sums.exists() else None

    def crop(self, clip: dict, first: int, frames: int):
        """Frames [first, first + frames) of a clip as (audio, log_f0, voiced); the pitch runs `lead` frames longer."""
        have = clip["samples"] // self.hop
        start = clip["start"] // self.hop
        last = min(first + frames, have)
        audio = np.zeros(frames * self.hop, np.float32)
        audio[: (last - first) * self.hop] = (
            self.audio[(start + first) * self.hop: (start + last) * self.hop] / np.float32(32768))
        index = start + np.minimum(np.arange(first, first + frames + self.lead), have - 1)
        voiced = self.voiced[index] * (np.arange(first, first + frames + self.lead) < have)
        return audio, self.log_f0[index].astype(np.float32), voiced.astype(np.float32)


class TrainingClips(Clips):
    def __init__(self, folder: Path, config: dict, seed: int):
        super().__init__(folder, config)
        self.random = np.random.default_rng(seed)
        corpora = [clip["corpus"] for clip in self.clips]
        seconds = np.array([clip["samples"] for clip in self.clips], float)
        weight = np.zeros(len(self.clips))
        for corpus in set(corpora):
            inside = np.array([c == corpus for c in corpora])
            weight[inside] = seconds[inside] / seconds[inside].sum() * SHARES.get(corpus, 0.1)
        self.weight = weight / weight.sum()
        # Whether a clip is of the corpus that most of a batch is of.
        main = max(set(corpora), key=lambda corpus: weight[[c == corpus for c in corpora]].sum())
        self.main = np.array([corpus == main for corpus in corpora])
        self.per_token = config["decoder"]["upsample"]

    def batch(self, size: int, frames: int):
        """Crops of any clips: (what is heard [size, frames * hop], log_f0 and voiced [size, frames + lead], what is to be
        said), of which clips they are, from which frame on, and their gains in dB."""
        rows, places, gains = [], [], []
        for which in self.random.choice(len(self.clips), size, p=self.weight):
            spare = self.clips[which]["samples"] // self.hop - frames
            # At the edges of token frames, where the transcript's places are known.
            first = int(self.random.integers(0, spare // self.per_token + 1)) * self.per_token if spare > 0 else 0
            gains.append(self.drawn_gain())
            rows.append(self.augmented(which, first, frames, gains[-1]))
            places.append((int(which), first))
        return collated(rows), places, gains

    def before(self, places, gains):
        """What the speaker's level begins from in such crops (`Level.sums`) [size, 2]: zeros where nothing was heard before."""
        result = torch.zeros(len(places), 2)
        for row, (which, first), gain in zip(result, places, gains):
            if self.sums is not None and first > 0 and self.random.random() > BEGINNING:
                if self.random.random() < SURPRISING:
                    gain += self.random.uniform(-SURPRISE, SURPRISE)
                power = 10 ** (gain / 10)
                row[:] = torch.from_numpy(self.sums[self.clips[which]["start"] // self.hop + first - 1]) * torch.tensor([power, power**2])
        return result

    def as_recorded(self, size: int, frames: int, main: bool = False):
        """Crops of clips that are so long, or of the longest, of the main corpus alone or of all: (audio [size, frames * hop],
        log_f0 and voiced [size, frames + lead])."""
        weight = self.weight * self.main if main else self.weight
        lengths = np.array([clip["samples"] // self.hop for clip in self.clips])
        frames = min(frames, lengths[weight > 0].max() // self.per_token * self.per_token)
        weight = weight * (lengths >= frames)
        chosen = self.random.choice(len(self.clips), size, p=weight / weight.sum())
        return collated([self.crop(self.clips[which], int(self.random.integers(0, lengths[which] - frames + 1)), frames)
                         for which in chosen])

    def drawn_gain(self) -> float:
        """In dB; quiet clips are as common as they are hard."""
        return self.random.uniform(-6, 9) if self.random.random() < 0.6 else self.random.uniform(-36, -6)

    def augmented(self, which: int, first: int, frames: int, gain: float):
        """A crop as it is heard, log_f0, voiced, and what is to be said: the same without the noise."""
        audio, log_f0, voiced = self.crop(self.clips[which], first, frames)
        audio = np.clip(audio * np.float32(10 ** (gain / 20)), -1, 1)
        noisy = audio
        if self.random.random() < NOISY:
            noisy = np.clip(audio + self.noise(audio), -1, 1)
        return noisy, log_f0, voiced, audio

    def noise(self, audio):
        """Steady noise, 5 to 30 dB below the speech."""
        noise = steady_noise(len(audio), self.random)
        level = 10 ** (-self.random.uniform(5, 30) / 20)
        return (noise * level * np.sqrt(np.mean(audio**2) / np.mean(noise**2))).astype(np.float32)


def steady_noise(count: int, random):
    """Noise whose power falls by up to 9 dB an octave, [count]."""
    spectrum = np.fft.rfft(random.standard_normal(count))
    spectrum *= np.arange(1, len(spectrum) + 1) ** -random.uniform(0, 1.5)
    return np.fft.irfft(spectrum, count).astype(np.float32)


def collated(rows):
    return tuple(torch.from_numpy(np.stack(column)) for column in zip(*rows))


def validation_batch(folder: Path, config: dict, corpus: str, count: int, frames: int):
    """The first `frames` frames of up to `count` clips of a corpus, spread over the list."""
    clips = Clips(folder, config)
    chosen = [clip for clip in clips.clips if clip["corpus"] == corpus and clip["samples"] >= frames * clips.hop]
    chosen = chosen[:: max(1, len(chosen) // count)][:count]
    return collated([clips.crop(c, 0, frames) for c in chosen]), [symbols(c["text"]) for c in chosen]
