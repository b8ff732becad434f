"""Writes a trained prior as the file of weights that the product speaks words by, beside the model whose latents it knows; with --golden, also
what it makes of a real clip, for the tests.

    python -m sotto_training.release words --prior runs/prior --model ../Models/sotto-16k.safetensors --out ../Models/sotto-16k-words.safetensors
    python -m sotto_training.release words --model ../Models/sotto-16k.safetensors --out ../Models/sotto-16k-words.safetensors \\
        --golden ../Tests/SottoTests/Fixtures/words-golden.safetensors --audio ../Samples/campfire.flac --text "$(cat ../Samples/campfire.txt)"

Without --prior, the file of --out is there already.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from ..data.prepare import load
from ..data.words import collated, said
from ..model.offline import encode
from ..model.prior import TIMED
from ..model.text import symbols
from ..model.weights import codes_identity, load_exported
from ..model.words import COUNTS, configuration, file_of, load_words, to_export
from ..recipes.prior import asked, trained_prior
from .compare import pace_of
from .export import aligned


@torch.no_grad()
def golden(codec, path: Path, audio, text: str) -> dict[str, torch.Tensor]:
    """-> the clip's codes and its text's pace, and what the prior makes of them: the voice's numbers, the words' codes, and for each number of
    codes a word the latents."""
    prior, _ = load_words(path)
    stages = encode(codec, audio)
    counts = pace_of(codec, stages["latents"], text)
    told = said(symbols(text), counts, prior.rate)
    latents = codec.quantizer.decode(stages["codes"][None])[0].numpy()
    batch, result = collated([(latents, latents, told)], prior.rate), {}
    for n in COUNTS:
        found, codes, _, voices = prior(batch, asked(1, TIMED, n, 0, 0))
        result[f"latents.{n}"] = prior.unscaled(found[0])
    return result | {"codes": stages["codes"], "pace": torch.from_numpy(np.asarray(counts)), "voice": voices[0] + 3.5, "words": codes,
                     "pauses": torch.from_numpy(told.pauses)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prior", type=Path, help="a run of recipes.prior")
    parser.add_argument("--model", required=True, type=Path, help="the exported model whose codes it was trained on")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--golden", type=Path)
    parser.add_argument("--audio", type=Path)
    parser.add_argument("--text")
    arguments = parser.parse_args()
    codec = load_exported(arguments.model)
    if arguments.prior:
        prior, _, step = trained_prior(arguments.prior, codec.config["quantizer"]["dimensions"], codec.config["text"]["rate"])
        config = configuration(prior, arguments.out.stem, codes_identity(codec))
        tensors = to_export(prior)
        bad = [name for name, tensor in tensors.items() if not torch.isfinite(tensor).all()]
        if bad:
            raise SystemExit(f"not finite as exported: {', '.join(bad)}")
        arguments.out.write_bytes(aligned(file_of(config, tensors)))
        load_words(arguments.out)
        print(f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.1f} MB, step {step}")
    if arguments.golden:
        audio = load(arguments.audio, codec.config["sample_rate"])
        tensors = golden(codec, arguments.out, audio, arguments.text)
        save_file({name: tensor.float().contiguous() for name, tensor in tensors.items()}, arguments.golden)
        print(f"{arguments.golden}: {len(tensors['codes'])} token frames, {len(tensors['words'])} words and pauses")


if __name__ == "__main__":
    main()
