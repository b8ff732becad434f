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

    def forward(self, x):
        with torch.autocast(x.device.type, enabled=False):
            x = x.float()
            x = x + self.gru(x)[0]
        for block in self.blocks:
            x = block(x)
        return x
