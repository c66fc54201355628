"""Finding and killing what is left of a cell, a run or a harness that died."""

import contextlib
import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from harness.proc.marker import VARIABLE, Marker, owner_is_alive
from harness.proc.wait import Deadline, DeadlineExceeded, wait_until

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where libfaketime keeps its segments, by process id
_PR_SET_CHILD_SUBREAPER = 36  # from linux/prctl.h
# One that forks between the listing and the looking is missed by that look.
_CLEAN_LOOKS = 3
_PATIENCE = 10.0  # seconds for killed processes to be gone


def marked(belongs: Callable[[str], bool]) -> Iterator[psutil.Process]:
    """Live processes whose marker satisfies `belongs`; this process is never one of them."""
    for process in psutil.process_iter():
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            marker = process.environ().get(VARIABLE)
        except (psutil.Error, OSError):
            continue
        if marker is not None and belongs(marker):
            yield process


def until_findable(pid: int) -> None:
    """Wait until a new process has its environment: during exec it has none, and no sweep would see it."""
    process = psutil.Process(pid)
    with contextlib.suppress(psutil.Error, OSError, DeadlineExceeded):
        wait_until(process.environ, deadline=Deadline(_PATIENCE), what="exec")


def sweep(marker: Marker) -> tuple[str, ...]:
    """Kill every process below `marker`; returns the command lines of those that were there."""
    return _kill_all(marker.covers)


def sweep_orphans() -> tuple[str, ...]:
    """Kill what harnesses that died without cleaning up have left on this machine."""
    return _kill_all(lambda marker: not owner_is_alive(marker))


def sweep_inhabitants(folder: Path) -> None:
    """Kill every process whose working folder is in `folder`, again until there are none.

    What forks away from a server may write its title over its environment, and the marker with it.
    """

    def none_left() -> bool:
        inhabitants = list(_at_home_in(folder))
        for process in inhabitants:
            with contextlib.suppress(psutil.Error):
                process.kill()
        return not inhabitants

    with contextlib.suppress(DeadlineExceeded):
        wait_until(none_left, deadline=Deadline(_PATIENCE), what=f"{folder} to be left")


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, where the system has that (Linux).

    A child that daemonizes and drops its environment carries no mark, but it stays a descendant.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants() -> list[psutil.Process]:
    """Live processes that this one has started, or that theirs have."""
    return [
        process
        for process in psutil.Process().children(recursive=True)
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]


def kill_descendants() -> None:
    """Kill them all, again until there are none."""

    def none_left() -> bool:
        alive = descendants()
        for process in alive:
            with contextlib.suppress(psutil.Error):
                process.kill()
        return not alive

    with contextlib.suppress(DeadlineExceeded):
        wait_until(none_left, deadline=Deadline(_PATIENCE), what="descendants to be gone")
    _forget_dead_faked_times()


def forget_faked_time(pid: int) -> None:
    """Remove libfaketime's shared memory of a dead child: a later process with its id would die on it."""
    for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
        (_SHARED_MEMORY / name).unlink(missing_ok=True)


def _forget_dead_faked_times() -> None:
    """The same for this user's processes that nobody has waited for: those that a sweep has killed."""
    for segment in (*_SHARED_MEMORY.glob("faketime_shm_*"), *_SHARED_MEMORY.glob("sem.faketime_sem_*")):
        pid = segment.name.rpartition("_")[2]
        with contextlib.suppress(OSError):
            if pid.isdigit() and segment.stat().st_uid == os.getuid() and not _lives(int(pid)):
                segment.unlink()


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _at_home_in(folder: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()).is_relative_to(folder):
                yield process
        except (psutil.Error, OSError):
            continue


def _kill_all(belongs: Callable[[str], bool]) -> tuple[str, ...]:
    commands: dict[int, str] = {}
    clean_looks = 0

    def none_left() -> bool:
        nonlocal clean_looks
        alive = list(marked(belongs))
        clean_looks = 0 if alive else clean_looks + 1
        for process in alive:
            try:
                commands.setdefault(process.pid, " ".join(process.cmdline()))
                process.kill()
            except psutil.Error:
                continue
        return clean_looks == _CLEAN_LOOKS

    # Again until none is found: one that was forking while it was killed leaves a child behind. One that
    # cannot be killed (state D) is found by its marker at the next start.
    with contextlib.suppress(DeadlineExceeded):
        wait_until(none_left, deadline=Deadline(_PATIENCE), what="killed processes to be gone")
    _forget_dead_faked_times()
    return tuple(filter(None, commands.values()))
