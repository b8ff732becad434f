"""Critics tell recordings from decoded speech by their spectra, so that the decoder learns what the distances smooth away.

Every critic has the window sizes that it looks through (`sizes`; windows follow each other by a quarter of that), and makes of the
spectra of each, as real and imaginary parts [batch, frames, bins, 2], the scores of its patches and its layers' outputs.
"""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm


def judged(x, stack, head):
    """An image [batch, channels, frames, bins] -> scores, and the outputs of the stack's layers."""
    features = []
    for layer in stack:
        x = F.leaky_relu(layer(x), 0.2)
        features.append(x)
    return head(x), features


def log_magnitude(z):
    """[..., 2] -> [...], about -1 to 1."""
    return ((z[..., 0] * z[..., 0] + z[..., 1] * z[..., 1] + 1e-10).sqrt().clamp(min=1e-3).log() + 3) / 3


class SpectrogramCritic(nn.Module):
    """Convolutions over ln magnitudes, which halve the frequency axis at each layer (after the multi-resolution spectrogram
    discriminator of UnivNet, Jang et al. 2021, with fewer channels). 55 thousand parameters."""

    sizes = (512, 1024)

    def __init__(self, channels: int = 16, layers: int = 4):
        super().__init__()
        widths = [1] + [channels * min(2, 1 + i // 2) for i in range(layers)]
        self.stacks = nn.ModuleList(
            nn.ModuleList(weight_norm(nn.Conv2d(a, b, (3, 5), (1, 2), (1, 2))) for a, b in zip(widths, widths[1:]))
            for _ in self.sizes)
        self.heads = nn.ModuleList(weight_norm(nn.Conv2d(widths[-1], 1, (3, 3), 1, (1, 1))) for _ in self.sizes)

    def forward(self, spectra):
        return [judged(log_magnitude(z)[:, None], stack, head) for z, stack, head in zip(spectra, self.stacks, self.heads)]


# Magnitudes far below this have no phase to speak of; it also bounds the phase's gradient.
QUIET = 0.02


def phase_planes(real, imaginary, cosine, sine):
    """Spectra [batch, frames, bins], and how a steady tone turns from frame to frame [bins - 1] -> five planes
    [batch, frames - 1, bins - 1, 5]: ln magnitude; cosine and sine of the phase's difference to the next lower bin, and to the
    frame before less what a steady tone turns by. The phase itself isn't looked at: the decoder's pulses begin anywhere."""
    magnitude = (real * real + imaginary * imaginary + 1e-10).sqrt()
    real, imaginary = real / (magnitude + QUIET), imaginary / (magnitude + QUIET)

    def turned(frame, bin):
        """Real and imaginary part of each value times the conjugate of that one frame or bin before."""
        frames, bins = slice(1 - frame, real.shape[1] - frame), slice(1 - bin, real.shape[2] - bin)
        here, there = (real[:, 1:, 1:], imaginary[:, 1:, 1:]), (real[:, frames, bins], imaginary[:, frames, bins])
        return here[0] * there[0] + here[1] * there[1], here[1] * there[0] - here[0] * there[1]

    along_frequency, (x, y) = turned(0, 1), turned(1, 0)
    log = (magnitude[:, 1:, 1:].clamp(min=1e-3).log() + 3) / 3
    return torch.stack([log, *along_frequency, x * cosine + y * sine, y * cosine - x * sine], -1)


# Real and imaginary parts apart: see losses.py.
compiled_phase_planes = torch.compile(phase_planes, dynamic=False)


class PhaseCritic(nn.Module):
    """Convolutions over magnitudes and phase differences. Wide first patches keep it affordable: 1.06 million parameters, nineteen
    times those of `SpectrogramCritic`, at one and a half times its cost."""

    sizes = (256, 512, 1024)
    # Of the first layer: kernel and stride in time, and in frequency.
    PATCHES = ((4, 2, 8), (3, 1, 16), (3, 1, 32))

    def __init__(self, widths=(48, 96, 128, 160)):
        super().__init__()
        self.stacks, self.heads = nn.ModuleList(), nn.ModuleList()
        for size, (kernel, stride, patch) in zip(self.sizes, self.PATCHES):
            angle = 2 * torch.pi * (size // 4) / size * torch.arange(1, size // 2 + 1, dtype=torch.float64)
            self.register_buffer(f"turn{size}", torch.stack([angle.cos(), angle.sin()], -1).float(), persistent=False)
            layers = [nn.Conv2d(5, widths[0], (kernel, patch), (stride, patch), (1, 0))]
            layers += [nn.Conv2d(a, b, 3, (step, 2), 1) for a, b, step in zip(widths, widths[1:], (1, 2, 1))]
            self.stacks.append(nn.ModuleList(weight_norm(layer) for layer in layers))
            self.heads.append(weight_norm(nn.Conv2d(widths[-1], 1, 3, 1, 1)))

    def forward(self, spectra):
        # [batch, time, frequency, planes] is a channels-last image.
        return [judged(compiled_phase_planes(*z.unbind(-1), *getattr(self, f"turn{size}").unbind(-1)).permute(0, 3, 1, 2), stack, head)
                for z, size, stack, head in zip(spectra, self.sizes, self.stacks, self.heads)]


CRITICS = {"spectrogram": SpectrogramCritic, "phase": PhaseCritic}


def critic_loss(real, fake):
    """Hinge loss (Lim and Ye 2017) of what a critic makes of recordings and of decoded speech -> scalar."""
    return sum(F.relu(1 - r).mean() + F.relu(1 + f).mean() for (r, _), (f, _) in zip(real, fake)) / len(real)


def told_apart(real, fake):
    """The share of the patches that a critic tells right; chance is a half."""
    return sum(((r > 0).float().mean() + (f < 0).float().mean()) / 2 for (r, _), (f, _) in zip(real, fake)) / len(real)


def decoder_losses(real, fake):
    """The decoder's side of the hinge loss, and the distance of the layers' outputs (Larsen et al. 2016) -> two scalars."""
    adversarial = -sum(f.mean() for f, _ in fake) / len(fake)
    pairs = [(a.detach(), b) for (_, r), (_, f) in zip(real, fake) for a, b in zip(r, f)]
    return adversarial, sum((a - b).abs().mean() / a.abs().mean() for a, b in pairs) / len(pairs)
