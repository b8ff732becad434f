"""Trains a codec; stops when its minutes are over and goes on from its checkpoint when started again.

    python -m sotto_training.train --config ../Configs/sotto-16k.json --data data --out runs/first --minutes 60

`--data` holds the folders train/ and valid/ made by sotto_training.prepare. The learning rate follows the share of the
minutes that is spent, so that a run fits a budget on any machine; minutes are counted over all starts.
"""

import argparse
import copy
import json
import math
import time
from pathlib import Path

import torch
from torch.nn import functional as F

from .data import TrainingClips, validation_batch
from .losses import EnvelopeLoss, SpectralLoss
from .model import Codec


def rate(progress: float, step: int, highest: float) -> float:
    """Linear warm-up over 200 steps, then a cosine down to 5 %."""
    return highest * min(1, (step + 1) / 200) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(progress, 1))))


# The waveform is made and compared for this many token frames of each clip only; the trunks see the whole clip.
WAVE_TOKENS, WARM_TOKENS = 12, 3


def losses(codec: Codec, spectral: SpectralLoss, envelope: EnvelopeLoss, batch, dtype):
    audio, log_f0, voiced = batch
    lead = codec.config["synthesis"]["pitch_lead"]
    per_token = codec.config["decoder"]["upsample"]
    features = codec.features(audio, log_f0[:, :-lead], voiced[:, :-lead])
    n = codec.config["quantizer"]["codebooks"]
    levels = torch.full((len(audio),), n)
    levels[: len(audio) // 2] = torch.randint(1, n + 1, (len(audio) // 2,))
    tokens = features.shape[1] // per_token
    first = int(torch.randint(0, max(1, tokens - WAVE_TOKENS - WARM_TOKENS + 1), ()))
    # Past the start of a clip the blocks need some frames of history before what they say counts.
    warm = min(first, WARM_TOKENS) * per_token
    with torch.autocast(audio.device.type, dtype, enabled=dtype != torch.float32):
        latent = codec.encoder(features)
        quantized, commitment = codec.quantizer(latent, levels.to(audio.device))
        frames = codec.decoder.frames(quantized, first, first + WAVE_TOKENS + WARM_TOKENS)
        auxiliary = codec.decoder.auxiliary(frames).float()
        f0 = codec.decoder.log_f0(frames)
        window = slice(first * per_token, first * per_token + frames.shape[1])
        target_f0, target_voiced = log_f0[:, lead:][:, window], voiced[:, lead:][:, window]
        decoded = codec.synthesize(frames, target_f0, phase=torch.rand(len(audio), device=audio.device))
    tail = codec.config["synthesis"]["window"] - codec.hop
    wanted = audio[:, window.start * codec.hop: window.stop * codec.hop]
    bands = codec.config["features"]["mel"]["bands"]
    pair = decoded[:, tail + warm * codec.hop:], wanted[:, warm * codec.hop: -tail]
    parts = {
        "spectral": spectral(*pair),
        "envelope": envelope(*pair),
        "mel": F.l1_loss(auxiliary[..., :bands], features[:, window, :bands]),
        "f0": ((f0 - target_f0).abs() * target_voiced).sum() / target_voiced.sum().clamp(min=1),
        "voicing": F.binary_cross_entropy_with_logits(auxiliary[..., bands], target_voiced),
        "commitment": commitment,
    }
    weights = {"spectral": 1.0, "envelope": 2.0, "mel": 0.5, "f0": 1.0, "voicing": 0.3, "commitment": 0.25}
    return sum(weights[name] * value for name, value in parts.items()), parts


@torch.no_grad()
def decode_all(codec: Codec, batch, levels: int):
    """Decodes as the product does: from codes alone, with the decoded pitch."""
    audio, log_f0, voiced = batch
    lead = codec.config["synthesis"]["pitch_lead"]
    latent = codec.encoder(codec.features(audio, log_f0[:, :-lead], voiced[:, :-lead]))
    codes = codec.quantizer.encode(latent, levels)
    frames = codec.decoder.frames(codec.quantizer.decode(codes))
    return codes, codec.synthesize(frames, codec.decoder.log_f0(frames))


@torch.no_grad()
def validate(codec: Codec, spectral: SpectralLoss, batch) -> str:
    codec.eval()
    tail = codec.config["synthesis"]["window"] - codec.hop
    figures = []
    for levels in (8, 4, 2, 1):
        _, decoded = decode_all(codec, batch, levels)
        figures.append(f"{levels}:{float(spectral(decoded[:, tail:], batch[0][:, : -tail])):.4f}")
    codec.train()
    share = codec.quantizer.use / codec.quantizer.use.sum(1, keepdim=True)
    perplexity = (-(share * (share + 1e-9).log()).sum(1)).exp()
    return " ".join(figures) + " perplexity " + " ".join(f"{p:.0f}" for p in perplexity)


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
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    config = json.loads(Path(arguments.config).read_text())
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    codec = Codec(config).to(device)
    average = copy.deepcopy(codec).eval()
    spectral = SpectralLoss(config["sample_rate"]).to(device)
    envelope = EnvelopeLoss(config["sample_rate"]).to(device)
    optimizer = torch.optim.AdamW(codec.parameters(), lr=arguments.rate, betas=(0.8, 0.98), weight_decay=0.01,
                                  fused=True)
    step, spent = 0, 0.0
    arguments.out.mkdir(parents=True, exist_ok=True)
    checkpoint = arguments.out / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        codec.load_state_dict(state["codec"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["spent"]
        torch.manual_seed(arguments.seed + step)
    clips = TrainingClips(arguments.data / "train", config, arguments.seed + step)
    held_out = tuple(x.to(device) for x in validation_batch(arguments.data / "valid", config, "librispeech", 16, 480))
    budget = arguments.minutes * 60
    seconds = arguments.batch * arguments.frames * config["features"]["hop"] / config["sample_rate"]

    def save():
        state = {"codec": codec.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(),
                 "step": step, "spent": spent, "config": config}
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
            group["lr"] = lr
        batch = tuple(x.to(device) for x in clips.batch(arguments.batch, arguments.frames))
        loss, parts = losses(codec, spectral, envelope, batch, torch.bfloat16)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(codec.parameters(), 1.0)
        if torch.isfinite(norm):
            optimizer.step()
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
            say(f"valid {step} {validate(average, spectral, held_out)}")
            average.eval()
        if now - saved > 240:
            save()
            saved = now
    save()
    say(f"valid {step} {validate(average, spectral, held_out)}")
    say(f"done: {step} steps, {spent / 60:.1f} min, {step * seconds / 3600:.1f} h of speech seen")


if __name__ == "__main__":
    main()
