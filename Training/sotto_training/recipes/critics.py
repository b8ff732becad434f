"""Tells recordings from decoded speech by their spectrograms, so that the decoder learns what the distances smooth away."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm


class SpectrogramDiscriminator(nn.Module):
    """Convolutions over ln magnitudes of several resolutions, which halve the frequency axis at each layer (after the
    multi-resolution spectrogram discriminator of UnivNet, Jang et al. 2021, with fewer channels)."""

    def __init__(self, resolutions: int, channels: int = 16, layers: int = 4):
        super().__init__()
        widths = [1] + [channels * min(2, 1 + i // 2) for i in range(layers)]
        self.stacks = nn.ModuleList(
            nn.ModuleList(weight_norm(nn.Conv2d(a, b, (3, 5), (1, 2), (1, 2))) for a, b in zip(widths, widths[1:]))
            for _ in range(resolutions))
        self.heads = nn.ModuleList(weight_norm(nn.Conv2d(widths[-1], 1, (3, 3), 1, (1, 1))) for _ in range(resolutions))

    def forward(self, spectra):
        """ln magnitudes [batch, frames, bins] of each resolution -> for each: scores, and the layers' outputs."""
        results = []
        for x, stack, head in zip(spectra, self.stacks, self.heads):
            x, features = (x[:, None] + 3) / 3, []
            for layer in stack:
                x = F.leaky_relu(layer(x), 0.2)
                features.append(x)
            results.append((head(x), features))
        return results


def discriminator_loss(real, fake):
    """Hinge loss (Lim and Ye 2017) -> scalar."""
    return sum(F.relu(1 - r).mean() + F.relu(1 + f).mean() for (r, _), (f, _) in zip(real, fake)) / len(real)


def generator_losses(real, fake):
    """The decoder's side of the hinge loss, and the distance of the layers' outputs (Larsen et al. 2016) -> two scalars."""
    adversarial = -sum(f.mean() for f, _ in fake) / len(fake)
    pairs = [(a.detach(), b) for (_, r), (_, f) in zip(real, fake) for a, b in zip(r, f)]
    return adversarial, sum((a - b).abs().mean() / a.abs().mean() for a, b in pairs) / len(pairs)
