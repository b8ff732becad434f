# SPDX-License-Identifier: Apache-2.0
"""python -m sotto_codec.corpus MANIFEST OUT"""

import argparse
import sys

from ..errors import SottoError
from .run import tokenize


def arguments(program: str) -> argparse.ArgumentParser:
    """What every engine's command takes."""
    parser = argparse.ArgumentParser(program, description="Speech to Parquet files of codes; started again, it goes on.")
    parser.add_argument("manifest", metavar="MANIFEST", help="a folder, a .tsv, a .jsonl or a .tar")
    parser.add_argument("out", metavar="OUT", help="the folder for shards and errors.parquet")
    parser.add_argument("--model", default="sotto-16k", help="a name, a file of weights or a folder with one")
    parser.add_argument("--codes", type=int, help="codes of a frame; one of every codebook without it")
    parser.add_argument("--by-frame", action="store_true", help="a list of codes for each frame, not one of all")
    parser.add_argument("--with-alignment", action="store_true", help="adds when each word is said")
    parser.add_argument("--shard-size", type=int, default=1000, metavar="N", help="recordings of a shard (1000)")
    return parser


def main() -> int:
    parser = arguments("python -m sotto_codec.corpus")
    parser.add_argument("--workers", type=int, help="processes; without it as many as there are processors")
    given = parser.parse_args()
    try:
        made = tokenize(
            given.manifest, given.out, given.model, given.codes, given.workers, by_frame=given.by_frame,
            alignment=given.with_alignment, shard_size=given.shard_size, progress=True,
        )  # fmt: skip
    except (SottoError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; started again, it goes on", file=sys.stderr)
        return 130
    print(f"{made.recordings} recordings, {made.seconds / 3600:.2f} hours; {made.failed} failed, see errors.parquet")
    return 0


if __name__ == "__main__":
    sys.exit(main())
