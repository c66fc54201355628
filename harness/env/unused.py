"""What keeps the cache from growing for ever: environments that were not used for longest are removed."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from harness.env.build import COMPLETE, ENVIRONMENTS, Environment
from harness.proc.children import Command, run
from harness.proc.marker import Marker
from harness.proc.wait import DeadlineExceeded

# What the plans that people repeat need, several times over; about five gigabytes.
KEPT_ENVIRONMENTS = 300
_LONGEST = 120.0  # seconds for one of them, on a busy machine


@contextlib.contextmanager
def in_use(environment: Environment) -> Iterator[Environment]:
    """Keep an environment from being removed, by any harness, until the block or this process ends."""
    with (environment.path / COMPLETE).open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        yield environment


def remove_unused(cache: Path, *, log: Path, marker: Marker, kept: int = KEPT_ENVIRONMENTS) -> None:
    """Remove environments of `cache` until at most `kept` are left, but none that is in use.

    `build` says when one was used last, by the time of its marker file. What removes them carries `marker`
    and complains in `log`.
    """
    by_use = sorted((used.stat().st_mtime_ns, used) for used in cache.glob(f"{ENVIRONMENTS}/*/{COMPLETE}"))
    for when, used in by_use[: max(len(by_use) - kept, 0)]:
        _remove(used, when, log=log, marker=marker)


def _remove(used: Path, when: int, *, log: Path, marker: Marker) -> None:
    folder = used.parent
    somebody_has_it = contextlib.suppress(Timeout, BlockingIOError, FileNotFoundError)
    # In the order of `build` and `in_use`: who has just been given it has it still to lock.
    with somebody_has_it, FileLock(f"{folder}.lock", blocking=False), used.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if used.stat().st_mtime_ns != when:
            return
        used.unlink()
        # Nine thousand files: in our process all other cells would wait for the interpreter's lock.
        command = Command(
            argv=["rm", "-rf", "--", str(folder)],
            env={"PATH": os.environ.get("PATH", os.defpath)},
            cwd=log.parent,
            log=log,
            marker=marker,
        )
        with contextlib.suppress(DeadlineExceeded):
            run(command, timeout=_LONGEST)
