"""Turns folders of audio with TSV lists into arrays for training.

    python -m sotto_training.data.prepare --config ../Configs/sotto-16k.json --audio FOLDER --tsv train.tsv \\
        --without heldout.tsv --out data/train

The TSV has a header and at least the columns id, corpus, speaker; text may be empty. Audio is FOLDER/ID.{opus,flac,wav}.
Writes audio.i16 (samples), log_f0.f16 and voiced.u8 (frames), and clips.json (where each clip lies in them). The speakers of
`heldout.tsv` are judged by and never trained on: --without it for training, --only it for judging.
"""

import argparse
import csv
import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import soundfile
import soxr

from ..model.pitch import track


def load(path: Path, sample_rate: int) -> np.ndarray:
    """Mono float samples at `sample_rate`."""
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    audio = audio.mean(1)
    return audio if rate == sample_rate else soxr.resample(audio, rate, sample_rate)


def listed(path: Path) -> list[dict]:
    """The rows of a TSV with a header."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def prepare_clip(task):
    row, path, config = task
    hop = config["features"]["hop"]
    audio = load(path, config["sample_rate"])
    audio = np.round(np.clip(audio, -1, 32767 / 32768) * 32768).astype(np.int16)
    audio = audio[: len(audio) // hop * hop]
    log_f0, voiced = track(audio / 32768, config["sample_rate"], hop, config["features"]["pitch"])
    return row, audio, log_f0.astype(np.float16), voiced.astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True)
    parser.add_argument("--audio", required=True, type=Path)
    parser.add_argument("--tsv", required=True)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--without", type=Path, help="a list of clips none of whose speakers is to be in it")
    parser.add_argument("--only", type=Path, help="a list of the clips that alone are to be in it")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    config = json.loads(Path(arguments.config).read_text())
    rows = listed(arguments.tsv)
    if arguments.without:
        speakers = {row["speaker"] for row in listed(arguments.without)}
        rows = [row for row in rows if row["speaker"] not in speakers]
    if arguments.only:
        chosen = {row["id"] for row in listed(arguments.only)}
        rows = [row for row in rows if row["id"] in chosen]
    tasks = []
    for row in rows:
        found = [path for end in ("opus", "flac", "wav") if (path := arguments.audio / f"{row['id']}.{end}").exists()]
        if found:
            tasks.append((row, found[0], config))
    arguments.out.mkdir(parents=True, exist_ok=True)
    clips, start = [], 0
    with (open(arguments.out / "audio.i16", "wb") as audio_file, open(arguments.out / "log_f0.f16", "wb") as f0_file,
          open(arguments.out / "voiced.u8", "wb") as voiced_file, ProcessPoolExecutor(arguments.jobs) as pool):
        for row, audio, log_f0, voiced in pool.map(prepare_clip, tasks, chunksize=16):
            audio_file.write(audio.tobytes())
            f0_file.write(log_f0.tobytes())
            voiced_file.write(voiced.tobytes())
            clips.append({key: row.get(key) or "" for key in ("id", "corpus", "speaker", "lang", "text")}
                         | {"start": start, "samples": len(audio)})
            start += len(audio)
    (arguments.out / "clips.json").write_text(json.dumps(clips, ensure_ascii=False))
    print(f"{len(clips)} of {len(rows)} clips, {start / config['sample_rate'] / 3600:.2f} h -> {arguments.out}")


if __name__ == "__main__":
    main()
