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

    def forward(self, decoded, audio):
        """decoded, audio [batch, samples] -> scalar."""
        total = decoded.new_zeros(())
        for size in self.sizes:
            window, filters = getattr(self, f"window{size}"), getattr(self, f"filters{size}")

            def magnitude(x):
                spectrum = torch.stft(x, size, size // 4, window=window, center=False, return_complex=True)
                return (torch.view_as_real(spectrum).square().sum(-1) + 1e-10).sqrt().transpose(1, 2)

            got, wanted = magnitude(decoded), magnitude(audio)
            mel = ((got @ filters).clamp(min=1e-5).log() - (wanted @ filters).clamp(min=1e-5).log()).abs().mean()
            log = (got.clamp(min=1e-3).log() - wanted.clamp(min=1e-3).log()).abs().mean()
            off = ((got - wanted).square().sum((1, 2)) / (wanted.square().sum((1, 2)) + 1e-3)).sqrt().mean()
            total = total + mel + 0.3 * log + 0.5 * off
        return total / len(self.sizes)
