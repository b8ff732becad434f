"""The codec: features -> encoder -> residual VQ -> decoder -> waveform. Shapes come from Configs/*.json alone."""

import math

import torch
from torch import nn

from .features import Features
from .layers import ConvNeXtBlock, Trunk, at_least_single
from .level import gain
from .pitch import hann
from .quantizer import ResidualQuantizer
from .rounding import round_products
from .source import harmonic_source, white_noise
from .text import SPACE, follow, paced

# The share of a state that a mixture of text vectors leaves out.
NEGLIGIBLE = 1e-6


class Encoder(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        e = config["encoder"]
        self.stack, self.downsample = e["stack"], e["downsample"]
        self.input = nn.Linear((config["features"]["mel"]["bands"] + 2) * self.stack, e["channels"])
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(e["channels"], e["kernel"], e["expansion"]) for _ in range(e["blocks"]))
        self.down = nn.Linear(e["channels"] * self.downsample, e["trunk_channels"])
        self.trunk = Trunk(e["trunk_channels"], e["trunk_blocks"], e["kernel"], e["expansion"])
        self.norm = nn.LayerNorm(e["trunk_channels"])
        self.output = nn.Linear(e["trunk_channels"], config["quantizer"]["dimensions"])

    def forward(self, features):
        """features [batch, frames, bands + 2] -> latents [batch, frames / (stack * downsample), dimensions]."""
        batch = features.shape[0]
        x = self.input(features.reshape(batch, -1, features.shape[-1] * self.stack))
        for block in self.blocks:
            x = block(x)
        x = self.down(x.reshape(batch, -1, x.shape[-1] * self.downsample))
        return self.output(self.norm(self.trunk(x)))


class Listener(nn.Module):
    """Tells the letters from the decoded latents, for the aligner: a small causal network of its own.

    It is trained by itself on the codes, many passes over them, and then stays as it is.
    """

    def __init__(self, config: dict):
        super().__init__()
        t, h = config["text"], config["text"]["listener"]
        self.symbols, channels = t["symbols"], h["channels"]
        self.input = nn.Linear(config["quantizer"]["dimensions"], channels)
        self.trunk = Trunk(channels, h["blocks"], h["kernel"], h["expansion"])
        self.norm = nn.LayerNorm(channels)
        self.output = nn.Linear(channels, t["rate"] * t["symbols"])
        # How often each symbol is said.
        self.register_buffer("prior", torch.full((t["symbols"],), 1 / t["symbols"]))

    def forward(self, latent, dropout: float = 0.0):
        """latent [batch, time, dimensions] -> logits [batch, time * rate, symbols], symbol 0 being a blank."""
        def dropped(x):
            # One mask for a whole clip (Gal and Ghahramani 2016).
            return x * nn.functional.dropout(torch.ones_like(x[:, :1]), dropout) if self.training and dropout else x

        x = dropped(self.norm(self.trunk(dropped(self.input(latent)))))
        return self.output(x).float().reshape(len(latent), -1, self.symbols)


class TextEncoder(nn.Module):
    """Symbols of a transcript -> one vector for each state of the aligner, from the letters around it."""

    def __init__(self, config: dict):
        super().__init__()
        t = config["text"]
        # With this many spaces around it, no letter's vector depends on what the text is padded with.
        self.reach = t["blocks"] * (t["kernel"] // 2)
        self.embedding = nn.Embedding(t["symbols"], t["channels"])
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(t["channels"], t["kernel"], t["expansion"], causal=False) for _ in range(t["blocks"]))
        self.norm = nn.LayerNorm(t["channels"])
        self.output = nn.Linear(t["channels"], 2 * t["channels"])

    def forward(self, text):
        """text [batch, longest], padded with spaces -> [batch, 2 longest + 1, channels]: blanks at even places."""
        x = self.embedding(nn.functional.pad(text, (self.reach, self.reach), value=SPACE))
        for block in self.blocks:
            x = block(x)
        # From the space before the text, after which the first blank comes, to the last letter.
        on, after = self.output(self.norm(x[:, self.reach - 1: self.reach + text.shape[1]])).chunk(2, -1)
        return torch.stack([on, after], 2).flatten(1, 2)[:, 1:]


