"""The speaker's level all through prepared clips, so that a crop of one can begin from what was heard before it.

    python -m sotto_training.data.levels --config ../Configs/sotto-16k.json --data data/train

Writes sums.f32 beside the clips: `Level.sums` after each frame.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from ..model.features import Features
from .clips import Clips


@torch.inference_mode()
def sums_of(features: Features, clips: Clips):
    """-> [frames of all clips, 2], float32."""
    result = np.zeros((len(clips.log_f0), 2), np.float32)
    for clip in clips.clips:
        frames, first = clip["samples"] // clips.hop, clip["start"] // clips.hop
        audio, _, voiced = clips.crop(clip, 0, frames)
        power = features.level.power(features.magnitudes(torch.from_numpy(audio)[None]))
        result[first: first + frames] = features.level.sums(power, torch.from_numpy(voiced[:frames])[None])[0].float().numpy()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True, type=Path)
    parser.add_argument("--data", required=True, type=Path, help="a folder from sotto_training.data.prepare")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    config = json.loads(arguments.config.read_text())
    sums_of(Features(config), Clips(arguments.data, config)).tofile(arguments.data / "sums.f32")


if __name__ == "__main__":
    main()
