"""Excitation of the decoder: a band-limited pulse train that follows F0, and white noise."""

import torch


def harmonic_source(log_f0: torch.Tensor, hop: int, sample_rate: int, high: float,
                    phase: torch.Tensor | None = None) -> torch.Tensor:
    """log_f0 [batch, frames], ln Hz -> pulse train [batch, frames * hop] of about unit variance.

    Inside frame t the frequency runs linearly from that of frame t - 1 (the first frame: its own) to its own, reached
    at the frame's last sample. All harmonics up to `high` Hz in closed form (Dirichlet kernel):
    sum_{k=1}^{K} cos k p = sin((K + 1/2) p) / (2 sin(p / 2)) - 1/2, with K = floor(high / f0 of frame t), scaled by
    sqrt(2 / K). `phase` [batch], in cycles, is where the train starts.
    """
    f0 = log_f0.double().exp()
    previous = torch.cat([f0[:, :1], f0[:, :-1]], 1)
    ramp = torch.arange(1, hop + 1, device=f0.device, dtype=torch.float64) / hop
    step = (previous[..., None] + (f0 - previous)[..., None] * ramp).flatten(1) / sample_rate
    cycles = step.cumsum(1)
    if phase is not None:
        cycles = cycles + phase.double()[:, None]
    half = torch.pi * (cycles - cycles.floor())  # p / 2, 0 ... pi
    count = (high / f0).floor().clamp(min=1).repeat_interleave(hop, 1)
    near_zero = half.sin().abs() < 1e-4
    below = torch.where(near_zero, torch.ones_like(half), 2 * half.sin())
    kernel = torch.where(near_zero, count, ((2 * count + 1) * half).sin() / below - 0.5)
    return (kernel * (2 / count).sqrt()).float()


def white_noise(batch: int, samples: int, device) -> torch.Tensor:
    """Uniform noise of unit variance, [batch, samples]."""
    return (torch.rand(batch, samples, device=device) * 2 - 1) * 3**0.5
