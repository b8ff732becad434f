"""Clips decoded by several decoders from the same codes, as (reference, decoded) pairs for a judge: what to decide by whether a
run's weights are better than those that ship. Nothing has to be exported or built for it.

    python -m sotto_training.release.compare --data data/valid --corpus librispeech --every 3 \\
        --decoders shipped=../Models/sotto-16k.safetensors mine=runs/mine --codes 8 4 2 1 --average 4 2 --out pairs

Encodes with the first of the decoders' models, or with --model, such as that of 6.25 frames a second: the others have to be of
the same encoder and codebooks. Writes OUT/pairs.tsv with the columns ref, deg, text, system, speaker; systems are NAME-CODES,
with "-average" where a frame has so many codes on average, "-text" where the transcript and its pace are given, and "-wrongPERCENT" where so
many of the codes are random ones.
"""

import argparse
from itertools import product
from pathlib import Path

import numpy as np
import soundfile
import torch

from ..data.clips import Clips
from ..data.codes import with_wrong
from ..model.codec import Codec
from ..model.offline import decode, encode
from ..model.text import pace, symbols
from ..model.weights import loaded, trained
from ..recognition.letters import letters_of


def with_decoder(codec: Codec, path: Path, noise: float) -> Codec:
    """The decoder of a run or of an exported model behind this encoder and these codebooks, with its noise so many dB louder."""
    result, state = Codec(codec.config).eval(), trained(path)["average"]
    result.load_state_dict(codec.state_dict())
    result.load_state_dict({name: x for name, x in state.items() if name.startswith("decoder.")}, strict=False)
    with torch.no_grad():
        result.decoder.filters.bias[2 * codec.decoder.bins:] += noise * np.log(10) / 20
    return result


@torch.no_grad()
def pace_of(codec: Codec, latents, text: str):
    """How many of a transcript's symbols begin in each token frame, by the listener."""
    stack, symbol_list = codec.quantizer.stack, symbols(text)
    codes = codec.quantizer.encode(latents[None], len(codec.quantizer.codebooks))
    begins = letters_of(codec.decoder.listener, codec.quantizer.decode(codes)[0], symbol_list)[1]
    return pace(begins, codes.shape[1], codec.decoder.text["rate"] * stack)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="a folder from sotto_training.data.prepare")
    parser.add_argument("--corpus", help="only clips of this corpus")
    parser.add_argument("--every", type=int, default=1, help="only each so manieth clip")
    parser.add_argument("--decoders", required=True, nargs="+", metavar="NAME=PATH[@dB]", help="runs or exported models")
    parser.add_argument("--model", type=Path, help="the model whose encoder and codebooks to use")
    parser.add_argument("--codes", type=int, nargs="*", default=[8, 4, 2, 1])
    parser.add_argument("--average", type=int, nargs="*", default=[], help="numbers of codes a frame on average")
    parser.add_argument("--texts", type=int, nargs="*", default=[], help="numbers of codes to decode with transcripts too")
    parser.add_argument("--wrong", type=float, nargs="*", default=[], help="percents of wrong codes to decode with too")
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    named = {}
    for word in arguments.decoders:
        name, _, path = word.partition("=")
        path, _, noise = path.partition("@")
        named[name] = Path(path), float(noise or 0)
    codec = loaded(arguments.model or next(iter(named.values()))[0])
    decoders = {name: with_decoder(codec, *where) for name, where in named.items()}
    clips = Clips(arguments.data, codec.config)
    chosen = [clip for clip in clips.clips if arguments.corpus in (None, clip["corpus"])][:: arguments.every]
    lines = []
    for clip in chosen:
        pcm = clips.audio[clip["start"]: clip["start"] + clip["samples"]]
        reference = arguments.out / f"{clip['id']}.flac"
        soundfile.write(reference, pcm, codec.config["sample_rate"])
        stages = encode(codec, pcm.astype(np.float32) / np.float32(32768))
        latents, volume = stages["latents"], stages.get("volume")
        kinds = [(f"{n}", n, False, None) for n in arguments.codes] + [(f"{n}-average", n, True, None) for n in arguments.average]
        if clip["text"]:
            kinds += [(f"{n}-text", n, False, clip["text"]) for n in arguments.texts]
        counts = pace_of(codec, latents, clip["text"]) if clip["text"] and arguments.texts else None
        for kind, n, variable, text in kinds:
            codes, size = codec.quantizer.encode(latents[None], n, variable=variable)[0], codec.quantizer.codebooks.shape[1]
            versions = {"": codes} | {f"-wrong{percent:g}": with_wrong(codes, percent / 100, size) for percent in arguments.wrong}
            for (ending, version), (name, decoder) in product(versions.items(), decoders.items()):
                decoded = arguments.out / f"{clip['id']}.{name}-{kind}{ending}.wav"
                audio = decode(decoder, version, len(pcm), text, counts if text else None, volume)
                soundfile.write(decoded, np.clip(audio, -1, 1), codec.config["sample_rate"])
                lines.append((reference.name, decoded.name, clip["text"], f"{name}-{kind}{ending}", clip["speaker"]))
    with open(arguments.out / "pairs.tsv", "w", encoding="utf-8") as file:
        file.write("ref\tdeg\ttext\tsystem\tspeaker\n")
        file.writelines("\t".join(line) + "\n" for line in lines)
    print(f"{len(chosen)} clips, {len(lines)} pairs -> {arguments.out / 'pairs.tsv'}")


if __name__ == "__main__":
    main()
