"""Causal layers, the twins of the Swift room NeuralNet. Everything is [batch, time, channels]."""

import torch
from torch import nn
from torch.nn import functional as F


class ConvNeXtBlock(nn.Module):
    """Depthwise convolution and a pointwise bottleneck (Liu et al. 2022), squared ReLU (So et al. 2021)."""

    def __init__(self, channels: int, kernel: int, expansion: int, causal: bool = True):
        super().__init__()
        self.past = kernel - 1 if causal else kernel // 2
        self.future = kernel - 1 - self.past
        self.conv = nn.Conv1d(channels, channels, kernel, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.expand = nn.Linear(channels, channels * expansion)
        self.project = nn.Linear(channels * expansion, channels)
        self.scale = nn.Parameter(torch.full((channels,), 0.1))

    def forward(self, x):
        # [batch, time, channels] is a channels-last image of height 1: no copy, and the fast depthwise kernel.
        padded = F.pad(x, (0, 0, self.past, self.future)).transpose(1, 2)[:, :, None]
        y = F.conv2d(padded, self.conv.weight[:, :, None], self.conv.bias, groups=x.shape[-1])[:, :, 0].transpose(1, 2)
        y = self.expand(self.norm(y))
        return torch.addcmul(x, self.scale, self.project(F.relu(y).square()).to(x.dtype))


class Trunk(nn.Module):
    """Residual GRU, then blocks: the part that runs once a token frame."""

    def __init__(self, channels: int, blocks: int, kernel: int, expansion: int):
        super().__init__()
        self.gru = nn.GRU(channels, channels, batch_first=True)
        self.blocks = nn.ModuleList(ConvNeXtBlock(channels, kernel, expansion) for _ in range(blocks))

    def recur(self, x):
        with torch.autocast(x.device.type, enabled=False):
            x = x.float()
            return x + self.gru(x)[0]

    def forward(self, x):
        x = self.recur(x)
        for block in self.blocks:
            x = block(x)
        return x


class ResidualQuantizer(nn.Module):
    """Residual vector quantization (SoundStream, Zeghidour et al. 2021) with codebooks kept as running means."""

    def __init__(self, codebooks: int, codes: int, dimensions: int, decay: float = 0.99, least_use: float = 0.05):
        super().__init__()
        self.decay, self.least_use = decay, least_use
        self.register_buffer("codebooks", torch.zeros(codebooks, codes, dimensions))
        self.register_buffer("use", torch.ones(codebooks, codes))
        self.register_buffer("total", torch.zeros(codebooks, codes, dimensions))
        self.register_buffer("ready", torch.zeros(codebooks, dtype=torch.bool))

    def nearest(self, residual, level):
        codes = self.codebooks[level]
        return (codes.square().sum(-1) - 2 * residual @ codes.T).argmin(-1)

    def encode(self, latent, levels: int):
        """latent [..., dimensions] -> codes [..., levels]."""
        chosen, residual = [], latent.float()
        for level in range(levels):
            index = self.nearest(residual, level)
            residual = residual - self.codebooks[level][index]
            chosen.append(index)
        return torch.stack(chosen, -1)

    def decode(self, codes):
        """codes [..., levels], any prefix of the codebooks -> latent [..., dimensions]."""
        return sum(self.codebooks[level][codes[..., level]] for level in range(codes.shape[-1]))

    def forward(self, latent, levels):
        """latent [batch, time, dimensions], levels [batch]: how many codebooks each clip may use.

        Returns the quantized latent (straight-through gradient) and the commitment loss summed over codebooks.
        """
        latent = latent.float()
        residual, quantized, commitment = latent, torch.zeros_like(latent), latent.new_zeros(())
        for level in range(int(levels.max())):
            active = (levels > level)[:, None, None].float()
            seen = residual.detach()
            if self.training and not self.ready[level]:
                self.start(level, seen[levels > level].flatten(0, 1))
            index = self.nearest(seen, level)
            chosen = self.codebooks[level][index]
            commitment = commitment + ((residual - chosen).square() * active).mean() / active.mean()
            if self.training:
                self.update(level, seen[levels > level].flatten(0, 1), index[levels > level].flatten())
            quantized = quantized + chosen * active
            residual = residual - chosen * active
        return latent + (quantized - latent).detach(), commitment

    @torch.no_grad()
    def start(self, level, vectors):
        pick = torch.randint(len(vectors), (self.codebooks.shape[1],), device=vectors.device)
        spread = vectors.std() * 0.05
        self.codebooks[level] = vectors[pick] + spread * torch.randn_like(vectors[pick])
        self.total[level] = self.codebooks[level]
        self.ready[level] = True

    @torch.no_grad()
    def update(self, level, vectors, index):
        count = torch.zeros_like(self.use[level]).index_add_(0, index, torch.ones_like(index, dtype=torch.float))
        summed = torch.zeros_like(self.total[level]).index_add_(0, index, vectors)
        self.use[level].lerp_(count, 1 - self.decay)
        self.total[level].lerp_(summed, 1 - self.decay)
        dead = self.use[level] < self.least_use
        if dead.any():
            pick = torch.randint(len(vectors), (int(dead.sum()),), device=vectors.device)
            self.total[level][dead] = vectors[pick] * 2 * self.least_use
            self.use[level][dead] = 2 * self.least_use
        self.codebooks[level] = self.total[level] / self.use[level][:, None]
