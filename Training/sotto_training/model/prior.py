"""How speech goes on in the space of the latents, given the letters, when each is said, whose voice it is, and a few codes for each word
(as TASTE, Tseng et al. 2025), a few codes of each frame, or the latents so far."""

from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from .layers import ConvNeXtBlock, Trunk
from .text import SPACE

# Token frames that it looks ahead, 0.8 s: two words. Letters are seen three more.
AHEAD = 10
# How letters are told: not at all, when each begins, or spread evenly in their words.
NONE, TIMED, EVEN = range(3)
WHOLE = 9  # as a number of codes: the words' vectors as they are


class Ask(NamedTuple):
    """What the prior is told of each clip [clips]: how letters are told, the codes of each word (0 to 4 or `WHOLE`), whether the voice,
    whether the past latents and whether those of all frames are known (1 or 0), both as far as the batch's `past` says them."""

    letters: torch.Tensor
    codes: torch.Tensor
    voice: torch.Tensor
    past: torch.Tensor
    frames: torch.Tensor


class DilatedBlock(nn.Module):
    """A residual convolution of three taps that lie so many frames apart, with what is told of the words in its gains."""

    def __init__(self, channels: int, apart: int, told: int = 0):
        super().__init__()
        self.apart, self.norm = apart, nn.LayerNorm(channels)
        self.taps, self.project = nn.Linear(3 * channels, channels), nn.Linear(channels, channels)
        self.gains = nn.Linear(told, 2 * channels) if told else None
        for parameter in (self.project.weight, self.project.bias):
            nn.init.zeros_(parameter)

    def forward(self, x, within, told=None):
        """x [clips, frames, channels], within [clips, frames] 0 beyond a clip's end."""
        y = self.norm(x)
        if self.gains is not None:
            gain, offset = self.gains(told).chunk(2, -1)
            y = y * (1 + gain) + offset
        y = y * within[..., None]
        padded, time, apart = F.pad(y, (0, 0, self.apart, self.apart)), x.shape[1], self.apart
        return x + self.project(F.gelu(self.taps(torch.cat([padded[:, :time], y, padded[:, 2 * apart: 2 * apart + time]], -1))))


