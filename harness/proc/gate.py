"""The gate every new process passes. Once it is closed nothing is started any more, so a sweep is final."""

import contextlib
import threading
from collections.abc import Iterator


class GateClosed(Exception):
    """The harness is stopping; no process is started any more."""


class Gate:
    """Open until `close`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = False

    @contextlib.contextmanager
    def passing(self) -> Iterator[None]:
        """Hold the gate open while a process is started.

        Raises:
            GateClosed: it has been closed.
        """
        with self._lock:
            if self._closed:
                raise GateClosed
            yield

    def close(self) -> None:
        """Let nothing pass any more; returns when nothing is passing."""
        with self._lock:
            self._closed = True


# One for the process, as its children are: an interrupt stops all of them.
GATE = Gate()
