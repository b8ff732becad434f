"""Where in its transcript each training clip is, looked up: its pace, or what the follower said of it once, kept by
`listener.py`."""

from pathlib import Path

import numpy as np
import torch

from ..model.text import SPACE, pace, paced, padded

# What a clip that has a transcript is given it as; the rest gets none.
RIGHT, PARTIAL, WRONG = 0.55, 0.07, 0.06
# Of those that are given their own, the share whose pace is known.
PACED = 0.65


def cropped(found, first: int, steps: int):
    """States and shares of a whole clip [all steps, 1...3] -> those of some steps [steps, 3], nothing being told beyond it."""
    states, shares = np.zeros((steps, 3), np.int64), np.zeros((steps, 3), np.float32)
    for result, part in zip((states, shares), found):
        part = part[first: first + steps]
        result[: len(part), : part.shape[1]] = part
    return states, shares


def collated(texts, states, shares):
    """What is told of each row -> symbols [rows, longest], states and their shares [rows, steps, 3]."""
    return padded(texts)[0], torch.from_numpy(np.stack(states)), torch.from_numpy(np.stack(shares))


class ToldClips:
    """The state of each step of each clip with a transcript by its pace, and the likeliest ones by what the follower said of it,
    if it was asked: for its own transcript and for another clip's."""

    def __init__(self, path: Path, config: dict):
        kept = torch.load(path, weights_only=False)
        self.texts, self.kept, self.levels = kept["texts"], kept["kept"], kept["levels"]
        self.rate, self.per_token = config["text"]["rate"], config["decoder"]["upsample"]
        self.lengths = kept["lengths"]
        self.paced = {clip: self.by_pace(clip, begins) for clip, begins in kept["begins"].items()}

    def by_pace(self, clip: int, begins):
        """The state of each step [steps, 1] and its share."""
        state, share = paced(pace(begins, self.lengths[clip], self.rate), len(self.texts[clip]), self.rate)
        return state[:, None], share[:, None]

    def followed(self, clip: int, level: int):
        """What the follower said from so many codebooks: places and shares in the clip's own transcript, another clip, those in
        its transcript."""
        return self.kept[clip][max(n for n in self.levels if n <= level)]

    def own(self, clip: int, level: int, random):
        """The clip's places in its own transcript [steps, 1 or 3], and their shares."""
        return self.paced[clip] if not self.levels or random.random() < PACED else self.followed(clip, level)[0]

    def others(self, clip: int, level: int):
        """Where the follower took the clip to be in another one's transcript: its symbols, places and shares."""
        _, other, found = self.followed(clip, level)
        return list(self.texts[other]), found

    def batch(self, places, levels, frames: int, random):
        """places: (clip, first frame of 10 ms) of each row, levels: its codebooks -> symbols [rows, longest],
        states and their shares [rows, steps, 3]; shares of 0 where nothing is told."""
        steps = frames * self.rate // self.per_token
        texts, states, shares = [], [], []
        for (clip, first), level in zip(places, levels):
            text, state, share = [], np.zeros((steps, 3), np.int64), np.zeros((steps, 3), np.float32)
            draw = random.random()
            if clip in self.kept and draw < RIGHT + PARTIAL + (WRONG if self.levels else 0):
                if draw < RIGHT + PARTIAL:
                    text, found = list(self.texts[clip]), self.own(clip, level, random)
                else:
                    text, found = self.others(clip, level)
                state, share = cropped(found, first * self.rate // self.per_token, steps)
                if RIGHT <= draw < RIGHT + PARTIAL:
                    low, high = sorted(random.integers(0, len(text) + 1, 2))
                    share *= (state > 2 * low) & (state < 2 * high)
                    text = [s if low <= i < high else SPACE for i, s in enumerate(text)]
            texts.append(text)
            states.append(state)
            shares.append(share)
        return collated(texts, states, shares)
