"""Trains a codec; stops when its minutes are over and goes on from its checkpoint when started again.

    python -m sotto_training.recipes.train --config ../Configs/sotto-16k.json --data data --out runs/first --minutes 60

`--data` holds the folders train/ and valid/ made by sotto_training.data.prepare. The learning rate follows the share of the
minutes that is spent, so that a run fits a budget on any machine; minutes are counted over all starts.
"""

import argparse
import copy
import json
import time
from pathlib import Path

import torch
from torch.nn import functional as F

from ..data.clips import TrainingClips, validation_batch
from ..data.transcripts import ToldClips
from ..model.codec import Codec
from ..model.text import padded
from ..model.weights import trained
from ..recognition.hearing import roughened, trained_ear
from ..schedule import rate
from .critics import SpectrogramDiscriminator, discriminator_loss, generator_losses
from .losses import EnvelopeLoss, LoudnessLoss, SpectralLoss


# The waveform is made and compared in windows of this many token frames; the trunks see whole clips.
WAVE_TOKENS, WARM_TOKENS = 12, 3
# The RMS that quiet clips are brought to when they are judged, by this factor at most.
LOUD, MOST_GAIN = 0.05, 40.0
# How much more clarity counts where a transcript is read, which is what it is read for.
READ = 8.0
# The layers that read it meet few of the clips, and learn so much faster than the rest.
READING_RATE = 4.0
WEIGHTS = {"spectral": 1.0, "repulsion": -0.15, "envelope": 14.0, "loudness": 0.7, "mel": 0.5, "f0": 4.0, "voicing": 0.3,
           "clarity": 1.2, "adversarial": 0.1, "matching": 1.0}


def drawn_levels(count: int, codebooks: int, whole: float):
    """How many codebooks each clip may use: all for `whole` of them, the few-codebook end drawn oftener."""
    few = torch.tensor([n for n in (1, 2, 2, 3, 4, 4, 6) if n <= codebooks])
    drawn = few[torch.randint(len(few), (count,))]
    return torch.where(torch.rand(count) < whole, torch.full((count,), codebooks), drawn)


def cut(x, rows, firsts, count: int):
    """Windows of `count` steps: x [batch, time, ...] -> [len(rows), count, ...]."""
    return torch.stack([x[row, first: first + count] for row, first in zip(rows, firsts)])


def misheard(codec: Codec, ear, decoded, wanted, random, dtype):
    """The divergence, in nats a step, between what the ear hears in what was decoded and in the recording, both
    [batch, samples] -> [batch]. An even share of the spectrum isn't an even share of what is said. What was decoded is
    roughened first: what only a good ear hears is no help to others."""
    frames = decoded.shape[1] // (codec.hop * ear.stack) * ear.stack
    mel = codec.features.scaled_mel(torch.cat([decoded, wanted])[:, : frames * codec.hop])
    with torch.autocast(decoded.device.type, dtype, enabled=dtype != torch.float32):
        here, there = (ear(x).float().log_softmax(-1) for x in (roughened(mel[: len(decoded)], random), mel[len(decoded):]))
    return F.kl_div(here, there.detach(), log_target=True, reduction="none").sum(-1).mean(1)


