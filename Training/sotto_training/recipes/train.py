"""Trains a codec; stops when its minutes are over and goes on from its checkpoint when started again.

    python -m sotto_training.recipes.train --config ../Configs/sotto-16k.json --data data --out runs/first --minutes 60

`--data` holds the folders train/ and valid/ made by sotto_training.data.prepare. The learning rate follows the share of the
minutes that is spent, so that a run fits a budget on any machine; minutes are counted over all starts. A run that is asked to
stop (SIGTERM) writes its checkpoint first.

With --codes, and once there are codebooks, codes made before (sotto_training.data.codes) are looked up instead of running the
encoder in every step.
"""

import argparse
import copy
import json
import signal
import time
from pathlib import Path

import torch
from safetensors.torch import load_file

from ..data.changed import ChangedClips
from ..data.clips import TrainingClips, validation_batch
from ..data.codes import CodedClips, with_wrong
from ..data.transcripts import ToldClips
from ..devices import chosen_device, chosen_dtype, prepare_compiler
from ..model.codec import Codec
from ..model.layers import ConvNeXtBlock
from ..model.text import padded
from ..model.weights import codes_identity, trained
from ..recognition.hearing import trained_ear
from ..schedule import LOWEST, SHORT_WARM_UP, WARM_UP, rate
from .critics import CRITICS
from .losses import SpectralLoss
from .step import WEIGHTS, Batch, Judges, drawn_levels, losses

# The layers that read transcripts meet few of the clips, and learn so much faster than the rest.
READING_RATE = 4.0
CRITIC_RATE = 8e-4
# Share of the clips that may use all codebooks.
WHOLE = 0.3
# The averaged weights follow those that learn by this share in a step, once there were many steps; they are brought up to date
# every few steps.
FOLLOWS, EVERY = 1e-3, 4
SAVE_SECONDS, SAY_STEPS, VALIDATE_STEPS = 240, 100, 500


@torch.no_grad()
def decode_all(codec: Codec, batch, levels: int, text=None):
    """Decodes as the product does, with the decoded pitch; before there are codes, from what the channel leaves."""
    audio, log_f0, voiced = batch
    lead = codec.config["synthesis"]["pitch_lead"]
    features, volume = codec.features.leveled(audio, log_f0[:, :-lead], voiced[:, :-lead])
    levels = torch.full((len(audio),), levels)
    latent = codec.quantizer(codec.encoder(features), levels)
    guides = codec.decoder.follow(latent, *(x.to(audio.device) for x in padded(text)), levels) if text else None
    frames = codec.decoder.frames(codec.decoder.speak(latent, guides), guides)
    return codec.synthesize(frames, codec.decoder.log_f0(frames), level=volume)


@torch.no_grad()
def validate(codec: Codec, spectral: SpectralLoss, held_out, told: bool) -> str:
    batch, texts = held_out
    codec.eval()
    tail = codec.config["synthesis"]["window"] - codec.hop
    figures = []
    for levels in (8, 4, 2, 1):
        for name, text in (("", None), ("t", texts), ("w", texts[1:] + texts[:1])):
            if levels > codec.config["quantizer"]["codebooks"] or name and (levels > 2 or not told):
                continue
            decoded = decode_all(codec, batch, levels, text)
            figures.append(f"{levels}{name}:{float(spectral(decoded[:, tail:], batch[0][:, : -tail])):.4f}")
    return " ".join(figures)


@torch.no_grad()
def pass_on(decoder, known: dict):
    """Blocks that the weights to begin with lack pass on what they get, so that a larger decoder begins as good as theirs."""
    for number, block in enumerate(decoder.blocks):
        if f"decoder.blocks.{number}.scale" not in known:
            block.project.weight.zero_()
            block.project.bias.zero_()


