# SPDX-License-Identifier: Apache-2.0
"""A corpus of speech to Parquet files of codes, on Ray Data.

    python ray_corpus.py MANIFEST OUT --actors 2

It needs `sotto-codec[corpus]` and `ray[data]`, and the recordings in the same places on all machines.
"""

import argparse

import ray
import sotto_codec
import soundfile
from sotto_codec import corpus


class Tokenizer:
    """An actor: it loads the model once. What can't be read gets no codes, and the reason why."""

    def __init__(self, model: str, codes: int | None):
        self.model, self.codes = sotto_codec.load(model), codes
        self.tells_levels = self.model.num_levels > 0

    def __call__(self, row: dict) -> dict:
        made = {"id": row["id"], "model": self.model.id, "error": ""}
        made |= {"codes": [], "levels": [], "frames": 0, "codebooks": 0, "seconds": 0.0}
        try:
            samples, rate = soundfile.read(row["audio"], dtype="float32", always_2d=True)
            coded = self.model.encode(samples, rate, self.codes, channel_axis=1, levels=self.tells_levels)
        except (sotto_codec.SottoError, soundfile.SoundFileError, OSError) as error:
            return made | {"error": str(error)}
        codes, levels = coded if self.tells_levels else (coded, None)
        made |= {"codes": codes.ravel().tolist(), "levels": [] if levels is None else levels.tolist()}
        return made | {"frames": codes.shape[0], "codebooks": codes.shape[1], "seconds": len(samples) / rate}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("manifest", help="what sotto_codec.corpus takes, but for tars")
    parser.add_argument("out", help="a folder that is not there yet")
    parser.add_argument("--model", default="sotto-16k")
    parser.add_argument("--codes", type=int)
    parser.add_argument("--actors", type=int, default=2)
    given = parser.parse_args()
    recordings = ray.data.from_items([{"id": item.id, "audio": item.audio} for item in corpus.items(given.manifest)])
    # With a whole processor for each, as many actors as processors leave none for those that read and write, and nothing moves.
    coded = recordings.map(
        Tokenizer, fn_constructor_args=[given.model, given.codes], num_cpus=0.5,
        compute=ray.data.ActorPoolStrategy(size=given.actors),
    )  # fmt: skip
    coded.write_parquet(given.out)


if __name__ == "__main__":
    main()
