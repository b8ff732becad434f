"""Golden vectors for the Swift tests: what the exported model says of one real clip at every stage.

    python -m sotto_training.golden --model ../Models/sotto-16k.safetensors --audio ../Samples/CLIP.flac \\
        --out ../Tests/SottoTests/Fixtures/golden.safetensors
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from .codec import decode, encode
from .export import load_exported
from .prepare import load


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--audio", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--seconds", type=float, default=4)
    arguments = parser.parse_args()
    codec = load_exported(arguments.model)
    rate = codec.config["sample_rate"]
    audio = load(arguments.audio, rate)[: int(arguments.seconds * rate)]
    stages = encode(codec, audio)
    waves = {f"decoded.{n}": torch.from_numpy(decode(codec, stages["codes"][:, :n], len(audio)).copy())
             for n in (1, 4, stages["codes"].shape[1])}
    tensors = {"audio": torch.from_numpy(audio), **stages, **waves}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.float().contiguous() for name, tensor in tensors.items()}, arguments.out)
    print(f"{arguments.out}: {stages['codes'].shape[0]} token frames")


if __name__ == "__main__":
    main()
