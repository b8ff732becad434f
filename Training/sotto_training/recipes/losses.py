"""What the waveform is compared by: spectra at several resolutions."""

import torch
from torch import nn

from ..model.features import mel_filters
from ..model.pitch import hann
from .transforms import Spectra


# What is compiled takes real and imaginary parts apart: for an axis of two the compiler (PyTorch 2.13) makes loads sixteen wide that
# reach past the end of the array.


def described(real, imaginary, filters):
    """Spectra's real and imaginary parts [batch, frames, bins] -> ln mel, ln magnitude and magnitude [batch, frames, n]."""
    magnitude = (real * real + imaginary * imaginary + 1e-10).sqrt()
    return (magnitude @ filters).clamp(min=1e-5).log(), magnitude.clamp(min=1e-3).log(), magnitude


def apart(one, other):
    """The distance of what `described` makes of two sounds -> scalar."""
    (mel, log, magnitude), (other_mel, other_log, other_magnitude) = one, other
    off = ((magnitude - other_magnitude).square().sum((1, 2)) / (other_magnitude.square().sum((1, 2)) + 1e-3)).sqrt().mean()
    return (mel - other_mel).abs().mean() + 0.3 * (log - other_log).abs().mean() + 0.5 * off


def energy_terms(real, imaginary, mel, log, magnitude, filters):
    """Spectra of two draws, one after the other [2 batch, frames, bins], and the recording's descriptions -> the sum of both
    distances from the recording, that of the draws from each other, and the first draw's magnitudes."""
    parts = described(real, imaginary, filters)
    first, second = ([part[rows] for part in parts] for rows in (slice(0, len(mel)), slice(len(mel), None)))
    wanted = mel, log, magnitude
    return apart(first, wanted) + apart(second, wanted), apart(first, second), first[2]


compiled_described = torch.compile(described, dynamic=False)
compiled_energy_terms = torch.compile(energy_terms, dynamic=False)


