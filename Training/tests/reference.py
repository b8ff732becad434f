"""The step's losses as they are defined, draw by draw and without any of what makes them fast."""

import torch
from torch.nn import functional as F

from sotto_training.model.features import mel_filters
from sotto_training.model.pitch import hann
from sotto_training.recipes.step import MOST_GAIN, WARM_TOKENS, WAVE_TOKENS, cut


def spectra(x, sizes_and_bands=((256, 20), (512, 40), (1024, 80), (2048, 160))):
    result = []
    for size, bands in sizes_and_bands:
        filters = torch.tensor(mel_filters(16000, size, bands, 0, 8000).T, dtype=torch.float32)
        window = torch.tensor(hann(size), dtype=torch.float32)
        magnitude = (torch.stft(x, size, size // 4, window=window, center=False, return_complex=True).abs() ** 2 + 1e-10).sqrt()
        magnitude = magnitude.transpose(1, 2)
        result.append(((magnitude @ filters).clamp(min=1e-5).log(), magnitude.clamp(min=1e-3).log(), magnitude))
    return result


def distance(decoded, audio):
    total = 0.0
    for (mel, log, magnitude), (wanted_mel, wanted_log, wanted) in zip(decoded, audio):
        off = ((magnitude - wanted).square().sum((1, 2)) / (wanted.square().sum((1, 2)) + 1e-3)).sqrt().mean()
        total = total + (mel - wanted_mel).abs().mean() + 0.3 * (log - wanted_log).abs().mean() + 0.5 * off
    return total / len(decoded)


def losses(codec, judges, batch):
    """The parts without a critic or an ear; random numbers are drawn in the same order as the fast step draws them."""
    lead, hop, per_token = codec.config["synthesis"]["pitch_lead"], codec.hop, codec.config["decoder"]["upsample"]
    features, volume = codec.features.leveled(batch.heard, batch.log_f0[:, :-lead], batch.voiced[:, :-lead])
    length = min(WAVE_TOKENS + WARM_TOKENS, features.shape[1] // per_token)
    firsts = torch.randint(0, features.shape[1] // per_token - length + 1, (len(batch.audio),)).tolist()
    with torch.no_grad():
        quantized = codec.quantizer(codec.encoder(features), batch.levels)
    frames = codec.decoder.frames(cut(codec.decoder.speak(quantized), firsts, length))
    auxiliary, f0 = codec.decoder.auxiliary(frames), codec.decoder.log_f0(frames)
    starts, steps = [first * per_token for first in firsts], length * per_token
    target_f0, target_voiced = (cut(x[:, lead:], starts, steps) for x in (batch.log_f0, batch.voiced))
    phase = torch.rand(2, len(batch.audio))
    noise = (torch.rand(2 * len(batch.audio), steps * hop) * 2 - 1) * 3**0.5
    spoken = cut(volume, firsts, length)
    decoded, again = (codec.synthesize(frames, target_f0, phase=p, noise=n, level=spoken) for p, n in zip(phase, noise.chunk(2)))
    wanted = cut(batch.audio, [start * hop for start in starts], steps * hop)
    warm, tail = WARM_TOKENS * per_token * hop, codec.config["synthesis"]["window"] - hop
    decoded, again, wanted = decoded[:, tail + warm:], again[:, tail + warm:], wanted[:, warm: -tail]
    loud = (10 ** (-spoken.mean(1) / 20)).clamp(1, MOST_GAIN)[:, None]
    first, second, target = (spectra(x * loud) for x in (decoded, again, wanted))
    bands = codec.config["features"]["mel"]["bands"]
    return {
        "spectral": 0.5 * (distance(first, target) + distance(second, target)),
        "repulsion": distance(first, second),
        "envelope": judges.envelope(first[1][2], target[1][2]),
        "loudness": judges.loudness(first[1][2], target[1][2], (batch.audio * loud).square().mean(1)),
        "mel": F.l1_loss(auxiliary[..., :bands], cut(codec.features.scaled_mel(batch.audio, level=volume), starts, steps)),
        "f0": ((f0 - target_f0).abs() * target_voiced).sum() / target_voiced.sum().clamp(min=1),
        "voicing": F.binary_cross_entropy_with_logits(auxiliary[..., bands], target_voiced),
    }
