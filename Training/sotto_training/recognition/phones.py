"""When phones are said, by PocketSphinx's aligner: labels that an ear (hearing.py) can learn better than letters, which tell
only roughly how English sounds. It tells 72 % of the phones of a recording right, and 56 % of the letters.

    python -m sotto_training.recognition.phones --data data --codes runs/listener/codes.pt --out runs/listener/phones.pt

The file takes the place of the letters'. Words are found first, then the phones of a few of them at a time, since the aligner
fails on many whole sentences. Of other languages, and of clips with words that its dictionary lacks, nothing is known.
"""

import argparse
import re
from pathlib import Path

import numpy as np
import torch
from pocketsphinx import Decoder

from ..data.clips import Clips
from .hearing import held_out
from .listener import UNKNOWN

PHONES = ("SIL AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH").split()
# The aligner's frames, of 10 ms: samples in one, and how many are looked through for phones together.
FRAME, TOGETHER = 160, 250


def run(aligner: Decoder, audio: np.ndarray):
    aligner.start_utt()
    aligner.process_raw(audio.tobytes(), full_utt=True)
    aligner.end_utt()


def word_groups(aligner: Decoder, audio: np.ndarray, words: list[str]):
    """-> (words, first frame, frame after the last) of parts of the audio that begin and end with a word."""
    aligner.set_align_text(" ".join(words))
    run(aligner, audio)
    groups = []
    for segment in aligner.seg() or ():
        word, first, end = segment.word.split("(")[0], segment.start_frame, segment.end_frame + 1
        if not groups or end - groups[-1][1] > TOGETHER:
            groups.append(([], first, end))
        found, first, _ = groups.pop()
        groups.append((found + [word] * (word[0] not in "<["), first, end))
    return groups


def phones_of(aligner: Decoder, audio: np.ndarray, text: str) -> np.ndarray:
    """audio [samples] in 16 bits -> the number of the phone of each frame of 10 ms [samples / 160], or UNKNOWN."""
    result = np.full(len(audio) // FRAME, UNKNOWN, np.uint8)
    words = re.sub(r"[^a-z' ]", " ", text.lower()).split()
    if not words or not all(aligner.lookup_word(word) for word in words):
        return result
    try:
        groups = word_groups(aligner, audio, words)
    except RuntimeError:
        return result
    for found, first, end in groups:
        if not found:
            result[first:end] = PHONES.index("SIL")
            continue
        part = audio[first * FRAME: end * FRAME]
        try:
            aligner.set_align_text(" ".join(found))
            run(aligner, part)
            aligner.set_alignment()
            run(aligner, part)
            segments = [phone for word in aligner.get_alignment() for phone in word]
        except RuntimeError:
            continue
        for phone in segments:
            if phone.name in PHONES:
                result[first + phone.start: first + phone.start + phone.duration] = PHONES.index(phone.name)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--codes", required=True, type=Path, help="from sotto_training.recognition.listener cache")
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    data = torch.load(arguments.codes, weights_only=False)
    config = data["config"]
    step = config["decoder"]["upsample"] // config["text"]["rate"]
    aligner = Decoder(lm=None, samprate=config["sample_rate"], loglevel="FATAL")
    result = {"symbols": len(PHONES)}
    for part in ("train", "valid"):
        clips = Clips(arguments.data / part, config)
        result[part] = []
        for index in data["clips"] if part == "train" else held_out(clips, data):
            clip = clips.clips[index]
            audio = clips.audio[clip["start"]: clip["start"] + clip["samples"]]
            text = clip["text"] if clip["lang"] == "en" else ""
            result[part].append(phones_of(aligner, audio, text)[step // 2:: step])
        known = sum(int((row != UNKNOWN).sum()) for row in result[part])
        print(f"{part}: {known * step * FRAME / config['sample_rate'] / 3600:.2f} h of phones", flush=True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(result, arguments.out)


if __name__ == "__main__":
    main()
