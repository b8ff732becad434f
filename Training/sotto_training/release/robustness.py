"""How alike the codes are of the same words at other levels, with noise, recoded, or through a telephone.

    python -m sotto_training.release.robustness --data data/valid --every 7 --noises FOLDER --models shipped=../Models/sotto-16k.safetensors \\
        mine=runs/mine/fitted.pt --out robustness.json

Prints the share of speech frames, in percent, whose code is that of the clean clip: with one codebook, the first of eight, all of eight;
and how far the latents are off, as a share of their variance. Speech frames are those at most 30 dB under a clip's loudest. Changed
clips are rounded to 16 bits and clipped, as in a file. FFmpeg recodes. Judge by clips that nothing was trained on.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from ..data.changed import Noises, recoded, telephone, with_noise
from ..data.clips import Clips
from ..model.codec import Codec
from ..model.offline import encode
from ..model.weights import loaded

SPOKEN = -30.0
LEVELS = (0.1, 0.5, 1.0, 3.0, 6.0)


def changes(audio, sample_rate: int, noises: Noises, random) -> dict:
    """A clip [samples] -> how it is changed, and what it then is."""
    result = {}
    for decibels in LEVELS:
        result[f"-{decibels:g} dB"] = audio * np.float32(10 ** (-decibels / 20))
        result[f"+{decibels:g} dB"] = audio * np.float32(10 ** (decibels / 20))
    result["-20 dB"] = audio * np.float32(0.1)
    for ratio in (20, 10):
        result[f"noise {ratio} dB"] = with_noise(audio, noises.drawn(len(audio), random), ratio)
    result["white noise 20 dB"] = with_noise(audio, random.standard_normal(len(audio)).astype(np.float32), 20)
    result["MP3 32 kbit/s"] = recoded(audio, sample_rate, "mp3", 32)
    result["Opus 16 kbit/s"] = recoded(audio, sample_rate, "opus", 16)
    result["telephone"] = telephone(audio, sample_rate)
    return {name: np.round(np.clip(x, -1, 32767 / 32768) * 32768).astype(np.float32) / np.float32(32768) for name, x in result.items()}


@torch.no_grad()
def said(codec: Codec, audio):
    """-> latents [tokens, d], codes with one codebook [tokens, 1], and with all [tokens, codebooks]."""
    latents = encode(codec, audio)["latents"]
    return [latents, *(codec.quantizer.encode(latents[None], count)[0] for count in (1, len(codec.quantizer.codebooks)))]


def alike(codec: Codec, clean, other, audio):
    """What `said` says of a clip [samples] and of its changed version -> for each speech frame if the code is the same with one codebook,
    the first and all of all, and the squared distance of the latents, [frames, 4]."""
    tokens = len(clean[1])
    power = np.square(np.pad(audio, (0, tokens * codec.frame - len(audio)))).reshape(tokens, -1).mean(1)
    spoken = torch.from_numpy(power > power.max() * 10 ** (SPOKEN / 10))
    same = torch.stack([clean[1][:, 0] == other[1][:, 0], clean[2][:, 0] == other[2][:, 0], (clean[2] == other[2]).all(1)], 1)
    off = (clean[0] - other[0]).square().sum(1).unflatten(0, (tokens, -1)).mean(1)
    return torch.cat([same.float(), off[:, None]], 1)[spoken]


def measured(codec: Codec, clips: Clips, chosen, noises: Noises, seed: int = 1) -> dict:
    """-> for each change the shares of frames with the same code (one codebook, first of all, all) and the latents' distance, and how
    many frames there were."""
    random, rate, parts, variance = np.random.default_rng(seed), codec.config["sample_rate"], {}, []
    for clip in chosen:
        audio = clips.audio[clip["start"]: clip["start"] + clip["samples"]] / np.float32(32768)
        clean = said(codec, audio)
        variance.append(clean[0])
        for name, other in changes(audio, rate, noises, random).items():
            parts.setdefault(name, []).append(alike(codec, clean, said(codec, other), audio))
    whole = float(torch.cat(variance).var(0).sum())
    result = {name: torch.cat(rows) for name, rows in parts.items()}
    return {name: {"same": rows[:, :3].mean(0).tolist(), "off": float(rows[:, 3].mean()) / whole, "frames": len(rows)}
            for name, rows in result.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="a folder from sotto_training.data.prepare")
    parser.add_argument("--corpus", help="only clips of this corpus")
    parser.add_argument("--every", type=int, default=1, help="only each so manieth clip")
    parser.add_argument("--noises", required=True, type=Path, help="a folder of recordings of noise")
    parser.add_argument("--models", required=True, nargs="+", metavar="NAME=PATH", help="exported models, or runs with codebooks")
    parser.add_argument("--out", type=Path, help="where to write the figures, as JSON")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    figures = {}
    for word in arguments.models:
        name, _, path = word.partition("=")
        codec = loaded(Path(path))
        clips, noises = Clips(arguments.data, codec.config), Noises(arguments.noises, codec.config["sample_rate"])
        chosen = [clip for clip in clips.clips if arguments.corpus in (None, clip["corpus"])][:: arguments.every]
        figures[name] = measured(codec, clips, chosen, noises)
        print(f"{name}, {len(chosen)} clips, {next(iter(figures[name].values()))['frames']} speech frames")
        for change, row in figures[name].items():
            print(f"  {change:18} " + " ".join(f"{100 * share:6.1f}" for share in row["same"]) + f"  off {row['off']:.4f}", flush=True)
    if arguments.out:
        arguments.out.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
