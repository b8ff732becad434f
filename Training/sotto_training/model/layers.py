"""Causal layers, the twins of the Swift room NeuralNet. Everything is [batch, time, channels]."""

import torch
from torch import nn
from torch.nn import functional as F


def convnext(x, conv, conv_bias, norm, norm_bias, expand, expand_bias, project, project_bias, scale, past: int, future: int):
    """A ConvNeXt block, x [batch, time, channels], whose depthwise convolution, conv [channels, 1, kernel], is a sum of shifted
    copies: compiled, that is one pass over memory, forward and backward."""
    padded, time = F.pad(x, (0, 0, past, future)), x.shape[1]
    y = conv_bias
    for tap in range(conv.shape[2]):
        y = y + padded[:, tap: tap + time] * conv[:, 0, tap]
    y = F.linear(F.layer_norm(y, (x.shape[-1],), norm, norm_bias), expand, expand_bias)
    return torch.addcmul(x, scale, F.linear(F.relu(y).square(), project, project_bias).to(x.dtype))


compiled_convnext = torch.compile(convnext, dynamic=False)


class ConvNeXtBlock(nn.Module):
    """Depthwise convolution and a pointwise bottleneck (Liu et al. 2022), squared ReLU (So et al. 2021)."""

    # Whether blocks that learn are compiled: worth half a minute at the start of a run of many steps of one shape.
    compiled = False

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
        # Blocks that look ahead read transcripts, whose lengths all differ: each would have to be compiled for.
        rounded = type(self.expand) is not nn.Linear
        if self.compiled and self.future == 0 and torch.is_grad_enabled() and not rounded:
            return compiled_convnext(
                x, self.conv.weight, self.conv.bias, self.norm.weight, self.norm.bias, self.expand.weight, self.expand.bias,
                self.project.weight, self.project.bias, self.scale, self.past, self.future)
        # [batch, time, channels] is a channels-last image of height 1: no copy, and the fast depthwise kernel.
        padded = F.pad(x, (0, 0, self.past, self.future)).transpose(1, 2)[:, :, None]
        y = F.conv2d(padded, self.conv.weight[:, :, None], self.conv.bias, groups=x.shape[-1])[:, :, 0].transpose(1, 2)
        y = self.expand(self.norm(y))
        return torch.addcmul(x, self.scale, self.project(F.relu(y).square()).to(x.dtype))


def at_least_single(x: torch.Tensor) -> torch.Tensor:
    """What mixed precision made of 16 bits back to 32; doubles stay doubles."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


class Trunk(nn.Module):
    """Residual GRU, then blocks: the part that runs once a token frame."""

    def __init__(self, channels: int, blocks: int, kernel: int, expansion: int):
        super().__init__()
        self.gru = nn.GRU(channels, channels, batch_first=True)
        self.blocks = nn.ModuleList(ConvNeXtBlock(channels, kernel, expansion) for _ in range(blocks))

    def forward(self, x):
        with torch.autocast(x.device.type, enabled=False):
            x = at_least_single(x)
            x = x + self.gru(x)[0]
        for block in self.blocks:
            x = block(x)
        return x
