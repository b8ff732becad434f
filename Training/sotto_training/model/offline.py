"""The exported model on audio files, step by step as the product does it: for judging and for golden vectors."""

import numpy as np
import torch

from .codec import Codec
from .features import Features
from .pitch import track
from .text import padded, symbols


def noise_at(first: int, count: int) -> np.ndarray:
    """Uniform noise of unit variance that depends on the sample's number alone (SplitMix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        z = (np.arange(first, first + count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    unit = (z >> np.uint64(40)).astype(np.float32) / np.float32(1 << 24)
    return (unit * 2 - 1) * np.float32(3**0.5)


def pad(codec: Codec, audio: np.ndarray) -> np.ndarray:
    """Whole token frames, enough of them that the decoder's delay doesn't cut the end."""
    delay = codec.config["synthesis"]["window"] - codec.hop
    frames = -(-(len(audio) + delay) // codec.frame)
    return np.concatenate([audio, np.zeros(frames * codec.frame - len(audio), np.float32)])


@torch.no_grad()
def encode(codec: Codec, audio: np.ndarray) -> dict[str, torch.Tensor]:
    """audio [samples] at 16 kHz -> features [frames, n], latents [tokens, d], codes [tokens, codebooks], and the
    numbers of the levels [tokens] if the model tells them apart."""
    padded = torch.from_numpy(pad(codec, audio))[None]
    log_f0, voiced = (torch.from_numpy(x)[None] for x in track(
        padded[0].numpy(), codec.config["sample_rate"], codec.hop, codec.config["features"]["pitch"]))
    if codec.config["features"].get("precision") == "double":
        # Rounded once, at the end, as the product does it.
        features, level = Features(codec.config, torch.float64).leveled(padded.double(), log_f0, voiced)
    else:
        features, level = codec.features.leveled(padded, log_f0.float(), voiced)
    features = features.to(padded.dtype)
    latents = codec.encoder(features)
    codes = codec.quantizer.encode(latents, codec.config["quantizer"]["codebooks"])
    told = {} if level is None else {"volume": torch.tensor(codec.features.level.told(level[0, codec.quantizer.stack - 1:: codec.quantizer.stack]))}
    return {"features": features[0], "latents": latents[0], "codes": codes[0], **told}


@torch.no_grad()
def decode(codec: Codec, codes: torch.Tensor, samples: int, text: str | None = None, pace=None, volume=None) -> np.ndarray:
    """codes [tokens, 1...codebooks], a transcript or none, its pace [tokens] if that is known, the numbers of the speaker's levels
    (the nominal one if there are none) -> audio [samples], aligned with what was encoded."""
    latent, levels = codec.quantizer.decode(codes)[None], torch.tensor([codes.shape[1]])
    vectors = None
    if text and pace is not None:
        vectors = codec.decoder.go_by(torch.tensor(symbols(text)), pace, levels)
    elif text:
        vectors = codec.decoder.follow(latent, *padded([symbols(text)]), levels)
    return spoken(codec, latent, vectors, samples, volume)


@torch.no_grad()
def decoded_latents(codec: Codec, latent: torch.Tensor, samples: int, text: list[int], place=None, volume=None) -> np.ndarray:
    """latents [tokens, dimensions] that a prior made, and which symbol of a text is under way in each step, its length where there is none, if it is
    told -> audio [samples]. The text counts as beside one code."""
    vectors = None
    if place is not None:
        within = torch.from_numpy(np.asarray(place) < len(text))
        states = torch.where(within, 2 * torch.from_numpy(np.asarray(place)) + 1, 0)[None, :, None]
        vectors = codec.decoder.at_places(torch.tensor([text]), states, within.float()[None, :, None], torch.tensor([1]))
    return spoken(codec, latent[None], vectors, samples, volume)


def spoken(codec: Codec, latent, vectors, samples: int, volume) -> np.ndarray:
    """latents [1, tokens, dimensions], text vectors or none, the numbers of the speaker's levels or none -> audio [samples]."""
    frames = codec.decoder.frames(codec.decoder.speak(latent, vectors), vectors)
    noise = torch.from_numpy(noise_at(0, frames.shape[1] * codec.hop))[None]
    level = None if volume is None else (volume - codec.features.level.middle)[None] * codec.features.level.step
    audio = codec.synthesize(frames, codec.decoder.log_f0(frames), noise=noise, level=level)[0].numpy()
    delay = codec.config["synthesis"]["window"] - codec.hop
    return audio[delay: delay + samples]
