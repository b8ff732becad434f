"""Codes of augmented versions of the training clips, made once: while the encoder stays as it is, there is no need to run it again
in each step.

    python -m sotto_training.data.codes --data data/train --model ../Models/sotto-16k.safetensors --versions 2 --out data/codes

Each version is a pass over all clips with new levels and noise, in a file of its own. Versions that are there are kept, and
training reads what there is, so that more can be added while it runs. A minute of a core makes the codes of 2.4 hours.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from ..model.codec import Codec
from ..model.quantizer import NARROW_BEAM
from ..model.weights import codes_identity, loaded
from .clips import TrainingClips, collated

# Token frames whose codes are searched together.
TOGETHER = 2048


@torch.inference_mode()
def encoded_version(codec: Codec, clips: TrainingClips, say=print) -> dict:
    """One augmented version of all clips -> `codes` [token frames of all, ...] of each number of codebooks (see `encode_each`),
    the clips' first token frames in it, their gains in dB, and the identity of what made them; `volume` [token frames of all], the
    speakers' levels, if the model tells them apart."""
    lead, latents, volumes, gains, firsts, count = clips.lead, [], [], [], [], 0
    began = time.monotonic()
    for number, clip in enumerate(clips.clips):
        frames = clip["samples"] // clips.hop // clips.per_token * clips.per_token
        gain = clips.drawn_gain()
        heard, log_f0, voiced, _ = clips.augmented(number, 0, frames, gain)
        heard, log_f0, voiced = (torch.from_numpy(x)[None] for x in (heard, log_f0, voiced))
        features, level = codec.features.leveled(heard, log_f0[:, :-lead], voiced[:, :-lead])
        latents.append(codec.encoder(features)[0])
        if level is not None:
            volumes.append(level[0])
        gains.append(gain)
        firsts.append(count)
        count += frames // clips.per_token
        if number % 1000 == 999:
            say(f"{number + 1} of {len(clips.clips)} clips encoded, {(time.monotonic() - began) / 60:.1f} min")
    codes = torch.cat([codec.quantizer.encode_each(part, NARROW_BEAM).short() for part in torch.cat(latents).split(TOGETHER)])
    say(f"{count} token frames, {(time.monotonic() - began) / 60:.1f} min")
    return {"codes": codes, "gains": torch.tensor(gains), "firsts": torch.tensor(firsts), "identity": codes_identity(codec),
            **({"volume": torch.cat(volumes)} if volumes else {})}


def versions_in(folder: Path, identity: str) -> list[dict]:
    """What `encoded_version` made, all of it; the codes have to be those of this encoder."""
    versions = [torch.load(path, weights_only=True) for path in sorted(folder.glob("version-*.pt"))]
    if not versions:
        raise SystemExit(f"{folder} holds no codes: make them with sotto_training.data.codes")
    if any(version["identity"] != identity for version in versions):
        raise SystemExit(f"the codes in {folder} are those of another encoder")
    return versions


def with_wrong(codes, share: float, size: int):
    """Codes of any shape, numbers under `size`, of which such a share is replaced by random ones; -1 stays."""
    wrong = (torch.rand(codes.shape) < share) & (codes >= 0)
    return torch.where(wrong, torch.randint(size, codes.shape, dtype=codes.dtype), codes)


def codes_of_clips(version: dict) -> list[torch.Tensor]:
    """The codes of each clip, [token frames, ...]."""
    return list(version["codes"].tensor_split(version["firsts"][1:]))


class CodedClips(TrainingClips):
    """Random crops of the training clips with their codes looked up in one of their versions."""

    def __init__(self, folder: Path, config: dict, seed: int, codes: Path, identity: str):
        super().__init__(folder, config, seed)
        self.versions = versions_in(codes, identity)
        if any(len(version["firsts"]) != len(self.clips) for version in self.versions):
            raise SystemExit(f"the codes in {codes} are those of other clips")

    def coded_batch(self, size: int, frames: int):
        """Crops of any clips that are so long: (what is to be said [size, frames hop], log_f0 and voiced [size, frames + lead],
        codes [size, frames / per_token, ...], and the speakers' levels [size, frames / per_token] if those are told apart), and of
        which clips they are, from which frame on."""
        lengths = np.array([clip["samples"] // self.hop for clip in self.clips])
        weight = self.weight * (lengths >= frames)
        rows, places = [], []
        for which in self.random.choice(len(self.clips), size, p=weight / weight.sum()):
            version = self.versions[self.random.integers(len(self.versions))]
            first = int(self.random.integers((lengths[which] - frames) // self.per_token + 1)) * self.per_token
            audio, log_f0, voiced = self.crop(self.clips[which], first, frames)
            audio = np.clip(audio * np.float32(10 ** (float(version["gains"][which]) / 20)), -1, 1)
            token = int(version["firsts"][which]) + first // self.per_token
            told = [version[name][token: token + frames // self.per_token].numpy() for name in ("codes", "volume") if name in version]
            rows.append((audio, log_f0, voiced, *told))
            places.append((int(which), first))
        return collated(rows), places


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="from sotto_training.data.prepare")
    parser.add_argument("--model", required=True, type=Path, help="an exported model, or a run with codebooks")
    parser.add_argument("--versions", type=int, default=1)
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    codec = loaded(arguments.model)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for number in range(1, arguments.versions + 1):
        path = arguments.out / f"version-{number}.pt"
        if path.exists():
            continue
        torch.save(encoded_version(codec, TrainingClips(arguments.data, codec.config, number)), path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)
        print(path, flush=True)


if __name__ == "__main__":
    main()
