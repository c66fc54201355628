"""Real children for tests: fixtures, used by several folders' conftest. None outlives its test."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from textwrap import dedent

import psutil
import pytest

from harness.proc.children import Child, Command
from harness.proc.logs import read_log
from harness.proc.marker import Marker
from harness.proc.sweep import sweep
from harness.proc.wait import Deadline, wait_until

PATIENCE = 60.0  # seconds; far more than anything here takes, even on a busy machine
SLEEPER = "import signal; signal.pause()"
WITH_A_CHILD_OF_ITS_OWN = """
    import signal, subprocess, sys
    own = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    print("own", own.pid)
    signal.pause()
"""
# Out of reach: another session, another parent, deaf to TERM.
FORKS_AWAY = """
    import os, signal
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("daemon", os.getpid())
    signal.pause()
"""

MakeCommand = Callable[[str], Command]
Start = Callable[[Command], Child]
Watch = Callable[[int], psutil.Process]


@pytest.fixture
def marker(request: pytest.FixtureRequest) -> Iterator[Marker]:
    """The mark on everything the test starts."""
    marker = Marker.of_this_harness("tests").below(request.node.name)
    yield marker
    sweep(marker)


@pytest.fixture
def python(tmp_path: Path, marker: Marker) -> MakeCommand:
    """What makes the command that runs a script; each has a log of its own."""
    numbers = count(1)

    def make(script: str) -> Command:
        return Command(
            argv=[sys.executable, "-c", dedent(script)],
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
            cwd=tmp_path,
            log=tmp_path / f"child-{next(numbers)}.log",
            marker=marker,
        )

    return make


@pytest.fixture
def start() -> Iterator[Start]:
    """What starts a command; the child can be found by its marker, and is killed after the test."""
    children: list[Child] = []

    def started(command: Command) -> Child:
        child = Child(command)
        children.append(child)
        until_marked(psutil.Process(child.pid))
        return child

    yield started
    for child in children:
        child.kill()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What finds a process by its id; it can be found by its marker too, and is killed after the test."""
    processes: list[psutil.Process] = []

    def watched(pid: int) -> psutil.Process:
        process = psutil.Process(pid)
        processes.append(process)
        until_marked(process)
        return process

    yield watched
    for process in processes:
        if process.is_running():
            process.kill()


def until_marked(process: psutil.Process) -> None:
    """Wait until a process has an environment: it has none while it is in exec."""

    def look() -> bool:
        try:
            return bool(process.environ())
        except psutil.Error:
            return is_gone(process)

    wait_until(look, deadline=Deadline(PATIENCE), what=f"{process} to have an environment")


def until_logged(child: Child, pattern: str) -> re.Match[str]:
    """Wait until a pattern is in a child's log; not if the child has failed."""

    def look() -> re.Match[str] | None:
        code = child.exit_code
        log = read_log(child.command.log)
        found = re.search(pattern, log)
        assert found or not code, f"ended with {code} before {pattern!r}:\n{log}"
        return found

    return wait_until(look, deadline=Deadline(PATIENCE), what=f"the log to have {pattern!r}")


def logged_number(child: Child, name: str) -> int:
    """Wait for a line such as "pid 123"."""
    return int(until_logged(child, rf"{name} (\d+)\n")[1])


def is_gone(process: psutil.Process) -> bool:
    """Whether a process has ended; a zombie has."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until_gone(*processes: psutil.Process) -> None:
    """Wait until all of them have ended."""
    wait_until(
        lambda: all(map(is_gone, processes)), deadline=Deadline(PATIENCE), what=f"{processes} to be gone"
    )