def losses(codec: Codec, judges, ear, critic, batch, levels, told, random, dtype):
    """A batch (see `TrainingClips`), the codebooks of each row, what is told of the transcripts (see `ToldClips`) or None, and
    what to draw an ear's hindrances from -> the weighted sum, its parts, and for the critic's own turn: its judgement of the
    recordings, if there is one, and the ln magnitudes of what was decoded."""
    spectral, envelope, loudness = judges
    heard, log_f0, voiced, audio = batch
    device = audio.device
    lead = codec.config["synthesis"]["pitch_lead"]
    per_token, hop = codec.config["decoder"]["upsample"], codec.hop
    features = codec.features(heard, log_f0[:, :-lead], voiced[:, :-lead])
    bands = codec.config["features"]["mel"]["bands"]
    mel = codec.features.scaled_mel(audio)
    # Which windows of which clips are heard: past the start the blocks need some history before what they say counts.
    length = min(WAVE_TOKENS + WARM_TOKENS, features.shape[1] // per_token)
    rows = range(len(audio))
    firsts = torch.randint(0, features.shape[1] // per_token - length + 1, (len(audio),)).tolist()
    with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        with torch.set_grad_enabled(not codec.quantizer.fitted):
            latent = codec.encoder(features)
        with torch.autocast(device.type, enabled=False):
            quantized = codec.quantizer(latent.float(), levels)
        guides = codec.decoder.at_places(*told, levels) if told else None
        state = codec.decoder.speak(quantized, guides)
        if told:
            text_rate = codec.config["text"]["rate"]
            guides = cut(guides, rows, [first * text_rate for first in firsts], length * text_rate)
        frames = codec.decoder.frames(cut(state, rows, firsts, length), guides)
        auxiliary = codec.decoder.auxiliary(frames).float()
        f0 = codec.decoder.log_f0(frames)
        starts, steps = [first * per_token for first in firsts], length * per_token
        target_f0, target_voiced = (cut(x[:, lead:], rows, starts, steps) for x in (log_f0, voiced))
        phase = torch.rand(2, len(audio), device=device)
        decoded, again = (codec.synthesize(frames, target_f0, phase=p) for p in phase)
    wanted = cut(audio, rows, [start * hop for start in starts], steps * hop)
    warm = WARM_TOKENS * per_token * hop
    tail = codec.config["synthesis"]["window"] - hop
    decoded, again, wanted = decoded[:, tail + warm:], again[:, tail + warm:], wanted[:, warm: -tail]
    # Quiet speech is judged as loud as other speech: the floors of the losses would hide it.
    loud = (LOUD / audio.square().mean(1).sqrt().clamp(min=1e-6)).clamp(1, MOST_GAIN)[:, None]
    decoded, again, wanted = decoded * loud, again * loud, wanted * loud
    first, second, target = (spectral.spectra(x) for x in (decoded, again, wanted))
    level = (audio * loud).square().mean(1)
    parts = {
        # The energy distance (Gritsenko et al. 2020, eq. 5): two draws of the noise, both near the recording and,
        # that noise stays noise, apart from each other.
        "spectral": 0.5 * (spectral.distance(first, target) + spectral.distance(second, target)),
        "repulsion": spectral.distance(first, second),
        "envelope": envelope(decoded, wanted),
        "loudness": loudness(spectral.magnitude(first), spectral.magnitude(target), level),
        "mel": F.l1_loss(auxiliary[..., :bands], cut(mel, rows, starts, steps)),
        "f0": ((f0 - target_f0).abs() * target_voiced).sum() / target_voiced.sum().clamp(min=1),
        "voicing": F.binary_cross_entropy_with_logits(auxiliary[..., bands], target_voiced),
    }
    real, fake = ([log for _, log, _ in spectra[1:3]] for spectra in (target, first))
    if ear:
        weight = torch.where(told[2].sum((1, 2)) > 0, READ, 1.0) if told else 1.0
        parts["clarity"] = (misheard(codec, ear, decoded, wanted, random, dtype) * weight).mean()
    judged = None
    if critic:
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            judged = critic(real)
            parts["adversarial"], parts["matching"] = generator_losses(judged, critic(fake))
    return sum(WEIGHTS[name] * value for name, value in parts.items()), parts, (judged, fake)


@torch.no_grad()
def decode_all(codec: Codec, batch, levels: int, text=None):
    """Decodes as the product does, with the decoded pitch; before there are codes, from what the channel leaves."""
    audio, log_f0, voiced = batch
    lead = codec.config["synthesis"]["pitch_lead"]
    latent = codec.encoder(codec.features(audio, log_f0[:, :-lead], voiced[:, :-lead]))
    levels = torch.full((len(audio),), levels)
    latent = codec.quantizer(latent, levels)
    guides = codec.decoder.follow(latent, *padded(text), levels) if text else None
    frames = codec.decoder.frames(codec.decoder.speak(latent, guides), guides)
    return codec.synthesize(frames, codec.decoder.log_f0(frames))


@torch.no_grad()
def validate(codec: Codec, spectral: SpectralLoss, held_out, told: bool) -> str:
    batch, texts = held_out
    codec.eval()
    tail = codec.config["synthesis"]["window"] - codec.hop
    figures = []
    for levels in (8, 4, 2, 1):
        for name, text in (("", None), ("t", texts), ("w", texts[1:] + texts[:1])):
            if name and (levels > 2 or not told):
                continue
            decoded = decode_all(codec, batch, levels, text)
            figures.append(f"{levels}{name}:{float(spectral(decoded[:, tail:], batch[0][:, : -tail])):.4f}")
    return " ".join(figures)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--minutes", required=True, type=float)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--frames", type=int, default=256, help="frames of 10 ms in a clip, a multiple of 8")
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start", type=Path, help="a checkpoint whose averaged weights, and critic, to begin with, or an exported model")
    parser.add_argument("--listener", type=Path, help="the trained listener, which joins the model as it is")
    parser.add_argument("--told", type=Path, help="where the listener found the clips in their transcripts")
    parser.add_argument("--ears", type=Path, nargs="+", default=[], help="recognisers from hearing, to judge too, in turn")
    parser.add_argument("--adversarial", action="store_true", help="let a discriminator judge too")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    config = json.loads(Path(arguments.config).read_text())
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    codec = Codec(config).to(device)
    average = copy.deepcopy(codec).eval()
    judges = [judge(config["sample_rate"]).to(device) for judge in (SpectralLoss, EnvelopeLoss, LoudnessLoss)]
    step, spent, state, start = 0, 0.0, None, None
    arguments.out.mkdir(parents=True, exist_ok=True)
    checkpoint = arguments.out / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        codec.load_state_dict(state["codec"])
        average.load_state_dict(state["average"])
        step, spent = state["step"], state["spent"]
        torch.manual_seed(arguments.seed + step)
    elif arguments.start:
        start = trained(arguments.start, device)
        codec.load_state_dict(start["average"], strict=False)
        average.load_state_dict(codec.state_dict())
    if arguments.listener:
        weights = torch.load(arguments.listener, map_location=device, weights_only=True)["average"]
        for model in (codec, average):
            model.decoder.listener.load_state_dict(weights)
    # Once there are codes, what they mean stays: only the decoder goes on learning.
    codec.encoder.requires_grad_(not codec.quantizer.fitted)
    if codec.decoder.text:
        codec.decoder.listener.requires_grad_(False)
    named = [(name.startswith("decoder.text_"), p) for name, p in codec.named_parameters() if p.requires_grad]
    learning = [p for _, p in named]
    groups = [{"params": [p for reads, p in named if not reads], "share": 1.0},
              {"params": [p for reads, p in named if reads], "share": READING_RATE}]
    optimizer = torch.optim.AdamW(groups, lr=arguments.rate, betas=(0.8, 0.98), weight_decay=0.01, fused=True)
    critic = SpectrogramDiscriminator(2).to(device) if arguments.adversarial else None
    if critic:
        critic_optimizer = torch.optim.AdamW(critic.parameters(), lr=8e-4, betas=(0.5, 0.9))
    if state:
        optimizer.load_state_dict(state["optimizer"])
    begun = state or start
    if critic and begun and "critic" in begun:
        critic.load_state_dict(begun["critic"])
    ears = [trained_ear(path).to(device) for path in arguments.ears]
    told_clips = ToldClips(arguments.told, config) if arguments.told else None
    clips = TrainingClips(arguments.data / "train", config, arguments.seed + step)
    held_out = validation_batch(arguments.data / "valid", config, "librispeech", 16, 480)
    held_out = tuple(x.to(device) for x in held_out[0]), held_out[1]
    budget = arguments.minutes * 60
    seconds = arguments.batch * arguments.frames * config["features"]["hop"] / config["sample_rate"]

    def save():
        state = {"codec": codec.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(),
                 "step": step, "spent": spent, "config": config}
        if critic:
            state["critic"] = critic.state_dict()
        torch.save(state, checkpoint.with_suffix(".part"))
        checkpoint.with_suffix(".part").replace(checkpoint)

    log = open(arguments.out / "log.txt", "a", buffering=1)

    def say(line):
        print(line, flush=True)
        log.write(line + "\n")

    say(f"{sum(p.numel() for p in codec.parameters()) / 1e6:.2f} M parameters, {device}, from step {step}")
    sums, since = {}, 0
    clock = saved = time.monotonic()
    while spent < budget:
        lr = rate(spent / budget, step, arguments.rate)
        for group in optimizer.param_groups:
            group["lr"] = lr * group["share"]
        batch, places = clips.batch(arguments.batch, arguments.frames)
        levels = drawn_levels(arguments.batch, config["quantizer"]["codebooks"], 0.3)
        told = told_clips and told_clips.batch(places, levels.tolist(), arguments.frames, clips.random)
        batch, told = (x and tuple(part.to(device) for part in x) for x in (batch, told))
        ear = ears[step % len(ears)] if ears else None
        loss, parts, (judged, fake) = losses(
            codec, judges, ear, critic, batch, levels.to(device), told, clips.random, torch.bfloat16)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(learning, 1.0)
        if torch.isfinite(norm):
            optimizer.step()
        if critic:
            with torch.autocast(device, torch.bfloat16):
                parts["critic"] = discriminator_loss(judged, critic([x.detach() for x in fake]))
            critic_optimizer.zero_grad(set_to_none=True)
            parts["critic"].backward()
            critic_optimizer.step()
        with torch.no_grad():
            decay = min(0.999, (step + 1) / (step + 10))
            torch._foreach_lerp_(list(average.parameters()), list(codec.parameters()), 1 - decay)
            for mean, now in zip(average.buffers(), codec.buffers()):
                mean.copy_(now)
        step += 1
        since += 1
        for name, value in parts.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach())
        now = time.monotonic()
        spent, clock = spent + now - clock, now
        if step % 100 == 0:
            say(f"step {step} min {spent / 60:.1f} lr {lr:.2e} "
                + " ".join(f"{name} {value / since:.4f}" for name, value in sums.items()))
            sums, since = {}, 0
        if step % 500 == 0:
            say(f"valid {step} {validate(average, judges[0], held_out, bool(told_clips))}")
        if now - saved > 240:
            save()
            saved = now
    save()
    say(f"valid {step} {validate(average, judges[0], held_out, bool(told_clips))}")
    say(f"done: {step} steps, {spent / 60:.1f} min, {step * seconds / 3600:.1f} h of speech seen")


if __name__ == "__main__":
    main()
