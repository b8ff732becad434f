"""Where in its transcript each training clip is, looked up: what the follower said of it once, kept by `listener.py`."""

from pathlib import Path

import numpy as np
import torch

from .text import SPACE, padded

# What a clip that has a transcript is given it as; the rest gets none.
RIGHT, PARTIAL, WRONG = 0.45, 0.07, 0.06


def cropped(found, first: int, steps: int):
    """States and shares of a whole clip -> those of some steps [steps, 3], nothing being told beyond the clip."""
    states, shares = np.zeros((steps, 3), np.int64), np.zeros((steps, 3), np.float32)
    for result, part in zip((states, shares), found):
        part = part[first: first + steps]
        result[: len(part)] = part
    return states, shares


def collated(texts, states, shares):
    """What is told of each row -> symbols [rows, longest], states and their shares [rows, steps, 3]."""
    return padded(texts)[0], torch.from_numpy(np.stack(states)), torch.from_numpy(np.stack(shares))


class ToldClips:
    """The likeliest states of each step of each clip with a transcript, for its own and for another clip's."""

    def __init__(self, path: Path, config: dict):
        kept = torch.load(path, weights_only=False)
        self.texts, self.kept, self.levels = kept["texts"], kept["kept"], kept["levels"]
        self.rate, self.per_token = config["text"]["rate"], config["decoder"]["upsample"]

    def batch(self, places, levels, frames: int, random):
        """places: (clip, first frame of 10 ms) of each row, levels: its codebooks -> symbols [rows, longest],
        states and their shares [rows, steps, 3]; shares of 0 where nothing is told."""
        steps = frames * self.rate // self.per_token
        texts, states, shares = [], [], []
        for (clip, first), level in zip(places, levels):
            text, state, share = [], np.zeros((steps, 3), np.int64), np.zeros((steps, 3), np.float32)
            draw = random.random()
            if clip in self.kept and draw < RIGHT + PARTIAL + WRONG:
                near = max(n for n in self.levels if n <= level)
                right, other, wrong = self.kept[clip][near]
                found = right if draw < RIGHT + PARTIAL else wrong
                text = list(self.texts[clip if draw < RIGHT + PARTIAL else other])
                state, share = cropped(found, first * self.rate // self.per_token, steps)
                if RIGHT <= draw < RIGHT + PARTIAL:
                    low, high = sorted(random.integers(0, len(text) + 1, 2))
                    share *= (state > 2 * low) & (state < 2 * high)
                    text = [s if low <= i < high else SPACE for i, s in enumerate(text)]
            texts.append(text)
            states.append(state)
            shares.append(share)
        return collated(texts, states, shares)


def vectors(encoder, told):
    """-> text vectors [rows, steps, channels]."""
    symbols, states, shares = told
    encoded = encoder(symbols).float()
    rows = torch.arange(len(symbols), device=symbols.device)[:, None, None]
    return (encoded[rows, states] * shares[..., None]).sum(2)