class Run:
    """A codec that learns, with its averaged weights, optimizers and judges: all of a run that a checkpoint keeps."""

    def __init__(self, arguments, config: dict, device: torch.device):
        self.config, self.device, self.checkpoint = config, device, arguments.out / "checkpoint.pt"
        self.dtype = chosen_dtype(device, arguments.dtype)
        self.step, self.spent = 0, 0.0
        self.highest, self.lowest = arguments.rate, arguments.lowest
        torch.manual_seed(arguments.seed)
        self.codec = Codec(config).to(device)
        critic = CRITICS[arguments.critic]().to(device) if arguments.critic else None
        self.judges = Judges.of(config["sample_rate"], device, critic=critic, critic_rows=arguments.critic_rows)
        self.judges.weights |= json.loads(arguments.weights)
        state = torch.load(self.checkpoint, map_location=device, weights_only=True) if self.checkpoint.exists() else None
        self.warm_up = WARM_UP
        if state:
            self.codec.load_state_dict(state["codec"])
        elif arguments.start:
            self.begin(trained(arguments.start, device), arguments)
        if arguments.listener:
            weights = torch.load(arguments.listener, map_location=device, weights_only=True)["average"]
            self.codec.decoder.listener.load_state_dict(weights)
        self.average = copy.deepcopy(self.codec).eval()
        # Once there are codes, what they mean stays: only the decoder goes on learning.
        self.codec.encoder.requires_grad_(not self.codec.quantizer.fitted)
        if self.codec.decoder.text:
            self.codec.decoder.listener.requires_grad_(False)
        self.learning = [p for p in self.codec.parameters() if p.requires_grad]
        self.optimizer, self.critic_optimizer = self.optimizers(critic)
        if state:
            self.resume(state, arguments.seed)

    def begin(self, start: dict, arguments):
        """From the averaged weights, and the critic, of a checkpoint or an exported model."""
        # A channel of other dimensions begins anew.
        known = self.codec.state_dict()
        self.codec.load_state_dict({name: x for name, x in start["average"].items() if name in known and x.shape == known[name].shape},
                                   strict=False)
        pass_on(self.codec.decoder, start["average"])
        if arguments.channel:
            self.codec.quantizer.fitted.fill_(False)
        if arguments.over:
            self.codec.load_state_dict({name: x.float() for name, x in load_file(arguments.over).items()}, strict=False)
        self.warm_up = SHORT_WARM_UP
        if self.judges.critic and arguments.critic_start:
            self.judges.critic.load_state_dict(load_file(arguments.critic_start))
        elif self.judges.critic and "critic" in start:
            self.judges.critic.load_state_dict(start["critic"])

    def optimizers(self, critic):
        named = [(name.startswith("decoder.text_"), p) for name, p in self.codec.named_parameters() if p.requires_grad]
        groups = [{"params": [p for reads, p in named if not reads], "share": 1.0},
                  {"params": [p for reads, p in named if reads], "share": READING_RATE}]
        fused = {"fused": True}
        return (torch.optim.AdamW([group for group in groups if group["params"]], lr=self.highest, betas=(0.8, 0.98),
                                  weight_decay=0.01, **fused),
                torch.optim.AdamW(critic.parameters(), lr=CRITIC_RATE, betas=(0.5, 0.9), **fused) if critic else None)

    def resume(self, state: dict, seed: int):
        self.average.load_state_dict(state["average"])
        self.step, self.spent, self.warm_up = state["step"], state["spent"], state.get("warm_up", WARM_UP)
        self.optimizer.load_state_dict(state["optimizer"])
        if self.judges.critic and "critic" in state:
            self.judges.critic.load_state_dict(state["critic"])
        if self.critic_optimizer and "critic_optimizer" in state:
            self.critic_optimizer.load_state_dict(state["critic_optimizer"])
        torch.manual_seed(seed + self.step)

    def save(self):
        state = {"codec": self.codec.state_dict(), "average": self.average.state_dict(), "optimizer": self.optimizer.state_dict(),
                 "step": self.step, "spent": self.spent, "warm_up": self.warm_up, "config": self.config}
        if self.judges.critic:
            state |= {"critic": self.judges.critic.state_dict(), "critic_optimizer": self.critic_optimizer.state_dict()}
        part = self.checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.checkpoint)

    def learn(self, batch: Batch, random, progress: float) -> dict:
        """One step, at this share of the run's minutes -> the losses by name."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["share"] * rate(progress, self.step, self.highest, self.warm_up, self.lowest)
        total, parts, critics = losses(self.codec, self.judges, batch.to(self.device), random, self.dtype)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.learning, 1.0)
        if torch.isfinite(norm):
            self.optimizer.step()
        if critics is not None:
            self.critic_optimizer.zero_grad(set_to_none=True)
            critics.backward()
            self.critic_optimizer.step()
        self.step += 1
        if self.step % EVERY == 0:
            self.follow()
        return {name: value.detach().float() for name, value in (parts | {"gradient": norm}).items()}

    @torch.no_grad()
    def follow(self):
        """Brings the averaged weights up to date."""
        share = max(EVERY * FOLLOWS, min(1.0, 10 * EVERY / (self.step + 10)))
        # Only of what learns: the sign of a zero would get lost in the rest, and codes are known by the encoder's very bits.
        pairs = [(mean, now) for mean, now in zip(self.average.parameters(), self.codec.parameters()) if now.requires_grad]
        torch._foreach_lerp_(*(list(column) for column in zip(*pairs)), share)
        for mean, now in zip(self.average.buffers(), self.codec.buffers()):
            mean.copy_(now)


class Source:
    """Batches of the training clips, with codes where those are known, and with what is told of their transcripts."""

    def __init__(self, arguments, run: Run):
        seed, folder = arguments.seed + run.step, arguments.data / "train"
        self.size, self.frames, self.wrong, self.config = arguments.batch, arguments.frames, arguments.wrong, run.config
        self.coded = bool(arguments.codes and run.codec.quantizer.fitted)
        self.clips = (CodedClips(folder, run.config, seed, arguments.codes, codes_identity(run.codec)) if self.coded
                      else TrainingClips(folder, run.config, seed))
        self.told = ToldClips(arguments.told, run.config) if arguments.told else None
        self.changed = (ChangedClips(arguments.changed, self.clips, run.config)
                        if arguments.changed and not run.codec.quantizer.fitted else None)

    def batch(self) -> Batch:
        levels = drawn_levels(self.size, self.config["quantizer"]["codebooks"], WHOLE)
        heard = codes = before = volume = changed = None
        if self.coded:
            (audio, log_f0, voiced, codes, *volume), places = self.clips.coded_batch(self.size, self.frames)
            volume = volume[0] if volume else None
            codes = with_wrong(codes, self.wrong, self.config["quantizer"]["codes"])
        else:
            (heard, log_f0, voiced, audio), places, gains = self.clips.batch(self.size, self.frames)
            before = self.clips.before(places, gains)
            changed = self.changed and self.changed.batch(places, gains, before, self.frames)
        told = self.told and self.told.batch(places, levels.tolist(), self.frames, self.clips.random)
        return Batch(audio, log_f0, voiced, levels, heard, codes, before, volume, told, changed)


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True, type=Path)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--minutes", required=True, type=float)
    parser.add_argument("--steps", type=int, help="stop after so many, whatever the minutes")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--frames", type=int, default=256, help="frames of 10 ms in a clip, a multiple of 8")
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--lowest", type=float, default=LOWEST, help="share of the rate that is left at the end")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="auto", help="cpu, cuda, or auto")
    parser.add_argument("--dtype", default="auto", choices=("auto", "float32", "bfloat16"), help="of matrix products")
    parser.add_argument("--start", type=Path, help="a checkpoint whose averaged weights, and critic, to begin with, or an exported model")
    parser.add_argument("--over", type=Path, help="a safetensors file of weights that take the place of the start's")
    parser.add_argument("--codes", type=Path, help="a folder of the clips' codes, from sotto_training.data.codes")
    parser.add_argument("--channel", action="store_true", help="learn with an ideal channel, though the start has codebooks")
    parser.add_argument("--changed", type=Path, nargs="+", default=[],
                        help="folders of changed versions of the clips, from sotto_training.data.changed, which the latents are to agree on")
    parser.add_argument("--wrong", type=float, default=0.0, help="share of the codes of --codes that are replaced by random ones")
    parser.add_argument("--listener", type=Path, help="the trained listener, which joins the model as it is")
    parser.add_argument("--told", type=Path, help="where the listener found the clips in their transcripts")
    parser.add_argument("--ears", type=Path, nargs="+", default=[], help="recognisers from hearing, to judge too, in turn")
    parser.add_argument("--critic", choices=sorted(CRITICS), help="let a critic judge too")
    parser.add_argument("--critic-start", type=Path, help="a critic's weights, as a safetensors file")
    parser.add_argument("--critic-rows", type=int, help="clips of a batch that the critic looks at, if not all")
    parser.add_argument("--weights", default="{}", help=f"of the losses, as JSON, where they aren't {json.dumps(WEIGHTS)}")
    parser.add_argument("--bits", type=int, choices=(8, 16),
                        help="learn through the rounding of products to 8, or without, if not as the configuration says")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def main():
    arguments = options().parse_args()
    config = json.loads(arguments.config.read_text())
    if arguments.bits == 8:
        config["bits"] = 8
    elif arguments.bits:
        config.pop("bits", None)
    torch.set_num_threads(arguments.threads)
    prepare_compiler()
    ConvNeXtBlock.compiled = True
    device = chosen_device(arguments.device)
    arguments.out.mkdir(parents=True, exist_ok=True)
    run = Run(arguments, config, device)
    source = Source(arguments, run)
    ears = [trained_ear(path).to(device) for path in arguments.ears]
    held_out = validation_batch(arguments.data / "valid", config, "librispeech", 16, 480)
    held_out = tuple(x.to(device) for x in held_out[0]), held_out[1]
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    log = open(arguments.out / "log.txt", "a", buffering=1)

    def say(line):
        print(line, flush=True)
        log.write(line + "\n")

    def say_valid():
        say(f"valid {run.step} {validate(run.average, run.judges.spectral, held_out, bool(source.told))}")

    say(f"{sum(p.numel() for p in run.codec.parameters()) / 1e6:.2f} M parameters, {device}, {run.dtype}, from step {run.step}")
    sums, since, budget = {}, 0, arguments.minutes * 60
    clock = saved = time.monotonic()
    while run.spent < budget and not stopping and run.step < (arguments.steps or float("inf")):
        run.judges.ear = ears[run.step % len(ears)] if ears else None
        parts = run.learn(source.batch(), source.clips.random, run.spent / budget)
        since += 1
        for name, value in parts.items():
            sums[name] = sums.get(name, 0.0) + value
        now = time.monotonic()
        run.spent, clock = run.spent + now - clock, now
        if run.step % SAY_STEPS == 0:
            say(f"step {run.step} min {run.spent / 60:.1f} lr {run.optimizer.param_groups[0]['lr']:.2e} "
                + " ".join(f"{name} {float(value) / since:.4f}" for name, value in sums.items()))
            sums, since = {}, 0
        if run.step % VALIDATE_STEPS == 0:
            say_valid()
            clock = time.monotonic()
        if now - saved > SAVE_SECONDS:
            run.save()
            saved = now
    run.save()
    say_valid()
    hours = run.step * arguments.batch * arguments.frames * config["features"]["hop"] / config["sample_rate"] / 3600
    say(f"{'stopped' if stopping else 'done'}: {run.step} steps, {run.spent / 60:.1f} min, {hours:.1f} h of speech seen")


if __name__ == "__main__":
    main()
