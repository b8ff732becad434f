"""Clips spoken from their words: latents by a prior, sound by a decoder, as (reference, decoded) pairs for a judge.

    python -m sotto_training.release.by_word --data data/valid --corpus librispeech --every 3 --model runs/decoder --prior runs/prior \\
        --aligner ../Models/sotto-16k.safetensors --out pairs

The aligner, a model with a letter classifier, finds when the letters are said. Writes OUT/pairs.tsv as `compare` does, with a column `kbps`: codes, durations (5 bits a word),
timing (a bit for each frame and letter) and voice (48 bits), without the text. Systems are letters-CODES, "-wide" where the prediction is made as varied as
speech over each clip; `codes-N` are the decoder's own frames of so many codes without a text, `codes-N-text` with it.
"""

import argparse
from pathlib import Path

import numpy as np
import soundfile
import torch

from ..data.clips import Clips
from ..data.words import collated, said
from ..model.offline import decode, decoded_latents, encode
from ..model.prior import EVEN, TIMED
from ..model.text import symbols
from ..model.weights import loaded
from ..recipes.prior import MODES, asked, trained_prior
from .compare import pace_of

SPOKEN = ("timed whole", "timed 4", "timed 2", "timed 0", "even 4", "even 0", "no letters 4")


def widened(latents: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    """[frames, dimensions], around the clip's mean."""
    mean = latents.mean(0)
    return mean + factor * (latents - mean)


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="a folder from sotto_training.data.prepare")
    parser.add_argument("--corpus", help="only clips of this corpus")
    parser.add_argument("--every", type=int, default=1, help="only each so manieth clip")
    parser.add_argument("--model", required=True, type=Path, help="a run or an exported model")
    parser.add_argument("--prior", required=True, type=Path)
    parser.add_argument("--aligner", type=Path, help="another model to find the letters with")
    parser.add_argument("--noise", type=float, default=0.0, help="dB that the decoder's noise is louder by")
    parser.add_argument("--modes", nargs="*", default=SPOKEN, choices=MODES)
    parser.add_argument("--codes", type=int, nargs="*", default=[8, 4, 2, 1])
    parser.add_argument("--texts", type=int, nargs="*", default=[1])
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    codec = loaded(arguments.model)
    codec.decoder.filters.bias[2 * codec.decoder.bins:] += arguments.noise * np.log(10) / 20
    aligner = loaded(arguments.aligner) if arguments.aligner else codec
    rate = codec.config["text"]["rate"]
    prior, wide, step = trained_prior(arguments.prior, codec.config["quantizer"]["dimensions"], rate)
    clips = Clips(arguments.data, codec.config)
    chosen = [clip for clip in clips.clips if arguments.corpus in (None, clip["corpus"]) and clip["text"]][:: arguments.every]
    lines = []
    for clip in chosen:
        pcm = clips.audio[clip["start"]: clip["start"] + clip["samples"]]
        soundfile.write(arguments.out / f"{clip['id']}.flac", pcm, codec.config["sample_rate"])
        audio, seconds = pcm.astype(np.float32) / np.float32(32768), len(pcm) / codec.config["sample_rate"]
        stages = encode(codec, audio)
        latents, volume, codes = stages["latents"], stages.get("volume"), stages["codes"]
        text = symbols(clip["text"])
        counts = pace_of(aligner, encode(aligner, audio)["latents"] if arguments.aligner else latents, clip["text"])
        told = said(text, counts, rate)
        known = codec.quantizer.decode(codes[None])[0].numpy()
        words, pauses = int((~told.pauses).sum()), int(told.pauses.sum())
        timing = (len(known) + len(text) + 1) / seconds

        def put(name, samples, bits):
            path = arguments.out / f"{clip['id']}.{name.replace(' ', '-')}.wav"
            soundfile.write(path, np.clip(samples, -1, 1), codec.config["sample_rate"])
            lines.append((f"{clip['id']}.flac", path.name, clip["text"], name.replace(" ", "-"), clip["speaker"], f"{bits / 1000:.4f}"))

        for n in arguments.codes:
            put(f"codes-{n}", decode(codec, codec.quantizer.encode(latents[None], n)[0], len(pcm), volume=volume), 125 * n)
        for n in arguments.texts:
            put(f"codes-{n}-text", decode(codec, codec.quantizer.encode(latents[None], n)[0], len(pcm), clip["text"], counts, volume), 125 * n + timing)
        for mode in arguments.modes:
            letters, n, _, frames = MODES[mode]
            heard = codec.quantizer.decode(codec.quantizer.encode(latents[None], frames)[0][None])[0].numpy() if frames else known
            batch = collated([(known, heard, told)], rate)
            found = prior.unscaled(prior(batch, asked(1, *MODES[mode]))[0][0])
            place = {TIMED: told.place, EVEN: told.even}.get(letters)
            bits = 125 * frames * seconds if frames else 8 * (words * min(n, 4) + pauses * min(n, 1)) + 5 * len(told.pauses) + 48
            for name, version in ((mode, found), *(((f"{mode} wide", widened(found, wide[mode])),) if mode in wide else ())):
                put(name, decoded_latents(codec, version, len(pcm), text, place, volume), bits / seconds + (timing if letters == TIMED else 0))
    with open(arguments.out / "pairs.tsv", "w", encoding="utf-8") as file:
        file.write("ref\tdeg\ttext\tsystem\tspeaker\tkbps\n")
        file.writelines("\t".join(line) + "\n" for line in lines)
    print(f"{len(chosen)} clips, {len(lines)} pairs, prior of step {step} -> {arguments.out / 'pairs.tsv'}")


if __name__ == "__main__":
    main()
