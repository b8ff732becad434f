"""How likely each byte of a transcript is after up to five before it: the table by which token files compress texts.

    python -m sotto_training.data.letter_table --list train.tsv --without heldout.tsv --out ../Sources/CLetterTable/letters.table

Shares are those of an n-gram model with absolute discounting: of the bytes counted after a context, each count less a discount; what is left is
shared out as after the context without its first byte. Entries that save the fewest bits over the shorter context are left out, from the
leaves on. How the table lies in its file and is used: Docs/token-format.md. It is part of the format: another table would be another format.
"""

import argparse
import csv
import math
from collections import defaultdict
from pathlib import Path

ORDER = 5
DISCOUNTS = (0.5, 0.8, 0.9, 0.95, 0.95, 0.95)
WHOLE = 1 << 16
# Shares that an entry can have, evenly spaced as logarithms, and the most that those of a list add up to.
SHARES = [round(2 ** (3 + 12.98 * step / 63)) for step in range(64)]
MOST = 65000
SHIFT, LOCK = 0xFF, 0xFE


def capital(byte: int) -> bool:
    return 65 <= byte <= 90


def small(byte: int) -> bool:
    return 97 <= byte <= 122


def marked(text: bytes) -> bytes:
    """Small letters in place of capitals, with marks that say so."""
    out, locked = bytearray(), False
    for place, byte in enumerate(text):
        if capital(byte):
            if not locked:
                following = [b for b in text[place + 1: place + 12] if capital(b) or small(b)][:3]
                locked = bool(following) and all(map(capital, following))
                out.append(LOCK if locked else SHIFT)
            byte += 32
        elif locked and small(byte):
            locked = False
            out.append(LOCK)
        out.append(byte)
    return bytes(out)


def transcripts(path: Path, without: set[str]) -> list[bytes]:
    """Marked texts. Of those that are all capitals three in four are taken as small letters, in which they are written elsewhere."""
    texts, shouted = [], 0
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            text = row.get("text") or ""
            if not text or row["speaker"] in without:
                continue
            if text.upper() == text != text.lower():
                shouted += 1
                if shouted % 4:
                    text = text.lower()
            texts.append(marked(text.encode()))
    return texts


def counted(texts: list[bytes]) -> dict[bytes, dict[int, int]]:
    """How often each byte follows each context of up to `ORDER` bytes; a text begins after a line feed."""
    counts = defaultdict(lambda: defaultdict(int))
    for text in texts:
        text = b"\n" + text
        for place in range(1, len(text)):
            for order in range(min(ORDER, place) + 1):
                counts[text[place - order: place]][text[place]] += 1
    return counts


def chosen(counts, entries: int) -> dict[bytes, dict[int, float]]:
    """The lists of the entries that save most: context -> byte -> share."""
    totals = {context: sum(after.values()) for context, after in counts.items()}

    def left(context: bytes) -> float:
        return DISCOUNTS[len(context)] * len(counts[context]) / totals[context]

    likely = {}
    for context in sorted(counts, key=lambda context: (len(context), context)):
        for byte in counts[context]:
            below = likely[context[1:] + bytes([byte])] if context else 1 / 256
            own = max(counts[context][byte] - DISCOUNTS[len(context)], 0) / totals[context]
            likely[context + bytes([byte])] = own + left(context) * below
    saved = {}
    for context, after in counts.items():
        for byte, count in after.items():
            if context and count > 1:
                below = likely[context[1:] + bytes([byte])]
                without = left(context) + (count - DISCOUNTS[len(context)]) / totals[context]
                saved[context + bytes([byte])] = count * math.log2(likely[context + bytes([byte])] / (without * below))
    # An entry is worth what the best of those that hang on it is worth.
    for entry in sorted(saved, key=len, reverse=True):
        if len(entry) > 2:
            saved[entry[:-1]] = max(saved.get(entry[:-1], 0), saved[entry])
    kept = sorted((entry for entry in saved if saved[entry] > 0), key=lambda entry: (-saved[entry], entry))
    lists = defaultdict(dict)
    for entry in [bytes([byte]) for byte in counts[b""]] + kept[:entries]:
        context, byte = entry[:-1], entry[-1]
        lists[context][byte] = max(counts[context][byte] - DISCOUNTS[len(context)], 0.05) / totals[context]
    # What is too rare for a share of its own has that of a byte that never was.
    lists[b""] = {byte: share for byte, share in lists[b""].items() if share * WHOLE > SHARES[0] / 2}
    return lists


def stepped(shares: dict[int, float]) -> dict[int, int]:
    """The nearest of `SHARES`, as numbers of them, that leave something to the other bytes."""
    steps = {byte: min(range(64), key=lambda step: abs(math.log(SHARES[step] / WHOLE / share))) for byte, share in shares.items()}
    while sum(SHARES[step] for step in steps.values()) > MOST:
        most = max(steps, key=lambda byte: (steps[byte], byte))
        steps[most] -= 1
    return steps


def packed(lists: dict[bytes, dict[int, float]]) -> bytes:
    """The file: the 64 shares in 2 bytes each, then lists, breadth first."""
    out, queue = bytearray(b"".join(share.to_bytes(2, "little") for share in SHARES)), [b""]
    for context in queue:
        steps = stepped(lists[context])
        last = max(steps)
        for byte in sorted(steps):
            longer = context + bytes([byte])
            has_list = longer in lists
            if has_list:
                queue.append(longer)
            out += bytes([byte, steps[byte] | (0x40 if byte == last else 0) | (0x80 if has_list else 0)])
    return bytes(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", type=Path, required=True, help="the training clips: a TSV with the columns speaker and text")
    parser.add_argument("--without", type=Path, help="a TSV of speakers to leave out")
    parser.add_argument("--entries", type=int, default=70000, help="of 2 bytes each (70000)")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    without = set()
    if options.without:
        with open(options.without, encoding="utf-8", newline="") as file:
            without = {row["speaker"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    texts = transcripts(options.list, without)
    table = packed(chosen(counted(texts), options.entries))
    options.out.write_bytes(table)
    print(f"{len(texts)} texts, {sum(map(len, texts))} bytes -> a table of {len(table)} bytes")


if __name__ == "__main__":
    main()
