"""Products at 8 bits, as the product computes them: integers by integers, summed exactly, and then scaled.

A row of weights [inputs] is stored as integers of -127 to 127 and a scale: a weight is their product. A row of what comes in is
rounded when it comes, by its own largest magnitude m: to the integers nearest to x · (127 / m), ties to even, of scale m / 127. Each
row is rounded by itself, so that a stream gives what the whole gives.

A configuration says so with `"bits": 8`.
"""

import torch
from torch import nn
from torch.nn import functional as F

LARGEST = 127
# Rows whose largest magnitude is less count as zeros.
LEAST = 2.0**-100
# Layers of these names stay at 16 bits: what meets the features, the latents and the pitch. They are small, and would lose the most.
WIDER = ("input", "output", "pitch", "auxiliary")
# Weights lie in blocks of so many outputs by so many inputs.
OUTPUTS, INPUTS = 16, 4
SCALE = "_scale"


def rounded_weight(weight):
    """weight [outputs, inputs] -> integers of the same shape, and their scales [outputs, 1], both in single precision.

    Scales have 16 significant bits, so that the weights that they stand for are exact in single precision, and round to the same
    integers and scales again."""
    weight = weight.detach().float()
    largest = weight.abs().amax(1, keepdim=True)
    scale = ((largest / LARGEST).view(torch.int32) + 0x80 & -0x100).view(torch.float32)
    scale = torch.where(largest < LEAST, 0.0, scale)
    return torch.where(scale > 0, weight / scale, 0.0).round().clamp(-LARGEST, LARGEST), scale


def rounded_input(x):
    """x [..., inputs] -> integers of the same shape, with the gradient of what they are rounded from (the straight-through
    estimator, Bengio et al. 2013), and their scales [..., 1]."""
    largest = x.detach().abs().amax(-1, keepdim=True)
    largest = torch.where(largest < LEAST, 0.0, largest)
    x = x * torch.where(largest > 0, LARGEST / largest, 0.0)
    return x + (x.round() - x).detach(), largest / LARGEST


def rounded_linear(x, weight, bias):
    """x [..., inputs], weight [outputs, inputs], bias [outputs] or None -> [..., outputs]."""
    with torch.autocast(x.device.type, enabled=False):
        integers, scale = rounded_input(x.to(weight.dtype))
        weights, weight_scale = (part.to(weight.dtype) for part in rounded_weight(weight))
        # A row of zeros learns as others do.
        weight_scale = torch.where(weight_scale > 0, weight_scale, 1.0)
    if torch.is_grad_enabled():
        unrounded = weight / weight_scale
        sums = F.linear(integers, unrounded + (weights - unrounded).detach())
    else:
        # In double precision, as single precision would round sums beyond 2^24.
        with torch.autocast(x.device.type, enabled=False):
            sums = F.linear(integers.double(), weights.double()).to(weight.dtype)
    result = sums * scale * weight_scale[:, 0]
    return result if bias is None else result + bias


class RoundedLinear(nn.Linear):
    def forward(self, x):
        return rounded_linear(x, self.weight, self.bias)


class RoundedGRU(nn.GRU):
    """One layer, the batch first; what it remembers is rounded at every step."""

    def forward(self, x):
        inputs = rounded_linear(x, self.weight_ih_l0, self.bias_ih_l0)
        hidden, result = x.new_zeros(len(x), self.hidden_size), []
        for step in inputs.unbind(1):
            reset, update, new = step.chunk(3, -1)
            more = rounded_linear(hidden, self.weight_hh_l0, self.bias_hh_l0).chunk(3, -1)
            reset, update = (reset + more[0]).sigmoid(), (update + more[1]).sigmoid()
            hidden = (1 - update) * (new + reset * more[2]).tanh() + update * hidden
            result.append(hidden)
        return torch.stack(result, 1), hidden[None]


ROUNDED = {nn.Linear: (RoundedLinear, ("weight",)), nn.GRU: (RoundedGRU, ("weight_ih_l0", "weight_hh_l0"))}


def round_products(codec: nn.Module, wider=WIDER):
    """Makes the products of a codec's networks those of 8 bits, but for layers of the names `wider`; names and values of its weights stay."""
    for name, module in codec.named_modules():
        if type(module) in ROUNDED and name.rpartition(".")[2] not in wider:
            module.__class__ = ROUNDED[type(module)][0]


def rounded_names(codec: nn.Module) -> set[str]:
    """The names of the weights that are rounded."""
    kinds = dict(ROUNDED.values())
    return {f"{name}.{weight}" for name, module in codec.named_modules() for weight in kinds.get(type(module), ())}


def to_blocks(weight):
    """Integers [outputs, inputs] -> blocks [outputs / 16, inputs / 4, 16, 4], of both rounded up with zeros: how they are stored."""
    outputs, inputs = weight.shape
    padded = F.pad(weight, (0, -inputs % INPUTS, 0, -outputs % OUTPUTS)).to(torch.int8)
    return padded.unflatten(1, (-1, INPUTS)).unflatten(0, (-1, OUTPUTS)).transpose(1, 2).contiguous()


def from_blocks(blocks, outputs: int, inputs: int):
    """The other way."""
    return blocks.transpose(1, 2).flatten(2, 3).flatten(0, 1)[:outputs, :inputs]


def stored(codec: nn.Module, tensors: dict) -> dict:
    """Weights of a codec by name -> tensors as they are exported: those of products at 8 bits as blocks and scales, others as halves."""
    names, result = rounded_names(codec), {}
    for name, tensor in tensors.items():
        if name in names:
            integers, scale = rounded_weight(tensor.cpu())
            result |= {name: to_blocks(integers), name + SCALE: scale[:, 0].contiguous()}
        else:
            result[name] = tensor.detach().cpu().half().contiguous()
    return result


def restored(codec: nn.Module, tensors: dict) -> dict:
    """The other way: weights in single precision."""
    shapes, result = {name: value.shape for name, value in codec.state_dict().items()}, {}
    for name, tensor in tensors.items():
        if name + SCALE in tensors and name in shapes:
            result[name] = from_blocks(tensor, *shapes[name]).float() * tensors[name + SCALE][:, None]
        elif not name.endswith(SCALE) or name in shapes:
            result[name] = tensor.float()
    return result
