"""One step of training: what the decoder makes of a batch, and how far that is from the recordings."""

from dataclasses import dataclass, field

import torch
from torch.nn import functional as F

from ..model.codec import Codec
from ..model.level import gain
from ..model.quantizer import decode_one_of
from ..recognition.hearing import roughened
from .critics import critic_loss, decoder_losses, told_apart
from .losses import EnvelopeLoss, LoudnessLoss, SpectralLoss
from .synthesis import excitation, synthesized

# The waveform is made and compared in windows of this many token frames; the trunks see whole clips.
WAVE_TOKENS, WARM_TOKENS = 12, 3
# The RMS that quiet clips are brought to when they are judged, by this factor at most.
LOUD, MOST_GAIN = 0.05, 40.0
# How much more clarity counts where a transcript is read, which is what it is read for.
READ = 8.0
WEIGHTS = {"spectral": 1.0, "repulsion": -0.15, "envelope": 14.0, "loudness": 0.7, "mel": 0.5, "f0": 4.0, "voicing": 0.3,
           "clarity": 1.2, "adversarial": 0.1, "matching": 1.0, "agreement": 1.0}


# Latents of changed speech have to agree with those of clean speech where that is no more than so many dB under the loudest token frame.
SPOKEN = -30.0
# Latents that are off by this share of what one code leaves mostly have the same code; those that are off by far more don't anyway.
CLOSE = 0.2
# So many of the clips that there are changed versions of are decoded from what the encoder says of those.
FROM_CHANGED = 0.2


def drawn_levels(count: int, codebooks: int, whole: float):
    """How many codebooks each clip may use: all for `whole` of them, the few-codebook end drawn oftener."""
    few = torch.tensor([n for n in (1, 2, 2, 3, 4, 4, 6) if n <= codebooks])
    drawn = few[torch.randint(len(few), (count,))]
    return torch.where(torch.rand(count) < whole, torch.full((count,), codebooks), drawn)


def cut(x, firsts, count: int):
    """Windows of `count` steps, one of each row: x [batch, time, ...] -> [batch, count, ...]."""
    return torch.stack([row[first: first + count] for row, first in zip(x, firsts)])


@dataclass
class Batch:
    """Crops of clips. `audio` [batch, samples] is to be said; `log_f0` and `voiced` [batch, frames + lead] are its pitch; `levels`
    [batch] is how many codebooks each may use. Either `heard` [batch, samples], the same with noise, is to be encoded, or
    `codes` [batch, tokens, ...], as `encode_each` makes them, are looked up. `before` [batch, 2] is what the speaker's level begins
    from (`Level.sums`), `volume` [batch, tokens] that level where codes are looked up. `told`: see `ToldClips.batch`; `changed`: see
    `ChangedClips.batch`."""
    audio: torch.Tensor
    log_f0: torch.Tensor
    voiced: torch.Tensor
    levels: torch.Tensor
    heard: torch.Tensor | None = None
    codes: torch.Tensor | None = None
    before: torch.Tensor | None = None
    volume: torch.Tensor | None = None
    told: tuple | None = None
    changed: tuple | None = None

    def to(self, device):
        def moved(x):
            return x.to(device) if torch.is_tensor(x) else x and tuple(part.to(device) for part in x)

        return Batch(**{name: moved(value) for name, value in vars(self).items()})


@dataclass
class Judges:
    """What decoded speech is judged by, and what each of the judgements weighs; `ear` and `critic` may be missing. The critic
    looks at so many of the clips as `critic_rows` says."""
    spectral: SpectralLoss
    envelope: EnvelopeLoss
    loudness: LoudnessLoss
    ear: torch.nn.Module | None = None
    critic: torch.nn.Module | None = None
    critic_rows: int | None = None
    weights: dict = field(default_factory=lambda: dict(WEIGHTS))

    @classmethod
    def of(cls, sample_rate: int, device, **more):
        return cls(*(loss(sample_rate).to(device) for loss in (SpectralLoss, EnvelopeLoss, LoudnessLoss)), **more)


def misheard(codec: Codec, ear, decoded, wanted, random, dtype):
    """The divergence, in nats a step, between what the ear hears in what was decoded and in the recording, both
    [batch, samples] -> [batch]. An even share of the spectrum isn't an even share of what is said. What was decoded is
    roughened first: what only a good ear hears is no help to others."""
    frames = decoded.shape[1] // (codec.hop * ear.stack) * ear.stack
    mel = codec.features.scaled_mel(torch.cat([decoded, wanted])[:, : frames * codec.hop])
    with torch.autocast(decoded.device.type, dtype, enabled=dtype != torch.float32):
        here, there = (ear(x).float().log_softmax(-1) for x in (roughened(mel[: len(decoded)], random), mel[len(decoded):]))
    return F.kl_div(here, there.detach(), log_target=True, reduction="none").sum(-1).mean(1)


