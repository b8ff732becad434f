"""Samples -> codes: the whole encoder as a graph."""

import numpy as np

from ..model.codec import Codec
from ..model.quantizer import BEAM
from .features import features
from .graph import Graph, Value
from .layers import chained, convnext, linear, norm, trunk
from .state import State


def latents(graph: Graph, state: State, encoder, rows: Value) -> Value:
    """What the encoder reads [batch, frames, bands + 2] -> latents [batch, latents, dimensions]."""
    x = chained(graph, encoder.input, rows.reshape(0, -1, encoder.input.in_features))
    for number, block in enumerate(encoder.blocks):
        x = convnext(graph, state, f"blocks.{number}", block, x)
    x = linear(encoder.down)(graph, x.reshape(0, -1, encoder.down.in_features))
    x = trunk(graph, state, "trunk", encoder.trunk, x)
    return linear(encoder.output)(graph, norm(graph, encoder.norm, x))


def search(graph: Graph, wanted: Value, codebooks) -> list[Value]:
    """wanted [n, dimensions], codebooks [m, codes, dimensions] -> the best codes that the search finds if there is one codebook, two,
    ... m: m times [n, 1...m]."""
    codes, best = codebooks.shape[1], []
    residual, left, path, kept = wanted.unsqueeze(1), None, None, 1
    for vectors in codebooks.numpy():
        book = graph.halves(vectors)
        distance = (vectors.astype(np.float64) ** 2).sum(1).astype(np.float32) - 2 * (residual @ book.transpose(1, 0))
        distance = distance if left is None else distance + left.unsqueeze(2)
        kept = min(BEAM, kept * codes)
        left, place = distance.reshape(0, -1).top(kept, 1, largest=False)
        parent, code = place // codes, place % codes
        residual = residual.take_rows(parent.unsqueeze(2), 1) - book.take(code, 0)
        path = code.unsqueeze(2) if path is None else graph.concat([path.take_rows(parent.unsqueeze(2), 1), code.unsqueeze(2)], 2)
        best.append(path.cut(1, 0, 1).squeeze(1))
    return best


def chosen(graph: Graph, best: list[Value], counts: Value, frames_like: Value) -> Value:
    """The best codes of each count, and the counts [batch] -> codes [batch, frames, m], -1 where there are none. `frames_like` has as
    many frames [batch, frames, 1]."""
    m = len(best)
    every = graph.concat([graph.op("Pad", codes, graph.constant([0, 0, 0, m - n], np.int64), graph.constant(-1, np.int64)).unsqueeze(1)
                          for n, codes in enumerate(best, 1)], 1)
    shape = graph.concat([graph.op("Shape", frames_like, dtype=np.int64, end=2), graph.constant([m, m], np.int64)], 0)
    return graph.op("Reshape", every, shape).transpose(0, 2, 1, 3).take_rows((counts - 1).unsqueeze(1), 1)


def encoder(codec: Codec) -> Graph:
    """pcm [batch, samples], counts [batch] and a state -> codes [batch, frames, codebooks], levels [batch, frames] and the next state."""
    graph = Graph("encoder")
    pcm, counts = graph.input("pcm", np.float32, ["batch", "samples"]), graph.input("counts", np.int64, ["batch"])
    state = State(graph)
    rows, levels = features(graph, state, codec.config, pcm)
    wanted = latents(graph, state, codec.encoder, rows)
    codebooks = codec.quantizer.codebooks
    codes = chosen(graph, search(graph, wanted.reshape(-1, codebooks.shape[2]), codebooks), counts, levels)
    graph.output("codes", codes, ["batch", "frames", codebooks.shape[0]])
    graph.output("levels", levels.squeeze(2), ["batch", "frames"])
    state.finish()
    return graph
