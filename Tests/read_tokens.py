#!/usr/bin/env python3
"""Reads a Sotto token file from Docs/token-format.md alone and prints its codes as CSV, a line a frame; of a file by the word a line a word,
which begins with the word, nothing for a pause, and the rows in which it begins and ends.

    read_tokens.py FILE.sotto
"""

import struct
import sys
import unicodedata
import zlib
from pathlib import Path

TABLE = Path(__file__).parent.parent / "Sources/CLetterTable/letters.table"


def fail(why):
    print(f"read_tokens: {why}", file=sys.stderr)
    sys.exit(65)


def unpack(data, count, bits):
    number = int.from_bytes(data, "little")
    return [number >> (i * bits) & ((1 << bits) - 1) for i in range(count)]


def split(codes, starts, codebooks, count):
    """The codes of `count` frames; with `starts`, the first code of a frame tells how many it has."""
    frames, at = [], 0
    for _ in range(count):
        size = 1 + sum(start <= codes[at] for start in starts) if starts is not None else codebooks
        frames.append(codes[at: at + size])
        at += size
    return frames


def levels(data):
    """Runs of frames: "number x length"."""
    runs, at = [], 0
    while at < len(data):
        level, length, shift = data[at], 0, 0
        while True:
            at += 1
            length |= (data[at] & 127) << shift
            shift += 7
            if data[at] < 128:
                break
        runs.append(f"{level} x {length}")
        at += 1
    return runs


def table():
    """Lists of letters.table: context -> byte -> share of 65536."""
    data = TABLE.read_bytes()
    shares = struct.unpack_from("<64H", data)
    contexts, lists, number = [b""], {b"": {}}, 0
    for at in range(128, len(data), 2):
        byte, fields = data[at: at + 2]
        context = contexts[number]
        lists[context][byte] = shares[fields & 63]
        if fields & 128:
            contexts.append(context + bytes([byte]))
            lists[contexts[-1]] = {}
        number += fields >> 6 & 1
    return lists


def predicted(lists, past):
    """What each byte takes after those before it."""
    shares, left = [0] * 256, 1 << 24
    for length in range(min(5, len(past)), -1, -1):
        after = lists.get(past[len(past) - length:])
        if after:
            for byte, share in after.items():
                shares[byte] += left * share >> 16
            left = left * (65536 - sum(after.values())) >> 16
    return [(share + (left >> 8) >> 8) + 1 for share in shares]


def by_letters(data, count):
    """The text of so many bytes that a range coder made `data` of."""
    lists, past, text, mask = table(), b"\n", bytearray(), (1 << 64) - 1
    low, length, at = 0, mask, 8
    number = int.from_bytes(data[:8].ljust(8, b"\0"), "big")
    shifted = locked = False
    while len(text) < count:
        shares = predicted(lists, past)
        length //= sum(shares)
        place = ((number - low) & mask) // length
        byte = 0
        while place >= shares[byte]:
            place -= shares[byte]
            byte += 1
        low, length = low + length * sum(shares[:byte]) & mask, length * shares[byte]
        while True:
            if low ^ (low + length & mask) >= 1 << 56:
                if length >= 1 << 48:
                    break
                length = -low & ((1 << 48) - 1)
            low, length = low << 8 & mask, length << 8 & mask
            number = number << 8 & mask | (data[at] if at < len(data) else 0)
            at += 1
        past = (past + bytes([byte]))[-5:]
        if byte == 0xFF:
            shifted = True
        elif byte == 0xFE:
            locked = not locked
        else:
            text.append(byte - 32 if 97 <= byte <= 122 and (shifted or locked) else byte)
            shifted = False
    return bytes(text)


def symbols(text):
    """The letters of a text, "*" for any other one, with single spaces between words."""
    spelt = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
    found = ""
    for character in unicodedata.normalize("NFKD", text.replace("\u2019", "'")).lower():
        for letter in spelt.get(character, character):
            kind = unicodedata.category(letter)[0]
            if letter == "'" or "a" <= letter <= "z":
                found += letter
            elif kind in "LN":
                found += "*"
            elif kind != "M" and found and found[-1] != " ":
                found += " "
    return found.rstrip(" ")


