"""One child process: its own session, its log in a file, its marker in the environment."""

import contextlib
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from harness.proc.gate import GATE
from harness.proc.logs import LONGEST_LOG
from harness.proc.marker import Marker
from harness.proc.sweep import forget_faked_time, until_findable
from harness.proc.wait import Deadline, DeadlineExceeded


@dataclass(frozen=True, kw_only=True)
class Command:
    """What to start. `env` is the whole environment but for the marker; nothing is inherited."""

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    log: Path
    marker: Marker
    talks: bool = False  # stdin and stdout are pipes; only stderr goes to the log
    bounded: bool = True  # no file of its may grow far beyond the longest log
    user: str | None = None  # who it runs as, if not who we are; only root can say


class Child:
    """A started process. Its output is in `command.log`."""

    def __init__(self, command: Command) -> None:
        self.command = command
        pipe = subprocess.PIPE if command.talks else None
        with command.log.open("ab") as log, GATE.passing():
            self._process = subprocess.Popen(
                list(command.argv),
                env={**command.env, **command.marker.environment},
                cwd=command.cwd,
                stdin=pipe or subprocess.DEVNULL,
                stdout=pipe or log,
                stderr=log,
                start_new_session=True,
                user=command.user,
                group=pwd.getpwnam(command.user).pw_gid if command.user else None,
                extra_groups=[] if command.user else None,
            )
            until_findable(self._process.pid)
        self.pid = self._process.pid
        if command.bounded:
            _bound_files(self.pid)

    @property
    def stdin(self) -> IO[bytes]:
        """The pipe to a child that talks."""
        assert self._process.stdin is not None, "only a child that talks has pipes"  # noqa: S101
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """The pipe from a child that talks."""
        assert self._process.stdout is not None, "only a child that talks has pipes"  # noqa: S101
        return self._process.stdout

    @property
    def exit_code(self) -> int | None:
        """None while it runs; -N after signal N."""
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process alone, as `kill PID` would."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    def wait(self, deadline: Deadline) -> int:
        """The exit code.

        Raises:
            DeadlineExceeded: it still runs.
        """
        try:
            code = self._process.wait(deadline.left)
        except subprocess.TimeoutExpired:
            raise DeadlineExceeded(f"{Path(self.command.argv[0]).name} to end", deadline.seconds) from None
        forget_faked_time(self.pid)
        return code

    def kill(self) -> None:
        """Kill the whole session's process group at once, and reap the child."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        forget_faked_time(self.pid)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def stop(self, *, grace: float) -> int:
        """TERM, then KILL after `grace` seconds; returns the exit code."""
        self.signal(signal.SIGTERM)
        with contextlib.suppress(DeadlineExceeded):
            self.wait(Deadline(grace))
        self.kill()
        return self._process.returncode


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A command that ran to its end. `output` is its log."""

    exit_code: int
    output: str
    seconds: float


def run(command: Command, *, timeout: float) -> Finished:
    """Run a command to its end.

    Raises:
        DeadlineExceeded: it did not end within `timeout` seconds; it has been killed.
    """
    deadline = Deadline(timeout)
    offset = command.log.stat().st_size if command.log.exists() else 0
    child = Child(command)
    try:
        code = child.wait(deadline)
    except BaseException:
        child.kill()
        raise
    with command.log.open("rb") as log:
        log.seek(offset)
        output = log.read().decode("utf-8", "replace")
    return Finished(exit_code=code, output=output, seconds=timeout - deadline.left)


def _bound_files(pid: int) -> None:
    """Keep a runaway child from filling the disk."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - not there on every platform

        limit = 8 * LONGEST_LOG
        with contextlib.suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, limit))
