"""Prepared clips in memory, random crops of them, and validation clips."""

import json
from pathlib import Path

import numpy as np
import torch

from .text import OTHER, symbols

# Share of the batch by corpus; a corpus of one speaker would otherwise weigh too much.
SHARES = {
    "librispeech": 0.42, "commonvoice_59lang": 0.2, "speechocean762": 0.16, "ljspeech": 0.07,
    "rhasspy_kathleen": 0.04, "rhasspy_flemishguy": 0.03, "rhasspy_kerstin": 0.03, "picovoice_barista": 0.05,
}


class Clips:
    def __init__(self, folder: Path, config: dict):
        self.hop = config["features"]["hop"]
        self.lead = config["synthesis"]["pitch_lead"]
        self.clips = json.loads((folder / "clips.json").read_text())
        self.audio = np.fromfile(folder / "audio.i16", np.int16)
        self.log_f0 = np.fromfile(folder / "log_f0.f16", np.float16)
        self.voiced = np.fromfile(folder / "voiced.u8", np.uint8)

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
        self.texts = [symbols(clip["text"]) for clip in self.clips]
        # Transcripts in letters that the aligner doesn't know teach it nothing.
        told = [i for i, text in enumerate(self.texts) if len(text) > 3 and text.count(OTHER) < 0.1 * len(text)]
        self.told = np.array(sorted(told, key=lambda i: self.clips[i]["samples"]))
        self.told_frames = np.array([self.clips[i]["samples"] // self.hop for i in self.told])
        self.told_weight = self.weight[self.told] / self.weight[self.told].sum()

    def batch(self, size: int, frames: int):
        """Crops of any clips: (audio [size, frames * hop], log_f0 and voiced [size, frames + lead]), and no texts."""
        rows = []
        for which in self.random.choice(len(self.clips), size, p=self.weight):
            spare = self.clips[which]["samples"] // self.hop - frames
            first = int(self.random.integers(0, spare + 1)) if spare > 0 else 0
            rows.append(self.augmented(which, first, frames))
        return collated(rows), np.full(size, frames), [[] for _ in rows]

    def told_batch(self, total: int, multiple: int):
        """Whole clips with transcripts, of about one length, about `total` frames together, padded with silence:
        as `batch`, the frames of each clip, and its text's symbols."""
        pivot = self.random.choice(len(self.told), p=self.told_weight)
        longest = self.told_frames[pivot]
        first = np.searchsorted(self.told_frames, 0.8 * longest)
        weight = self.told_weight[first: pivot + 1]
        count = max(1, min(total // longest, 16))
        chosen = first + self.random.choice(pivot + 1 - first, count, p=weight / weight.sum())
        chosen[0] = pivot
        frames = -(-longest // multiple) * multiple
        rows = [self.augmented(self.told[which], 0, frames) for which in chosen]
        return collated(rows), self.told_frames[chosen], [self.texts[self.told[which]] for which in chosen]

    def other_text(self) -> list[int]:
        return self.texts[self.random.choice(self.told)]

    def augmented(self, which: int, first: int, frames: int):
        audio, log_f0, voiced = self.crop(self.clips[which], first, frames)
        gain = self.random.uniform(-6, 6) if self.random.random() < 0.8 else self.random.uniform(-30, 6)
        return np.clip(audio * np.float32(10 ** (gain / 20)), -1, 1), log_f0, voiced


def collated(rows):
    return tuple(torch.from_numpy(np.stack(column)) for column in zip(*rows))


def validation_batch(folder: Path, config: dict, corpus: str, count: int, frames: int):
    """The first `frames` frames of up to `count` clips of a corpus, spread over the list."""
    clips = Clips(folder, config)
    chosen = [clip for clip in clips.clips if clip["corpus"] == corpus and clip["samples"] >= frames * clips.hop]
    chosen = chosen[:: max(1, len(chosen) // count)][:count]
    return collated([clips.crop(c, 0, frames) for c in chosen]), [symbols(c["text"]) for c in chosen]
