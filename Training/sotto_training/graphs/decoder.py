"""Codes -> samples: the whole decoder, without transcripts, as a graph."""

import numpy as np

from ..model.codec import Codec
from ..model.pitch import hann
from .features import NEPERS
from .graph import Graph, Value
from .layers import chained, convnext, linear, norm, trunk
from .source import noise, pulses
from .spectrum import Fourier, frames
from .state import State


def summed(graph: Graph, codebooks, codes: Value, stack: int) -> Value:
    """codes [batch, frames, codebooks], -1 for none -> latents [batch, frames · stack, dimensions]."""
    m, size, dimensions = codebooks.shape
    vectors = graph.halves(codebooks.reshape(m * size, dimensions).numpy())
    said = (codes >= 0).to(np.float32).unsqueeze(3)
    each = vectors.take(codes.at_least(0) + size * np.arange(m), 0) * said
    return each.sum_in_order(2).reshape(0, -1, dimensions // stack)


def synthesized(graph: Graph, state: State, codec: Codec, vectors: Value, level: Value) -> Value:
    """A vector for each hop [batch, hops, channels], and the level of each token frame in dB [batch, frames, 1] -> samples."""
    config, decoder, hop = codec.config, codec.decoder, codec.hop
    s, p = config["synthesis"], config["features"]["pitch"]
    size, window = s["window"], hann(s["window"])
    past = size - hop

    feature = linear(decoder.pitch)(graph, vectors).to(np.float64)
    f0 = (p["reference"] * (feature * (1 / p["scale"])).exp()).clamp(p["low"] / 2, p["high"] * 2)
    sources = {"pulses": pulses(graph, state, f0, hop, config["sample_rate"], s["source_high"]), "noise": noise(graph, state, f0, hop)}
    fourier, spectra = Fourier(graph, size, np.float32), {}
    for name, source in sources.items():
        heard = graph.concat([state.take(f"{name}.samples", past), source], 1)
        state.keep(f"{name}.samples", heard.cut(1, -past))
        spectra[name] = fourier.forward(frames(graph, heard, past, hop, size) * window)

    filters = linear(decoder.filters)(graph, vectors)
    gain, angle, noise_gain = (filters.cut(2, i * decoder.bins, (i + 1) * decoder.bins) for i in range(3))
    gain, noise_gain = (x.clamp(s["log_gain_low"], s["log_gain_high"]).exp() for x in (gain, noise_gain))
    along, across = gain * angle.cos(), gain * angle.sin()
    # The first and the last bin of what is real have no imaginary part that counts.
    def inner(x): return x.cut(2, 1, -1)
    (pulse_real, pulse_imaginary), (noise_real, noise_imaginary) = spectra["pulses"], spectra["noise"]
    imaginary = inner(pulse_real) * inner(across) + pulse_imaginary * inner(along) + noise_imaginary * inner(noise_gain)
    turned = graph.op("Pad", pulse_imaginary * inner(across), graph.constant([0, 0, 1, 0, 0, 1], np.int64))
    parts = fourier.inverse(pulse_real * along - turned + noise_real * noise_gain, imaginary)

    loudness = (level * NEPERS).exp().to(np.float32).unsqueeze(3)
    hops = codec.frame // hop
    parts = (parts.reshape(0, -1, hops, size) * loudness).reshape(0, -1, size) * (window / (np.square(window).sum() / hop))
    # Each hop is the sum of a frame's first part, the one before's second, and so on.
    overlaps = size // hop
    every = graph.concat([state.take("overlap", overlaps - 1, size), parts], 1)
    state.keep("overlap", every.cut(1, 1 - overlaps))
    result = None
    for i in reversed(range(overlaps)):
        part = every.cut(1, overlaps - 1 - i, -i if i else None).cut(2, i * hop, (i + 1) * hop)
        result = part if result is None else result + part
    return result.reshape(0, -1)


def decoder(codec: Codec) -> Graph:
    """codes [batch, frames, codebooks], levels [batch, frames] and a state -> pcm [batch, samples] and the next state."""
    graph, d, settings = Graph("decoder"), codec.decoder, codec.config["level"]
    codebooks = codec.quantizer.codebooks
    codes = graph.input("codes", np.int64, ["batch", "frames", codebooks.shape[0]])
    levels = graph.input("levels", np.int64, ["batch", "frames"])
    state = State(graph)
    x = chained(graph, d.input, summed(graph, codebooks, codes, codec.quantizer.stack))
    x = linear(d.up)(graph, trunk(graph, state, "trunk", d.trunk, x)).reshape(0, -1, d.channels)
    for number, block in enumerate(d.blocks):
        x = convnext(graph, state, f"blocks.{number}", block, x)
    level = (levels.clamp(0, settings["steps"] - 1) - settings["middle"]).to(np.float64).unsqueeze(2) * settings["step"]
    graph.output("pcm", synthesized(graph, state, codec, norm(graph, d.norm, x), level), ["batch", "samples"])
    state.finish()
    return graph
