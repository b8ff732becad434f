"""Where training runs, and in which precision its products are taken."""

import torch

# The compiler makes a version for each shape that it meets; a step has a few dozen.
COMPILED_SHAPES = 64


def chosen_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" is the graphics card, if there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def chosen_dtype(device: torch.device, name: str = "auto") -> torch.dtype:
    """The type that matrix products are taken in; "auto" is bfloat16 where the processor has instructions for it. Without them
    a product takes nine times as long as in float32."""
    if name == "auto":
        fast = device.type == "cuda" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
        return torch.bfloat16 if fast else torch.float32
    return {"bfloat16": torch.bfloat16, "float32": torch.float32}[name]


def prepare_compiler():
    """What the compiled parts of a step need: room for their shapes, and buffers that two backward passes may share."""
    import torch._dynamo
    import torch._functorch.config
    torch._dynamo.config.recompile_limit = COMPILED_SHAPES
    torch._functorch.config.donated_buffer = False
