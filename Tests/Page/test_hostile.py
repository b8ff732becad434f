# SPDX-License-Identifier: Apache-2.0
"""Clients that no page would be: each costs itself, and nobody else."""

import json
import random
import socket
import tempfile
import threading
import time
import unittest
from pathlib import Path

import numpy

from client import BINARY, TEXT, Line, Refused, ask, connect, get, post, read_all
from product import RATE, SAMPLES, Server, codes, sample, write_wav


class HostileTests(unittest.TestCase):
    """Beside all of them somebody speaks, and loses nothing."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server("--streams", "50"))
        cls.port = cls.server.port
        cls.said = sample("strikes")
        cls.spoken, cls.ends = [], threading.Event()
        cls.speaker = threading.Thread(target=cls.speak)
        cls.speaker.start()

    @classmethod
    def speak(cls):
        with Line(cls.port) as line:
            while not cls.ends.is_set():
                cls.spoken.append(line.speak(cls.said, RATE, codes=4))

    @classmethod
    def tearDownClass(cls):
        cls.ends.set()
        cls.speaker.join()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "said.wav"
            write_wav(path, cls.said, floating=True)
            expected = codes(path, "--codes", "4")
        assert cls.spoken
        for frames, heard, end in cls.spoken:
            assert end and end["type"] == "end", f"the speaker was cut off: {end}"
            assert frames == expected, "the speaker lost something"
            assert len(heard) == len(cls.spoken[0][1])

    def tearDown(self):
        self.assertTrue(self.server.is_alive)
        self.assertEqual(get(self.port, "/api/info")[0], 200)

    def refused(self, act, *expected):
        """Acts on a fresh line, which the server then ends; expected are the closing frame's codes."""
        with Line(self.port) as line:
            act(line)
            texts, code = line.ending()
        self.assertIn(code, expected)
        return texts

    def test_garbage_instead_of_requests(self):
        draw = random.Random(1)
        for _ in range(50):
            with connect(self.port) as connection:
                connection.sendall(draw.randbytes(draw.randrange(1, 5000)) + b"\r\n\r\n")
                connection.shutdown(socket.SHUT_WR)
                self.assertNotIn(b" 200 ", read_all(connection)[:20])

    def test_heads_without_an_end(self):
        with connect(self.port) as connection:
            try:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 1_000_000)
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.assertNotIn(b" 200 ", read_all(connection)[:20])

    def test_garbage_instead_of_frames(self):
        draw = random.Random(2)
        for _ in range(50):
            with Line(self.port) as line:
                line.start()
                line.send_raw(draw.randbytes(draw.randrange(1, 5000)))
                try:
                    line.socket.shutdown(socket.SHUT_WR)
                except OSError:
                    pass  # The server was faster.
                line.ending()

    def test_lengths_that_cannot_be(self):
        before = self.server.megabytes
        for length in (65_537, 1 << 31, (1 << 32) - 1, 1 << 62, (1 << 63) - 1):
            self.refused(lambda line: line.send(BINARY, b"1234", length=length), 1009)
        # Its highest bit may not be set at all.
        self.refused(lambda line: line.send(BINARY, b"1234", length=1 << 63), 1002, 1009)
        self.assertLess(self.server.megabytes, before + 100)

    def test_frames_that_no_page_sends(self):
        self.refused(lambda line: line.send(TEXT, b"{}", mask=False), 1002)
        self.refused(lambda line: line.send(TEXT, b"{", first=0), 1002)
        self.refused(lambda line: line.send(0, b"}"), 1002, 1003)
        self.refused(lambda line: line.send(TEXT, b"{}", first=0xC0), 1002)
        for opcode in (3, 7, 11, 15):
            self.refused(lambda line: line.send(opcode, b""), 1002, 1003)
        self.refused(lambda line: line.send(9, b"x" * 126), 1002)

    def test_messages_that_mean_nothing(self):
        for message in (b"", b"{}", b"[]", b"null", b"\xff\xfe", b"{" * 5000, b'{"type":"begin"}', b'{"type":"start","rate":"48000"}'):
            texts = self.refused(lambda line: line.send(TEXT, message), 1008)
            self.assertEqual(texts[0]["type"], "refused", message)

    def test_settings_that_cannot_be(self):
        for settings in (
            {"rate": 0}, {"rate": -1}, {"rate": 7_999}, {"rate": 192_001}, {"rate": 1 << 62}, {"codes": 0}, {"codes": 9},
            {"codes": -(1 << 62)}, {"codes": 1, "average": True}, {"codes": 8, "average": True}, {"model": "/etc/passwd"},
            {"loss": -1}, {"loss": 51}, {"loss": 1e308}, {"burst": 0}, {"burst": 1e9},
        ):
            texts = self.refused(lambda line: line.start(**{"rate": 16_000, **settings}), 1008)
            self.assertEqual(texts[-1]["type"], "refused", settings)

        def worsen(line):
            line.start()
            line.say(type="line", loss=1000)
        self.refused(worsen, 1008)

    def test_samples_that_cannot_be(self):
        self.refused(lambda line: line.send(BINARY, b"1234"), 1008)

        def halved(line):
            line.start()
            line.send(BINARY, b"12345")
        self.refused(halved, 1008)
        extremes = numpy.array([numpy.nan, numpy.inf, -numpy.inf, 3e38, -3e38, 1e-45, 0, 1] * 4_000)
        with Line(self.port) as line:
            line.start()
            for at in range(0, len(extremes), 8_000):
                line.samples(extremes[at:at + 8_000])
            line.say(type="stop")
            types = []
            while frame := line.receive():
                if frame[0] == TEXT:
                    types.append(json.loads(frame[1])["type"])
                    if types[-1] == "end":
                        break
                else:
                    self.assertTrue(numpy.isfinite(numpy.frombuffer(frame[1][8:], "<f4")).all())
            self.assertIn("frames", types)

    def test_faster_than_it_can_be_spoken(self):
        def hurry(line):
            line.start()
            for _ in range(20):
                line.samples(numpy.zeros(16_000))
        texts = self.refused(hurry, 1008)
        self.assertIn("faster", texts[-1]["reason"])

    def test_starting_over_and_over(self):
        with Line(self.port) as line:
            for i in range(300):
                line.start(codes=1 + i % 8)
            line.say(type="stop")
            begun = 0
            while begun < 300:
                begun += json.loads(line.receive()[1])["type"] == "stream"

    def test_paths_that_lead_elsewhere(self):
        for path in (
            "/../../../etc/passwd", "/js/../../Package.swift", "/%2e%2e/%2e%2e/etc/passwd", "/js/..%2f..%2fetc/passwd", "//etc/passwd",
            "/samples/../../../../etc/passwd", "/js/", "/js", "/.git/config", "/\\..\\..\\etc\\passwd", "/js/main.js/..", "/index.html%00.png",
        ):
            status, _, body = get(self.port, path)
            self.assertIn(status, (400, 404), path)
            self.assertNotIn(b"root:", body)
        self.assertIn(ask(self.port, ["GET http://localhost/etc/passwd HTTP/1.1", f"Host: localhost:{self.port}", "Connection: close"])[0], (400, 404))

    def test_pages_from_elsewhere(self):
        own = f"localhost:{self.port}"
        for origin in ("http://evil.example", "null", f"https://{own}", f"http://localhost:{self.port + 1}", "http://localhost", f"http://{own}.evil.example"):
            for path in ("/", "/api/info", "/samples/campfire.flac"):
                self.assertEqual(get(self.port, path, f"Origin: {origin}")[0], 403, origin)
            self.assertEqual(post(self.port, "/api/inspect", b"x", f"Origin: {origin}")[0], 403, origin)
            with self.assertRaises(Refused) as refusal:
                Line(self.port, f"Origin: {origin}")
            self.assertIn(refusal.exception.args[0], (0, 403), origin)
        # A name of elsewhere that leads here.
        for host in ("evil.example", f"evil.example:{self.port}", "", "192.0.2.1", "localhost.evil.example", "0.0.0.0"):
            self.assertIn(get(self.port, "/api/info", host=host or " ")[0], (400, 403), host)
            with self.assertRaises(Refused):
                Line(self.port, f"Origin: http://{host}", host=host or " ")
        self.assertEqual(ask(self.port, ["GET /api/info HTTP/1.1", "Host: localhost", "Host: evil.example", "Connection: close"])[0], 403)
        Line(self.port, f"Origin: http://{own}").socket.close()
        self.assertEqual(get(self.port, "/api/info", f"Origin: http://{own}")[0], 200)

    def test_bodies_that_lie_about_their_length(self):
        self.assertEqual(post(self.port, "/api/encode", b"x", length=1 << 40)[0], 413)
        self.assertEqual(post(self.port, "/api/inspect", b"x", length=5 << 20)[0], 413)
        self.assertIn(post(self.port, "/api/encode", b"x", length=-1)[0], (0, 400, 411))
        head = ["POST /api/encode HTTP/1.1", f"Host: localhost:{self.port}", "Connection: close"]
        self.assertEqual(ask(self.port, head)[0], 411)
        self.assertEqual(ask(self.port, head + ["Transfer-Encoding: chunked"], b"1\r\nx\r\n0\r\n\r\n")[0], 411)
        self.assertIn(ask(self.port, head + ["Transfer-Encoding: chunked", "Content-Length: 1"], b"1\r\nx\r\n0\r\n\r\n")[0], (0, 400, 411))
        with connect(self.port) as connection:
            connection.sendall("\r\n".join(head + ["Content-Length: 100", "", "half"]).encode())
            connection.shutdown(socket.SHUT_WR)
            self.assertNotIn(b" 200 ", read_all(connection)[:20])
        self.assertEqual(get(self.port, "/api/encode")[0], 405)
        self.assertEqual(post(self.port, "/", b"")[0], 405)
        self.assertEqual(get(self.port, "/live")[0], 426)

    def test_tokens_and_recordings_that_are_damaged(self):
        draw = random.Random(3)
        recording = (SAMPLES / "strikes.flac").read_bytes()
        whole = post(self.port, "/api/encode?codes=2", recording)[2]
        self.assertEqual(whole[:5], b"Sotto")
        for kind, original in (("inspect", whole), ("decode", whole), ("read", recording), ("encode", recording)):
            for _ in range(25):
                body = bytearray(original)
                for _ in range(draw.randrange(1, 20)):
                    body[draw.randrange(len(body))] = draw.randrange(256)
                status, _, answer = post(self.port, f"/api/{kind}", bytes(body[:draw.randrange(1, len(body) + 1)]))
                self.assertIn(status, (200, 413, 422), (kind, answer[:200]))

    def test_more_connections_than_there_may_be(self):
        idle = [connect(self.port) for _ in range(200)]
        # Some of them are closed at once; those that are left are given up soon.
        closed = sum(self.is_closed(connection) for connection in idle)
        self.assertGreater(closed, 50)
        for connection in idle:
            connection.settimeout(60)
            self.assertEqual(read_all(connection), b"")
            connection.close()

    @staticmethod
    def is_closed(connection):
        connection.settimeout(0.05)
        try:
            return connection.recv(1) == b""
        except TimeoutError:
            return False
        except ConnectionResetError:
            return True

    def test_readers_that_do_not_read(self):
        before = self.server.megabytes
        slow = []
        for _ in range(20):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(60)
            connection.connect(("127.0.0.1", self.port))
            request = f"GET /samples/campfire.flac HTTP/1.1\r\nHost: localhost:{self.port}\r\n\r\n".encode()
            connection.sendall(request * 400)
            slow.append(connection)
        # Each could have 20 MB; what is written for it waits in its socket alone.
        self.assertLess(self.server.megabytes, before + 100)
        self.assertEqual(get(self.port, "/")[0], 200)
        # They are given up after a while: then no more comes than what was in their sockets.
        time.sleep(20)
        for connection in slow:
            self.assertLess(len(read_all(connection)), 10 << 20)
            connection.close()

    def test_speakers_that_fall_silent(self):
        with Line(self.port) as line:
            line.start()
            self.assertEqual(json.loads(line.receive()[1])["type"], "stream")
            # The server waits a while, then closes.
            self.assertIsNone(line.receive())