class SpectralLoss(nn.Module):
    """Mean over windows of: L1 of ln mel + 0.3 L1 of ln magnitude + 0.5 spectral convergence (Arik et al. 2018)."""

    def __init__(self, sample_rate: int, windows=((256, 20), (512, 40), (1024, 80), (2048, 160))):
        super().__init__()
        self.sizes = [size for size, _ in windows]
        for size, bands in windows:
            filters = mel_filters(sample_rate, size, bands, 0, sample_rate / 2)
            self.register_buffer(f"filters{size}", torch.tensor(filters.T, dtype=torch.float32), persistent=False)
            self.register_buffer(f"window{size}", torch.tensor(hann(size), dtype=torch.float32), persistent=False)

    def transforms(self, x):
        """x [batch, samples] -> for each window's size the spectra, as real and imaginary parts [batch, frames, bins, 2]."""
        return {size: Spectra.apply(x, getattr(self, f"window{size}"), size // 4) for size in self.sizes}

    def energy(self, draws, wanted):
        """The energy distance's terms (Gritsenko et al. 2020, eq. 5): `transforms` of two draws of the noise together [2 batch,
        ...] and of the recording [batch, ...] -> the distance of both draws from the recording, that of the draws from each
        other, and the magnitudes of the first draw and of the recording with windows of 512."""
        near = far = 0.0
        for size in self.sizes:
            filters = getattr(self, f"filters{size}")
            with torch.no_grad():
                target = compiled_described(*wanted[size].unbind(-1), filters)
            to_target, to_each_other, magnitude = compiled_energy_terms(*draws[size].unbind(-1), *target, filters)
            near, far = near + to_target, far + to_each_other
            if size == 512:
                magnitudes = magnitude, target[2]
        return 0.5 * near / len(self.sizes), far / len(self.sizes), *magnitudes

    def forward(self, decoded, audio):
        """decoded, audio [batch, samples] -> scalar."""
        parts = [(described(*z.unbind(-1), getattr(self, f"filters{size}")) for size, z in self.transforms(x).items()) for x in (decoded, audio)]
        return sum(apart(one, other) for one, other in zip(*parts)) / len(self.sizes)


class EnvelopeLoss(nn.Module):
    """One minus the correlation of short-time band envelopes, after STOI (Taal et al. 2011, eq. 5, without clipping).

    Third-octave bands from 150 Hz, segments of 384 ms; silent segments don't count. Magnitudes are those of Hann windows of
    `size` samples, a quarter of it apart.
    """

    def __init__(self, sample_rate: int, size: int = 512, bands: int = 15, segment: int = 48):
        super().__init__()
        self.segment = segment
        frequencies = torch.linspace(0, sample_rate / 2, size // 2 + 1)
        centres = 150 * 2 ** (torch.arange(bands) / 3)
        inside = (frequencies[:, None] >= centres * 2 ** (-1 / 6)) & (frequencies[:, None] < centres * 2 ** (1 / 6))
        self.register_buffer("bands", inside.float(), persistent=False)

    def envelopes(self, magnitude):
        """[batch, frames, bins] -> [batch, segments, bands, frames of a segment]."""
        return (magnitude.square() @ self.bands + 1e-8).sqrt().unfold(1, self.segment, self.segment // 4)

    def forward(self, decoded, wanted):
        """Magnitudes [batch, frames, bins] -> scalar."""
        got, wanted = self.envelopes(decoded), self.envelopes(wanted)
        energy = wanted.square().mean((2, 3))
        counts = (energy > 1e-4 * energy.amax(1, keepdim=True)) & (energy > 1e-6)
        got, wanted = (x - x.mean(-1, keepdim=True) for x in (got, wanted))
        scale = (got.square().sum(-1) * wanted.square().sum(-1) + 1e-8).sqrt()
        off = 1 - (got * wanted).sum(-1) / scale
        return (off.mean(-1) * counts).sum() / counts.sum().clamp(min=1)


class LoudnessLoss(nn.Module):
    """The disturbance of loudness that PESQ weighs (ITU-T P.862, 2001, 10.2.3 to 10.2.10), from power spectra.

    Bands are half a Bark wide (Traunmueller 1990), the threshold of hearing is Terhardt's (1979); signals are in step, so
    nothing is aligned in time, and no linear filtering is forgiven. The value falls as PESQ's raw score rises.
    """

    def __init__(self, sample_rate: int, size: int = 512, width: float = 0.5, segment: int = 40):
        super().__init__()
        self.segment = segment
        lowest, highest = -0.53, 26.81 * sample_rate / 2 / (1960 + sample_rate / 2) - 0.53
        limits = lowest + width * torch.arange(int((highest - lowest) / width) + 1, dtype=torch.float64)
        limits = 1960 * (limits + 0.53) / (26.28 - limits)
        step = sample_rate / size
        bins = torch.arange(size // 2 + 1, dtype=torch.float64) * step
        inside = torch.minimum(bins[:, None] + step / 2, limits[1:]) - torch.maximum(bins[:, None] - step / 2, limits[:-1])
        inside[0] = 0
        centre = (limits[1:] + limits[:-1]) / 2000
        threshold = 3.64 * centre**-0.8 - 6.5 * (-0.6 * (centre - 3.3) ** 2).exp() + 1e-3 * centre**4
        # A level of 1e7 in 16-bit units stands for speech at 79 dB SPL, and 1e4 in a band for 40 dB SPL.
        self.register_buffer("bands", (inside.clamp(min=0) / step * 6.91e-4).float(), persistent=False)
        self.register_buffer("threshold", (10 ** (threshold.clamp(max=80) / 10)).float(), persistent=False)
        self.width = width

    def loudness(self, power):
        """Zwicker's law, in sones per Bark; what can't be heard has none."""
        loud = (self.threshold / 0.5) ** 0.23 * ((0.5 + 0.5 * power / self.threshold) ** 0.23 - 1)
        return 0.1866 * loud.clamp(min=0)

    def forward(self, decoded, wanted, level):
        """Magnitudes of Hann windows [batch, frames, bins]; mean square [batch] of the clips around them -> scalar."""
        scale = (1e7 / level.clamp(min=1e-6))[:, None, None]
        decoded, wanted = (magnitude.square() * scale @ self.bands for magnitude in (decoded, wanted))
        heard, wanted_heard = (power.sum(-1, keepdim=True) for power in (decoded, wanted))
        decoded = decoded * ((wanted_heard + 5e3) / (heard + 5e3)).clamp(3e-4, 5)
        got, expected = self.loudness(decoded), self.loudness(wanted)
        off = ((got - expected).abs() - 0.25 * torch.minimum(got, expected)).clamp(min=0)
        ratio = ((decoded + 50) / (wanted + 50)) ** 1.2
        ratio = torch.where(ratio < 3, 0, ratio.clamp(max=12))
        importance = ((wanted_heard[..., 0] + 1e5) / 1e7) ** 0.04
        symmetric = self.width * (off.square().sum(-1) * self.bands.shape[1] + 1e-6).sqrt()
        asymmetric = self.width * (off * ratio).sum(-1) + 1e-3
        total = 0.0
        for weight, disturbance in ((0.1, symmetric), (0.0309, asymmetric)):
            parts = (disturbance / importance).clamp(max=45).unfold(1, self.segment, self.segment // 2)
            total = total + weight * (parts**6).mean(-1).pow(1 / 6).square().mean(-1).sqrt()
        return total.mean()
