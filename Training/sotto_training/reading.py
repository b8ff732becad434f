"""The training of what reads the transcript, on cached codes, with the rest of the decoder as it is.

    python -m sotto_training.reading --data data --start runs/decoder/checkpoint.pt --codes runs/listener/codes.pt \\
        --letters runs/listener/letters.pt --told runs/listener/told.pt --ear runs/listener/ear.pt \\
        --minutes 25 --out runs/reading/checkpoint.pt

A distance between spectra gains next to nothing by a transcript: which letter is said explains some 2 % of what few codebooks
leave open of a spectrum, though it matters most to who listens. So an ear (hearing.py) judges what the decoder is about to say,
by the spectrum that its auxiliary head tells, and the letters have to be told by it. No waveform is made, which lets it see ten
times as much speech a minute. Prints, on LibriSpeech's validation speakers at 1 and 2 codebooks without, with the right and with
another clip's text: L1 of the log-mel features, the ear's cross entropy in nats and the share of the steps it tells right.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from .data import Clips
from .hearing import Ear, cut, heard, held_out, log_mels
from .listener import decoded, stacked
from .model import Codec
from .text import padded
from .told import collated, cropped, vectors
from .train import rate

TOKENS, BATCH, VALID_TOKENS = 96, 12, 120
LEVELS = (1, 1, 1, 2, 2, 2, 3, 4, 6)
# Shares of the clips that are given the places told from all codebooks, whatever they are decoded from, and a wrong text.
SURE, WRONG = 0.25, 0.07
# What the ear's cross entropy counts beside the L1 distance of the features.
CLARITY = 0.04


def told_places(kept, texts, clip: int, level: int, first: int, steps: int, random):
    """What is told of a crop: the transcript, and the likeliest states of each step [steps, 3] with their shares."""
    draw = random.random()
    near = max(kept[clip]) if draw < SURE else max(n for n in kept[clip] if n <= level)
    right, other, wrong = kept[clip][near]
    found, text = (wrong, texts[other]) if draw > 1 - WRONG else (right, texts[clip])
    return list(text), *cropped(found, first, steps)


def features(decoder, latent, guides):
    """What the decoder is about to say, as the log-mel features [batch, frames, bands] of its auxiliary head."""
    return decoder.auxiliary(decoder.frames(decoder.speak(latent, guides), guides))[..., :-1]


def judged(ear, told, wanted, said):
    """-> L1 of the features, the ear's cross entropy in nats, the share of the steps it tells right."""
    return (told - wanted).abs().mean(), *heard(ear, told, said)


@torch.no_grad()
def validate(decoder, ear, held, codebooks) -> str:
    codes, wanted, said, texts = held
    figures = []
    for level in (1, 2):
        levels = torch.full((len(codes),), level)
        latent = decoded(codes, codebooks, levels)
        for name, told in (("", None), ("right ", texts), ("wrong ", texts[1:] + texts[:1])):
            guides = told and decoder.follow(latent, *padded(told), levels)
            values = (float(x) for x in judged(ear, features(decoder, latent, guides), wanted, said))
            figures.append(f"{level}: {name}" + "{:.4f} {:.3f} {:.3f}".format(*values))
    return " | ".join(figures)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, what in (("data", None), ("start", "a checkpoint of the decoder"), ("codes", "from listener cache"),
                       ("letters", "from letters"), ("told", "from listener follow"), ("ear", "from hearing"), ("out", None)):
        parser.add_argument("--" + name, required=True, type=Path, help=what)
    parser.add_argument("--minutes", required=True, type=float, help="of processor time")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--afresh", action="store_true", help="forget what the layers that join the text in have learned")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    data, letters, told = (
        torch.load(path, weights_only=False) for path in (arguments.codes, arguments.letters, arguments.told))
    state = torch.load(arguments.start, map_location="cpu", weights_only=True)
    codec = Codec(state["config"]).eval().requires_grad_(False)
    codec.load_state_dict(state["average"], strict=False)
    ear = Ear(codec.config).eval().requires_grad_(False)
    ear.load_state_dict(torch.load(arguments.ear, weights_only=True)["ear"])
    decoder, codebooks = codec.decoder, data["codebooks"].float()
    joins = [decoder.text_to_trunk, *decoder.text_to_blocks]
    learning = [p for part in (decoder.text_encoder, *joins) for p in part.requires_grad_(True).parameters()]
    if arguments.afresh:
        for layer in joins:
            torch.nn.init.normal_(layer.weight, std=0.015)
    optimizer = torch.optim.AdamW(learning, lr=arguments.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)

    clips, valid = (Clips(arguments.data / part, codec.config) for part in ("train", "valid"))
    mels, valid_mels = log_mels(codec, clips, data["clips"]), log_mels(codec, valid, held_out(valid, data))
    per_token, text_rate = codec.config["decoder"]["upsample"], codec.config["text"]["rate"]
    chosen = [i for i, clip in enumerate(data["valid_clips"]) if clip["corpus"] == "librispeech"][::3]
    chosen = [i for i in chosen if len(data["valid"][i]) >= VALID_TOKENS]
    held = (torch.stack([data["valid"][i][:VALID_TOKENS] for i in chosen]),
            *cut(valid_mels, letters["valid"], chosen, [0] * len(chosen), VALID_TOKENS * per_token, ear.stack),
            [data["valid_texts"][i] for i in chosen])
    print(f"min 0 {validate(decoder, ear, held, codebooks)}", flush=True)

    random, start, step, spent = np.random.default_rng(arguments.seed), time.process_time(), 0, 0.0
    usable = np.array([i for i, codes in enumerate(data["train"][0]) if len(codes) >= TOKENS // 4])
    share = np.array([min(len(data["train"][0][i]), 3 * TOKENS) for i in usable], float)
    while spent < 1:
        which = random.choice(usable, BATCH, p=share / share.sum())
        levels = torch.from_numpy(random.choice(LEVELS, BATCH))
        firsts = [int(random.integers(max(0, len(data["train"][0][i]) - TOKENS) + 1)) for i in which]
        codes, _ = stacked([data["train"][0][i][first: first + TOKENS] for i, first in zip(which, firsts)])
        tokens = codes.shape[1]
        places = collated(*zip(*(
            told_places(told["kept"], told["texts"], data["clips"][i], level, first * text_rate, tokens * text_rate, random)
            for i, level, first in zip(which, levels.tolist(), firsts))))
        wanted, said = cut(mels, letters["train"], which, [first * per_token for first in firsts], tokens * per_token,
                           ear.stack)
        latent = decoded(codes, codebooks, levels)
        with torch.autocast("cpu", torch.bfloat16):
            distance, nats, right = judged(
                ear, features(decoder, latent, decoder.weighed(vectors(decoder.text_encoder, places), levels)).float(),
                wanted, said)
        optimizer.zero_grad(set_to_none=True)
        (distance + CLARITY * nats).backward()
        torch.nn.utils.clip_grad_norm_(learning, 0.25)
        spent = (time.process_time() - start) / 60 / arguments.minutes
        for group in optimizer.param_groups:
            group["lr"] = rate(spent, step, arguments.rate)
        optimizer.step()
        step += 1
        if step % 200 == 0 or spent >= 1:
            print(f"min {spent * arguments.minutes:.1f} step {step} train {float(distance.detach()):.4f} "
                  f"{float(nats.detach()):.3f} {float(right):.3f} valid {validate(decoder, ear, held, codebooks)}", flush=True)
            torch.save({"average": codec.state_dict(), "config": codec.config, "step": step}, arguments.out)


if __name__ == "__main__":
    main()
