"""A recogniser of letters, or phones, in recorded speech, by which the decoder learns what a transcript is good for (see reading.py).

    python -m sotto_training.recognition.hearing --data data --codes runs/listener/codes.pt --letters runs/listener/letters.pt \\
        --minutes 6 --out runs/listener/ear.pt

It is trained on true log-mel spectra, made louder, softer, noisy and blurred, and is never exported. Prints cross entropy
in nats and the share of the steps whose letter is told right, on LibriSpeech's validation speakers.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ..data.clips import Clips
from ..model.codec import Codec
from ..model.layers import ConvNeXtBlock
from ..schedule import spending
from .listener import UNKNOWN

FRAMES, BATCH = 512, 32


class Ear(nn.Module):
    def __init__(self, config: dict, symbols: int, channels: int = 192, blocks: int = 4):
        super().__init__()
        self.stack = config["decoder"]["upsample"] // config["text"]["rate"]
        self.input = nn.Linear(config["features"]["mel"]["bands"] * self.stack, channels)
        self.blocks = nn.ModuleList(ConvNeXtBlock(channels, 7, 3, causal=False) for _ in range(blocks))
        self.norm = nn.LayerNorm(channels)
        self.output = nn.Linear(channels, symbols)

    def forward(self, mel):
        """Features [batch, frames, bands], as the encoder gets them -> logits [batch, frames / stack, symbols]."""
        x = self.input(mel.reshape(len(mel), -1, mel.shape[-1] * self.stack))
        for block in self.blocks:
            x = block(x)
        return self.output(self.norm(x))


def trained_ear(path: Path) -> Ear:
    state = torch.load(path, weights_only=True)
    ear = Ear(state["config"], state["symbols"]).eval().requires_grad_(False)
    ear.load_state_dict(state["ear"])
    return ear


@torch.no_grad()
def log_mels(codec: Codec, clips: Clips, which):
    """The log-mel features [frames, bands] of each of those clips, in halves, of whole token frames."""
    result = []
    for i in which:
        frames = clips.clips[i]["samples"] // codec.frame * (codec.frame // codec.hop)
        audio = torch.from_numpy(clips.crop(clips.clips[i], 0, frames)[0])[None]
        result.append(codec.features.scaled_mel(audio)[0].half())
    return result


def held_out(clips: Clips, data):
    """Those of the validation clips whose codes are cached, by their number in `clips`."""
    number = {(clip["corpus"], clip["start"]): i for i, clip in enumerate(clips.clips)}
    return [number[clip["corpus"], clip["start"]] for clip in data["valid_clips"]]


def cut(mels, letters, which, firsts, frames: int, stack: int):
    """Crops of clips -> mel [n, frames, bands], its last frame repeated where a clip ends, letters [n, frames / stack]."""
    mel, said = torch.zeros(len(which), frames, mels[0].shape[1]), torch.full((len(which), frames // stack), UNKNOWN)
    for row, (i, first) in enumerate(zip(which, firsts)):
        part = mels[i][first: first + frames].float()
        mel[row, : len(part)], mel[row, len(part):] = part, part[-1]
        known = letters[i][first // stack: (first + len(part)) // stack]
        said[row, : len(known)] = torch.from_numpy(known.astype(np.int64))
    return mel, said


def roughened(mel, random):
    """As decoded speech may be: at another level, noisy, blurred in time, without some of the bands."""
    level, noise = torch.randn(len(mel), 1, 1, device=mel.device), torch.rand(len(mel), 1, 1, device=mel.device)
    mel = mel + 0.4 * level + 0.3 * noise * torch.randn_like(mel)
    if random.random() < 0.5:
        width = int(random.integers(2, 6))
        padded = F.pad(mel.transpose(1, 2), (width // 2, width - 1 - width // 2), mode="replicate")
        mel = F.avg_pool1d(padded, width, 1).transpose(1, 2)
    for _ in range(2):
        low = int(random.integers(0, mel.shape[-1]))
        mel[:, :, low: low + int(random.integers(0, 12))] = mel.mean()
    return mel


def heard(ear: Ear, mel, said):
    """-> cross entropy in nats, share of the steps told right."""
    logits, known = ear(mel).float(), said != UNKNOWN
    nats = F.cross_entropy(logits.transpose(1, 2), said, ignore_index=UNKNOWN)
    return nats, (logits.argmax(-1) == said)[known].float().mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--codes", required=True, type=Path, help="from sotto_training.recognition.listener cache")
    parser.add_argument("--letters", required=True, type=Path, help="from sotto_training.recognition.letters or sotto_training.recognition.phones")
    parser.add_argument("--minutes", required=True, type=float, help="of processor time")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    data = torch.load(arguments.codes, weights_only=False)
    letters = torch.load(arguments.letters, weights_only=False)
    codec = Codec(data["config"])
    valid = Clips(arguments.data / "valid", codec.config)
    mels = log_mels(codec, Clips(arguments.data / "train", codec.config), data["clips"])
    valid_mels = log_mels(codec, valid, held_out(valid, data))
    chosen = [i for i, clip in enumerate(data["valid_clips"]) if clip["corpus"] == "librispeech"]
    symbols = letters.get("symbols", codec.config["text"]["symbols"])
    ear = Ear(codec.config, symbols)
    optimizer = torch.optim.AdamW(ear.parameters(), lr=2e-3, betas=(0.9, 0.98), weight_decay=0.03, fused=True)
    random = np.random.default_rng(arguments.seed)
    share = np.array([min(len(mel), 5 * FRAMES) for mel in mels], float)

    def say(step, minutes, loss):
        ear.eval()
        with torch.no_grad():
            nats, right = heard(ear, *cut(valid_mels, letters["valid"], chosen, [0] * len(chosen), 1200, ear.stack))
        print(f"min {minutes:.1f} step {step} train {float(loss.detach()):.3f} valid {float(nats):.3f} {100 * float(right):.1f}%",
              flush=True)

    for step, minutes in spending(arguments.minutes, optimizer):
        which = random.choice(len(mels), BATCH, p=share / share.sum())
        firsts = [int(random.integers(max(0, len(mels[i]) - FRAMES) // ear.stack + 1)) * ear.stack for i in which]
        mel, said = cut(mels, letters["train"], which, firsts, FRAMES, ear.stack)
        ear.train()
        with torch.autocast("cpu", torch.bfloat16):
            logits = ear(roughened(mel, random) * F.dropout(torch.ones(BATCH, 1, mel.shape[-1]), 0.1))
        loss = F.cross_entropy(logits.float().transpose(1, 2), said, ignore_index=UNKNOWN, label_smoothing=0.1)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(ear.parameters(), 1.0)
        optimizer.step()
        if step % 200 == 0:
            say(step, minutes, loss)
    say(step, minutes, loss)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"ear": ear.state_dict(), "symbols": symbols, "config": codec.config}, arguments.out)


if __name__ == "__main__":
    main()
