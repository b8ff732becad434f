"""ONNX graphs written as expressions: each operation on a `Value` adds a node."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper

# The oldest set of operators that has exclusive or, which the noise is made with.
OPSET = 18
# The oldest version of the format that tells of that set.
IR_VERSION = 8


class Value:
    """A tensor of a graph, of a type known as the graph is written. Numbers that it meets become constants of its type."""

    __array_ufunc__ = None  # arrays of numbers leave operations to the value

    def __init__(self, graph: Graph, name: str, dtype):
        self.graph, self.name, self.dtype = graph, name, np.dtype(dtype)

    def _with(self, kind: str, other, dtype=None, turned: bool = False):
        other = other if isinstance(other, Value) else self.graph.constant(other, self.dtype)
        return self.graph.op(kind, *((other, self) if turned else (self, other)), dtype=dtype or self.dtype)

    def __add__(self, other): return self._with("Add", other)
    def __sub__(self, other): return self._with("Sub", other)
    def __mul__(self, other): return self._with("Mul", other)
    def __truediv__(self, other): return self._with("Div", other)
    def __floordiv__(self, other): return self._with("Div", other)  # of whole numbers that aren't negative
    def __mod__(self, other): return self._with("Mod", other)
    def __matmul__(self, other): return self._with("MatMul", other)
    def __radd__(self, other): return self._with("Add", other, turned=True)
    def __rsub__(self, other): return self._with("Sub", other, turned=True)
    def __rmul__(self, other): return self._with("Mul", other, turned=True)
    def __rtruediv__(self, other): return self._with("Div", other, turned=True)
    def __gt__(self, other): return self._with("Greater", other, bool)
    def __ge__(self, other): return self._with("GreaterOrEqual", other, bool)
    def __lt__(self, other): return self._with("Less", other, bool)
    def __le__(self, other): return self._with("LessOrEqual", other, bool)
    def __and__(self, other): return self._with("And", other)
    def at_least(self, other): return self._with("Max", other)
    def at_most(self, other): return self._with("Min", other)
    def abs(self): return self.graph.op("Abs", self)
    def exp(self): return self.graph.op("Exp", self)
    def log(self): return self.graph.op("Log", self)
    def sqrt(self): return self.graph.op("Sqrt", self)
    def sin(self): return self.graph.op("Sin", self)
    def cos(self): return self.graph.op("Cos", self)
    def floor(self): return self.graph.op("Floor", self)
    def round(self): return self.graph.op("Round", self)

    def clamp(self, low: float, high: float): return self.at_least(low).at_most(high)

    def to(self, dtype):
        dtype = np.dtype(dtype)
        return self if dtype == self.dtype else self.graph.op("Cast", self, dtype=dtype, to=tensor_type(dtype))

    def where(self, yes, no):
        """This condition's choice; one of the two has to be a value."""
        value = yes if isinstance(yes, Value) else no
        yes, no = (x if isinstance(x, Value) else self.graph.constant(x, value.dtype) for x in (yes, no))
        return self.graph.op("Where", self, yes, no, dtype=value.dtype)

    def reshape(self, *shape: int):
        """0 keeps a size, -1 is what is left."""
        return self.graph.op("Reshape", self, self.graph.constant(shape, np.int64))

    def transpose(self, *order: int): return self.graph.op("Transpose", self, perm=order)
    def unsqueeze(self, axis: int): return self.graph.op("Unsqueeze", self, self.graph.constant([axis], np.int64))
    def squeeze(self, axis: int): return self.graph.op("Squeeze", self, self.graph.constant([axis], np.int64))

    def cut(self, axis: int, first: int, end: int | None = None, step: int = 1):
        """A slice along an axis, as Python counts."""
        end = (np.iinfo(np.int64).max if step > 0 else np.iinfo(np.int64).min) if end is None else end
        return self.graph.op("Slice", self, *(self.graph.constant([x], np.int64) for x in (first, end, axis, step)))

    def take(self, indices, axis: int): return self.graph.op("Gather", self, self.graph.value(indices, np.int64), axis=axis)
    def take_along(self, indices: Value, axis: int): return self.graph.op("GatherElements", self, indices, axis=axis)
    def take_rows(self, indices: Value, batch_axes: int): return self.graph.op("GatherND", self, indices, batch_dims=batch_axes)

    def _reduced(self, kind: str, axis: int, keep: bool):
        return self.graph.op(kind, self, self.graph.constant([axis], np.int64), keepdims=int(keep))

    def sum(self, axis: int, keep: bool = False): return self._reduced("ReduceSum", axis, keep)
    def mean(self, axis: int, keep: bool = False): return self._reduced("ReduceMean", axis, keep)
    def max(self, axis: int, keep: bool = False): return self._reduced("ReduceMax", axis, keep)
    def cumulative(self, axis: int): return self.graph.op("CumSum", self, self.graph.constant(axis, np.int64))

    def sum_in_order(self, axis: int, keep: bool = False):
        """The sum one by one, each rounded, as a loop over them computes it."""
        sums = self.cumulative(axis)
        return sums.cut(axis, -1) if keep else sums.take(-1, axis)

    def argmax(self, axis: int): return self.graph.op("ArgMax", self, dtype=np.int64, axis=axis, keepdims=1)

    def top(self, count: int, axis: int, largest: bool):
        """The best values, best first, and their places; of equals the first."""
        return self.graph.ops("TopK", self, self.graph.constant([count], np.int64), dtypes=(self.dtype, np.int64),
                              axis=axis, largest=int(largest), sorted=1)


