# SPDX-License-Identifier: Apache-2.0
"""Clients on bare sockets, which send what no browser would."""

import json
import os
import socket
import struct
import time

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def connect(port, timeout=60):
    return socket.create_connection(("127.0.0.1", port), timeout=timeout)


def read_all(connection):
    """Everything until the other side closes."""
    data = b""
    try:
        while block := connection.recv(65536):
            data += block
    except ConnectionResetError:
        pass
    return data


def ask(port, head, body=b"", read=True):
    """Sends a request whose lines are given and returns (status, headers, body); status 0 if there is no answer."""
    with connect(port) as connection:
        try:
            connection.sendall("\r\n".join(head + ["", ""]).encode("latin-1") + body)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return split(read_all(connection)) if read else (0, {}, b"")


def split(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    if not lines[0].startswith("HTTP/"):
        return 0, {}, b""
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    return int(lines[0].split()[1]), headers, body


def get(port, path, *headers, host=None):
    return ask(port, [f"GET {path} HTTP/1.1", f"Host: {host or f'localhost:{port}'}", "Connection: close", *headers])


def post(port, path, body, *headers, length=None):
    count = len(body) if length is None else length
    return ask(port, [
        f"POST {path} HTTP/1.1", f"Host: localhost:{port}", "Connection: close", f"Content-Length: {count}", *headers], body)


class Refused(Exception):
    """The handshake's status."""


class Line:
    """A WebSocket."""

    def __init__(self, port, *headers, host=None, timeout=60):
        self.socket = connect(port, timeout)
        lines = [
            "GET /live HTTP/1.1", f"Host: {host or f'localhost:{port}'}", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", *headers]
        self.socket.sendall("\r\n".join(lines + ["", ""]).encode())
        self.data = b""
        while b"\r\n\r\n" not in self.data:
            block = self.socket.recv(4096)
            if not block:
                break
            self.data += block
        status, _, rest = split(self.data)
        if status != 101:
            self.socket.close()
            raise Refused(status)
        self.data = rest

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send_raw(self, data):
        """Sends bytes; False if the other side has closed."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def send(self, opcode, payload, first=0x80, mask=True, length=None):
        count = len(payload) if length is None else length
        head = bytes([first | opcode])
        bit = 0x80 if mask else 0
        if count < 126:
            head += bytes([bit | count])
        elif count < 1 << 16:
            head += struct.pack(">BH", bit | 126, count)
        else:
            head += struct.pack(">BQ", bit | 127, count)
        if mask:
            key = os.urandom(4)
            stream = (key * (len(payload) // 4 + 1))[:len(payload)]
            payload = (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(payload), "big")
            head += key
        return self.send_raw(head + payload)

    def say(self, **message):
        return self.send(TEXT, json.dumps(message).encode())

    def start(self, rate=16_000, codes=8, **more):
        return self.say(type="start", rate=rate, codes=codes, **more)

    def samples(self, samples):
        return self.send(BINARY, samples.astype("<f4").tobytes())

    def receive(self):
        """The next (opcode, payload); None once the other side has closed."""
        while True:
            if (frame := self.frame()) is not None:
                return frame
            try:
                block = self.socket.recv(65536)
            except ConnectionResetError:
                block = b""
            if not block:
                return None
            self.data += block

    def frame(self):
        """One that has come already."""
        data = self.data
        if len(data) < 2:
            return None
        count, at = data[1] & 127, 2
        if count > 125:
            size = 2 if count == 126 else 8
            if len(data) < 2 + size:
                return None
            count, at = int.from_bytes(data[2:2 + size], "big"), 2 + size
        if len(data) < at + count:
            return None
        self.data = data[at + count:]
        return data[0] & 15, data[at:at + count]

    def ending(self):
        """What is said until the other side closes: the texts, and the closing frame's code (None without one)."""
        texts, code = [], None
        while (frame := self.receive()) is not None:
            if frame[0] == TEXT:
                texts.append(json.loads(frame[1]))
            if frame[0] == CLOSE:
                code = int.from_bytes(frame[1][:2], "big")
        return texts, code

    def speak(self, samples, rate, **settings):
        """Says all of it as fast as it is spoken and returns the codes that came back, and the samples heard."""
        frames, heard = [], []
        self.start(rate=rate, **settings)
        begun, block = time.monotonic(), rate // 50
        for i, at in enumerate(range(0, len(samples), block)):
            time.sleep(max(0, begun + i / 50 - time.monotonic()))
            self.samples(samples[at:at + block])
            self.socket.settimeout(0.001)
            try:
                self.data += self.socket.recv(65536)
            except TimeoutError:
                pass
            self.socket.settimeout(60)
        self.say(type="stop")
        while (frame := self.receive()) is not None:
            if frame[0] == BINARY:
                heard.append(frame[1][8:])
                continue
            message = json.loads(frame[1])
            if message["type"] == "frames":
                frames += [entry.get("codes") for entry in message["frames"]]
            if message["type"] in ("end", "refused"):
                return frames, b"".join(heard), message
        return frames, b"".join(heard), None
