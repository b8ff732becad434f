# SPDX-License-Identifier: Apache-2.0
"""The server with honest clients: what it codes is what the commands code."""

import json
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy

from client import CLOSE, PING, PONG, Line, get, post
from product import RATE, ROOT, SAMPLES, SERVE, Server, codes, read_wav, sample, sotto

CAMPFIRE = SAMPLES / "campfire.flac"


class RecordingTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())

    def encode(self, query, body=None):
        status, headers, tokens = post(self.server.port, f"/api/encode?{query}", body or CAMPFIRE.read_bytes())
        self.assertEqual(status, 200, tokens)
        return tokens, headers

    def test_tokens_are_those_of_sotto_encode(self):
        for query, options in {
            "codes=2": ["--codes", "2"],
            "": [],
            "codes=4&average=1": ["--codes", "4", "--average"],
            "codes=4&model=sotto-16k-6hz": ["--codes", "4", "--model", "sotto-16k-6hz"],
        }.items():
            self.assertEqual(self.encode(query)[0], self.seekable(*options), query)

    def seekable(self, *options):
        """The bytes of `sotto encode` to a file, whose header knows the length."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tokens.sotto"
            sotto("encode", CAMPFIRE, "-o", path, *options)
            return path.read_bytes()

    def test_a_transcript_goes_with_them(self):
        text = (SAMPLES / "campfire.txt").read_bytes().strip()
        body, headers = self.encode(f"codes=1&text={len(text)}", text + CAMPFIRE.read_bytes())
        self.assertEqual(body, self.seekable("--codes", "1", "--text", text.decode()))
        self.assertGreater(float(headers["sotto-transcript-match"]), 0.8)
        told = json.loads(post(self.server.port, "/api/inspect", body)[2])
        self.assertEqual([word["word"] for word in told["words"]], text.decode().split())
        self.assertEqual(told["text"], text.decode())

    def test_speech_is_that_of_sotto_decode(self):
        body = self.seekable("--codes", "2", "--text-file", str(SAMPLES / "campfire.txt"))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tokens.sotto"
            path.write_bytes(body)
            for query, options in {"": [], "text=0": ["--no-text"], "codes=1": ["--codes", "1"]}.items():
                status, _, wav = post(self.server.port, f"/api/decode?{query}", body)
                self.assertEqual((status, wav), (200, sotto("decode", path, "-o", "-", *options)), query)

    def test_what_cannot_be_read_is_refused_in_a_line(self):
        for path, body, told in [
            ("/api/read?name=x.wav", b"no audio at all", "x.wav"),
            ("/api/encode?name=x.wav", b"", "empty"),
            ("/api/decode", b"no tokens", "token file"),
            ("/api/inspect", b"", "token file"),
            ("/api/encode?codes=9", b"x", "1 to 8"),
            ("/api/encode?codes=1&average=1", b"x", "average"),
            ("/api/encode?codes=x", b"x", "1 to 8"),
            ("/api/encode?model=other", b"x", "other"),
            ("/api/encode?text=5", b"\xff\xfe\xff\xff\xff", "UTF-8"),
        ]:
            status, _, answer = post(self.server.port, path, body)
            self.assertIn(status, (400, 422), path)
            self.assertIn(told, json.loads(answer)["error"], path)

    def test_a_longer_recording_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "long.flac"
            subprocess.run(
                ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "sine=sample_rate=8000:duration=301", path], check=True)
            for call in ("read", "encode"):
                status, _, answer = post(self.server.port, f"/api/{call}", path.read_bytes())
                self.assertEqual(status, 413)
                self.assertIn("5 minutes", json.loads(answer)["error"])

    def test_the_page_and_its_files_are_there(self):
        status, headers, body = get(self.server.port, "/")
        self.assertEqual((status, headers["content-type"]), (200, "text/html; charset=utf-8"))
        self.assertIn("default-src 'self'", headers["content-security-policy"])
        page = Path(__file__).resolve().parent.parent.parent / "Serve/Page"
        self.assertEqual(body, (page / "index.html").read_bytes())
        for script in page.glob("js/*.js"):
            self.assertEqual(get(self.server.port, f"/js/{script.name}")[2], script.read_bytes(), script.name)
        told = json.loads(get(self.server.port, "/api/info")[2])
        self.assertEqual([model["name"] for model in told["models"]], ["sotto-16k", "sotto-16k-6hz"])
        for entry in told["samples"]:
            self.assertEqual(get(self.server.port, f"/samples/{entry['name']}.flac")[2], (SAMPLES / f"{entry['name']}.flac").read_bytes())


class LiveLineTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server("--streams", "4", keeps=True))
        cls.said = sample("strikes")

    def kept(self):
        """The number of the stream that was kept last, and its files."""
        number = max(int(path.stem) for path in self.server.kept.glob("*.json"))
        return self.server.kept / f"{number}.wav", json.loads((self.server.kept / f"{number}.json").read_text())

    def test_codes_are_those_of_sotto_encode(self):
        for settings, options in [
            ({"codes": 8}, []),
            ({"codes": 3, "average": True, "redundancy": True}, ["--codes", "3", "--average"]),
            ({"codes": 4, "model": "sotto-16k-6hz"}, ["--codes", "4", "--model", "sotto-16k-6hz"]),
        ]:
            with Line(self.server.port) as line:
                frames, heard, end = line.speak(self.said, RATE, **settings)
            self.assertEqual(end["type"], "end")
            recording, sent = self.kept()
            self.assertEqual(frames, codes(recording, *options), settings)
            self.assertEqual(sent, frames)
            # All that was said is heard, to the last frame's end, and nothing else.
            self.assertGreaterEqual(len(heard) // 4, len(self.said) // 3)
            voice, _ = read_wav(f"{recording.with_suffix('')}-voice.wav")
            self.assertTrue(numpy.array_equal(voice, numpy.frombuffer(heard, "<f4")))

    def test_lost_packets_take_their_time(self):
        with Line(self.server.port) as line:
            line.start(rate=16_000, codes=8, loss=40, burst=3)
            heard, missed = 0, 0
            for at in range(0, 16_000 * 4, 320):
                line.samples(0.1 * numpy.sin(numpy.arange(at, at + 320) / 20))
            line.say(type="stop")
            while frame := line.receive():
                if frame[0] == 2:
                    heard += (len(frame[1]) - 8) // 4
                else:
                    message = json.loads(frame[1])
                    missed = message.get("missed", missed)
                    if message["type"] == "end":
                        break
        self.assertGreater(missed, 0)
        # Whatever is lost at the very end is not known to have been sent.
        self.assertGreater(heard, 16_000 * 4 - 12 * 1280)

    def test_pauses_are_shown_as_pauses(self):
        with Line(self.server.port) as line:
            noise = numpy.random.default_rng(1).normal(0, 1e-3, RATE * 6)
            frames, _, _ = line.speak(numpy.concatenate([self.said, noise]), RATE, codes=8, pauses=True)
        self.assertIn(None, frames)
        self.assertTrue(any(frames))

    def test_samples_that_are_no_numbers_are_silence(self):
        with Line(self.server.port) as line:
            frames, _, end = line.speak(numpy.full(16_000, numpy.nan), 16_000, codes=1)
        recording, _ = self.kept()
        self.assertEqual((end["type"], frames), ("end", codes(recording, "--codes", "1")))

    def test_a_ping_is_answered(self):
        with Line(self.server.port) as line:
            line.send(PING, b"there?")
            self.assertEqual(line.receive(), (PONG, b"there?"))
            line.send(CLOSE, b"\x03\xe8")
            self.assertEqual(line.ending(), ([], 1000))


class LevelTests(unittest.TestCase):
    """Models whose codes leave the level to packets and chunks of its own, and that have neither eight codebooks nor codes of 10 bits."""

    def test_the_level_goes_with_the_codes(self):
        said = numpy.concatenate([sample("strikes"), 0.1 * sample("strikes")])
        for name in ("level-model", "level-model-6hz"):
            path = ROOT / f"Tests/SottoTests/Fixtures/{name}.safetensors"
            with Server("--model", path, keeps=True) as server:
                with Line(server.port) as line:
                    frames, heard, _ = line.speak(said, RATE, codes=2)
                recording = server.kept / "1.wav"
                self.assertEqual(frames, codes(recording, "--model", path))
                raw = read_wav(recording)[0].astype("<f4").tobytes()
                packets = sotto("stream", "encode", "--format", "f32le", "--rate", RATE, "--model", path, input=raw)
                self.assertEqual(heard, sotto("stream", "decode", "--format", "f32le", "--model", path, input=packets))
                tokens = self.folder / f"{name}.sotto"
                sotto("encode", CAMPFIRE, "-o", tokens, "--model", path)
                self.assertEqual(post(server.port, "/api/encode", CAMPFIRE.read_bytes())[2], tokens.read_bytes())
                expected = sotto("decode", tokens, "-o", "-", "--model", path)
                self.assertEqual(post(server.port, "/api/decode", tokens.read_bytes())[2], expected)
                told = json.loads(post(server.port, "/api/inspect", tokens.read_bytes())[2])
                self.assertEqual((told["codebooks"], told["bitsPerCode"]), (2, 4))

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))


class ProgramTests(unittest.TestCase):
    def test_a_signal_ends_it_in_order(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with Server() as server, Line(server.port) as line:
                line.start()
                line.receive()
                server.process.send_signal(number)
                _, code = line.ending()
                self.assertEqual(code, 1001)
                self.assertEqual(server.process.wait(30), 128 + number)
                self.assertEqual(server.process.stderr.read(), b"")

    def test_a_full_server_says_so(self):
        with Server("--streams", "2") as server:
            with Line(server.port) as first, Line(server.port):
                first.start()
                with Line(server.port) as third:
                    texts, code = third.ending()
                self.assertEqual((texts[0]["type"], code), ("refused", 1013))
                self.assertIn("2 live streams", texts[0]["reason"])
                first.samples(numpy.zeros(16_000))
                self.assertIn("frames", [json.loads(first.receive()[1])["type"] for _ in range(2)])
            # A place that is given back is free, as soon as the server has noticed.
            for _ in range(100):
                with Line(server.port) as again:
                    again.start()
                    if json.loads(again.receive()[1])["type"] == "stream":
                        return
            self.fail("no place is free again")

    def test_a_port_that_is_taken_is_one_line(self):
        with Server() as server:
            again = subprocess.run([SERVE, "--port", str(server.port)], capture_output=True, text=True)
        self.assertEqual(again.returncode, 74)
        self.assertEqual(again.stderr, f"sotto: port {server.port} is taken by another program\n")

    def test_letting_others_in_is_warned_of(self):
        with Server("--host", "0.0.0.0") as server:
            self.assertEqual(get(server.port, "/", host=f"192.0.2.1:{server.port}")[0], 200)
            self.assertEqual(get(server.port, "/", host="somewhere.example")[0], 403)
            server.process.send_signal(signal.SIGINT)
            self.assertIn(b"warning: every machine that reaches 0.0.0.0", server.process.stderr.read())

    def test_wrong_options_are_refused(self):
        for options in (["--port", "70000"], ["--streams", "0"], ["--model", "/nowhere.safetensors"], ["--host", "256.0.0.1"]):
            result = subprocess.run([SERVE, "--port", "0", *options], capture_output=True, text=True, timeout=60)
            self.assertIn(result.returncode, (64, 66, 74), options)
            self.assertTrue(result.stderr.strip(), options)