def tensor_type(dtype) -> int:
    return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))


class Graph:
    """Nodes and constants. The body of a scan is a graph of its own, whose constants are its own too."""

    def __init__(self, name: str):
        self.name, self.nodes, self.constants = name, [], {}
        self.inputs, self.outputs, self.bodies = [], [], 0

    def constant(self, array, dtype) -> Value:
        array = np.asarray(array, dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.constants:
            self.constants[key] = numpy_helper.from_array(array, f"{self.name}_c{len(self.constants)}")
        return Value(self, self.constants[key].name, array.dtype)

    def halves(self, array) -> Value:
        """Numbers in single precision that are halves, and stored so."""
        array = np.asarray(array, np.float32)
        assert np.array_equal(array.astype(np.float16).astype(np.float32), array), "no halves"
        return self.constant(array, np.float16).to(np.float32)

    def value(self, x, dtype) -> Value: return x if isinstance(x, Value) else self.constant(x, dtype)

    def ops(self, kind: str, *inputs: Value, dtypes, **attributes) -> tuple[Value, ...]:
        names = [f"{self.name}_{len(self.nodes)}_{i}" for i in range(len(dtypes))]
        # Nodes need names of their own: older runtimes make those of what they put together from them.
        self.nodes.append(helper.make_node(kind, [x.name for x in inputs], names, name=names[0], **attributes))
        return tuple(Value(self, name, dtype) for name, dtype in zip(names, dtypes))

    def op(self, kind: str, *inputs: Value, dtype=None, **attributes) -> Value:
        return self.ops(kind, *inputs, dtypes=(dtype or inputs[0].dtype,), **attributes)[0]

    def concat(self, values, axis: int) -> Value:
        return self.op("Concat", *values, axis=axis) if len(values) > 1 else values[0]

    def input(self, name: str, dtype, shape) -> Value:
        self.inputs.append(helper.make_tensor_value_info(name, tensor_type(dtype), shape))
        return Value(self, name, dtype)

    def output(self, name: str, value: Value, shape):
        self.nodes.append(helper.make_node("Identity", [value.name], [name], name=f"{self.name}_{name}"))
        self.outputs.append(helper.make_tensor_value_info(name, tensor_type(value.dtype), shape))

    def scan(self, body, states, rows):
        """Runs `body(graph, states, rows) -> states, outputs`, all of these [batch, n], over axis 1 of the `rows`, each of which loses that
        axis in it -> the states after the last one, and the outputs along axis 1."""
        inner = Graph(f"{self.name}_b{self.bodies}")
        self.bodies += 1
        given = [inner.input(f"{inner.name}_i{i}", x.dtype, None) for i, x in enumerate([*states, *rows])]
        after, made = body(inner, given[: len(states)], given[len(states):])
        for number, value in enumerate([*after, *made]):
            inner.output(f"{inner.name}_o{number}", value, [None, None])
        results = self.ops("Scan", *states, *rows, dtypes=[x.dtype for x in (*after, *made)], body=inner.proto(),
                           num_scan_inputs=len(rows), scan_input_axes=[1] * len(rows), scan_output_axes=[1] * len(made))
        return results[: len(states)], results[len(states):]

    def proto(self):
        return helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, list(self.constants.values()))

    def model(self, metadata: dict[str, str], description: str) -> onnx.ModelProto:
        model = helper.make_model(self.proto(), opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION,
                                  producer_name="sotto", doc_string=description)
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model, full_check=True)
        return model
