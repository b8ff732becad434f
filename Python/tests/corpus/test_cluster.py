# SPDX-License-Identifier: Apache-2.0
"""A cluster of Spark's own on this machine: a master, and two workers that know nothing of this package but what is sent to them."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import pyspark
from corpora import MODEL, clips, failed, held, shard_bytes
from sotto_codec import corpus

SHIPPED = Path(sys.prefix) / "packages.tar"
"""The wheel and what it needs, as .ci/corpus packs them."""


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


class ClusterTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.source = clips(self.folder / "in", 60)
        (self.source / "00003.wav").write_bytes(b"RIFF")
        corpus.tokenize(self.source, self.folder / "plain", MODEL, shard_size=2)

    def start(self, name: str, *command, **others) -> subprocess.Popen:
        """A process with all that it starts in a group of its own, which is killed at the end."""
        # What the driver has in its environment, the machines of a cluster haven't.
        shown = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV", "SPARK_HOME")}
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen(
                [*map(str, command)], stdout=log, stderr=log, cwd=self.folder, start_new_session=True, env=shown | others
            )
        self.addCleanup(self.kill, process)
        return process

    def kill(self, process: subprocess.Popen) -> None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def start_cluster(self) -> tuple[str, list[subprocess.Popen]]:
        daemon = [Path(pyspark.__file__).parent / "bin" / "spark-class"]
        port = free_port()
        master = f"spark://127.0.0.1:{port}"
        small = {"SPARK_DAEMON_MEMORY": "256m", "SPARK_LOCAL_IP": "127.0.0.1"}
        self.start("master", *daemon, "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", port,
                   "--webui-port", free_port(), **small)  # fmt: skip
        workers = [
            self.start(name, *daemon, "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", 1,
                       "--memory", "600m", "--webui-port", free_port(), "--work-dir", self.folder / name, master, **small)
            for name in ("one", "two")
        ]  # fmt: skip
        return master, workers

    def start_job(self, out: Path, master: str) -> subprocess.Popen:
        known = {
            "spark.archives": f"{SHIPPED}#packages", "spark.executorEnv.PYTHONPATH": "packages", "spark.ui.enabled": "false",
            "spark.executor.memory": "512m", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
        }  # fmt: skip
        settings = [part for name, value in known.items() for part in ("--conf", f"{name}={value}")]
        # A Python that hasn't this package.
        return self.start(
            "job", sys.executable, "-m", "sotto_codec.spark", self.source, out, "--model", MODEL, "--shard-size", "2",
            "--master", master, *settings, PYSPARK_PYTHON=sys._base_executable, PYTHONPATH=os.environ.get("PYTHONPATH", ""),
        )  # fmt: skip

    def wait_for_shards(self, out: Path, count: int, job: subprocess.Popen) -> None:
        while len(shard_bytes(out)) < count:
            self.assertIsNone(job.poll(), (self.folder / "job.log").read_text()[-3000:])
            time.sleep(0.05)

    def equals_plain(self, out: Path) -> None:
        self.assertEqual(shard_bytes(out), shard_bytes(self.folder / "plain"))
        self.assertEqual(failed(out), failed(self.folder / "plain"))
        ids = [row["id"] for row in held(out)]
        self.assertEqual((len(ids), len(set(ids))), (59, 59))
        self.assertEqual([path.name for path in out.glob(".*.part")], [])

    def test_workers_have_what_is_sent_to_them_alone(self):
        found = subprocess.run([sys._base_executable, "-I", "-c", "import sotto_codec"], capture_output=True)
        self.assertIn(b"ModuleNotFoundError", found.stderr)

    def test_a_worker_dies_and_so_does_a_job(self):
        master, workers = self.start_cluster()
        # The whole job dies, and another one goes on.
        out = self.folder / "out"
        job = self.start_job(out, master)
        self.wait_for_shards(out, 3, job)
        self.kill(job)
        kept = {path: path.stat().st_mtime_ns for path in out.glob("shard-*.parquet")}
        self.assertLess(len(kept), 30)
        # Then one of the workers, with all that it has started.
        job = self.start_job(out, master)
        self.wait_for_shards(out, len(kept) + 4, job)
        self.kill(workers[0])
        self.assertLess(len(shard_bytes(out)), 30)
        self.assertEqual(job.wait(timeout=300), 0, (self.folder / "job.log").read_text()[-3000:])
        self.equals_plain(out)
        for path, made in kept.items():
            self.assertEqual(path.stat().st_mtime_ns, made, path.name)


if __name__ == "__main__":
    unittest.main()
