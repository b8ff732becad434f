"""Trains a prior on the clips' codes: what the latents are, given letters with their timing, the voice, codes for each word,
a few codes of each frame or the latents so far.

    python -m sotto_training.recipes.prior --data data --model runs/encoder/fitted.pt --codes data/codes --told runs/listener/told.pt \\
        --out runs/prior --minutes 60

It learns the mean first, by squared error. From `--widen` of the minutes on it learns to vary as speech does, too: by how much, over each
clip, its latents vary and go along with the true ones. What a mean lacks in variance is also measured, and kept in the checkpoint as a factor
for each number of the latents (`wide`), which `release.by_word` applies. Minutes are counted over all starts; a run that is asked to stop
(SIGTERM) writes its checkpoint first, and goes on from it when started again. Clips of every 25th speaker are not learned from: by them it says
what is left of the variance (1 is all of it).
"""

import argparse
import copy
import math
import signal
import time
from pathlib import Path

import numpy as np
import torch

from ..data.words import Batch, WordClips
from ..devices import chosen_dtype
from ..model.prior import EVEN, NONE, TIMED, WHOLE, Ask, Prior
from ..model.weights import loaded
from ..recognition.listener import batches
from ..schedule import rate

EVERY_SPEAKER = 25
FOLLOWS = 2e-3
SAVE_SECONDS, SAY_STEPS, VALIDATE_STEPS = 240, 50, 500
# How often letters are told, codes given, and the voice and the past known.
LETTERS, LETTER_SHARES = (NONE, TIMED, EVEN), (0.12, 0.6, 0.28)
CODES, CODE_SHARES = (0, 1, 2, 4, WHOLE), (0.22, 0.06, 0.22, 0.4, 0.1)
VOICED, FRAMES, PAST = 0.9, 0.5, 0.1
# Steps in which words pass as they are, before their codebooks begin.
UNCODED = 200
# The modes that are validated: letters, codes of words, past, codes of frames.
MODES = {"timed whole": (TIMED, WHOLE, 0, 0), "timed 4": (TIMED, 4, 0, 0), "timed 2": (TIMED, 2, 0, 0), "timed 0": (TIMED, 0, 0, 0), "even 4": (EVEN, 4, 0, 0),
         "even 0": (EVEN, 0, 0, 0), "no letters 4": (NONE, 4, 0, 0), "timed 0 past": (TIMED, 0, 1, 0), "no letters 0 past": (NONE, 0, 1, 0),
         "timed, frames 1": (TIMED, 0, 0, 1), "timed, frames 2": (TIMED, 0, 0, 2), "timed, frames 4": (TIMED, 0, 0, 4), "no letters, frames 1": (NONE, 0, 0, 1),
         "no letters, frames 2": (NONE, 0, 0, 2)}


def asked(clips: int, letters: int, codes: int, past: int, frames: int) -> Ask:
    """The same of each clip. The voice is known, but where codes of frames tell it."""
    return Ask(torch.full((clips,), letters), torch.full((clips,), codes), torch.full((clips,), float(frames == 0)), torch.full((clips,), float(past)),
               torch.full((clips,), float(frames > 0)))


def drawn(clips: int, random, coded: bool) -> Ask:
    codes = random.choice(CODES, clips, p=CODE_SHARES)
    if not coded:
        codes = np.where(codes > 0, WHOLE, 0)
    way = random.random(clips)
    frames, past = way < FRAMES, (FRAMES <= way) & (way < FRAMES + PAST)
    # Codes of words, codes of frames and past latents are three ways to decode.
    codes = np.where(frames | past & (random.random(clips) < 0.8), 0, codes)
    return Ask(torch.from_numpy(random.choice(LETTERS, clips, p=LETTER_SHARES)), torch.from_numpy(codes),
               torch.from_numpy(((random.random(clips) < VOICED) & ~frames).astype(np.float32)), torch.from_numpy(past.astype(np.float32)),
               torch.from_numpy(frames.astype(np.float32)))


def moments(found, wanted, within):
    """Over each clip's frames, of [clips, frames, dimensions] each: standard deviations of both, and their correlation [clips, dimensions]."""
    weight = within[..., None] / within.sum(1)[:, None, None]

    def centred(x):
        return x - (weight * x).sum(1, keepdim=True)

    found, wanted = centred(found), centred(wanted)
    spreads = [((weight * x.square()).sum(1) + 1e-5).sqrt() for x in (found, wanted)]
    return *spreads, (weight * found * wanted).sum(1) / (spreads[0] * spreads[1])


