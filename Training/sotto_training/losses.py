"""What the waveform is compared by: spectra at several resolutions."""

import torch
from torch import nn

from .features import mel_filters
from .pitch import hann


class SpectralLoss(nn.Module):
    """Mean over windows of: L1 of ln mel + 0.3 L1 of ln magnitude + 0.5 spectral convergence (Arik et al. 2018)."""

    def __init__(self, sample_rate: int, windows=((256, 20), (512, 40), (1024, 80), (2048, 160))):
        super().__init__()
        self.sizes = [size for size, _ in windows]
        for size, bands in windows:
            filters = mel_filters(sample_rate, size, bands, 0, sample_rate / 2)
            self.register_buffer(f"filters{size}", torch.tensor(filters.T, dtype=torch.float32), persistent=False)
            self.register_buffer(f"window{size}", torch.tensor(hann(size), dtype=torch.float32), persistent=False)

    def spectra(self, x):
        """x [batch, samples] -> for each window ln mel, ln magnitude and magnitude, [batch, frames, n]."""
        result = []
        for size in self.sizes:
            spectrum = torch.stft(x, size, size // 4, window=getattr(self, f"window{size}"), center=False,
                                  return_complex=True)
            real, imaginary = torch.view_as_real(spectrum).unbind(-1)
            magnitude = torch.addcmul(real * real + 1e-10, imaginary, imaginary).sqrt().transpose(1, 2)
            mel = (magnitude @ getattr(self, f"filters{size}")).clamp(min=1e-5).log()
            result.append((mel, magnitude.clamp(min=1e-3).log(), magnitude))
        return result

    def distance(self, decoded, audio):
        """Of what `spectra` makes of the two -> scalar."""
        total = 0.0
        for (mel, log, magnitude), (wanted_mel, wanted_log, wanted) in zip(decoded, audio):
            off = ((magnitude - wanted).square().sum((1, 2)) / (wanted.square().sum((1, 2)) + 1e-3)).sqrt().mean()
            total = total + (mel - wanted_mel).abs().mean() + 0.3 * (log - wanted_log).abs().mean() + 0.5 * off
        return total / len(self.sizes)

    def forward(self, decoded, audio):
        """decoded, audio [batch, samples] -> scalar."""
        return self.distance(self.spectra(decoded), self.spectra(audio))


class EnvelopeLoss(nn.Module):
    """One minus the correlation of short-time band envelopes, after STOI (Taal et al. 2011, eq. 5, without clipping).

    Third-octave bands from 150 Hz, segments of 384 ms; silent segments don't count.
    """

    def __init__(self, sample_rate: int, size: int = 512, hop: int = 128, bands: int = 15, segment: int = 48):
        super().__init__()
        self.size, self.hop, self.segment = size, hop, segment
        frequencies = torch.linspace(0, sample_rate / 2, size // 2 + 1)
        centres = 150 * 2 ** (torch.arange(bands) / 3)
        inside = (frequencies[:, None] >= centres * 2 ** (-1 / 6)) & (frequencies[:, None] < centres * 2 ** (1 / 6))
        self.register_buffer("bands", inside.float(), persistent=False)
        self.register_buffer("window", torch.tensor(hann(size), dtype=torch.float32), persistent=False)

    def envelopes(self, x):
        spectrum = torch.stft(x, self.size, self.hop, window=self.window, center=False, return_complex=True)
        real, imaginary = torch.view_as_real(spectrum).unbind(-1)
        power = torch.addcmul(real * real, imaginary, imaginary).transpose(1, 2)
        return (power @ self.bands + 1e-8).sqrt().unfold(1, self.segment, self.segment // 4)

    def forward(self, decoded, audio):
        """decoded, audio [batch, samples] -> scalar."""
        got, wanted = self.envelopes(decoded), self.envelopes(audio)  # [batch, segments, bands, segment]
        energy = wanted.square().mean((2, 3))
        counts = (energy > 1e-4 * energy.amax(1, keepdim=True)) & (energy > 1e-6)
        got, wanted = (x - x.mean(-1, keepdim=True) for x in (got, wanted))
        scale = (got.square().sum(-1) * wanted.square().sum(-1) + 1e-8).sqrt()
        off = 1 - (got * wanted).sum(-1) / scale
        return (off.mean(-1) * counts).sum() / counts.sum().clamp(min=1)
