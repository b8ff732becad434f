"""Log-mel features, the twin of the Swift room Spectral."""

import numpy as np
import torch

from .level import Level, gain
from .pitch import hann


def mel_filters(sample_rate: int, size: int, bands: int, low: float, high: float) -> np.ndarray:
    """[bands, size // 2 + 1] triangles on Slaney's scale with Slaney's normalisation, as librosa.filters.mel."""
    step, knee, log_step = 200 / 3, 1000.0, np.log(6.4) / 27

    def to_mel(hz):
        return hz / step if hz < knee else knee / step + np.log(hz / knee) / log_step

    mels = np.linspace(to_mel(low), to_mel(high), bands + 2)
    edges = np.where(mels < knee / step, mels * step, knee * np.exp(log_step * (mels - knee / step)))
    bins = np.linspace(0, sample_rate / 2, size // 2 + 1)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]


class Features(torch.nn.Module):
    """Audio and its pitch track -> what the encoder reads. In double precision, audio and pitch are to be so too."""

    def __init__(self, config: dict, dtype: torch.dtype = torch.float32):
        super().__init__()
        self.hop = config["features"]["hop"]
        self.mel, self.pitch = config["features"]["mel"], config["features"]["pitch"]
        m = self.mel
        filters = mel_filters(config["sample_rate"], m["window"], m["bands"], m["low"], m["high"])
        self.register_buffer("filters", torch.tensor(filters.T, dtype=dtype), persistent=False)
        self.register_buffer("window", torch.tensor(hann(m["window"]), dtype=dtype), persistent=False)
        self.per_token = config["encoder"]["stack"] * config["encoder"]["downsample"]
        self.level = Level(config["level"], self.per_token) if "level" in config else None

    def magnitudes(self, audio: torch.Tensor, preceded: bool = False) -> torch.Tensor:
        """audio [batch, samples] -> mel [batch, samples // hop, bands]; frame t ends at sample (t + 1) * hop. Before the audio
        there is silence, or, if it is preceded, its first window - hop samples are what comes before frame 0."""
        size = self.window.numel()
        if not preceded:
            audio = torch.nn.functional.pad(audio, (size - self.hop, 0))
        spectrum = torch.fft.rfft(audio.unfold(1, size, self.hop) * self.window).abs()
        return spectrum @ self.filters

    def scaled(self, mel: torch.Tensor, level: torch.Tensor | None = None) -> torch.Tensor:
        """mel [batch, frames, bands] -> what the networks get of it, of the same shape: over the level [batch, tokens], in dB."""
        if level is not None:
            mel = mel / gain(level).repeat_interleave(self.per_token, 1)[..., None]
        return (mel.clamp(min=self.mel["floor"]).log() - self.mel["mean"]) / self.mel["scale"]

    def scaled_mel(self, audio: torch.Tensor, preceded: bool = False, level: torch.Tensor | None = None) -> torch.Tensor:
        """audio [batch, samples] -> the spectrum as the networks get it [batch, samples // hop, bands]."""
        return self.scaled(self.magnitudes(audio, preceded), level)

    def forward(self, audio: torch.Tensor, log_f0: torch.Tensor, voiced: torch.Tensor) -> torch.Tensor:
        """audio [batch, samples], log_f0 and voiced [batch, frames] -> [batch, frames, bands + 2]."""
        return self.leveled(audio, log_f0, voiced)[0]

    def leveled(self, audio, log_f0, voiced, before=None):
        """The same, and the speaker's level that the spectrum is over [batch, tokens], in dB, or none if the model has none. `before`
        [batch, 2]: see `Level.sums`."""
        magnitudes = self.magnitudes(audio)
        level = self.level(magnitudes, voiced, before) if self.level else None
        mel = self.scaled(magnitudes, level)
        pitch = (log_f0 - float(np.log(self.pitch["reference"]))) * self.pitch["scale"]
        return torch.cat([mel, pitch[..., None], voiced[..., None].to(mel.dtype)], -1), level
