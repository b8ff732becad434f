"""The training of what reads the transcript, and of the trunk that it speaks to, on cached codes.

    python -m sotto_training.recipes.reading --data data --start runs/decoder/checkpoint.pt --codes runs/listener/codes.pt \\
        --letters runs/listener/letters.pt --told runs/listener/told.pt --ears runs/listener/ear.pt \\
        --minutes 25 --out runs/reading/checkpoint.pt

A distance between spectra gains next to nothing by a transcript: which letter is said explains some 2 % of what few codebooks
leave open of a spectrum, though it matters most to who listens. So an ear (hearing.py) judges what the decoder is about to say,
by the spectrum that its auxiliary head tells, and the letters have to be told by it. No waveform is made, which lets it see ten
times as much speech a minute. What is no matter of spectra stays near to what the decoder said before: of all codes if it has a
text, of the same codes if not. Prints, on LibriSpeech's validation speakers at 1, 2 and 4 codebooks without a text, with the right
one and its pace, by following it, and by following another clip's: L1 of the log-mel features, the ear's cross entropy in nats and
the share of the steps it tells right.
"""

import argparse
import copy
from pathlib import Path

import numpy as np
import torch

from ..data.clips import Clips
from ..data.transcripts import ToldClips, collated, cropped
from ..model.codec import Codec
from ..model.quantizer import decode_one_of
from ..model.text import pace, paced, padded
from ..model.weights import trained
from ..recognition.hearing import cut, heard, held_out, log_mels, roughened, trained_ear
from ..recognition.listener import stacked
from ..schedule import spending

TOKENS, BATCH, VALID_TOKENS = 96, 12, 120
LEVELS = (1, 1, 1, 2, 2, 2, 3, 4, 6)
# Shares of the clips that are given no text, and another clip's.
PLAIN, WRONG = 0.25, 0.07
# What counts beside the L1 distance of the features: the ear's cross entropy, the distance from what was said before (a share of
# its variance), and that of the clips without a text, which are to stay as they are.
CLARITY, NEAR, PLAIN_NEAR = 0.15, 0.5, 3.0


def told_places(told, clip: int, level: int, first: int, steps: int, random):
    """What is told of a crop: the transcript, and the likeliest states of each step [steps, 3] with their shares."""
    draw = random.random()
    if draw < PLAIN:
        return [], *cropped((), first, steps)
    if draw < PLAIN + WRONG:
        text, found = told.others(clip, level)
    else:
        text, found = list(told.texts[clip]), told.own(clip, level, random)
    return text, *cropped(found, first, steps)


def features(decoder, frames):
    """What the decoder is about to say, as log-mel features [batch, frames, bands]."""
    return decoder.auxiliary(frames)[..., :-1].float()


def said_of(decoder, latent, guides):
    return decoder.frames(decoder.speak(latent, guides), guides)


