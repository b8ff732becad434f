"""When the phones of recordings are said, by PocketSphinx's aligner, for `sotto bench --probe --join`.

    pip install -e '.[phones]'
    python -m sotto_training.release.phone_times bench-report/pairs.tsv --out phones.json

Reads what `sotto bench --keep` lists, each recording once. Of clips without a text, in other languages than English, and with words
that the aligner's dictionary lacks, nothing is known. Silence is no phone.
"""

import argparse
import csv
import json
from itertools import groupby
from pathlib import Path

import numpy as np
import soundfile
from pocketsphinx import Decoder

from ..recognition.listener import UNKNOWN
from ..recognition.phones import FRAME, PHONES, phones_of

RATE = 16000


def timed(numbers: np.ndarray) -> list[dict]:
    """The number of the phone of each frame -> phones and when they are said, in seconds."""
    found, at = [], 0
    for number, frames in groupby(numbers.tolist()):
        first, at = at, at + len(list(frames))
        if number not in (UNKNOWN, PHONES.index("SIL")):
            found.append({"phone": PHONES[number], "start": round(first * FRAME / RATE, 2), "end": round(at * FRAME / RATE, 2)})
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    with open(arguments.pairs, encoding="utf-8", newline="") as file:
        texts = {row["ref"]: row["text"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    aligner = Decoder(lm=None, samprate=RATE, loglevel="FATAL")
    known = {}
    for ref, text in texts.items():
        audio, rate = soundfile.read(arguments.pairs.parent / ref, dtype="int16")
        if rate != RATE:
            raise SystemExit(f"{ref} has {rate} Hz; `sotto bench --keep` leaves recordings at {RATE}")
        if phones := timed(phones_of(aligner, audio, text)):
            known[Path(ref).stem] = phones
    arguments.out.write_text(json.dumps({"phones": known}) + "\n")
    print(f"phones of {len(known)} of {len(texts)} recordings -> {arguments.out}")


if __name__ == "__main__":
    main()
