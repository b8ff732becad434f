# SPDX-License-Identifier: Apache-2.0
"""A corpus of speech to Parquet files of codes, and back. It needs `sotto-codec[corpus]`.

    python -m sotto_codec.corpus MANIFEST OUT

Killed and started again, a run goes on after the last whole shard, and gives every id once. See Docs/corpus.md.
"""

try:
    import pyarrow  # noqa: F401
    import soundfile  # noqa: F401
except ImportError as missing:
    raise ImportError(f"corpora take {missing.name}, which isn't installed: pip install 'sotto-codec[corpus]'") from None

from .manifest import Item, items
from .reading import Summary, check, decode, frames, read
from .run import tokenize

__all__ = ["Item", "Summary", "check", "decode", "frames", "items", "read", "tokenize"]
