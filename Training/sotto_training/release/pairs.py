"""Runs the product, and the codecs beside it, over clips and lists (reference, decoded) pairs for a judge.

    python -m sotto_training.pairs --audio FOLDER --tsv valid.tsv --corpus librispeech --out pairs --peers

Writes OUT/pairs.tsv with the columns ref, deg, text, system, speaker, kbps; kbps counts the bits of the codes that were
written and of the speaker's levels, for the peers those of their packets. The peers are Codec2's and Opus's own tools (Debian: codec2, opus-tools).
"""

import argparse
import csv
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import soundfile
import soxr


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, **options).stdout


def sotto(binary: Path, audio: Path, out: Path, codebooks: list[int], vbr: bool, texts: dict[str, str]):
    """Yields (system, decoded file, kbit/s) for each number of codebooks, or so many in the mean, without a text and with each
    of `texts`, which is named after; a text counts with the bytes that it and its pace take in a token file. The one named
    "followed" is given to the decoder alone, which then has no pace."""
    tokens = out / f"{audio.stem}.sotto"
    for n in codebooks:
        for name, text in {"": None, **texts}.items():
            words = [] if text is None else ["--text", text]
            followed = name == "followed"
            run(binary, "encode", "--force", "--codes", n, *(["--average"] if vbr else []), audio, "-o", tokens,
                *([] if followed else words))
            told = json.loads(run(binary, "inspect", "--json", tokens))
            system = f"sotto-{n}" + ("-vbr" if vbr else "") + (f"-{name}" if name else "")
            decoded = out / f"{audio.stem}.{system}.wav"
            run(binary, "decode", "--force", tokens, "-o", decoded, *(words if followed else []))
            bits = told["frames"] * told["codes_per_frame"] * told["bits_per_code"] + 8 * told["text_bytes"]
            levels = told.get("levels", {}).get("bits_per_second", 0)
            yield system, decoded, (bits / told["seconds"] + levels) / 1000


def codec2(audio: Path, out: Path, mode: str):
    samples, rate = soundfile.read(audio, dtype="float32")
    narrow = soxr.resample(samples, rate, 8000)
    raw = (np.clip(narrow, -1, 32767 / 32768) * 32768).astype("<i2").tobytes()
    bits = run("c2enc", mode, "-", "-", input=raw)
    back = np.frombuffer(run("c2dec", mode, "-", "-", input=bits), "<i2") / 32768
    decoded = out / f"{audio.stem}.codec2-{mode}.wav"
    soundfile.write(decoded, soxr.resample(back, 8000, rate)[: len(samples)], rate)
    return f"codec2-{mode}", decoded, len(bits) * 8 / (len(samples) / rate) / 1000


def opus(audio: Path, out: Path, kbps: int):
    wav, coded, decoded = (out / f"{audio.stem}.opus-{kbps}-cbr.{end}" for end in ("in.wav", "opus", "wav"))
    samples, rate = soundfile.read(audio, dtype="float32")
    soundfile.write(wav, samples, rate)
    run("opusenc", "--quiet", "--bitrate", kbps, "--hard-cbr", "--framesize", 20, wav, coded)
    run("opusdec", "--quiet", "--rate", rate, coded, decoded)
    wav.unlink()
    return f"opus-{kbps}-cbr", decoded, float(kbps)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sotto", type=Path, default=Path("../.build/release/sotto"))
    parser.add_argument("--audio", required=True, type=Path)
    parser.add_argument("--tsv", required=True)
    parser.add_argument("--corpus", help="only clips of this corpus")
    parser.add_argument("--codebooks", type=int, nargs="+", default=[8, 4, 2, 1])
    parser.add_argument("--vbr", action="store_true", help="so many codebooks in the mean")
    parser.add_argument("--texts", action="store_true",
                        help="with the right text, half of it, another clip's, and the right one without its pace")
    parser.add_argument("--peers", action="store_true", help="Codec2 and Opus too")
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with open(arguments.tsv, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
                if arguments.corpus in (None, row["corpus"])]

    others = {row["id"]: other["text"] for row, other in zip(rows, rows[len(rows) // 2:] + rows[: len(rows) // 2])}

    def work(row):
        audio = arguments.audio / f"{row['id']}.flac"
        words = row["text"].split()
        texts = {"right": row["text"], "followed": row["text"], "partial": " ".join(words[: len(words) // 2]),
                 "wrong": others[row["id"]]}
        results = list(sotto(arguments.sotto, audio, arguments.out, arguments.codebooks, arguments.vbr,
                             texts if arguments.texts else {}))
        if arguments.peers:
            results += [codec2(audio, arguments.out, mode) for mode in ("3200", "1200", "700C")]
            results += [opus(audio, arguments.out, 6)]
        return [(audio.resolve(), decoded.resolve(), row["text"], system, row["speaker"], f"{kbps:.4f}")
                for system, decoded, kbps in results]

    with ThreadPoolExecutor(2) as pool, open(arguments.out / "pairs.tsv", "w", encoding="utf-8") as out:
        out.write("ref\tdeg\ttext\tsystem\tspeaker\tkbps\n")
        for lines in pool.map(work, rows):
            out.writelines("\t".join(map(str, line)) + "\n" for line in lines)


if __name__ == "__main__":
    main()
