"""The ideal quantizer that the networks learn with: Gaussian noise of just the strength that leaves so many bits a frame."""

import math

import torch
from torch import nn


class RateChannel(nn.Module):
    """Adds white noise to latents, of the variance N at which a Gaussian channel carries the bits wanted:
    1/2 log2 det(I + C / N) = bits, where C is the latents' covariance (Cover and Thomas 2006, 9.4), and makes the best linear
    estimate of what was sent, C (C + N I)^-1 of what came. The bits stay the same however large the latents grow, and
    N has a gradient in C: the latents learn to spend the bits where they help, and no codebook needs to exist yet.
    """

    def __init__(self, dimensions: int, decay: float = 0.98):
        super().__init__()
        self.decay = decay
        self.register_buffer("mean", torch.zeros(dimensions))
        self.register_buffer("covariance", torch.eye(dimensions))
        self.register_buffer("ready", torch.zeros((), dtype=torch.bool))

    def log_noise(self, bits: float, covariance):
        """ln N for a covariance [dimensions, dimensions], with its gradient (of the implicit function)."""
        with torch.no_grad():
            values = torch.linalg.eigvalsh(covariance).clamp(min=1e-9).double()
            low, high = math.log(1e-9), math.log(float(values[-1])) + 12
            for _ in range(50):
                middle = 0.5 * (low + high)
                rate = 0.5 * torch.log2(1 + values / math.exp(middle)).sum()
                low, high = (middle, high) if rate > bits else (low, middle)
            slope = float(0.5 / math.log(2) * (values / (values + math.exp(middle))).sum())
        eye = torch.eye(len(covariance), device=covariance.device)
        rate = 0.5 / math.log(2) * torch.logdet(eye + covariance / math.exp(middle))
        return middle + (rate - rate.detach()) / slope

    def estimate(self, log_noise, covariance):
        """The best linear estimate's matrix, without gradient [dimensions, dimensions]."""
        with torch.no_grad():
            return torch.linalg.solve(covariance + log_noise.exp() * torch.eye(len(covariance), device=covariance.device), covariance)

    def shares(self, off, latent, bits: int):
        """Differences of latents [..., dimensions] -> their squared length as the channel of so many bits tells them, as a share of what
        it leaves of a latent [...], by the covariance of these `latent` [n, dimensions]: scaling all of them changes nothing."""
        centred = latent - latent.mean(0)
        covariance = centred.T @ centred / len(latent)
        log_noise = self.log_noise(bits, covariance)
        estimate = self.estimate(log_noise, covariance)
        return (off @ estimate).square().sum(-1) / (log_noise.exp() * estimate.trace())

    def forward(self, latent, bits):
        """latent [batch, time, dimensions], bits a frame [batch] -> what arrives, of the same shape."""
        flat = latent.flatten(0, 1)
        mean = flat.mean(0)
        now = (flat - mean).T @ (flat - mean) / len(flat)
        with torch.no_grad():
            keep = self.decay if self.ready else 0.0
            self.mean.lerp_(mean, 1 - keep)
            self.covariance.lerp_(now, 1 - keep)
            self.ready.fill_(True)
        # The value of the running mean, the gradient of this batch.
        covariance = self.covariance + (now - now.detach())
        result = self.mean.expand_as(latent).clone()
        for amount in bits.unique().tolist():
            if amount == 0:
                continue
            rows = bits == amount
            log_noise = self.log_noise(amount, covariance)
            noise = torch.randn_like(latent[rows]) * (0.5 * log_noise).exp()
            result[rows] = self.mean + (latent[rows] - self.mean + noise) @ self.estimate(log_noise, self.covariance)
        return result
