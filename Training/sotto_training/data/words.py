"""Clips for a prior: their latents, and which letter and which word is said when."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from ..model.quantizer import decode_one_of
from ..model.text import SPACE, pace, paced
from ..model.weights import codes_identity
from .clips import Clips
from .codes import codes_of_clips, versions_in

# Steps of a space from which on it is a pause, a segment of its own.
PAUSE = 8
# Distances to a letter's or a word's ends are told up to so many steps.
FARTHEST = 40
# Spaces between a text's last letter and the one that stands for nothing said.
BEHIND = 3


class Said(NamedTuple):
    """What is said in a clip, in each step (`text.rate` of them a token frame)."""

    text: np.ndarray  # symbols [length]
    place: np.ndarray  # number of the symbol under way [steps], `length` where there is none
    letter: np.ndarray  # steps since it began and until it ends [steps, 2]
    even: np.ndarray  # the same two with the letters of each word spread evenly in it: place [steps]
    even_letter: np.ndarray  # and steps [steps, 2]
    segment: np.ndarray  # number of the word or pause under way [steps]
    word: np.ndarray  # steps since it began and until it ends [steps, 2]
    pauses: np.ndarray  # whether each segment is a pause [segments]


def runs(values: np.ndarray):
    """Where runs of equal values begin and end [runs] each."""
    firsts = np.flatnonzero(np.diff(values, prepend=values[:1] - 1))
    return firsts, np.append(firsts[1:], len(values))


def spans(values: np.ndarray) -> np.ndarray:
    """For each step, steps since its run of equal values began and until it ends [steps, 2]."""
    firsts, ends = runs(values)
    lengths, steps = ends - firsts, np.arange(len(values))
    return np.minimum(np.stack([steps - np.repeat(firsts, lengths), np.repeat(ends, lengths) - 1 - steps], 1), FARTHEST).astype(np.int16)


def said(text: list[int], counts, rate: int) -> Said:
    """From a transcript's symbols and how many of them begin in each token frame."""
    text, length = np.asarray(text), len(text)
    state, told = paced(counts, length, rate)
    place = np.where(told > 0, (state - 1) // 2, length)
    word_of = np.append(np.cumsum(text == SPACE), -1)
    is_letter = np.append(text != SPACE, False)
    firsts, ends = runs(place)
    segment, pauses, last = np.zeros(len(place), np.int64), [], None
    for first, end in zip(firsts, ends):
        symbol = place[first]
        key = word_of[symbol] if is_letter[symbol] else last if symbol < length and end - first < PAUSE and last is not None and last >= 0 else -1
        if key != last:
            pauses.append(key == -1)
            last = key
        segment[first:end] = len(pauses) - 1
    even = np.full(len(place), length)
    for first, end in zip(*runs(segment)):
        if not pauses[segment[first]]:
            inside = place[first:end]
            own = np.arange(inside.min(), inside[inside < length].max() + 1)
            own = own[is_letter[own]]
            even[first:end] = own[((np.arange(end - first) + 0.5) * len(own) / (end - first)).astype(int)]
    return Said(text, place, spans(place), even, spans(even), segment, spans(segment), np.array(pauses))


class Batch(NamedTuple):
    """Clips of several lengths, padded: latents [clips, frames, dimensions] as they are to be, `past` what a decoder has
    of them, both with zeros beyond the ends, `within` [clips, frames] 1 inside; and what is said, as in `Said`."""

    latents: torch.Tensor
    past: torch.Tensor
    within: torch.Tensor
    text: torch.Tensor
    place: torch.Tensor
    letter: torch.Tensor
    even: torch.Tensor
    even_letter: torch.Tensor
    segment: torch.Tensor
    word: torch.Tensor
    pauses: torch.Tensor  # [clips, segments]
    exists: torch.Tensor  # [clips, segments]


def collated(rows, rate: int) -> Batch:
    """(latents [frames, dimensions], past, Said) of each clip -> a batch."""
    frames = max(len(z) for z, _, _ in rows)
    # Where nothing is said is a space so far behind all letters that its vector depends on none.
    length = max(len(said.text) for _, _, said in rows) + BEHIND
    segments = max(len(said.pauses) for _, _, said in rows)

    def steps(values, fill=0):
        out = np.full((frames * rate, *values.shape[1:]), fill, np.int64)
        out[: len(values)] = values
        return out

    columns = []
    for latents, past, told in rows:
        place, even = (np.where(x == len(told.text), length, x) for x in (told.place, told.even))
        inside, extra = np.arange(frames) < len(latents), frames - len(latents)
        columns.append((
            np.pad(latents, ((0, extra), (0, 0))), np.pad(past, ((0, extra), (0, 0))), inside.astype(np.float32),
            np.append(told.text, np.full(length + 1 - len(told.text), SPACE)), steps(place, length), steps(told.letter),
            steps(even, length), steps(told.even_letter), steps(told.segment, len(told.pauses) - 1), steps(told.word),
            np.pad(told.pauses, (0, segments - len(told.pauses)), constant_values=True), np.arange(segments) < len(told.pauses)))
    return Batch(*(torch.from_numpy(np.stack(column)) for column in zip(*columns)))


class WordClips:
    """The clips whose paces are known, with latents that are the sums of their codes."""

    def __init__(self, folder: Path, codes: Path, told: Path, codec, longest: int = 320):
        self.rate, self.codebooks = codec.config["text"]["rate"], codec.quantizer.codebooks.float()
        kept = torch.load(told, weights_only=False)
        versions = versions_in(codes, codes_identity(codec))
        self.codes = [codes_of_clips(version) for version in versions]
        clips = Clips(folder, codec.config).clips
        if any(len(rows) != len(clips) for rows in self.codes):
            raise SystemExit(f"the codes in {codes} are those of other clips")
        self.said, self.clips, self.speakers = {}, [], {}
        for clip, begins in kept["begins"].items():
            frames, text = len(self.codes[0][clip]), kept["texts"][clip]
            if text and begins is not None and frames <= longest:
                self.said[clip] = said(text, pace(begins, frames, self.rate), self.rate)
                self.clips.append(clip)
                self.speakers[clip] = clips[clip]["speaker"]
        self.lengths = np.array([len(self.codes[0][clip]) for clip in self.clips])

    def latents(self, clip: int, version: int, count: int) -> np.ndarray:
        """Those of so many codes [frames, dimensions]."""
        return decode_one_of(self.codes[version][clip][None], self.codebooks, torch.tensor([count]))[0].numpy()

    def batch(self, chosen, random, counts=(1, 1, 2, 2, 3, 4, 6, 8)) -> Batch:
        """The clips with these numbers; what a decoder has of each has one of these numbers of codes."""
        rows = []
        for clip in chosen:
            version, count = random.integers(len(self.codes)), min(random.choice(counts), len(self.codebooks))
            rows.append((self.latents(clip, version, len(self.codebooks)), self.latents(clip, version, count), self.said[clip]))
        return collated(rows, self.rate)
