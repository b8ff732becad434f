"""What a transcript is worth: clips through the product with the right transcript, half of it, another clip's, and none, as (reference, decoded) pairs for a judge.

    python -m sotto_training.release.transcripts --clips work/clips.tsv --codes 2 1 --out pairs

The clips are those of a TSV as `sotto bench` takes it, with columns `path` and `text`; the figures of codes and of other codecs are `sotto bench`'s. Writes
OUT/pairs.tsv with the columns ref, deg, text, system, speaker, kbps; kbps counts the bits of the codes, of the speaker's levels, and of a transcript with its timing.
"""

import argparse
import csv
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True).stdout


def decoded(binary: Path, audio: Path, out: Path, codes: list[int], average: bool, texts: dict[str, str]):
    """Yields (system, decoded file, kbit/s) for each number of codes a frame, or so many on average, without a transcript and with
    each of `texts`, which is named after. The one named "followed" is given to the decoder alone, which then has no timing."""
    tokens = out / f"{audio.stem}.sotto"
    for n in codes:
        for name, text in {"": None, **texts}.items():
            words = [] if text is None else ["--text", text]
            followed = name == "followed"
            run(binary, "encode", "--force", "--codes", n, *(["--average"] if average else []), audio, "-o", tokens,
                *([] if followed else words))
            told = json.loads(run(binary, "inspect", "--json", tokens))
            system = f"sotto-{n}" + ("-average" if average else "") + (f"-{name}" if name else "")
            file = out / f"{audio.stem}.{system}.wav"
            run(binary, "decode", "--force", tokens, "-o", file, *(words if followed else []))
            bits = told["frames"] * told["codes_per_frame"] * told["bits_per_code"] + 8 * told["text_bytes"]
            levels = told.get("levels", {}).get("bits_per_second", 0)
            yield system, file, (bits / told["seconds"] + levels) / 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sotto", type=Path, default=Path("../.build/release/sotto"))
    parser.add_argument("--clips", required=True, type=Path)
    parser.add_argument("--codes", type=int, nargs="+", default=[8, 4, 2, 1])
    parser.add_argument("--average", action="store_true", help="so many codes a frame on average")
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with open(arguments.clips, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    others = [other["text"] for other in rows[len(rows) // 2:] + rows[: len(rows) // 2]]

    def work(row, other):
        audio, words = arguments.clips.parent / row["path"], row["text"].split()
        texts = {"right": row["text"], "followed": row["text"], "partial": " ".join(words[: len(words) // 2]), "wrong": other}
        return [(audio.resolve(), file.resolve(), row["text"], system, row.get("speaker") or "", f"{kbps:.4f}")
                for system, file, kbps in decoded(arguments.sotto, audio, arguments.out, arguments.codes, arguments.average, texts)]

    with ThreadPoolExecutor(2) as pool, open(arguments.out / "pairs.tsv", "w", encoding="utf-8") as out:
        out.write("ref\tdeg\ttext\tsystem\tspeaker\tkbps\n")
        for lines in pool.map(work, rows, others):
            out.writelines("\t".join(map(str, line)) + "\n" for line in lines)


if __name__ == "__main__":
    main()
