"""How loud a speaker is, told apart from what is said: a slow causal level that the codes don't depend on, and its few bits."""

import math

import torch
from torch import nn


class Level(nn.Module):
    """A speaker's level, in dB over the nominal one, for each token frame.

    The power of a frame is the sum of the squares of its mel magnitudes in the bands [first, last), those of a telephone. Of voiced
    frames two sums are kept, of the power, S1, and of its square, S2, each multiplied by 1 - 1 / memory before a voiced frame's is added;
    S2 / S1 is a mean of the power in which loud frames count most, so neither pauses nor noise between words change it. Frames whose
    power is below the silence, in dB over the nominal level, count as unvoiced. The level of a token frame is 10 log10(S2 / S1) - nominal after its last frame, within the range that can be told; it is 0 until there was a voiced
    frame. But it is at least the power of the token frame's loudest frame in dB, less the nominal one and the headroom: what begins loudly
    after noise that was taken for a voice, or without a voice, isn't far louder than anything the codes are for. Twice the amplitude is
    6.02 dB more, from the first voiced frame on.

    The encoder divides the mel magnitudes of a token frame's frames by that gain before their floor is applied; it isn't rounded there.
    What is sent is a number of steps, which follows the level with some slack; the decoder multiplies what it says in the frames of a
    token frame by the gain of that number.
    """

    def __init__(self, settings: dict, per_token: int):
        super().__init__()
        self.first, self.last = settings["bands"]
        self.keep = 1 - 1 / settings["memory"]
        self.nominal, self.step, self.steps, self.middle = (settings[name] for name in ("nominal", "step", "steps", "middle"))
        self.slack, self.silence, self.headroom, self.per_token = *(settings[name] for name in ("slack", "silence", "headroom")), per_token

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest level that can be told, in dB."""
        return -self.step * self.middle, self.step * (self.steps - 1 - self.middle)

    def power(self, mel):
        """mel magnitudes [..., frames, bands] -> [..., frames]."""
        return mel[..., self.first: self.last].square().sum(-1)

    def sums(self, power, voiced, before=None):
        """power and voiced [batch, frames], what the sums were before [batch, 2] -> what they are after each frame [batch, frames, 2]."""
        power = power.double()
        voiced = voiced.double() * (power > 10 ** ((self.nominal + self.silence) / 10))
        count = voiced.cumsum(1)
        # Each term as it will have faded at the end, so that no power of `keep` grows beyond bounds; brought back for each frame.
        fade = self.keep ** (count[:, -1:] - count)
        terms = torch.stack([power, power.square()], -1) * (voiced * fade)[..., None]
        result = terms.cumsum(1)
        if before is not None:
            result = result + before.double()[:, None] * (self.keep ** count[:, -1:])[..., None]
        return result / fade[..., None]

    def of_sums(self, sums):
        """S1 and S2 [..., 2] -> dB over the nominal level [...]."""
        told = sums[..., 0] > 1e-30
        level = 10 * torch.log10((sums[..., 1] / sums[..., 0].clamp(min=1e-30)).clamp(min=1e-30)) - self.nominal
        return torch.where(told, level, 0.0).clamp(*self.range)

    def forward(self, mel, voiced, before=None):
        """mel magnitudes [batch, frames, bands], voiced [batch, frames] -> the level of each token frame [batch, tokens]."""
        power = self.power(mel)
        level = self.of_sums(self.sums(power, voiced, before)[:, self.per_token - 1:: self.per_token]).to(mel.dtype)
        loudest = power.unflatten(1, (-1, self.per_token)).amax(-1).clamp(min=1e-30)
        return torch.maximum(level, 10 * torch.log10(loudest) - self.nominal - self.headroom).clamp(*self.range)

    def told(self, levels) -> list[int]:
        """Levels of a recording's token frames [tokens] -> the number of each, as the decoder is told it: the nominal one, until the level
        is more than the slack away; then the nearest."""
        numbers, number = [], self.middle
        for level in levels.tolist():
            if abs(level - self.level_of(number)) > self.slack:
                number = min(max(self.middle + math.floor(level / self.step + 0.5), 0), self.steps - 1)
            numbers.append(number)
        return numbers

    def level_of(self, number: int) -> float:
        """In dB over the nominal level."""
        return self.step * (number - self.middle)


def gain(level):
    """dB -> factor of the amplitude."""
    return 10 ** (level / 20)
