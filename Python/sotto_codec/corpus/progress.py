# SPDX-License-Identifier: Apache-2.0
"""A line on standard error: hours done, how much faster than speech, and the time left."""

from __future__ import annotations

import sys
import time


class Progress:
    """Counts recordings; `shown` says whether anybody looks."""

    def __init__(self, total: int, shown: bool):
        self.total, self.shown = total, shown
        self.there = self.done = 0
        self.seconds_there = self.seconds = 0.0
        self.begin = time.monotonic()
        self.last = 0.0

    def skip(self, recordings: int, seconds: float) -> None:
        """Recordings that an earlier run made."""
        self.there += recordings
        self.seconds_there += seconds

    def add(self, recordings: int, seconds: float) -> None:
        """Recordings that this run made."""
        self.done += recordings
        self.seconds += seconds
        now = time.monotonic()
        # A terminal is told every second, a file every minute.
        if self.shown and now - self.last >= (1 if sys.stderr.isatty() else 60):
            self.last = now
            self._write(now)

    def end(self) -> None:
        """The last line."""
        if self.shown:
            self._write(time.monotonic())
            if sys.stderr.isatty():
                sys.stderr.write("\n")

    def _write(self, now: float) -> None:
        taken = max(now - self.begin, 1e-9)
        done = self.there + self.done
        line = f"{done} of {self.total} recordings, {(self.seconds_there + self.seconds) / 3600:.2f} hours"
        if self.done:
            left = (self.total - done) * taken / self.done
            line += f", {self.seconds / taken:.0f} x real time, {_clock(left)} left"
        if sys.stderr.isatty():
            share = done / self.total
            line = f"\r\033[K[{'#' * int(20 * share):20}] {line}"
        sys.stderr.write(line if sys.stderr.isatty() else line + "\n")
        sys.stderr.flush()


def _clock(seconds: float) -> str:
    minutes = int(seconds / 60 + 0.5)
    return f"{minutes // 60}:{minutes % 60:02} hours"