class WordQuantizer(nn.Module):
    """Residual codes of vectors, whose codebooks are moving means of what falls to them (van den Oord et al. 2017)."""

    KEEP, RARE = 0.98, 0.1

    def __init__(self, codebooks: int, codes: int, dimensions: int):
        super().__init__()
        self.register_buffer("vectors", 0.1 * torch.randn(codebooks, codes, dimensions))
        self.register_buffer("counts", torch.ones(codebooks, codes))
        self.register_buffer("sums", self.vectors.clone())
        self.register_buffer("begun", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def forward(self, x, counts, learn: bool):
        """x [n, dimensions], how many codes each gets [n] -> their sums [n, dimensions] and codes [n, codebooks], -1 for none."""
        with torch.autocast(x.device.type, enabled=False):
            return self.quantized(x.float(), counts, learn)

    def quantized(self, x, counts, learn: bool):
        rest, total, codes = x, torch.zeros_like(x), []
        for book in range(len(self.vectors)):
            on = counts > book
            if learn and on.any():
                self.begin(book, rest[on])
            vectors = self.vectors[book]
            code = (vectors.square().sum(1) - 2 * rest @ vectors.T).argmin(1)
            if learn and on.any():
                self.move(book, rest[on], code[on])
            added = vectors[code] * on[:, None]
            total, rest = total + added, rest - added
            codes.append(torch.where(on, code, -1))
        return total, torch.stack(codes, 1)

    def begin(self, book: int, rest):
        """Of the first vectors that are enough."""
        size = self.vectors.shape[1]
        if self.begun == book and len(rest) >= size:
            self.sums[book] = self.vectors[book] = rest[torch.randperm(len(rest))[:size]]
            self.counts[book] = 1
            self.begun += 1

    def move(self, book: int, rest, code):
        hits = F.one_hot(code, self.vectors.shape[1]).float()
        self.counts[book].lerp_(hits.sum(0), 1 - self.KEEP)
        self.sums[book].lerp_(hits.T @ rest, 1 - self.KEEP)
        # Codes that nothing falls to begin anew where there is something.
        rare = self.counts[book] < self.RARE / self.vectors.shape[1]
        if rare.any():
            self.sums[book][rare] = rest[torch.randint(len(rest), (int(rare.sum()),))] * self.counts[book].mean()
            self.counts[book][rare] = self.counts[book].mean()
        self.vectors[book] = self.sums[book] / self.counts[book][:, None]


class Prior(nn.Module):
    """Some 2.3 M parameters. Its first part looks ahead by `AHEAD` frames, what reads past latents not at all."""

    SYMBOLS, FARTHEST, HEADS = 31, 40, 4

    def __init__(self, dimensions: int, rate: int, channels: int = 224, letters: int = 64, words: int = 64, voice: int = 16):
        super().__init__()
        self.rate, self.words = rate, words
        self.embedding = nn.Embedding(self.SYMBOLS, letters)
        self.letter_blocks = nn.ModuleList(ConvNeXtBlock(letters, 3, 3, causal=False) for _ in range(3))
        self.letter_norm = nn.LayerNorm(letters)
        self.letter_steps = nn.ModuleList(nn.Embedding(self.FARTHEST + 1, 16) for _ in range(2))
        self.word_steps = nn.ModuleList(nn.Embedding(self.FARTHEST + 1, 16) for _ in range(2))
        self.rows = nn.Linear(rate * (letters + 32 + 32 + 1), channels)
        self.kind = nn.Embedding(3, channels)
        self.voice_in = nn.Sequential(nn.Linear(dimensions, 128), nn.GELU(), nn.Linear(128, 128), nn.GELU())
        self.voice_out, self.voice = nn.Linear(128, voice), nn.Linear(voice, channels)
        self.word_in = nn.Linear(dimensions + channels, 160)
        self.word_blocks = nn.ModuleList(DilatedBlock(160, 1) for _ in range(3))
        self.word_norm, self.word_score = nn.LayerNorm(160), nn.Linear(160, self.HEADS)
        self.word_values, self.word_out = nn.Linear(160, self.HEADS * 48), nn.Linear(self.HEADS * 48, words)
        self.quantizer = WordQuantizer(4, 256, words)
        self.no_codes = nn.Parameter(torch.zeros(2, words))
        told = 5 * words
        self.told = nn.Linear(told, channels)
        # AHEAD is the sum of these.
        self.blocks = nn.ModuleList(DilatedBlock(channels, apart, told * (number % 2)) for number, apart in enumerate((1, 2, 4, 1, 1, 1)))
        self.past = nn.Linear(dimensions, channels)
        self.frames, self.frames_out = nn.Linear(dimensions, channels), nn.Linear(dimensions, dimensions)
        for layer in (self.frames, self.frames_out):
            for parameter in layer.parameters():
                nn.init.zeros_(parameter)
        self.unknown = nn.Parameter(torch.zeros(channels))
        self.trunk = Trunk(channels, 2, 5, 2)
        self.norm, self.output = nn.LayerNorm(channels), nn.Linear(channels, dimensions)
        self.register_buffer("mean", torch.zeros(dimensions))
        self.register_buffer("scale", torch.ones(()))

    def fit_scale(self, latents):
        """latents [n, dimensions]."""
        self.mean.copy_(latents.mean(0))
        self.scale.copy_((latents - self.mean).square().mean().sqrt())

    def speech_of(self, batch):
        """The share of each frame that is no pause [clips, frames]."""
        pause = batch.pauses.gather(1, batch.segment)
        return (~pause).float().unflatten(1, (-1, self.rate)).mean(-1) * batch.within

    def voices(self, latents, batch):
        """The voice of each clip [clips, 16], as 48 bits: 16 numbers of 8 steps each."""
        weight = (self.speech_of(batch) + 1e-3 * batch.within)[..., None]
        heard = (self.voice_in(latents) * weight).sum(1) / weight.sum(1)
        whole = 3.5 * torch.tanh(self.voice_out(heard).float())
        return whole + ((whole - 0.5).round() + 0.5 - whole).detach()

    def letters(self, batch, kinds):
        # With so many spaces around it, no letter's vector depends on what the text is padded with.
        reach = len(self.letter_blocks)
        x = self.embedding(F.pad(batch.text, (reach, reach), value=SPACE))
        for block in self.letter_blocks:
            x = block(x)
        x = x[:, reach:-reach]
        x, even = self.letter_norm(x), (kinds == EVEN)[:, None]
        place = torch.where(even, batch.even, batch.place)
        steps = torch.where(even[..., None], batch.even_letter, batch.letter)
        x = x.gather(1, place[..., None].expand(-1, -1, x.shape[-1]))
        x = torch.cat([x, *(table(steps[..., n]) for n, table in enumerate(self.letter_steps))], -1) * (kinds > NONE)[:, None, None]
        pause = batch.pauses.gather(1, batch.segment)[..., None].to(x.dtype)
        x = torch.cat([x, *(table(batch.word[..., n]) for n, table in enumerate(self.word_steps)), pause], -1)
        return self.rows(x.reshape(len(x), -1, self.rate * x.shape[-1])) + self.kind(kinds)[:, None]

    def word_vectors(self, latents, known, batch):
        """What there is to say of each word: its frames' values, by attention [clips, segments, words]."""
        x = self.word_in(torch.cat([latents, known], -1))
        for block in self.word_blocks:
            x = block(x, batch.within)
        x = self.word_norm(x)
        clips, frames = x.shape[:2]
        segments = batch.pauses.shape[1]
        share = torch.zeros(clips, segments * frames)
        index = batch.segment * frames + torch.arange(frames).repeat_interleave(self.rate)
        share.scatter_add_(1, index, batch.within.repeat_interleave(self.rate, 1) / self.rate)
        weight = share.reshape(clips, segments, frames, 1) * self.word_score(x).float().clamp(-8, 8).exp()[:, None]
        weight = weight / (weight.sum(2, keepdim=True) + 1e-6)
        values = self.word_values(x).float().unflatten(-1, (self.HEADS, -1))
        return self.word_out(torch.einsum("csfh,cfhd->cshd", weight, values).flatten(2)).float()

    def coded(self, vectors, counts, batch, learn: bool):
        """Words' vectors through so many codes, a pause through one at most -> vectors, codes [words of all, 4] and what
        the vectors are to come nearer to the codes by."""
        exists = batch.exists
        wanted = counts[:, None].expand_as(exists)
        wanted = torch.where(batch.pauses & (wanted > 1) & (wanted < WHOLE), 1, wanted)
        # Vectors that pass as they are teach the codebooks too.
        searched = torch.where(wanted < WHOLE, wanted, 4 if learn else 0)
        sums = torch.zeros_like(vectors)
        sums[exists], codes = self.quantizer(vectors[exists].detach(), searched[exists], learn)
        coded = exists & (wanted > 0) & (wanted < WHOLE)
        commitment = ((vectors - sums).square().mean(-1) * coded).sum() / coded.sum().clamp(min=1)
        passed = torch.where((wanted == WHOLE)[..., None], vectors, vectors + (sums - vectors).detach())
        passed = torch.where((wanted == 0)[..., None], self.no_codes[batch.pauses.long()], passed)
        return passed * exists[..., None], codes, commitment

    def told_by_words(self, vectors, batch):
        """For each frame its words' vectors, first and mean and last, and those before and after [clips, frames, 5 words]."""
        def take(source, index):
            return source.gather(1, index[..., None].expand(-1, -1, self.words))

        segment, around = batch.segment.unflatten(1, (-1, self.rate)), F.pad(vectors, (0, 0, 1, 1))
        steps = take(vectors, batch.segment).unflatten(1, (-1, self.rate))
        return torch.cat([steps[:, :, 0], steps.mean(2), steps[:, :, -1], take(around, segment[:, :, 0]), take(around, segment[:, :, -1] + 2)], -1)

    def forward(self, batch, ask: Ask, learn: bool = False, voices=None):
        """-> the latents to come [clips, frames, dimensions], scaled as `scaled` does it, the codes of all words, the commitment,
        and the voices. The voices are those of the batch's latents, unless others are given."""
        latents = self.scaled(batch.latents) * batch.within[..., None]
        known = self.letters(batch, ask.letters)
        if voices is None:
            voices = self.voices(latents, batch)
        known = known + self.voice(voices * ask.voice[:, None])[:, None]
        vectors, codes, commitment = self.coded(self.word_vectors(latents, known, batch), ask.codes, batch, learn)
        told = self.told_by_words(vectors, batch)
        coded, has_frames = self.scaled(batch.past) * batch.within[..., None], ask.frames[:, None, None]
        x = known + self.told(told) + has_frames * self.frames(coded)
        for block in self.blocks:
            x = block(x, batch.within, told)
        past = F.pad(coded, (0, 0, 1, 0))[:, :-1]
        has_past = ask.past[:, None, None]
        x = self.trunk(x + has_past * self.past(past) + (1 - has_past) * self.unknown)
        return (self.output(self.norm(x)) + has_frames * self.frames_out(coded)).float(), codes, commitment, voices

    def scaled(self, latents):
        return (latents - self.mean) / self.scale

    def unscaled(self, latents):
        return latents * self.scale + self.mean
