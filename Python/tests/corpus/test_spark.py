# SPDX-License-Identifier: Apache-2.0
"""Spark on this machine gives what the plain core gives."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

from corpora import MODEL, clips, failed, held, shard_bytes
from pyspark.sql import SparkSession
from sotto_codec import corpus
from sotto_codec import spark as on_spark

os.environ["PYSPARK_PYTHON"] = sys.executable


class SparkTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        settings = {"spark.ui.enabled": "false", "spark.driver.host": "localhost", "spark.driver.bindAddress": "127.0.0.1"}
        cls.spark = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
        cls.addClassCleanup(cls.spark.stop)
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.folder = Path(holder.name)
        cls.source = clips(cls.folder / "in", 20)
        (cls.source / "00003.wav").write_bytes(b"RIFF")
        corpus.tokenize(cls.source, cls.folder / "plain", MODEL, workers=1, shard_size=4)

    def test_table_of_paths(self):
        rows = [(item.id, item.audio, item.text) for item in corpus.items(self.source)]
        table = self.spark.createDataFrame(rows, "id string, path string, text string").repartition(3)
        self.equal(on_spark.tokenize(table, MODEL))

    def test_binary_files(self):
        table = self.spark.read.format("binaryFile").option("pathGlobFilter", "*.{wav,flac}").load(str(self.source))
        self.equal(on_spark.tokenize(table, MODEL), text=False)

    def equal(self, table, text=True):
        made = {Path(row["id"]).name: row.asDict() for row in table.collect()}
        reasons = {name: row["error"] for name, row in made.items() if row["error"]}
        self.assertEqual(reasons.keys(), failed(self.folder / "plain").keys())
        plain = {row["id"]: row for row in held(self.folder / "plain")}
        self.assertEqual(made.keys() - reasons.keys(), plain.keys())
        for name, row in plain.items():
            for column in row.keys() - {"id"} - (set() if text else {"text"}):
                self.assertEqual(made[name][column], row[column], f"{name}, {column}")

    def test_manifest_and_going_on(self):
        out = self.folder / "out"
        on_spark.tokenize_manifest(self.spark, self.source, out, MODEL, shard_size=4)
        plain = shard_bytes(self.folder / "plain")
        self.assertEqual(shard_bytes(out), plain)
        self.assertEqual(failed(out), failed(self.folder / "plain"))
        # Shards that are there stay as they are; one that isn't is made.
        kept = (out / "shard-00000.parquet").stat().st_mtime_ns
        (out / "shard-00002.parquet").unlink()
        on_spark.tokenize_manifest(self.spark, self.source, out, MODEL, shard_size=4)
        self.assertEqual(shard_bytes(out), plain)
        self.assertEqual((out / "shard-00000.parquet").stat().st_mtime_ns, kept)


if __name__ == "__main__":
    unittest.main()