def disagreement(channel, bits: int, latent, changed, audio, clean):
    """How far the latents of changed speech are from those of the clean speech [clips, tokens, dimensions], as a code of so many bits
    would tell it: distances count by what such a code leaves of a latent, and where they are larger ever less. Both sides learn: what
    can't be told in changed speech is to take no bits of clean speech either. Only what is spoken in the clean speech [clips, samples]
    counts. `clean` are all latents of the batch."""
    power = audio.unflatten(1, (latent.shape[1], -1)).square().mean(-1)
    spoken = (power > power.amax(1, keepdim=True) * 10 ** (SPOKEN / 10)).float()
    off = channel.shares(changed - latent, clean.flatten(0, 1), bits)
    return ((off / CLOSE).log1p() * spoken).sum() / spoken.sum().clamp(min=1)


def encoded(codec: Codec, batch: Batch):
    """What the encoder says of the recordings, and of changed versions of some of them -> latents for the decoder [batch, tokens,
    dimensions], the levels that they are over [batch, tokens] if those are told apart, and how far the changed ones are off."""
    lead = codec.config["synthesis"]["pitch_lead"]
    heard, log_f0, voiced, before = batch.heard, batch.log_f0, batch.voiced, batch.before
    if batch.changed:
        rows, louder, *more = batch.changed
        heard, log_f0, voiced, before = (torch.cat(pair) for pair in zip((heard, log_f0, voiced, before), more))
    features, volume = codec.features.leveled(heard, log_f0[:, :-lead], voiced[:, :-lead], before)
    latent, off = codec.encoder(features).float(), None
    if batch.changed:
        count, clips = len(batch.heard), torch.arange(len(batch.heard), device=latent.device)
        off = disagreement(codec.quantizer.channel, codec.quantizer.bits, latent[rows], latent[count:], batch.audio[rows], latent[:count])
        others = count + torch.arange(len(rows), device=latent.device)
        clips[rows] = torch.where(torch.rand(len(rows)).to(rows.device) < FROM_CHANGED, others, rows)
        latent = latent[clips]
        # What is to be said is as loud as the clean clip.
        volume = None if volume is None else torch.cat([volume[:count], volume[count:] - louder[:, None]])[clips]
    return latent, volume, off


def quantized(codec: Codec, batch: Batch):
    """What the decoder is given, [batch, tokens, dimensions]: of codes that are known, or of the recording; the speaker's level
    [batch, tokens], and how far changed speech's latents are off, if there are any."""
    if batch.codes is not None:
        return decode_one_of(batch.codes, codec.quantizer.codebooks, batch.levels), batch.volume, None
    # Once there are codebooks, nothing of the encoder learns.
    with torch.set_grad_enabled(torch.is_grad_enabled() and not codec.quantizer.fitted):
        latent, volume, off = encoded(codec, batch)
    with torch.autocast(latent.device.type, enabled=False):
        return codec.quantizer(latent, batch.levels), volume, off


def judged(judges: Judges, draws, wanted, dtype):
    """Spectra of the draws and of the recordings by window -> what the critic says for the decoder (scalar: the two losses as
    weighed, whose gradient goes on into the draws), its parts, and its own loss.

    The critic runs forward once for both turns. Its input is a leaf, so that each backward pass goes only where it has to: the
    decoder's into the input, the critic's own into its weights."""
    rows = slice(0, judges.critic_rows or len(wanted[judges.critic.sizes[0]]))
    real, fake = ([spectra[size][rows] for size in judges.critic.sizes] for spectra in (wanted, draws))
    leaves = [x.detach().requires_grad_() for x in fake]
    with torch.autocast(fake[0].device.type, dtype, enabled=dtype != torch.float32):
        of_real, of_fake = judges.critic(real), judges.critic(leaves)
        adversarial, matching = decoder_losses(of_real, of_fake)
        own = critic_loss(of_real, of_fake)
        with torch.no_grad():
            parts = {"adversarial": adversarial.detach(), "matching": matching.detach(), "critic": own.detach(),
                     "told apart": told_apart(of_real, of_fake)}
    weighed = judges.weights["adversarial"] * adversarial + judges.weights["matching"] * matching
    gradients = torch.autograd.grad(weighed, leaves, retain_graph=True)
    carried = sum((x * gradient).sum() for x, gradient in zip(fake, gradients))
    # The value of the losses, the gradient of the leaves.
    return carried - carried.detach() + weighed.detach(), parts, own


