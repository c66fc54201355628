"""Redis for a cell: a server of its own, on loopback, proven to be our child before it is used."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from harness.errors import StageFailed
from harness.proc.children import Child, Command
from harness.proc.logs import read_log, tail
from harness.proc.marker import Marker
from harness.proc.wait import Deadline, DeadlineExceeded, wait_until
from harness.services.programs import RedisProgram

_PORTS_TRIED = 5


class RedisServer:
    """A server that nobody else uses. Its data lives and dies with it."""

    def __init__(
        self,
        program: RedisProgram,
        *,
        log: Path,
        marker: Marker,
        timeout: float,
        lasting: bool = False,
    ) -> None:
        self._program = program
        self._log = log
        self._marker = marker
        self._timeout = timeout
        self._lasting = lasting  # has on disk all that it has said yes to
        self.port = 0
        self.child: Child | None = None

    @property
    def url(self) -> str:
        """The broker URL of its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> Child:
        """Start it on a free port, or again on the port it had.

        Raises:
            StageFailed: it does not come up, or what answers on its port is not our child.
        """
        for _ in range(_PORTS_TRIED):
            port = self.port or _free_port()
            before = self._log.stat().st_size if self._log.exists() else 0
            child = Child(self._command(port))
            try:
                self._wait_for_own_answer(child, port, before)
            except _PortTaken:
                child.kill()
                continue
            except (DeadlineExceeded, StageFailed) as error:
                child.kill()
                raise StageFailed(f"{error}\n{tail(self._log)}", log=self._log.name) from None
            self.port, self.child = port, child
            return child
        raise StageFailed(f"no free port in {_PORTS_TRIED} tries\n{tail(self._log)}", log=self._log.name)

    @contextlib.contextmanager
    def held_down(self) -> Iterator[None]:
        """Have its port refuse connections: nobody else can listen there before it is started (again).

        Raises:
            StageFailed: somebody has the port already.
        """
        with socket.socket() as holder:
            # So bound, and listening to nobody, it leaves the port to a server that asks in the same way.
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                holder.bind(("127.0.0.1", self.port))
            except OSError as error:
                raise StageFailed(f"port {self.port}: {error}", log=self._log.name) from None
            self.port = holder.getsockname()[1]
            yield

    def _command(self, port: int) -> Command:
        options = {
            "--bind": "127.0.0.1",
            "--port": str(port),
            "--save": "",
            "--appendonly": "yes" if self._lasting else "no",
            "--appendfsync": "always",
            "--dir": str(self._log.parent),
            "--daemonize": "no",
            "--set-proc-title": "no",  # its title would overwrite the marker in its environment
        }
        return Command(
            argv=[str(self._program.path), *(word for option in options.items() for word in option)],
            env={"PATH": os.defpath},
            cwd=self._log.parent,
            log=self._log,
            marker=self._marker,
        )

    def _wait_for_own_answer(self, child: Child, port: int, before: int) -> None:
        client = redis.Redis(host="127.0.0.1", port=port, socket_timeout=1, retry=Retry(NoBackoff(), 0))

        def answer() -> dict[str, Any] | None:
            if child.exit_code is not None:
                if "Address already in use" in read_log(self._log, before):
                    raise _PortTaken
                raise StageFailed(f"the server ended with code {child.exit_code}", log=self._log.name)
            try:
                return client.info("server")
            except redis.RedisError:
                return None

        try:
            info = wait_until(answer, deadline=Deadline(self._timeout), what="the server's first answer")
        finally:
            client.close()
        if info["process_id"] != child.pid:
            raise _PortTaken


class _PortTaken(Exception):
    """Somebody else listens where our server should."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
