"""Writes the averaged weights of a checkpoint as one safetensors file: fp16, or those of the products at 8 bits, with the
configuration inside.

    python -m sotto_training.export --run runs/first --config ../Configs/sotto-16k.json --out ../Models/sotto-16k.safetensors

With --config, the file has that configuration, which has to fit the weights: its name, how many bits the products' weights have, in which
precision the product computes the features. With --listener, the letter classifier is that of another run or model, or what
`recognition.listener` trained.

With --base, only what differs from that model is written; the file names it, and is read from the same folder. With --critic, the
critic that the run learned by is written too, for who goes on from the weights. With --decoder, the decoder is that of another run or
model: so a new decoder comes behind codebooks of pairs.

    python -m sotto_training.export --run ../Models/sotto-16k-6hz.safetensors --decoder new/sotto-16k.safetensors \\
        --base new/sotto-16k.safetensors --out new/sotto-16k-6hz.safetensors
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save, save_file

from ..model.codec import Codec
from ..model.weights import digests, exported, load_exported, to_export, trained
from ..recognition.listener import trained_listener

# Blocks of weights begin at multiples of so many bytes.
ALIGNMENT = 64


def aligned(file: bytes) -> bytes:
    """A safetensors file whose tensors of 8 bits, which come last and are whole blocks, lie where a processor likes them: with more
    spaces after the header, which the format allows."""
    length = int.from_bytes(file[:8], "little")
    header = json.loads(file[8: 8 + length])
    starts = [entry["data_offsets"][0] for name, entry in header.items() if name != "__metadata__" and entry["dtype"] == "I8"]
    spaces = -(8 + length + min(starts, default=0)) % ALIGNMENT
    return (length + spaces).to_bytes(8, "little") + file[8: 8 + length] + b" " * spaces + file[8 + length:]


def write(config: dict, tensors, path: Path, base: Path | None = None):
    metadata = {"config": json.dumps(config, separators=(",", ":")), **digests(config, tensors)}
    if base:
        known, same = exported(base)
        tensors = {name: tensor for name, tensor in tensors.items() if not torch.equal(tensor, same[name])}
        metadata |= {"base": base.name, "base_sha256": known["weights_sha256"]}
    if "bits" in config:
        path.write_bytes(aligned(save(tensors, metadata)))
    else:
        save_file(tensors, path, metadata=metadata)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--base", type=Path, help="an exported model in the same folder, to write the differences from")
    parser.add_argument("--decoder", type=Path, help="a run or an exported model whose decoder to take")
    parser.add_argument("--config", type=Path, help="the configuration to write, if not the run's")
    parser.add_argument("--listener", type=Path, help="a trained listener, or a run or an exported model that has one, which joins the model as it is")
    parser.add_argument("--critic", type=Path, help="where to write the run's critic")
    parser.add_argument("--bits", type=int, choices=(8,), help="of the weights of products, if the run didn't learn with so many")
    arguments = parser.parse_args()
    state = trained(arguments.run)
    if arguments.config:
        state["config"] = json.loads(arguments.config.read_text())
    if arguments.decoder:
        other = trained(arguments.decoder)["average"]
        state["average"] |= {name: tensor for name, tensor in other.items() if name.startswith("decoder.")}
    if arguments.listener:
        listener = trained_listener(arguments.listener, state["config"])
        state["average"] |= {f"decoder.listener.{name}": tensor for name, tensor in listener.state_dict().items()}
    if arguments.bits:
        state["config"]["bits"] = arguments.bits
    tensors = to_export(Codec(state["config"]), state["average"])
    bad = [name for name, tensor in tensors.items() if not torch.isfinite(tensor).all()]
    if bad:
        raise SystemExit(f"not finite as exported: {', '.join(bad)}")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    write(state["config"], tensors, arguments.out, arguments.base)
    load_exported(arguments.out)
    if arguments.critic:
        save_file({name: tensor.half().contiguous() for name, tensor in state["critic"].items()}, arguments.critic)
    print(f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.1f} MB, step {state['step']}")


if __name__ == "__main__":
    main()
