"""Short-time Fourier transforms as functions with a backward of their own: PyTorch's goes through complex transforms of full
length and scatters frame by frame, which takes three times as long."""

import torch
from torch.nn import functional as F


def overlapped(parts, hop: int):
    """parts [batch, frames, size], each `hop` later than the one before -> their sum [batch, (frames - 1) hop + size]."""
    batch, frames, size = parts.shape
    pieces = size // hop
    total = torch.zeros(batch, frames + pieces - 1, hop, device=parts.device, dtype=parts.dtype)
    for k in range(pieces):
        total[:, k: k + frames] += parts[:, :, k * hop: (k + 1) * hop]
    return total.flatten(1)


class Spectra(torch.autograd.Function):
    """x [batch, samples], window [size], hop (a part of the size) -> real and imaginary parts of the windowed frames' spectra,
    [batch, frames, size / 2 + 1, 2]. Only x has a gradient."""

    @staticmethod
    def forward(ctx, x, window, hop: int):
        ctx.save_for_backward(window)
        ctx.samples, ctx.hop = x.shape[1], hop
        return torch.view_as_real(torch.fft.rfft(x.unfold(1, window.numel(), hop) * window))

    @staticmethod
    def backward(ctx, gradient):
        window, = ctx.saved_tensors
        # The inverse counts all bins but the first and the last twice.
        gradient = gradient * 0.5
        gradient[..., 0, :] *= 2
        gradient[..., -1, :] *= 2
        parts = torch.fft.irfft(torch.view_as_complex(gradient.contiguous()), window.numel(), norm="forward") * window
        total = overlapped(parts, ctx.hop)[:, : ctx.samples]
        return F.pad(total, (0, ctx.samples - total.shape[1])), None, None


class Waveform(torch.autograd.Function):
    """Real and imaginary parts of spectra, each [batch, frames, size / 2 + 1], window [size], hop -> the sum of the windowed
    frames, [batch, frames hop]: what lies beyond is cut off."""

    @staticmethod
    def forward(ctx, real, imaginary, window, hop: int):
        ctx.save_for_backward(window)
        ctx.hop = hop
        parts = torch.fft.irfft(torch.complex(real, imaginary), window.numel()) * window
        return overlapped(parts, hop)[:, : parts.shape[1] * hop]

    @staticmethod
    def backward(ctx, gradient):
        window, = ctx.saved_tensors
        size = window.numel()
        frames = F.pad(gradient, (0, size - ctx.hop)).unfold(1, size, ctx.hop) * window
        spectrum = torch.fft.rfft(frames) * (2 / size)
        spectrum[..., 0] *= 0.5
        spectrum[..., -1] *= 0.5
        return spectrum.real, spectrum.imag, None, None
