"""The time a cell's Django processes live in.

With libfaketime a control file holds how far their wall clock is off, in seconds; rewriting it moves
them all at once. Monotonic time, and the time of servers, stays real. Without it the real clock serves
the same interface: what a jump does there is wait.
"""

import importlib.util
import os
import sys
import time
from pathlib import Path
from typing import Protocol

from harness.model import ClockKind

_LIBRARY = "vendor/libfaketime/src/libfaketime.so.1"


class CeleryTestClock(Protocol):
    """Wall time as the cell's processes see it, in seconds since the epoch."""

    @property
    def kind(self) -> ClockKind:
        """Fake or real."""

    @property
    def environment(self) -> dict[str, str]:
        """The variables that put a process into this time."""

    def now(self) -> float:
        """The time in the cell."""

    def jump_to(self, instant: float) -> None:
        """Go forward to `instant`, if that is still ahead and the clock can jump."""


class RealClock:
    """Everybody's clock."""

    kind = ClockKind.REAL
    environment: dict[str, str] = {}  # noqa: RUF012 - the Protocol's attribute, never written

    def now(self) -> float:
        """The time."""
        return time.time()

    def jump_to(self, instant: float) -> None:
        """Stay: the caller waits for what happens at `instant` anyway."""


class FakeClock:
    """libfaketime's control file. A relative offset, since a date is read in each process's own zone."""

    kind = ClockKind.FAKE

    def __init__(self, control: Path, *, library: Path, start: float) -> None:
        self._control = control
        self._library = library
        self._offset = start - time.time()
        self._write()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that put a process into this time."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._control),
            "FAKETIME_NO_CACHE": "1",
            # Else threading.Event.wait never returns.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def now(self) -> float:
        """The time in the cell."""
        return time.time() + self._offset

    def jump_to(self, instant: float) -> None:
        """Go forward to `instant`, if that is still ahead: backwards only fresh processes would follow."""
        offset = instant - time.time()
        if offset > self._offset:
            self._offset = offset
            self._write()

    def set_forward(self, seconds: float) -> None:
        """Move by so many seconds, back if negative: what a machine's clock does when it is set right."""
        self._offset += seconds
        self._write()

    def _write(self) -> None:
        scratch = self._control.with_suffix(f".{os.getpid()}")
        scratch.write_text(f"{self._offset:+.6f}\n")
        scratch.replace(self._control)


def find_clock_library() -> Path | None:
    """Libfaketime's shared object as the PyPI package ships it, or None on machines it is not made for."""
    if sys.platform != "linux":
        return None
    spec = importlib.util.find_spec("libfaketime")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        library = Path(folder) / _LIBRARY
        if library.exists():
            return library
    return None
