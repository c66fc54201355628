"""Stopping: Ctrl-C and TERM end a command with nothing left running."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from harness.errors import ExitCode, Interrupted
from harness.proc.gate import GATE
from harness.proc.marker import Marker
from harness.proc.sweep import sweep

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def stopping_on_signals(marker: Marker) -> Iterator[None]:
    """Turn INT, TERM and HUP into `Interrupted`; however it ends, nothing below `marker` outlives it."""
    ending = False

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal ending
        # What is ending already, by a first signal or by itself, must not be broken off in its sweep.
        if not ending:
            ending = True
            raise Interrupted(ExitCode(128 + number))

    before = {number: signal.signal(number, stop) for number in _STOPPING}
    try:
        yield
    except BaseException:
        GATE.close()
        raise
    finally:
        ending = True
        sweep(marker)
        for number, handler in before.items():
            signal.signal(number, handler)
