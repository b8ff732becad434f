# SPDX-License-Identifier: Apache-2.0
"""A corpus on Apache Spark. It needs `sotto-codec[spark]` where the driver is and on every worker.

    python -m sotto_codec.spark MANIFEST OUT --master spark://HOST:7077
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from functools import partial
from itertools import islice

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from .corpus.__main__ import arguments
from .corpus.manifest import Item
from .corpus.plan import Plan
from .corpus.rows import Making, row
from .corpus.run import Outcome, conclude, rows_and_errors
from .corpus.shards import write_shard
from .errors import SottoError, UsageError

__all__ = ["tokenize", "tokenize_manifest"]


def tokenize(
    df: DataFrame, model="sotto-16k", codes: int | None = None, *, by_frame: bool = False, alignment: bool = False
) -> DataFrame:
    """A table of recordings to a table of codes: the columns of a shard, codes as int, and `error`, which says why there are none.

    Args:
        df: with `audio` or `path`, files that the workers can open, or with `path` and `content` as `binaryFile` reads them; and,
            if known, `id`, `text` and `speaker`.
        model: a name that `sotto_codec.load` takes on the workers too; each process there loads it once.
        codes: how many codes the frames get; None for one of every codebook.
        by_frame: `codes` is a list for each frame.
        alignment: adds `words` and `match`.
    """
    making = Making.checked(model, codes, by_frame, alignment)
    if not {"audio", "path"} & set(df.columns):
        raise UsageError("the table has neither a column 'audio' nor 'path'")
    known = [name for name in ("id", "audio", "path", "content", "text", "speaker") if name in df.columns]
    return df.select(*known).mapInArrow(partial(_batches, making=making), from_arrow_schema(_schema(making)))


def tokenize_manifest(
    spark: SparkSession, manifest, out, model="sotto-16k", codes: int | None = None, *, by_frame: bool = False,
    alignment: bool = False, shard_size: int = 1000,
) -> Outcome:  # fmt: skip
    """What `corpus.tokenize` makes, by a cluster's workers. They see the manifest's recordings and OUT by the same paths.

    Workers write the shards, so that a job that was killed goes on where it ended. Arguments are those of `corpus.tokenize`.
    """
    plan = Plan.make(manifest, out, Making.checked(model, codes, by_frame, alignment), shard_size)
    context, left = spark.sparkContext, plan.left()
    # The driver holds the names of so many recordings at a time.
    while shards := list(islice(left, 8 * context.defaultParallelism)):
        context.parallelize(shards, len(shards)).foreach(partial(_write, plan=plan))
    return conclude(plan)


def _write(shard: tuple[int, list[Item]], plan: Plan) -> None:
    number, items = shard
    write_shard(plan.out, number, plan.making, *rows_and_errors(items, plan.making))


def _batches(batches: Iterator[pa.RecordBatch], making: Making) -> Iterator[pa.RecordBatch]:
    schema = _schema(making)
    for batch in batches:
        # A few rows at a time: those of `binaryFile` are whole recordings.
        for start in range(0, batch.num_rows, 8):
            made = [_row(known, making) for known in batch.slice(start, 8).to_pylist()]
            yield from pa.Table.from_pylist(made, schema=schema).to_batches()


def _schema(making: Making) -> pa.Schema:
    """Spark has no numbers without a sign: codes and levels are int32 there."""
    flat = pa.list_(pa.int32())
    signed = {"codes": pa.list_(flat) if making.by_frame else flat, "levels": flat}
    fields = [field.with_type(signed.get(field.name, field.type)) for field in making.schema]
    return pa.schema([*fields, pa.field("error", pa.string())])


def _row(known: dict, making: Making) -> dict:
    path = known.get("audio") or known.get("path") or ""
    item = Item(known.get("id") or path, path.removeprefix("file:"), text=known.get("text"), speaker=known.get("speaker"))
    made, reason = row(item, making, known.get("content"))
    if made is None:
        return {"id": item.id, "text": item.text, "speaker": item.speaker, "error": reason}
    return made


def main() -> int:
    parser: argparse.ArgumentParser = arguments("python -m sotto_codec.spark")
    parser.add_argument("--master", default="local[*]", help="spark://HOST:PORT, or local[N] for this machine (local[*])")
    parser.add_argument("--conf", action="append", default=[], metavar="NAME=VALUE", help="a setting, as spark-submit takes it")
    given = parser.parse_args()
    settings = dict(setting.partition("=")[::2] for setting in given.conf)
    spark = SparkSession.builder.master(given.master).appName("sotto").config(map=settings).getOrCreate()
    try:
        made = tokenize_manifest(
            spark, given.manifest, given.out, given.model, given.codes, by_frame=given.by_frame,
            alignment=given.with_alignment, shard_size=given.shard_size,
        )  # fmt: skip
    except (SottoError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        spark.stop()
    print(f"{made.recordings} recordings, {made.seconds / 3600:.2f} hours; {made.failed} failed, see errors.parquet")
    return 0


if __name__ == "__main__":
    sys.exit(main())
