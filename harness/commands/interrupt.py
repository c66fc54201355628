"""Stopping: Ctrl-C and TERM end a command with nothing left running."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from harness.errors import ExitCode, Interrupted
from harness.proc.gate import GATE
from harness.proc.marker import Marker
from harness.proc.sweep import sweep


@contextlib.contextmanager
def stopping_on_signals(marker: Marker) -> Iterator[None]:
    """Turn INT and TERM into `Interrupted`; whatever ends the block, nothing below `marker` outlives it."""

    def stop(number: int, _frame: FrameType | None) -> None:
        # A second signal must not break off the sweep that the first one began.
        for ignored in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ignored, signal.SIG_IGN)
        raise Interrupted(ExitCode.INTERRUPTED if number == signal.SIGINT else ExitCode.TERMINATED)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except BaseException:
        GATE.close()
        raise
    finally:
        sweep(marker)
        for number, handler in before.items():
            signal.signal(number, handler)