class Decoder(nn.Module):
    """Codes -> a vector every hop -> the filters of the two sources.

    With a "text" in the configuration, it can read a transcript: the listener tells the letters, the aligner follows the
    transcript by them, and what the text encoder says of the place joins in at every stage.
    """

    def __init__(self, config: dict):
        super().__init__()
        d, self.synthesis, self.text = config["decoder"], config["synthesis"], config.get("text")
        self.upsample, self.channels, self.trunk_channels = d["upsample"], d["channels"], d["trunk_channels"]
        self.stack = config["quantizer"].get("stack", 1)
        self.bins = self.synthesis["window"] // 2 + 1
        self.input = nn.Linear(config["quantizer"]["dimensions"], d["trunk_channels"])
        self.trunk = Trunk(d["trunk_channels"], d["trunk_blocks"], d["kernel"], d["expansion"])
        if self.text:
            self.listener = Listener(config)
            self.text_encoder = TextEncoder(config)
            self.text_to_trunk = nn.Linear(self.text["rate"] * self.text["channels"], d["trunk_channels"], bias=False)
            self.text_to_blocks = nn.ModuleList(
                nn.Linear(self.text["channels"], d["channels"], bias=False) for _ in range(d["blocks"]))
            for layer in [self.text_to_trunk, *self.text_to_blocks]:
                nn.init.zeros_(layer.weight)
        self.up = nn.Linear(d["trunk_channels"], d["upsample"] * d["channels"])
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(d["channels"], d["kernel"], d["expansion"]) for _ in range(d["blocks"]))
        self.norm = nn.LayerNorm(d["channels"])
        self.pitch = nn.Linear(d["channels"], 1)
        self.filters = nn.Linear(d["channels"], 3 * self.bins)
        # Only trained on, never exported: they keep the spectrum and the voicing in the frame vectors.
        self.auxiliary = nn.Linear(d["channels"], config["features"]["mel"]["bands"] + 1)
        self.reference = math.log(config["features"]["pitch"]["reference"])
        self.pitch_scale = config["features"]["pitch"]["scale"]
        with torch.no_grad():
            self.filters.weight.mul_(0.5)
            self.filters.bias.zero_()
            self.filters.bias[: self.bins] = -3
            self.filters.bias[2 * self.bins:] = -5

    def weighed(self, guides, levels):
        """Text vectors [batch, steps, channels], by what a text counts beside so many codebooks, [batch]."""
        return guides * torch.tensor(self.text["weights"], device=guides.device)[levels - 1][:, None, None]

    def follow(self, latent, text, lengths, levels):
        """Latents of so many codebooks each and symbols of the transcripts -> text vectors [batch, time * rate, channels],
        zero where the speech doesn't follow the text. A length of 0 is no text.

        What guides a token frame is known `lookahead` frames later: letters are told best some time after they begin."""
        ahead = self.text["lookahead"]
        heard = torch.cat([latent, latent[:, -1:].expand(-1, ahead, -1)], 1)
        share = follow(self.listener(heard), self.listener.prior, text, lengths, self.text["follower"])
        share = nn.functional.threshold(share[:, ahead * self.text["rate"]:], NEGLIGIBLE, 0)
        return self.weighed(share @ self.text_encoder(text).float(), levels)

    def at_places(self, text, states, shares, levels):
        """Symbols of the transcripts [batch, longest], states of each step and their shares [batch, steps, n] -> text vectors
        [batch, steps, channels]."""
        rows = torch.arange(len(text), device=text.device)[:, None, None]
        return self.weighed((self.text_encoder(text).float()[rows, states] * shares[..., None]).sum(2), levels)

    def go_by(self, text, pace, levels):
        """Symbols of a transcript [length] and how many of them begin in each token frame (`paced`) -> text vectors
        [1, time * rate, channels]."""
        rate = self.stack * self.text["rate"]
        states, shares = (torch.from_numpy(x)[None, :, None] for x in paced(pace, len(text), rate))
        return self.at_places(text[None], states, shares, levels)

    def speak(self, latent, text=None):
        """latent [batch, time, dimensions], text vectors [batch, time * rate, channels] -> what the stage at the hop's
        rate starts from, [batch, time, trunk channels]."""
        x = self.input(latent)
        if text is not None:
            x = x + self.text_to_trunk(text.reshape(*x.shape[:2], -1))
        return self.trunk(x)

    def frames(self, state, text=None):
        """[batch, time, trunk channels], text vectors [batch, time * rate, channels] -> vectors
        [batch, time * upsample, channels], one every hop."""
        x = self.up(state).reshape(state.shape[0], -1, self.channels)
        for index, block in enumerate(self.blocks):
            if text is not None:
                x = x + self.text_to_blocks[index](text).repeat_interleave(self.upsample // self.text["rate"], 1)
            x = block(x)
        return self.norm(x)

    def log_f0(self, frames):
        """ln Hz [batch, frames], in double precision: the source adds up cycles over the whole clip."""
        return self.pitch(frames)[..., 0].double() / self.pitch_scale + self.reference


class Codec(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        self.config = config
        self.features = Features(config)
        self.encoder = Encoder(config)
        self.quantizer = ResidualQuantizer(**config["quantizer"])
        self.decoder = Decoder(config)
        self.hop = config["features"]["hop"]
        self.frame = self.hop * config["decoder"]["upsample"] * self.quantizer.stack
        self.register_buffer(
            "window", torch.tensor(hann(config["synthesis"]["window"]), dtype=torch.float32), persistent=False)
        if config.get("bits") == 8:
            round_products(self)

    def synthesize(self, frames, log_f0, phase=None, noise=None, level=None):
        """Filters pulses and noise in the frequency domain, frame by frame.

        frames [batch, n, channels], log_f0 [batch, n] -> audio [batch, n * hop]; sample i of it lies at
        i - (window - hop) of the input's time: the delay of the overlap-add. A level [batch, tokens], in dB, is how loud the frames of
        each token frame are: where it changes, the overlapping windows fade from one to the other.
        """
        s = self.config["synthesis"]
        size, hop = s["window"], self.hop
        pulses = harmonic_source(log_f0, hop, self.config["sample_rate"], s["source_high"], phase)
        if noise is None:
            noise = white_noise(*pulses.shape, pulses.device)

        def spectra(x):
            framed = nn.functional.pad(x, (size - hop, 0)).unfold(1, size, hop)
            return torch.fft.rfft(framed * self.window)

        voiced_gain, angle, noise_gain = at_least_single(self.decoder.filters(frames)).chunk(3, -1)
        low, high = s["log_gain_low"], s["log_gain_high"]
        spectrum = spectra(pulses) * torch.polar(voiced_gain.clamp(low, high).exp(), angle)
        spectrum = spectrum + spectra(noise) * noise_gain.clamp(low, high).exp()
        parts = torch.fft.irfft(spectrum, size) * self.window
        if level is not None:
            parts = parts * gain(level).repeat_interleave(parts.shape[1] // level.shape[1], 1)[..., None]
        n = parts.shape[1]
        total = nn.functional.fold(
            parts.transpose(1, 2), (1, (n - 1) * hop + size), (1, size), stride=(1, hop))[:, 0, 0]
        # The window is applied twice; its squares, shifted by the hop, add up to a constant (hop = window / 3).
        return total[:, : n * hop] / (self.window.square().sum() / hop)
