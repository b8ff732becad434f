"""Residual vector quantization."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from .channel import RateChannel

BEAM = 16
# While the decoder learns.
NARROW_BEAM = 4


def beginning(wanted):
    """The one empty sequence of each of wanted [n, d]: residual [n, sequences, d], its squared length [n, sequences] and codes
    [n, sequences, 0]."""
    path = torch.zeros(len(wanted), 1, 0, dtype=torch.long, device=wanted.device)
    return wanted[:, None], wanted.square().sum(1, keepdim=True), path


def continued(residual, left, path, codes, beam: int):
    """The best sequences that go on from these by one of codes [codes, d], best first."""
    score = left[:, :, None] + codes.square().sum(1) - 2 * residual @ codes.T
    left, index = score.flatten(1).topk(beam, largest=False)
    parent, code = index // len(codes), index % len(codes)
    residual = residual.take_along_dim(parent[:, :, None], 1) - codes[code]
    return residual, left, torch.cat([path.take_along_dim(parent[:, :, None], 1), code[:, :, None]], 2)


def search(wanted, codebooks, beam: int):
    """wanted [n, d], codebooks [m, codes, d] -> the best codes found if there is one codebook, two, ... m: m times [n, 1...m]."""
    sequences, best = beginning(wanted), []
    for codes in codebooks:
        sequences = continued(*sequences, codes, beam)
        best.append(sequences[2][:, 0])
    return best


def search_ending(wanted, codebooks, starts, price: float, beam: int):
    """The same where the first code tells how many there are: from starts[k - 1] on, more than k. The squared distance and
    `price` for each code are to be least together. -> codes [n, m], -1 where there are none."""
    found = torch.full((len(wanted), len(codebooks)), -1, device=wanted.device)
    least = torch.full((len(wanted),), torch.inf, device=wanted.device)
    residual, left, path = beginning(wanted)
    for count, codes in enumerate(codebooks, 1):
        residual, left, path = continued(residual, left, path, codes, beam)
        ends = path[:, :, 0] < starts[count - 1]
        cost, best = (torch.where(ends, left, torch.inf) + price * count).min(1)
        better = cost < least
        least[better] = cost[better]
        found[better] = nn.functional.pad(path[better, best[better]], (0, len(codebooks) - count), value=-1)
        left = torch.where(ends, torch.inf, left)
    return found


def decode_one_of(codes, codebooks, levels):
    """Codes of `encode_each` [batch, time, ...], codebooks [m, codes, dimensions], levels [batch] -> latents of so many codes
    each [batch, time, dimensions]."""
    result = torch.empty(*codes.shape[:2], codebooks.shape[2], device=codebooks.device)
    for level in levels.unique().tolist():
        rows = levels == level
        own = codes[rows, :, level * (level - 1) // 2:][..., :level].long()
        result[rows] = sum(F.embedding(own[..., number], codebooks[number]) for number in range(level))
    return result


class ResidualQuantizer(nn.Module):
    """Residual vector quantization (SoundStream, Zeghidour et al. 2021) whose codebooks are fitted after the encoder.

    Until `fit.py` has made the codebooks, a channel of their rate stands for them: it speaks of all dimensions alike, as they do. (Before
    there were two, for the first `coarse` dimensions and for the rest, as configurations of that time still tell.)

    With a `stack`, codes stand for so many latents together: neighbours say much the same, so that the same bits bring them nearer.

    Frames need not all have the same number of codes: the first tells how many there are. The first codebook is ordered so that more
    is left to say after a code than after those before it; row n - 1 of `starts` [codebooks, codebooks] holds the first codes
    from which on a frame has more than 1, 2, ... codes, and `prices` [codebooks] what a code has to be worth in squared distance,
    for n codes a frame on average. `depths.py` finds both.
    """

    def __init__(self, codebooks: int, codes: int, dimensions: int, coarse: int | None = None, stack: int = 1):
        super().__init__()
        self.bits, self.stack = int(math.log2(codes)), stack
        self.register_buffer("codebooks", torch.zeros(codebooks, codes, stack * dimensions))
        self.register_buffer("fitted", torch.zeros((), dtype=torch.bool))
        # Until they are found, all frames have n.
        self.register_buffer("starts", float(codes) * torch.ones(codebooks, codebooks).triu())
        self.register_buffer("prices", torch.zeros(codebooks))
        self.channel = RateChannel(dimensions)

    def encode(self, latent, levels: int, beam: int = BEAM, variable: bool = False):
        """latent [..., time, dimensions] -> codes [..., time / stack, levels]; if their number is variable, as many on average,
        [..., time / stack, codebooks] with -1 where there are none.

        The best sequences are kept from codebook to codebook (as beam search in additive quantization, Babenko and
        Lempitsky 2014): that brings what they say together closer than taking the nearest code each time. The best two codes
        needn't begin the best four.
        """
        rows = latent.float().reshape(*latent.shape[:-2], -1, self.codebooks.shape[2])
        wanted = rows.flatten(0, -2)
        if variable:
            codes = search_ending(wanted, self.codebooks, self.starts[levels - 1], float(self.prices[levels - 1]), beam)
        else:
            codes = search(wanted, self.codebooks[:levels], beam)[-1]
        return codes.unflatten(0, rows.shape[:-1])

    def encode_each(self, latent, beam: int = BEAM):
        """latent [n, stack dimensions] -> the codes if there is one codebook, two, and so on, one after the other:
        [n, codebooks (codebooks + 1) / 2]. `decode_one_of` reads them."""
        return torch.cat(search(latent, self.codebooks, beam), 1)

    def decode(self, codes):
        """codes [..., tokens, levels], any prefix of the codebooks, -1 for none -> latent [..., tokens stack, dimensions]."""
        rows = sum(self.codebooks[level][codes[..., level]] * (codes[..., level] >= 0)[..., None]
                   for level in range(codes.shape[-1]))
        return rows.reshape(*codes.shape[:-2], -1, rows.shape[-1] // self.stack)

    def forward(self, latent, levels):
        """latent [batch, time, dimensions], levels [batch]: how many codebooks each clip may use -> what the decoder gets.

        With fitted codebooks there is no gradient: the encoder has learned what it had to.
        """
        latent = latent.float()
        if not self.fitted:
            return self.channel(latent, self.bits * levels)
        with torch.no_grad():
            result = torch.empty_like(latent)
            for count in levels.unique().tolist():
                rows = levels == count
                result[rows] = self.decode(self.encode(latent[rows], count, NARROW_BEAM if self.training else BEAM))
            return result
