"""What the decoder's filters make of the excitation, several draws of it at once: `Codec.synthesize` for training."""

import torch
from torch.nn import functional as F

from ..model.codec import Codec
from ..model.level import gain
from ..model.source import harmonic_source, white_noise
from .transforms import Waveform


def filtered(filters, pulses, noise, low: float, high: float, gain=None):
    """The decoder's filters [batch, frames, 3 bins], as ln gain of the pulses, their angle and ln gain of the noise, and spectra
    [draws, batch, frames, bins, 2], how loud each frame is [batch, frames, 1] if not all alike -> real and imaginary parts
    [draws batch, frames, bins]."""
    voiced_gain, angle, noise_gain = filters.float().chunk(3, -1)
    voiced_gain, noise_gain = (x.clamp(low, high).exp() for x in (voiced_gain, noise_gain))
    if gain is not None:
        voiced_gain, noise_gain = voiced_gain * gain, noise_gain * gain
    real, imaginary = voiced_gain * angle.cos(), voiced_gain * angle.sin()
    return ((pulses[..., 0] * real - pulses[..., 1] * imaginary + noise[..., 0] * noise_gain).flatten(0, 1),
            (pulses[..., 0] * imaginary + pulses[..., 1] * real + noise[..., 1] * noise_gain).flatten(0, 1))


compiled_filtered = torch.compile(filtered, dynamic=False)


@torch.no_grad()
def excitation(codec: Codec, log_f0, phase, noise=None):
    """log_f0 [batch, frames], where the pulses begin in cycles [draws, batch], the noise [draws batch, samples] if it isn't to be
    drawn -> spectra of the pulses and of the noise, [draws, batch, frames, bins, 2] each."""
    s = codec.config["synthesis"]
    draws = len(phase)
    pulses = harmonic_source(log_f0.repeat(draws, 1), codec.hop, codec.config["sample_rate"], s["source_high"], phase.flatten())
    if noise is None:
        noise = white_noise(*pulses.shape, pulses.device)

    def spectra(x):
        framed = F.pad(x, (s["window"] - codec.hop, 0)).unfold(1, s["window"], codec.hop) * codec.window
        return torch.view_as_real(torch.fft.rfft(framed)).unflatten(0, (draws, -1))

    return spectra(pulses), spectra(noise)


def synthesized(codec: Codec, filters, pulses, noise, level=None):
    """The decoder's filters [batch, frames, 3 bins], the excitation's spectra, and the speaker's level [batch, tokens] in dB, if that is
    told apart -> audio [draws batch, frames hop]."""
    s = codec.config["synthesis"]
    loud = None if level is None else gain(level).repeat_interleave(filters.shape[1] // level.shape[1], 1)[..., None]
    real, imaginary = compiled_filtered(filters, pulses, noise, s["log_gain_low"], s["log_gain_high"], loud)
    # The window is applied twice; its squares, shifted by the hop, add up to a constant.
    return Waveform.apply(real, imaginary, codec.window, codec.hop) / (codec.window.square().sum() / codec.hop)