def losses(prior: Prior, batch: Batch, found, widening: float):
    """Squared error, and for so much of it, from 0 to 1, variance and correlation instead -> what is to be least, and the three figures."""
    wanted = prior.scaled(batch.latents)
    error = ((found - wanted).square().mean(-1) * batch.within).sum(1) / batch.within.sum(1)
    own, true, correlation = moments(found, wanted, batch.within)
    # Dimensions count by their variance, as in the squared error.
    share = true.square() / true.square().mean(1, keepdim=True)
    narrow, apart = (share * (own / true).log().square()).mean(), (share * (1 - correlation)).mean()
    error = error.mean()
    return (1 - 0.5 * widening) * error + widening * (0.3 * narrow + 0.5 * apart), {"error": error, "narrow": narrow, "apart": apart}


class Run:
    def __init__(self, arguments, clips: WordClips):
        self.checkpoint, self.codec_path = arguments.out / "checkpoint.pt", str(arguments.model)
        self.clips, self.rate, self.widen = clips, arguments.rate, arguments.widen
        self.dtype = chosen_dtype(torch.device("cpu"), arguments.dtype)
        torch.manual_seed(arguments.seed)
        self.prior = Prior(clips.codebooks.shape[2], clips.rate, **arguments.sizes)
        self.step, self.spent, self.wide = 0, 0.0, {}
        state = torch.load(self.checkpoint, weights_only=True) if self.checkpoint.exists() else None
        speakers = sorted(set(clips.speakers.values()))
        held = set(speakers[::EVERY_SPEAKER])
        self.learned = [i for i, clip in enumerate(clips.clips) if clips.speakers[clip] not in held]
        self.held = [i for i, clip in enumerate(clips.clips) if clips.speakers[clip] in held]
        if state:
            self.prior.load_state_dict(state["prior"])
        elif arguments.start:
            self.prior.load_state_dict(torch.load(arguments.start, weights_only=True)["average"], strict=False)
        else:
            some = [clips.clips[i] for i in self.learned[:: max(1, len(self.learned) // 500)]]
            self.prior.fit_scale(torch.from_numpy(np.concatenate([clips.latents(clip, 0, len(clips.codebooks)) for clip in some])))
        self.average = copy.deepcopy(self.prior).eval()
        self.optimizer = torch.optim.AdamW(self.prior.parameters(), lr=self.rate, betas=(0.9, 0.98), weight_decay=0.02, fused=True)
        if state:
            self.average.load_state_dict(state["average"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.spent, self.wide = state["step"], state["spent"], state["wide"]
            torch.manual_seed(arguments.seed + self.step)
        self.random = np.random.default_rng(arguments.seed + self.step)

    def save(self):
        part = self.checkpoint.with_suffix(".part")
        torch.save({"prior": self.prior.state_dict(), "average": self.average.state_dict(), "optimizer": self.optimizer.state_dict(),
                    "step": self.step, "spent": self.spent, "wide": self.wide, "sizes": sizes_of(self.prior)}, part)
        part.replace(self.checkpoint)

    def epochs(self, frames: int):
        """Batches of epoch after epoch."""
        lengths = self.clips.lengths[self.learned]
        while True:
            for which in batches(lengths, frames, self.random):
                yield self.clips.batch([self.clips.clips[self.learned[i]] for i in which], self.random)

    def learn(self, batch: Batch, progress: float) -> dict:
        for group in self.optimizer.param_groups:
            group["lr"] = rate(progress, self.step, self.rate, lowest=0.02)
        coded = self.step >= UNCODED
        self.prior.train()
        with torch.autocast("cpu", self.dtype, enabled=self.dtype != torch.float32):
            found, _, commitment, _ = self.prior(batch, drawn(len(batch.text), self.random, coded), learn=self.step >= UNCODED // 2)
        widening = min(1.0, max(0.0, (progress - self.widen) / 0.1)) if self.widen < 1 else 0.0
        total, parts = losses(self.prior, batch, found, widening)
        self.optimizer.zero_grad(set_to_none=True)
        (total + (0.05 * commitment if coded else 0)).backward()
        norm = torch.nn.utils.clip_grad_norm_(self.prior.parameters(), 1.0)
        if torch.isfinite(norm):
            self.optimizer.step()
        self.step += 1
        self.follow()
        return {name: float(value.detach()) for name, value in (parts | {"commitment": commitment}).items()}

    @torch.no_grad()
    def follow(self):
        share = max(FOLLOWS, min(1.0, 10 / (self.step + 10)))
        torch._foreach_lerp_(list(self.average.parameters()), list(self.prior.parameters()), share)
        for mean, now in zip(self.average.buffers(), self.prior.buffers()):
            mean.copy_(now)

    @torch.no_grad()
    def validate(self, frames: int, most: int = 12) -> str:
        """Of each mode: the squared error, how widely what it says varies as a share of the true (in brackets), and `wide`."""
        self.average.eval()
        random, figures = np.random.default_rng(1), []
        chosen = batches(self.clips.lengths[self.held], frames, random)[:most]
        held_out = {count: [self.clips.batch([self.clips.clips[self.held[i]] for i in which], random, (count,)) for which in chosen]
                    for count in {max(1, frames) for *_, frames in MODES.values()}}
        for name, mode in MODES.items():
            error, own_sum, true_sum, count = 0.0, 0.0, 0.0, 0
            for batch in held_out[max(1, mode[-1])]:
                found = self.average(batch, asked(len(batch.text), *mode))[0]
                error += float(losses(self.average, batch, found, 0)[1]["error"]) * len(found)
                own, true, _ = moments(found, self.average.scaled(batch.latents), batch.within)
                own_sum, true_sum, count = own_sum + own.square().sum(0), true_sum + true.square().sum(0), count + len(found)
            factor = (true_sum / own_sum).sqrt().clamp(1, 4)
            self.wide[name] = factor
            figures.append(f"{name} {error / count:.4f} ({math.sqrt(float(own_sum.sum() / true_sum.sum())):.2f})")
        return " | ".join(figures)


def sizes_of(prior: Prior) -> dict:
    return {"channels": prior.kind.embedding_dim, "letters": prior.embedding.embedding_dim, "words": prior.words,
            "voice": prior.voice_out.out_features}


def trained_prior(path: Path, dimensions: int, rate: int):
    """From a run's folder or its checkpoint -> the averaged prior, its factors for each mode, its step."""
    state = torch.load(path / "checkpoint.pt" if path.is_dir() else path, weights_only=True)
    prior = Prior(dimensions, rate, **state["sizes"]).eval()
    prior.load_state_dict(state["average"])
    return prior, state["wide"], state["step"]


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="the folder with train/")
    parser.add_argument("--model", required=True, type=Path, help="a run or an exported model whose codes these are")
    parser.add_argument("--codes", required=True, type=Path, help="from sotto_training.data.codes")
    parser.add_argument("--told", required=True, type=Path, help="where the listener found the clips in their transcripts")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--minutes", required=True, type=float)
    parser.add_argument("--start", type=Path, help="another run's checkpoint, to begin from its averaged weights")
    parser.add_argument("--steps", type=int, help="stop after so many, whatever the minutes")
    parser.add_argument("--frames", type=int, default=1000, help="token frames of a batch")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--widen", type=float, default=0.7, help="share of the minutes from which on it learns to vary; 1: never")
    parser.add_argument("--channels", type=int, help="of the prior's widest part")
    parser.add_argument("--dtype", default="auto", choices=("auto", "float32", "bfloat16"), help="of matrix products")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def main():
    arguments = options().parse_args()
    arguments.sizes = {"channels": arguments.channels} if arguments.channels else {}
    torch.set_num_threads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    clips = WordClips(arguments.data / "train", arguments.codes, arguments.told, loaded(arguments.model))
    run = Run(arguments, clips)
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    log = open(arguments.out / "log.txt", "a", buffering=1)

    def say(line):
        print(line, flush=True)
        log.write(line + "\n")

    say(f"{sum(p.numel() for p in run.prior.parameters()) / 1e6:.2f} M parameters, {len(run.learned)} clips of "
        f"{clips.lengths[run.learned].sum()} token frames and {len(run.held)} held out, {run.dtype}, from step {run.step}")
    sums, budget, epochs = {}, arguments.minutes * 60, run.epochs(arguments.frames)
    clock = saved = time.monotonic()
    while run.spent < budget and not stopping and run.step < (arguments.steps or math.inf):
        for name, value in run.learn(next(epochs), run.spent / budget).items():
            sums.setdefault(name, []).append(value)
        now = time.monotonic()
        run.spent, clock = run.spent + now - clock, now
        if run.step % SAY_STEPS == 0:
            say(f"step {run.step} min {run.spent / 60:.1f} lr {run.optimizer.param_groups[0]['lr']:.1e} "
                + " ".join(f"{name} {np.mean(values):.4f}" for name, values in sums.items()))
            sums = {}
        if run.step % VALIDATE_STEPS == 0:
            say(f"valid {run.step} {run.validate(arguments.frames)}")
            clock = time.monotonic()
        if now - saved > SAVE_SECONDS:
            run.save()
            saved = now
    if not stopping:
        say(f"valid {run.step} {run.validate(arguments.frames)}")
    run.save()
    say(f"{'stopped' if stopping else 'done'}: {run.step} steps, {run.spent / 60:.1f} min")


if __name__ == "__main__":
    main()