@torch.no_grad()
def validate(decoder, ear, held, codebooks) -> str:
    codes, wanted, said, texts, places = held
    figures = []
    for level in (1, 2, 4):
        levels = torch.full((len(codes),), level)
        latent = decode_one_of(codes, codebooks, levels)

        def follow(told):
            return decoder.follow(latent, *padded(told), levels)

        for name, guides in (
                ("", None), ("paced ", decoder.at_places(*places, levels)),
                ("right ", follow(texts)), ("wrong ", follow(texts[1:] + texts[:1]))):
            found = features(decoder, said_of(decoder, latent, guides))
            values = (float(x) for x in ((found - wanted).abs().mean(), *heard(ear, found, said)))
            figures.append(f"{level}: {name}" + "{:.4f} {:.3f} {:.3f}".format(*values))
    return " | ".join(figures)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, what in (("data", None), ("start", "a checkpoint of the decoder"), ("codes", "from listener cache"),
                       ("letters", "from letters"), ("told", "from listener follow"), ("out", None)):
        parser.add_argument("--" + name, required=True, type=Path, help=what)
    parser.add_argument("--ears", required=True, type=Path, nargs="+",
                        help="from hearing; with more than one it is harder to please one's mistakes instead of listeners")
    parser.add_argument("--minutes", required=True, type=float, help="of processor time")
    parser.add_argument("--rate", type=float, default=2e-3, help="of the text's layers; the trunk's is a third of it")
    parser.add_argument("--afresh", action="store_true", help="forget what the layers that join the text in have learned")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    data, letters = (torch.load(path, weights_only=False) for path in (arguments.codes, arguments.letters))
    state = trained(arguments.start)
    codec = Codec(state["config"]).eval().requires_grad_(False)
    codec.load_state_dict(state["average"], strict=False)
    told, ears = ToldClips(arguments.told, codec.config), [trained_ear(path) for path in arguments.ears]
    decoder, codebooks = codec.decoder, data["codebooks"].float()
    before = copy.deepcopy(decoder)
    joins = [decoder.text_to_trunk, *decoder.text_to_blocks]
    if arguments.afresh:
        for layer in joins:
            torch.nn.init.normal_(layer.weight, std=0.015)
    reading, speaking = (
        [p for part in parts for p in part.requires_grad_(True).parameters()]
        for parts in ((decoder.text_encoder, *joins), (decoder.input, decoder.trunk, decoder.up)))
    optimizer = torch.optim.AdamW(
        [{"params": reading, "lr": arguments.rate}, {"params": speaking, "lr": arguments.rate / 3}],
        betas=(0.9, 0.98), weight_decay=0.01, fused=True)

    clips, valid = (Clips(arguments.data / part, codec.config) for part in ("train", "valid"))
    mels, valid_mels = log_mels(codec, clips, data["clips"]), log_mels(codec, valid, held_out(valid, data))
    per_token, text_rate = codec.config["decoder"]["upsample"], codec.config["text"]["rate"]
    chosen = [i for i, clip in enumerate(data["valid_clips"]) if clip["corpus"] == "librispeech"][::3]
    chosen = [i for i in chosen if len(data["valid"][i]) >= VALID_TOKENS]
    texts = [data["valid_texts"][i] for i in chosen]
    places = (paced(pace(letters["valid_begins"][i], VALID_TOKENS, text_rate), len(text), text_rate)
              for i, text in zip(chosen, texts))
    held = (torch.stack([data["valid"][i][:VALID_TOKENS] for i in chosen]),
            *cut(valid_mels, letters["valid"], chosen, [0] * len(chosen), VALID_TOKENS * per_token,
                 ears[0].stack),
            texts, collated(texts, *zip(*((states[:, None], shares[:, None]) for states, shares in places))))

    def say(step, minutes, figures=()):
        print(f"min {minutes:.1f} step {step} train {' '.join(f'{float(x.detach()):.4f}' for x in figures)} "
              f"valid {validate(decoder, ears[0], held, codebooks)}", flush=True)
        torch.save({"average": codec.state_dict(), "config": codec.config, "step": step}, arguments.out)

    say(0, 0)
    random = np.random.default_rng(arguments.seed)
    usable = np.array([i for i, codes in enumerate(data["train"][0]) if len(codes) >= TOKENS // 4])
    share = np.array([min(len(data["train"][0][i]), 3 * TOKENS) for i in usable], float)
    for step, minutes in spending(arguments.minutes, optimizer):
        which = random.choice(usable, BATCH, p=share / share.sum())
        levels = torch.from_numpy(random.choice(LEVELS, BATCH))
        firsts = [int(random.integers(max(0, len(data["train"][0][i]) - TOKENS) + 1)) for i in which]
        codes, _ = stacked([data["train"][0][i][first: first + TOKENS] for i, first in zip(which, firsts)])
        tokens = codes.shape[1]
        places = collated(*zip(*(
            told_places(told, data["clips"][i], level, first * text_rate, tokens * text_rate, random)
            for i, level, first in zip(which, levels.tolist(), firsts))))
        plain = places[2].sum((1, 2)) == 0
        wanted, said = cut(mels, letters["train"], which, [first * per_token for first in firsts], tokens * per_token,
                           ears[0].stack)
        latent = decode_one_of(codes, codebooks, levels)
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                known = decode_one_of(codes, codebooks, torch.where(plain, levels, len(codebooks)))
                there = said_of(before, known, None).float()
            frames = said_of(decoder, latent, decoder.at_places(*places, levels))
            found = features(decoder, frames)
            nats, right = heard(random.choice(ears), roughened(found, random), said)
        distance = (found - wanted).abs().mean()
        away = (frames.float() - there).square().mean((1, 2)) / there.var()
        away = (away * torch.where(plain, PLAIN_NEAR, 1.0)).mean()
        optimizer.zero_grad(set_to_none=True)
        (distance + CLARITY * nats + NEAR * away).backward()
        torch.nn.utils.clip_grad_norm_(reading, 0.25)
        torch.nn.utils.clip_grad_norm_(speaking, 0.5)
        optimizer.step()
        if step % 200 == 0:
            say(step, minutes, (distance, nats, right, away))
    say(step, minutes, (distance, nats, right, away))


if __name__ == "__main__":
    main()
