#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A tiny language model of speech tokens, trained in a minute on a CPU: from recordings to tokens, to a model, and back to speech.

    pip install 'sotto-codec[audio]' torch
    python language_model.py RECORDING... -o continuation.wav

The last quarter of each recording is held out. The model is compared there with one that only knows how frequent each token is, in
bits a frame: what a frame would take if it were packed by that model.
"""

import argparse
import math

import numpy as np
import sotto_codec
import soundfile
import soxr
import torch
from sotto_codec import layouts
from torch import nn

CODES = 2  # codes a frame, so tokens of a frame too

# Half a minute of speech is little. Spoken faster and slower, louder and lower, it makes some minutes of other tokens.
SPEEDS = (0.8, 0.84, 0.88, 0.92, 0.96, 1, 1.04, 1.08, 1.13, 1.18, 1.24)
GAINS = (1, 0.5)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("recordings", nargs="+", metavar="RECORDING")
    parser.add_argument("-o", "--output", default="continuation.wav", help="what the model goes on to say (%(default)s)")
    parser.add_argument("--steps", type=int, default=200, help="of training (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


# 1. Tokens. Flattened, a frame is CODES tokens one after the other: codes of codebook 0 are 0 to 1023, of codebook 1 1024 to 2047.


def tokens(codec, samples) -> torch.Tensor:
    codes = codec.encode(samples, codec.sample_rate, codes=CODES)
    return torch.from_numpy(layouts.flattened(codes, codebook_size=codec.codebook_size))


def read(codec, path) -> np.ndarray:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return soxr.resample(samples.mean(axis=1), rate, codec.sample_rate)


# 2. A model. Tokens that sound alike have vectors near to each other: the codec's own vectors are what the model reads by, and what it
# compares its guess with. That is what lets so little speech teach it anything.


class LanguageModel(nn.Module):
    def __init__(self, codec, width: int = 64):
        super().__init__()
        vectors = torch.from_numpy(codec.codebooks[:CODES].reshape(-1, codec.latent_size).copy())
        self.register_buffer("vectors", vectors / vectors.std())
        self.size = codec.codebook_size
        self.read = nn.Linear(codec.latent_size, width)
        self.place = nn.Embedding(CODES, width)
        self.recurrent = nn.GRU(width, width, batch_first=True)
        self.drop = nn.Dropout(0.4)
        self.guess = nn.ModuleList(nn.Linear(width, codec.latent_size) for _ in range(CODES))
        # How sure it is to begin with: hardly.
        self.sharpness = nn.Parameter(torch.full((CODES,), 0.02))
        self.register_buffer("frequency", torch.zeros(CODES * self.size))

    def forward(self, before: torch.Tensor, state=None):
        """Tokens [batch, n] → the logits [batch, n, size] of the token after each, and the state [1, batch, width].

        A token tells its codebook, and so that of the next one, which is what the logits are of.
        """
        book = before // self.size
        hidden, state = self.recurrent(self.read(self.vectors[before]) + self.place(book), state)
        hidden, following = self.drop(hidden), (book + 1) % CODES
        logits = hidden.new_zeros(*before.shape, self.size)
        for k, guess in enumerate(self.guess):
            own = slice(k * self.size, (k + 1) * self.size)
            nearness = -torch.cdist(guess(hidden), self.vectors[own]).square() / 2
            likely = self.sharpness[k] * nearness + self.frequency[own]
            logits = torch.where((following == k)[..., None], likely, logits)
        return logits, state

    def bits(self, stream: torch.Tensor) -> float:
        """What it takes to say a stream [n], all but its first frame."""
        with torch.no_grad():
            logits, _ = self(stream[None, :-1])
            losses = nn.functional.cross_entropy(logits[0], stream[1:] % self.size, reduction="none")
        return losses[CODES - 1 :].sum().item() / math.log(2)


def train(model, streams, frequency, steps: int, length: int = 2 * 32, batch: int = 32) -> None:
    model.frequency.copy_(frequency.log())
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    model.train()
    for step in range(steps):
        parts = []
        for index in torch.randint(len(streams), (batch,)).tolist():
            start = torch.randint(max(1, (len(streams[index]) - length) // CODES), ()).item() * CODES
            parts.append(streams[index][start : start + length])
        some = torch.stack([part for part in parts if len(part) == length])
        logits, _ = model(some[:, :-1])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), some[:, 1:].flatten() % model.size)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()
        schedule.step()
        if step % 50 == 49:
            print(f"step {step + 1}: {CODES * loss.item() / math.log(2):.2f} bits a frame in training", flush=True)
    model.eval()


# 3. What comes next, token by token.


def continued(model, stream: torch.Tensor, frames: int, temperature: float = 0.8) -> torch.Tensor:
    made = []
    with torch.no_grad():
        logits, state = model(stream[None])
        for index in range(frames * CODES):
            share = torch.softmax(logits[0, -1] / temperature, dim=0)
            made.append(torch.multinomial(share, 1) + index % CODES * model.size)
            logits, state = model(made[-1][None], state)
    return torch.cat([stream, *made])


def main():
    options = arguments()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    codec = sotto_codec.load("sotto-16k")
    recordings = [read(codec, path) for path in options.recordings]

    parts = [int(0.75 * len(samples)) // codec.frame_size * codec.frame_size for samples in recordings]
    changed = [
        gain * soxr.resample(samples[:end], round(codec.sample_rate * speed), codec.sample_rate)
        for samples, end in zip(recordings, parts)
        for speed in SPEEDS
        for gain in GAINS
    ]
    streams = [tokens(codec, samples) for samples in changed]
    heldout = [tokens(codec, samples)[CODES * end // codec.frame_size :] for samples, end in zip(recordings, parts)]
    frames = sum(len(stream) // CODES - 1 for stream in heldout)
    minutes = sum(map(len, changed)) / codec.sample_rate / 60
    print(f"{minutes:.1f} minutes of tokens to learn from, {frames} frames held out")

    # How frequent each token is, with as much added to each as is best for what is held out: no such model can do better.
    counts = torch.bincount(torch.cat(streams), minlength=CODES * codec.codebook_size).float()
    best = math.inf
    for added in (0.01, 0.03, 0.1, 0.3, 1, 3, 10):
        shares = (counts + added).view(CODES, -1)
        shares = (shares / shares.sum(dim=1, keepdim=True)).flatten()
        bits = sum(-shares[stream[CODES:]].log2().sum().item() for stream in heldout) / frames
        if bits < best:
            best, frequency = bits, shares

    model = LanguageModel(codec)
    train(model, streams, frequency, options.steps)
    bits = sum(model.bits(stream) for stream in heldout) / frames
    print(f"held out: {bits:.2f} bits a frame by the language model, {best:.2f} by how frequent tokens are")

    start = tokens(codec, recordings[0][: parts[0]])
    codes, _ = layouts.unflattened(continued(model, start, frames=50), CODES, codec.codebook_size)
    audio = codec.decode(codes)
    soundfile.write(options.output, audio, codec.sample_rate)
    print(f"{options.output}: {parts[0] / codec.sample_rate:.1f} s as they were said, then 4 s that the model made up")


if __name__ == "__main__":
    main()
