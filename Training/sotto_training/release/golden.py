"""Golden vectors for the Swift tests: what the exported model says of one real clip at every stage.

    python -m sotto_training.release.golden --model ../Models/sotto-16k.safetensors --audio ../Samples/CLIP.flac \\
        --out ../Tests/SottoTests/Fixtures/golden.safetensors

What is decoded without a text is computed in double precision: the twin's own rounding, which the pitch adds up over a clip, would otherwise be
as large as the product's. It is spoken at the level that is told, if the model tells one. With a model that reads text, --text WORDS adds what it makes of them. Of a model that builds on another only the codes and what is
decoded of them is kept, and the levels: the rest is told by the vectors of the other.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from ..data.prepare import load
from ..model.offline import decode, encode
from ..model.text import follow, pace, padded, symbols
from ..model.weights import exported, load_exported


@torch.no_grad()
def text_stages(codec, codes, text: str) -> dict[str, torch.Tensor]:
    """codes [tokens, 1...codebooks] and a transcript -> its symbols [n], the listener's logits [rows, symbols], the
    follower's shares [rows, 2 n + 1], the text vectors [rows, channels] and the audio; and, as if the text were said evenly, its
    pace [tokens] and the audio by that."""
    decoder, latent = codec.decoder, codec.quantizer.decode(codes)[None]
    text_symbols, lengths = padded([symbols(text)])
    logits = decoder.listener(latent)
    samples = len(codes) * codec.frame - (codec.config["synthesis"]["window"] - codec.hop)
    even = np.linspace(1, 0.9 * len(codes), text_symbols.shape[1] + 1).astype(int)
    counts = pace(even, len(codes), 1)
    return {"symbols": text_symbols[0], "logits": logits[0],
            "share": follow(logits, decoder.listener.prior, text_symbols, lengths, decoder.text["follower"])[0],
            "vectors": decoder.follow(latent, text_symbols, lengths, torch.tensor([codes.shape[1]]))[0],
            "audio": torch.from_numpy(decode(codec, codes, samples, text).copy()),
            "pace": torch.from_numpy(counts),
            "paced": torch.from_numpy(decode(codec, codes, samples, text, counts).copy())}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--audio", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--text")
    arguments = parser.parse_args()
    codec = load_exported(arguments.model)
    rate = codec.config["sample_rate"]
    audio = load(arguments.audio, rate)[: int(arguments.seconds * rate)]
    stages = encode(codec, audio)
    most = stages.pop("codes")
    codes = {f"codes.{n}": codec.quantizer.encode(stages["latents"], n) for n in (1, 2, 5, most.shape[1])}
    codes |= {f"codes.variable.{n}": codec.quantizer.encode(stages["latents"], n, variable=True) for n in (2, 4)}
    exact = load_exported(arguments.model).double()
    waves = {f"decoded.{n}": torch.from_numpy(decode(exact, most[:, :n], len(audio), volume=stages.get("volume")).copy())
             for n in (1, 4, most.shape[1])}
    tensors = {"audio": torch.from_numpy(audio), **stages, **codes, **waves}
    if arguments.text:
        told = text_stages(codec, most[:, :1], arguments.text)
        tensors |= {f"text.{name}": tensor for name, tensor in told.items()}
    if "base" in exported(arguments.model)[0]:
        kept = ("codes.", "volume", f"decoded.{most.shape[1]}", "text.pace", "text.audio")
        tensors = {name: tensor for name, tensor in tensors.items() if name.startswith(kept)}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.float().contiguous() for name, tensor in tensors.items()}, arguments.out)
    print(f"{arguments.out}: {len(most)} token frames")


if __name__ == "__main__":
    main()
