"""A prior as the product has it: tokens by the word. Letters are told as they are timed, voices are known, and past latents are not."""

import hashlib
import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save

from .prior import TIMED, Prior
from .rounding import WIDER, restored, round_products, stored
from .weights import named_bytes

# How many codes a word may get.
COUNTS = (0, 2, 4)
# What decides the codes; the rest, the other way back, may become better without changing them.
DECIDE = ("embedding", "letter_", "word_", "rows", "voice", "quantizer.vectors", "mean", "scale")
LEFT_OUT = ("kind", "past", "unknown", "frames", "quantizer.counts", "quantizer.sums", "quantizer.begun")
# What reads latents and what makes voices and words of them stays at 16 bits, as what makes latents.
WORDS_WIDER = (*WIDER, "0", "2", "voice_out", "voice", "word_in", "word_score", "word_values", "word_out")


def rounded(prior: Prior) -> Prior:
    """With products of 8 bits, as they are read from a file."""
    round_products(prior, WORDS_WIDER)
    return prior.eval()


def merged(prior: Prior) -> dict:
    """The weights by name, without those of what is the same each time, which biases take in."""
    tensors = {name: tensor.clone() for name, tensor in prior.state_dict().items() if not name.startswith(LEFT_OUT)}
    tensors["rows.bias"] += prior.kind.weight[TIMED].detach()
    tensors[f"blocks.{len(prior.blocks) - 1}.project.bias"] += prior.unknown.detach()
    return tensors


def part_of(name: str) -> str:
    return f"words.{name}" if name.startswith(DECIDE) else f"prior.{name}"


def to_export(prior: Prior) -> dict[str, torch.Tensor]:
    """Its weights by name as a file holds them."""
    tensors = merged(prior)
    shaped = rounded(Prior(len(prior.mean), prior.rate, **sizes(prior)))
    result = {part_of(name): tensor for name, tensor in stored(shaped, tensors).items()}
    exact = {"words.mean": prior.mean, "words.scale": prior.scale[None]}
    return result | {name: tensor.float().contiguous() for name, tensor in exact.items()}


def sizes(prior: Prior) -> dict:
    return {"channels": prior.norm.normalized_shape[0], "letters": prior.embedding.embedding_dim, "words": prior.words,
            "voice": prior.voice_out.out_features}


def configuration(prior: Prior, name: str, base: str) -> dict:
    """- base: the SHA-256 of the codes whose latents it knows."""
    return {"name": name, "base_codes_sha256": base, "bits": 8, "dimensions": len(prior.mean), "rate": prior.rate, **sizes(prior),
            "codebooks": len(prior.quantizer.vectors), "codes": prior.quantizer.vectors.shape[1], "counts": list(COUNTS)}


def digests(config: dict, tensors: dict) -> dict[str, str]:
    """SHA-256 of what gives words' codes their meaning, and of all of it: of the configuration, the tensors' names and their digests."""
    result = {}
    for key, prefixes in (("codes_sha256", "words."), ("weights_sha256", ("words.", "prior."))):
        digest = hashlib.sha256(json.dumps(config, separators=(",", ":")).encode())
        for name, values in named_bytes(tensors, prefixes):
            digest.update(name + hashlib.sha256(values).digest())
        result[key] = digest.hexdigest()
    return result


def file_of(config: dict, tensors: dict) -> bytes:
    return save(tensors, {"words": json.dumps(config, separators=(",", ":")), **digests(config, tensors)})


@torch.no_grad()
def load_words(path: Path):
    """-> the prior as the product sees it, and its configuration."""
    with safe_open(path, "pt") as file:
        metadata, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}
    config = json.loads(metadata["words"])
    if digests(config, tensors)["weights_sha256"] != metadata["weights_sha256"]:
        raise ValueError(f"{path} is damaged")
    prior = rounded(Prior(config["dimensions"], config["rate"], **{name: config[name] for name in ("channels", "letters", "words", "voice")}))
    tensors["words.scale"] = tensors["words.scale"][0]
    missing, unexpected = prior.load_state_dict(restored(prior, {name.partition(".")[2]: tensor for name, tensor in tensors.items()}), strict=False)
    wrong = [name for name in missing if not name.startswith(LEFT_OUT)] + unexpected
    if wrong:
        raise ValueError(f"{path} does not fit its own configuration: {', '.join(wrong)}")
    prior.kind.weight.zero_()
    prior.unknown.zero_()
    return prior, config
