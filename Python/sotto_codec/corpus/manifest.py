# SPDX-License-Identifier: Apache-2.0
"""What a corpus consists of: a folder, a table with tabs, lines of JSON, or WebDataset's tars, always in the same order."""

from __future__ import annotations

import csv
import json
import os
import tarfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pyarrow import fs

from ..errors import DataError, NotFoundError, UsageError

AUDIO = frozenset({".aif", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".w64", ".wav"})


class Item(NamedTuple):
    """A recording and what is known of it.

    Attributes:
        id: its name; no other has the same one.
        audio: the file that holds it, or its address in an object store, as `s3://bucket/a.flac`.
        offset: where it begins in that file, in bytes; it has `size` of them. None if it is the whole file.
        size: see above.
        text: what is said in it.
        speaker: who says it.
        problem: why it can't be read, if that is known already.
    """

    id: str
    audio: str
    offset: int | None = None
    size: int | None = None
    text: str | None = None
    speaker: str | None = None
    problem: str | None = None

    def contents(self) -> bytes | None:
        """The bytes of a recording within a larger file or in an object store; None if it is a file of its own."""
        if is_address(self.audio):
            return _stored(self.audio)
        if self.offset is None:
            return None
        with open(self.audio, "rb") as file:
            file.seek(self.offset)
            held = file.read(self.size)
        if len(held) < self.size:
            raise DataError(f"{self.audio} ends within it")
        return held


def is_address(name: str) -> bool:
    """Whether something lies in an object store."""
    return "://" in name


def _stored(address: str) -> bytes:
    scheme, _, rest = address.partition("://")
    store, _, key = rest.partition("/")
    try:
        system, root = _store(f"{scheme}://{store}/")
        with system.open_input_stream(f"{root.rstrip('/')}/{key}") as stream:
            return stream.read()
    except (ValueError, NotImplementedError, ImportError) as error:
        raise DataError(f"{address} can't be read: {error}") from None


@lru_cache(maxsize=16)
def _store(address: str) -> tuple[fs.FileSystem, str]:
    """An object store and what its names begin with, found once in each process."""
    return fs.FileSystem.from_uri(address)


def items(manifest: str | os.PathLike) -> Iterator[Item]:
    """The recordings of a manifest, in an order that doesn't change.

    Args:
        manifest: a folder, searched with all folders in it for recordings, the texts beside them (`a.flac`, `a.txt`), and tars; a
            .tsv whose first line names the columns; a .jsonl; or a .tar of WebDataset's. Tables have `audio` or `path`,
            relative to where they lie or addresses in an object store, and can have `id`, `text` and `speaker`.
    """
    if is_address(os.fspath(manifest)):
        raise UsageError(f"{manifest}: a manifest is a file or a folder here; it may name recordings in an object store")
    path = Path(manifest)
    if path.is_dir():
        return _folder(path)
    if not path.exists():
        raise NotFoundError(f"{path} isn't there")
    readers = {".tsv": _tsv, ".jsonl": _jsonl, ".tar": _one_tar}
    if path.suffix not in readers:
        raise UsageError(f"{path} is neither a folder nor one of {', '.join(readers)}")
    return readers[path.suffix](path)


def _folder(root: Path) -> Iterator[Item]:
    for folder, inside, files in os.walk(root):
        inside.sort()
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix.lower() in AUDIO:
                text = path.with_suffix(".txt")
                said = text.read_text(encoding="utf-8", errors="replace").strip() if text.is_file() else None
                yield Item(_name(path.relative_to(root)), str(path), text=said)
            elif path.suffix == ".tar":
                yield from _tar(path, _name(path.relative_to(root).with_suffix("")))


def _tsv(path: Path) -> Iterator[Item]:
    with open(path, encoding="utf-8", newline="") as file:
        try:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield _row({key: value or None for key, value in row.items()}, path, "a line has no")
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(f"{path} is no table with tabs: {error}") from None


def _jsonl(path: Path) -> Iterator[Item]:
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DataError(f"{path}, line {number}: {error}") from None
            if not isinstance(row, dict):
                raise DataError(f"{path}, line {number}: no object")
            yield _row(row, path, f"line {number} has no")


def _row(row: dict, path: Path, missing: str) -> Item:
    audio = row.get("audio") or row.get("path")
    if not isinstance(audio, str):
        raise DataError(f"{path}: {missing} 'audio' or 'path' that names a file")
    place = audio if is_address(audio) else str(path.parent / audio)
    return Item(_text(row.get("id")) or audio, place, text=_text(row.get("text")), speaker=_text(row.get("speaker")))


def _one_tar(path: Path) -> Iterator[Item]:
    return _tar(path, path.stem)


def _tar(path: Path, name: str) -> Iterator[Item]:
    """Members of a sample follow each other; what comes before the first dot of their names is the same."""
    sample: dict[str, tuple[int, int]] = {}
    known = None
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                tar.members = []  # It would keep every one.
                if not member.isfile():
                    continue
                folder, _, base = member.name.rpartition("/")
                stem, _, kind = base.partition(".")
                key = f"{folder}/{stem}" if folder else stem
                if key != known:
                    yield from _sample(path, name, known, sample)
                    known, sample = key, {}
                sample["." + kind.lower()] = member.offset_data, member.size
        yield from _sample(path, name, known, sample)
    except (tarfile.TarError, OSError, EOFError) as error:
        yield from _sample(path, name, known, sample)
        yield Item(name, str(path), problem=f"the rest of {path} can't be read: {error}")


def _sample(path: Path, name: str, key: str | None, sample: dict) -> Iterator[Item]:
    audio = next((kind for kind in sample if kind in AUDIO), None)
    if audio is None:
        return
    item = Item(f"{name}/{key}", str(path), *sample[audio])
    try:
        if ".json" in sample:
            known = json.loads(Item("", str(path), *sample[".json"]).contents())
            if isinstance(known, dict):
                item = item._replace(text=_text(known.get("text")), speaker=_text(known.get("speaker")))
        if ".txt" in sample:
            item = item._replace(text=Item("", str(path), *sample[".txt"]).contents().decode("utf-8", "replace").strip())
    except (DataError, ValueError, RecursionError) as error:
        item = item._replace(problem=f"what is known of it can't be read: {error}")
    yield item


def _text(value) -> str | None:
    # Half a character, as JSON can have, can't be written as UTF-8.
    return None if value is None else str(value).encode("utf-8", "replace").decode()


def _name(path: Path) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")
