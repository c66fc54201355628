"""A process that looks like a Docker container to pytest-celery's wrappers.

pytest-celery's nodes ask a container for its id, status, attributes and logs, and tell it to die or to
restart. That is all a supervised process can answer too, so its nodes, clusters and setups run
unchanged on it (seam A of the plugin: the leaf fixtures).
"""

import hashlib
import shlex
import signal as signals
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.proc.children import Child, Command, run
from harness.proc.logs import read_log

_EXEC_TIMEOUT = 60.0


class ProcessContainer:
    """What docker-py calls a container, on one child process that `start` makes.

    `ports` maps a container port, such as "6379/tcp", to the port on loopback that answers for it.
    """

    def __init__(
        self,
        name: str,
        start: Callable[[], Child],
        *,
        ports: Callable[[], Mapping[str, int]] = dict,
        stop_grace: float = 10.0,
    ) -> None:
        self.name = name
        self.id = container_id(name)
        self.child = start()
        self._start = start
        self._ports = ports
        self._stop_grace = stop_grace

    @property
    def status(self) -> str:
        """Either "running" or "exited"."""
        return "running" if self.child.exit_code is None else "exited"

    @property
    def attrs(self) -> dict[str, Any]:
        """The part of `docker inspect` that the wrappers read."""
        bindings = {
            port: [{"HostIp": "127.0.0.1", "HostPort": str(own)}] for port, own in self._ports().items()
        }
        return {
            "State": {"ExitCode": self.child.exit_code or 0},
            "Config": {
                "Hostname": "127.0.0.1",
                "Env": [f"{name}={value}" for name, value in self.child.command.env.items()],
                "Labels": {},
            },
            "NetworkSettings": {"Networks": {"loopback": {"IPAddress": "127.0.0.1"}}, "Ports": bindings},
            "HostConfig": {"PortBindings": bindings},
        }

    def reload(self) -> None:
        """Nothing is cached, so nothing is stale."""

    def logs(self) -> bytes:
        """Everything the process has written, over all its starts."""
        return read_log(self.child.command.log).encode()

    def kill(self, signal: str | int | None = None) -> None:
        """Send a signal, KILL when none is given; a killed process is gone when this returns."""
        number = _signal(signal)
        if number is signals.SIGKILL:
            self.child.kill()
        else:
            self.child.signal(number)

    def start(self) -> None:
        """Start again what has ended."""
        self.child = self._start()

    def restart(self, timeout: float = 10) -> None:
        """TERM, KILL after `timeout` seconds, and start again."""
        self.child.stop(grace=timeout)
        self.child = self._start()

    def remove(self, *, force: bool = False) -> None:
        """Stop the process; with `force`, without asking it."""
        self.child.stop(grace=0 if force else self._stop_grace)

    def exec_run(self, cmd: str | Sequence[str]) -> tuple[int, bytes]:
        """Run a command with the process's own environment and folder."""
        argv = shlex.split(cmd) if isinstance(cmd, str) else list(cmd)
        own = self.child.command
        finished = run(
            Command(
                argv=argv,
                env=own.env,
                cwd=own.cwd,
                log=own.log.with_suffix(".exec.log"),
                marker=own.marker,
            ),
            timeout=_EXEC_TIMEOUT,
        )
        return finished.exit_code, finished.output.encode()


def container_id(name: str) -> str:
    """64 hexadecimal digits, as Docker gives them; the same for the same name."""
    return hashlib.sha256(name.encode()).hexdigest()


def _signal(signal: str | int | None) -> signals.Signals:
    if signal is None:
        return signals.SIGKILL
    if isinstance(signal, int):
        return signals.Signals(signal)
    return signals.Signals[signal if signal.startswith("SIG") else f"SIG{signal}"]
