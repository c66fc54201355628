"""The project's own server, as `manage.py runserver` starts it."""

import contextlib
from collections.abc import Callable, Iterator

import psutil

from harness.proc.children import Child
from harness.proc.logs import tail
from harness.proc.wait import Deadline, wait_until


class WebEnded(Exception):
    """The server has ended. `trace` is its last output."""

    def __init__(self, child: Child) -> None:
        super().__init__(f"the server ended with code {child.exit_code}")
        self.trace = tail(child.command.log)


class WebServer:
    """A server that may still be booting. Its port is the one on which its own process listens."""

    def __init__(self, child: Child, *, what: str = "the project's server") -> None:
        self.child = child
        self._what = what

    def url(self, *, timeout: float) -> str:
        """Its address, as soon as it listens there.

        Raises:
            DeadlineExceeded: it does not listen within `timeout` seconds.
            WebEnded: it has ended.
        """
        port = wait_until(self._port, deadline=Deadline(timeout), what=f"{self._what} to listen")
        return f"http://127.0.0.1:{port}"

    def _port(self) -> int | None:
        if self.child.exit_code is not None:
            raise WebEnded(self.child)
        with contextlib.suppress(psutil.NoSuchProcess):
            for connection in psutil.Process(self.child.pid).net_connections("tcp4"):
                if connection.status == psutil.CONN_LISTEN:
                    return int(connection.laddr.port)
        return None


@contextlib.contextmanager
def started_web(start: Callable[[], Child]) -> Iterator[WebServer]:
    """A server that is killed in the end: it keeps nothing that it would have to put away."""
    child = start()
    try:
        yield WebServer(child)
    finally:
        child.kill()
