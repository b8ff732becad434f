"""What a stream remembers from one call to the next, as one row of numbers in double precision."""

import numpy as np

from .graph import Graph, Value


class State:
    """Its parts lie one after the other in the input `state` [batch, size], in the order in which they are asked for. All of them are
    zero where a stream begins."""

    def __init__(self, graph: Graph):
        self.graph, self.size = graph, 0
        self.all = Value(graph, "state", np.float64)
        self.counts: dict[str, int] = {}
        self.next: dict[str, Value] = {}

    def take(self, name: str, *shape: int, dtype=np.float32) -> Value:
        """The part of this name [batch, *shape], which `keep` has to be given anew."""
        assert name not in self.counts, name
        count = int(np.prod(shape))
        part = self.all.cut(1, self.size, self.size + count).to(dtype)
        self.size, self.counts[name] = self.size + count, count
        return part if shape == (count,) else part.reshape(0, *shape)

    def keep(self, name: str, part: Value):
        """The part of this name as it is after the call."""
        self.next[name] = part.reshape(-1, self.counts[name]).to(np.float64)

    def finish(self):
        """Makes the input and the output, once all parts have been asked for."""
        self.graph.input("state", np.float64, ["batch", self.size])
        self.graph.output("next_state", self.graph.concat([self.next[name] for name in self.counts], 1), ["batch", self.size])
