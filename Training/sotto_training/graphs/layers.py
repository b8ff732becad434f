"""The layers as the product computes them: in the same order of sums, so that what is rounded to 8 bits comes out the same.

Rows are [batch, time, channels] in single precision; the weights are those of the twin's layers.
"""

import numpy as np

from ..model.rounding import LARGEST, LEAST, ROUNDED, rounded_weight
from .graph import Graph, Value
from .state import State

# Places that the product sums side by side where it takes a mean.
LANES = 8
# What stands for zero in an unsigned byte. Signed ones are slow in some runtimes, and saturate in others.
MIDDLE = 128


def rounded_rows(x: Value) -> tuple[Value, Value]:
    """x [..., inputs], all of it finite -> integers as bytes around MIDDLE, and their scales [..., 1]."""
    largest = x.abs().max(-1, keep=True).at_least(LEAST)
    return ((x * (LARGEST / largest)).round() + MIDDLE).to(np.uint8), largest / LARGEST


class Product:
    """x [..., inputs] -> x · weight [outputs, inputs] + bias [outputs]."""

    def __init__(self, weight, bias, rounded: bool):
        self.bias, self.rounded = bias.detach().numpy(), rounded
        if rounded:
            integers, scale = rounded_weight(weight)
            self.integers, self.scale = integers.numpy().T.astype(np.int16), scale[:, 0].numpy()
        else:
            self.weight = weight.detach().numpy().T

    def __call__(self, graph: Graph, x: Value) -> Value:
        if not self.rounded:
            return x @ graph.halves(self.weight) + graph.halves(self.bias)
        integers, scale = rounded_rows(x)
        weights, middle = graph.constant(self.integers + MIDDLE, np.uint8), graph.constant(MIDDLE, np.uint8)
        sums = graph.op("MatMulInteger", integers, weights, middle, middle, dtype=np.int32)
        # The scales of weights have 16 bits, so that the products are exact in double precision.
        scaled = (sums.to(np.float32) * scale).to(np.float64)
        weight_scale, bias = graph.constant(self.scale, np.float32).to(np.float64), graph.halves(self.bias).to(np.float64)
        return (scaled * weight_scale + bias).to(np.float32)


def linear(layer) -> Product:
    return Product(layer.weight, layer.bias, type(layer) in dict(ROUNDED.values()))


def chained(graph: Graph, layer, x: Value) -> Value:
    """A layer whose outputs are one chain of fused multiply-adds over the inputs in their order, which what comes after it needs to the
    last bit. In double precision their products are exact."""
    weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    inputs = x.to(np.float64)
    sums = inputs.cut(-1, 0, 1) * 0 + graph.halves(bias).to(np.float64)
    for k in range(weight.shape[1]):
        term = inputs.cut(-1, k, k + 1) * graph.halves(weight[:, k]).to(np.float64)
        sums = (sums + term).to(np.float32).to(np.float64)
    return sums.to(np.float32)


def total(x: Value, channels: int) -> Value:
    """x [batch, time, channels] -> sums [batch, time, 1], in the product's order: of every eighth channel, of those, and what is left."""
    whole = channels // LANES * LANES
    parts = [x.cut(2, 0, whole).reshape(0, 0, -1, LANES).sum_in_order(2)] if whole else []
    parts += [x.cut(2, whole)] if whole < channels else []
    return x.graph.concat(parts, 2).sum_in_order(2, keep=True)


def norm(graph: Graph, layer, x: Value) -> Value:
    """x [batch, time, channels] over its mean and deviation."""
    channels = layer.normalized_shape[0]
    centred = x - total(x, channels) / channels
    # Roots in single precision are approximated by some runtimes; those in double precision, rounded, are the same everywhere. 2 / 2s is
    # 1 / s to the bit; runtimes turn products with 1 / s into quotients, which are rounded once less.
    root = (total(centred * centred, channels) / channels + layer.eps).to(np.float64).sqrt().to(np.float32)
    scale = 2 / (2 * root)
    return centred * scale * graph.halves(layer.weight.detach().numpy()) + graph.halves(layer.bias.detach().numpy())


def convnext(graph: Graph, state: State, name: str, block, x: Value) -> Value:
    """A ConvNeXt block, which remembers the rows that its convolution reaches back to."""
    weight, bias = block.conv.weight.detach().numpy(), block.conv.bias.detach().numpy()
    past = weight.shape[2] - 1
    rows = graph.concat([state.take(name, past, weight.shape[0]), x], 1)
    state.keep(name, rows.cut(1, -past))
    y = graph.halves(bias)
    for tap in range(past + 1):
        y = y + rows.cut(1, tap, tap - past if tap < past else None) * graph.halves(weight[:, 0, tap])
    y = linear(block.expand)(graph, norm(graph, block.norm, y)).at_least(0)
    return x + linear(block.project)(graph, y * y) * graph.halves(block.scale.detach().numpy())


def sigmoid(x: Value) -> Value:
    """Rounded once."""
    return (1 / (1 + (0 - x.to(np.float64)).exp())).to(np.float32)


def tanh(x: Value) -> Value:
    """Rounded once. Beyond 20 it is 1 to the last bit."""
    x = x.to(np.float64).clamp(-20, 20)
    return x.graph.op("Tanh", x).to(np.float32)


def gru(graph: Graph, state: State, name: str, layer, x: Value) -> Value:
    """A gated recurrent unit over x [batch, time, channels], step by step."""
    rounded = type(layer) in dict(ROUNDED.values())
    inputs = Product(layer.weight_ih_l0, layer.bias_ih_l0, rounded)(graph, x)
    recurrent, hidden = Product(layer.weight_hh_l0, layer.bias_hh_l0, rounded), layer.hidden_size

    def step(body, states, rows):
        (before,), (given,) = states, rows
        gates = recurrent(body, before)
        reset, update = (sigmoid(given.cut(1, i * hidden, (i + 1) * hidden) + gates.cut(1, i * hidden, (i + 1) * hidden)) for i in (0, 1))
        new = tanh(given.cut(1, 2 * hidden) + reset * gates.cut(1, 2 * hidden))
        after = (1 - update) * new + update * before
        return [after], [after]

    (last,), (result,) = graph.scan(step, [state.take(name, hidden)], [inputs])
    state.keep(name, last)
    return result


def trunk(graph: Graph, state: State, name: str, layer, x: Value) -> Value:
    """A residual recurrent unit, then blocks."""
    x = x + gru(graph, state, f"{name}.gru", layer.gru, x)
    for number, block in enumerate(layer.blocks):
        x = convnext(graph, state, f"{name}.{number}", block, x)
    return x
