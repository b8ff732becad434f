"""Residual vector quantization."""

import math

import torch
from torch import nn

from .channel import RateChannel

BEAM = 4


class ResidualQuantizer(nn.Module):
    """Residual vector quantization (SoundStream, Zeghidour et al. 2021) whose codebooks are fitted after the encoder.

    The first half of the codebooks speaks of the first `coarse` dimensions, the other half of the rest: codebooks that
    all speak of the same ones leave a latent of some twenty dimensions, in which the last bits buy next to nothing. Until
    `fit.py` has made the codebooks, a channel of the same rate stands for each half.
    """

    def __init__(self, codebooks: int, codes: int, dimensions: int, coarse: int):
        super().__init__()
        self.bits, self.half, self.coarse = int(math.log2(codes)), codebooks // 2, coarse
        self.register_buffer("codebooks", torch.zeros(codebooks, codes, dimensions))
        self.register_buffer("fitted", torch.zeros((), dtype=torch.bool))
        self.channels = nn.ModuleList([RateChannel(coarse), RateChannel(dimensions - coarse)])

    def encode(self, latent, levels: int):
        """latent [..., dimensions] -> codes [..., levels].

        Of each half, the `BEAM` best sequences are kept from codebook to codebook (as beam search in additive quantization,
        Babenko and Lempitsky 2014): that brings what all four say closer than taking the nearest code each time.
        """
        flat = latent.float().flatten(0, -2)
        halves = [(slice(0, self.coarse), range(min(levels, self.half))),
                  (slice(self.coarse, None), range(self.half, max(levels, self.half)))]
        chosen = [self.search(flat[:, own], self.codebooks[:, :, own], span) for own, span in halves]
        return torch.cat(chosen, 1).unflatten(0, latent.shape[:-1])

    def search(self, wanted, codebooks, span):
        """wanted [n, d], codebooks [..., d] and which of them -> codes [n, number of them]."""
        residual, left = wanted[:, None], wanted.square().sum(1, keepdim=True)
        path = torch.zeros(len(wanted), 1, 0, dtype=torch.long, device=wanted.device)
        for level in span:
            codes = codebooks[level]
            score = left[:, :, None] + codes.square().sum(1) - 2 * residual @ codes.T
            left, index = score.flatten(1).topk(BEAM, largest=False)
            parent, code = index // len(codes), index % len(codes)
            residual = residual.take_along_dim(parent[:, :, None], 1) - codes[code]
            path = torch.cat([path.take_along_dim(parent[:, :, None], 1), code[:, :, None]], 2)
        return path[:, 0]

    def decode(self, codes):
        """codes [..., levels], any prefix of the codebooks -> latent [..., dimensions]."""
        return sum(self.codebooks[level][codes[..., level]] for level in range(codes.shape[-1]))

    def forward(self, latent, levels):
        """latent [batch, time, dimensions], levels [batch]: how many codebooks each clip may use -> what the decoder gets.

        With fitted codebooks there is no gradient: the encoder has learned what it had to.
        """
        latent = latent.float()
        if not self.fitted:
            coarse, fine = latent.split([self.coarse, latent.shape[-1] - self.coarse], -1)
            bits = [self.bits * part for part in (levels.clamp(max=self.half), (levels - self.half).clamp(min=0))]
            return torch.cat([self.channels[0](coarse, bits[0]), self.channels[1](fine, bits[1])], -1)
        with torch.no_grad():
            codes = self.encode(latent, len(self.codebooks))
            return sum(self.codebooks[level][codes[..., level]] * (levels > level)[:, None, None]
                       for level in range(len(self.codebooks)))
