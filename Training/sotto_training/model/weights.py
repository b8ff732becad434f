"""Trained weights, read from an exported model or from a run's checkpoint."""

import hashlib
import json
from pathlib import Path

import torch
from safetensors import safe_open

from .codec import Codec
from .rounding import restored, stored

# Only training needs these.
LEFT_OUT = ("decoder.auxiliary.", "quantizer.channel", "quantizer.fitted")


def exported(path: Path):
    """What a file holds, what its base holds included -> its metadata, its tensors."""
    with safe_open(path, "pt") as file:
        metadata, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}
    if "base" in metadata:
        known, more = exported(path.parent / metadata["base"])
        if known["weights_sha256"] != metadata["base_sha256"]:
            raise ValueError(f"{path} belongs to other weights than those of {metadata['base']}")
        tensors = more | tensors
    return metadata, tensors


def load_exported(path: Path) -> Codec:
    """The model exactly as the product sees it: weights of 16 or 8 bits, widened to float32."""
    metadata, tensors = exported(path)
    codec = Codec(json.loads(metadata["config"]))
    missing, unexpected = codec.load_state_dict(restored(codec, tensors), strict=False)
    wrong = [name for name in missing if not name.startswith(LEFT_OUT)] + unexpected
    if wrong:
        raise ValueError(f"{path} does not fit its own configuration: {', '.join(wrong)}")
    return codec.eval()


def trained(path: Path, device: str = "cpu") -> dict:
    """What a run's folder, its checkpoint or an exported model holds, as a checkpoint. Exported models lack the auxiliary head, which
    then begins at random."""
    if path.suffix == ".safetensors":
        codec = load_exported(path)
        codec.quantizer.fitted.fill_(True)
        return {"average": codec.to(device).state_dict(), "config": codec.config, "step": 0}
    return torch.load(path / "checkpoint.pt" if path.is_dir() else path, map_location=device, weights_only=True)


def loaded(path: Path) -> Codec:
    """The model of a run or of an exported file, as it decodes."""
    state = trained(path)
    codec = Codec(state["config"]).eval()
    codec.load_state_dict(state["average"], strict=False)
    return codec


def to_export(codec: Codec, tensors: dict) -> dict[str, torch.Tensor]:
    """A codec's weights by name as an exported file holds them."""
    return stored(codec, {name: tensor for name, tensor in tensors.items() if not name.startswith(LEFT_OUT)})


def digests(config: dict, tensors) -> dict[str, str]:
    """SHA-256 of a configuration and the weights, and of as much of both as gives the codes their meaning: tokens name the
    models that can decode them by that one, and outlive a decoder. With weights of 8 bits they are made of digests of the parts, which
    are there too, and those of digests of the tensors."""
    result, parts = {}, {}
    for part in ("encoder", "quantizer", "decoder") if "bits" in config else ():
        digest = hashlib.sha256()
        for name, values in named_bytes(tensors, part + "."):
            digest.update(name + hashlib.sha256(values).digest())
        parts[part] = result[f"{part}_sha256"] = digest.hexdigest()
    for key, sections, rooms in (
            ("weights_sha256", tuple(config), ("encoder", "quantizer", "decoder")),
            ("codes_sha256", ("sample_rate", "features", "encoder", "quantizer", "level"), ("encoder", "quantizer"))):
        digest = hashlib.sha256(json.dumps([config[section] for section in sections if section in config], separators=(",", ":")).encode())
        if parts:
            digest.update("".join(parts[room] for room in rooms).encode())
        else:
            for name, values in named_bytes(tensors, tuple(f"{room}." for room in rooms)):
                digest.update(name + values)
        result[key] = digest.hexdigest()
    return result


def named_bytes(tensors, prefixes):
    """Names and values of the tensors whose names begin so, in the order of their names."""
    for name in sorted(tensors):
        if name.startswith(prefixes):
            yield name.encode(), tensors[name].numpy().tobytes()


def codes_identity(codec: Codec) -> str:
    """What tells if codes were made by this encoder and these codebooks; as in the exported file."""
    return digests(codec.config, to_export(codec, codec.state_dict()))["codes_sha256"]
