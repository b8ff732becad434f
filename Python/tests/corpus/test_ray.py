# SPDX-License-Identifier: Apache-2.0
"""The example of Ray Data gives what the plain core gives, where Ray is there for this Python."""

import importlib.util
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import pyarrow.parquet as pq
from corpora import MODEL, clips, failed, held
from sotto_codec import corpus
from support import REPOSITORY

EXAMPLE = REPOSITORY / "Docs" / "examples" / "Python" / "ray_corpus.py"


@unittest.skipUnless(importlib.util.find_spec("ray"), "ray isn't installed")
class RayTest(unittest.TestCase):
    def test_two_actors_on_two_processors(self):
        with tempfile.TemporaryDirectory() as holder:
            folder = Path(holder)
            source = clips(folder / "in", 20)
            (source / "00003.wav").write_bytes(b"RIFF")
            corpus.tokenize(source, folder / "plain", MODEL, workers=1)
            begin = "import ray, runpy, sys; ray.init(num_cpus=2, include_dashboard=False); sys.argv = sys.argv[1:]; "
            made = subprocess.run(
                [sys.executable, "-c", begin + "runpy.run_path(sys.argv[0], run_name='__main__')", EXAMPLE, source,
                 folder / "out", "--model", MODEL, "--actors", "2"],
                capture_output=True, text=True, timeout=300,
            )  # fmt: skip
            self.assertEqual(made.returncode, 0, made.stderr[-3000:])
            rows = {row["id"]: row for path in (folder / "out").glob("*.parquet") for row in pq.read_table(path).to_pylist()}
            plain = {row["id"]: row for row in held(folder / "plain")}
            self.assertEqual({name for name, row in rows.items() if row["error"]}, failed(folder / "plain").keys())
            self.assertEqual(rows.keys() - failed(folder / "plain").keys(), plain.keys())
            for name, row in plain.items():
                for column in ("codes", "frames", "codebooks", "seconds", "model"):
                    self.assertEqual(rows[name][column], row[column], f"{name}, {column}")


if __name__ == "__main__":
    unittest.main()