def words(said, counts):
    """[word, first row, row after the last] of each word and pause; a pause is an empty word."""
    rows, begun = [None] * (4 * len(counts)), 0
    for frame, count in enumerate(counts):
        for number in range(count):
            row = 4 * frame + (2 * number + 1) * 4 // (2 * count)
            rows[row:] = [begun if begun < len(said) else None] * (len(rows) - row)
            begun += 1
    runs = []
    for row, symbol in enumerate(rows):
        if runs and runs[-1][0] == symbol:
            runs[-1][2] = row + 1
        else:
            runs.append([symbol, row, row + 1])
    found, last = [], None
    for symbol, first, end in runs:
        if symbol is not None and said[symbol] != " ":
            key = said[:symbol].count(" ")
        elif symbol is not None and end - first < 8 and last not in (None, -1):
            key = last
        else:
            key = -1
        if key == last:
            found[-1][2] = end
        else:
            found.append(["" if key < 0 else said.split(" ")[key], first, end])
            last = key
    return found


def print_words(said, counts, codes, most):
    at = 0
    for word, first, end in words(said, counts):
        count = most if word else min(1, most)
        own = [str(codes[place]) if place in codes else "" for place in range(at, at + count)]
        print(",".join([word, str(first), str(end)] + own + [""] * (most - count)))
        at += count


def chunk_at(data, at):
    """(kind, first frame, payload, next offset), or None where there is no sound chunk."""
    if at + 14 > len(data) or data[at] != 0xC5:
        return None
    kind, length, frame, crc = struct.unpack_from("<cIII", data, at + 1)
    payload = data[at + 14: at + 14 + length]
    if len(payload) < length or zlib.crc32(data[at: at + 10] + payload) != crc:
        return None
    return kind, frame, payload, at + 14 + length


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    if data[:8] != b"Sotto\r\n\x1a":
        fail("not a token file")
    if len(data) < 40 or data[8] not in (1, 2) or zlib.crc32(data[:36]) != struct.unpack_from("<I", data, 36)[0]:
        fail("a header that is cut, damaged or of another version")
    codebooks, bits, flags = data[9], data[10], data[11]
    if flags & ~7:
        fail(f"features that this program doesn't know (flags {flags & ~7})")
    by_word, text, counts, codes = flags & 4, b"", [], {}
    if by_word and (data[8] != 1 or bits != 8 or flags & 1):
        fail("words as no writer has them")
    frames, at, ended, starts = [], 40, False, None
    if data[8] == 2:
        starts = struct.unpack_from(f"<{codebooks - 1}H", data, at)
        at += 2 * len(starts) + 4
        if zlib.crc32(data[40: at - 4]) != struct.unpack_from("<I", data, at - 4)[0]:
            fail("a damaged header")
    while at < len(data):
        chunk = chunk_at(data, at)
        if chunk is None:
            at += 1
            continue
        kind, first, payload, at = chunk
        if kind == b"V" and by_word and len(payload) == 7:
            print("voice:", *unpack(payload[:6], 16, 3), "level:", payload[6], file=sys.stderr)
        elif kind == b"W" and by_word:
            codes |= {first + place: code for place, code in enumerate(payload)}
        elif kind == b"F" and not by_word:
            frames += [None] * (first - len(frames))
            frames += split(unpack(payload[1:], (len(payload) - 1) * 8 // bits, bits), starts, codebooks, payload[0])
        elif kind == b"L" and flags & 1:
            print(f"levels from frame {first}:", *levels(payload), file=sys.stderr)
        elif kind == b"T":
            end, size = struct.unpack_from("<II", payload)
            text_frames = end - first
            if flags & 2 and size >> 31:
                text = by_letters(payload[8:], size & 0x7FFFFFFF)
            else:
                text = zlib.decompress(payload[8:]) if size else payload[8:]
            print(f"text: {text.decode()}", file=sys.stderr)
        elif kind == b"P":
            unary = "".join(f"{byte:08b}"[::-1] for byte in payload)
            counts = [len(ones) for ones in unary.split("0")[:text_frames]]
            print("pace:", *counts, file=sys.stderr)
        elif kind == b"E" and by_word:
            ended = True
        elif kind == b"E":
            frames += [None] * (first - len(frames))
            ended = True
    if not ended:
        print("read_tokens: the file is cut off", file=sys.stderr)
    if by_word:
        print_words(symbols(text.decode()), counts, codes, codebooks)
    for own in frames:
        own = own or []
        print(",".join(list(map(str, own)) + [""] * (codebooks - len(own))))


if __name__ == "__main__":
    main()