def losses(codec: Codec, judges: Judges, batch: Batch, random, dtype):
    """A batch, and what to draw an ear's hindrances from -> the weighted sum, its parts by name, and the critic's own loss, if
    there is a critic. The critic's has to be taken backward after the sum's."""
    device, count = batch.audio.device, len(batch.audio)
    lead, per_token, hop = codec.config["synthesis"]["pitch_lead"], codec.config["decoder"]["upsample"], codec.hop
    bands, analysis = codec.config["features"]["mel"]["bands"], codec.features.window.numel()
    # Which windows of which clips are heard: past the start the blocks need some history before what they say counts.
    tokens = batch.audio.shape[1] // (hop * per_token)
    length = min(WAVE_TOKENS + WARM_TOKENS, tokens)
    firsts = torch.randint(0, tokens - length + 1, (count,)).tolist()
    starts, steps = [first * per_token for first in firsts], length * per_token
    with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        latent, volume, off = quantized(codec, batch)
        guides = codec.decoder.at_places(*batch.told, batch.levels) if batch.told else None
        state = codec.decoder.speak(latent, guides)
        if batch.told:
            text_rate = codec.config["text"]["rate"]
            guides = cut(guides, [first * text_rate for first in firsts], length * text_rate)
        frames = codec.decoder.frames(cut(state, firsts, length), guides)
        auxiliary = codec.decoder.auxiliary(frames).float()
        f0, filters = codec.decoder.log_f0(frames), codec.decoder.filters(frames)
    target_f0, target_voiced = (cut(x[:, lead:], starts, steps) for x in (batch.log_f0, batch.voiced))
    volume = None if volume is None else cut(volume, firsts, length)
    draws = synthesized(codec, filters, *excitation(codec, target_f0, torch.rand(2, count).to(device)), volume)
    # The recording, and before it what the first frame's spectrum looks back on.
    before = analysis - hop
    near = cut(F.pad(batch.audio, (before, 0)), [start * hop for start in starts], steps * hop + before)
    mel = codec.features.scaled_mel(near, preceded=True, level=volume)
    warm, tail = WARM_TOKENS * per_token * hop, codec.config["synthesis"]["window"] - hop
    wanted, draws = near[:, before + warm: -tail], draws[:, tail + warm:]
    # Quiet speech is judged as loud as other speech: the floors of the losses would hide it. A pause of a loud speaker isn't.
    quiet = batch.audio.square().mean(1).sqrt().clamp(min=1e-6) / LOUD if volume is None else gain(volume.mean(1))
    loud = (1 / quiet).clamp(1, MOST_GAIN)[:, None]
    draws, wanted = draws * loud.repeat(2, 1), wanted * loud
    there, here = judges.spectral.transforms(wanted), judges.spectral.transforms(draws)
    # Two draws of the noise, both near the recording and, that noise stays noise, apart from each other.
    spectral, repulsion, magnitude, wanted_magnitude = judges.spectral.energy(here, there)
    parts = {
        "spectral": spectral,
        "repulsion": repulsion,
        "envelope": judges.envelope(magnitude, wanted_magnitude),
        "loudness": judges.loudness(magnitude, wanted_magnitude, (batch.audio * loud).square().mean(1)),
        "mel": F.l1_loss(auxiliary[..., :bands], mel),
        "f0": ((f0 - target_f0).abs() * target_voiced).sum() / target_voiced.sum().clamp(min=1),
        "voicing": F.binary_cross_entropy_with_logits(auxiliary[..., bands], target_voiced),
    }
    if off is not None:
        parts["agreement"] = off
    if judges.ear:
        weight = torch.where(batch.told[2].sum((1, 2)) > 0, READ, 1.0) if batch.told else 1.0
        parts["clarity"] = (misheard(codec, judges.ear, draws[:count], wanted, random, dtype) * weight).mean()
    total, own = sum(judges.weights[name] * value for name, value in parts.items()), None
    if judges.critic:
        critics, more, own = judged(judges, {size: z[:count] for size, z in here.items()}, there, dtype)
        total, parts = total + critics, parts | more
    return total, parts, own
