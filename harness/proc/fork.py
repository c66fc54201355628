"""A function in a child process of its own, forked from a server that has the slow imports done.

Importing pytest and pytest-celery costs most of a CPU second; a cell's whole life costs about two. The
fork server (the standard library's) imports them once per run. A child sends its events through a pipe;
when the pipe ends without a goodbye the child has died, and the caller sees `ChildDied`.
"""

import contextlib
import gc
import importlib
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path

from harness.proc.gate import GATE
from harness.proc.marker import VARIABLE, Marker
from harness.proc.sweep import adopt_orphans, kill_descendants, sweep
from harness.proc.wait import Deadline, DeadlineExceeded

Emit = Callable[[object], None]

_context = multiprocessing.get_context("forkserver")
_GOODBYE = "goodbye"


class ChildDied(Exception):
    """An isolated child ended before its work did. `str()` is its traceback or its exit code."""


def prepare_fork_server(marker: Marker, preload: Sequence[str]) -> None:
    """Name what the fork server imports before the first child, and mark the server as ours.

    The server inherits this process's environment variables, so the marker is set there; it is started
    by the first `IsolatedChild`.
    """
    os.environ.update(marker.environment)
    _context.set_forkserver_preload(list(preload))


class IsolatedChild:
    """`target(payload, emit)` in a process and session of its own, its output in `log`.

    `target` is "package.module:function": the function's imports are the child's, not the caller's.
    """

    def __init__(self, target: str, payload: object, *, marker: Marker, log: Path) -> None:
        self._connection, theirs = _context.Pipe(duplex=False)
        self._process = _context.Process(
            target=_child_main, args=(target, payload, theirs, marker, str(log)), daemon=False
        )
        with GATE.passing():
            self._process.start()
        theirs.close()

    def events(self, deadline: Deadline) -> Iterator[object]:
        """What the child emits, as it comes, until it has said goodbye.

        Raises:
            ChildDied: it ended without a goodbye.
            DeadlineExceeded: it still works at the deadline.
        """
        while True:
            # The pipe may be held open by a fork of the child: its own end counts, too.
            if not wait([self._connection, self._process.sentinel], timeout=deadline.left):
                raise DeadlineExceeded("the cell's child to end", deadline.seconds)
            try:
                event = self._connection.recv() if self._connection.poll() else None
            except (EOFError, OSError):
                event = None
            if event is None:
                self._process.join()
                raise ChildDied(f"exit code {self._process.exitcode}")
            if isinstance(event, BaseException):
                raise ChildDied(str(event))
            if event == _GOODBYE:
                self._process.join(deadline.left)
                return
            yield event

    def kill(self) -> None:
        """Kill the child at once; what it has started is for `sweep` to find."""
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._connection.close()


def _child_main(target: str, payload: object, events: Connection, marker: Marker, log: str) -> None:
    os.setsid()
    gc.freeze()  # what the server imported is no garbage, and looking through it would copy its pages
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    os.environ[VARIABLE] = marker.text
    adopt_orphans()
    parent = multiprocessing.parent_process()
    dying = threading.Thread(target=_die_with_parent, args=(marker,), daemon=True)
    dying.start()
    try:
        module, _, function = target.partition(":")
        try:
            getattr(importlib.import_module(module), function)(payload, events.send)
        finally:
            kill_descendants()
        events.send(_GOODBYE)
    except BaseException as error:  # noqa: BLE001 - whatever it was, the parent is told
        text = "".join(traceback.format_exception(error))
        with contextlib.suppress(OSError):
            events.send(RuntimeError(text))
        if parent is not None and not parent.is_alive():
            dying.join()
        sys.exit(1)


def _die_with_parent(marker: Marker) -> None:
    """A harness that is killed takes its cells with it, though nobody is left to sweep them."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        GATE.close()
        kill_descendants()
        sweep(marker)
        os._exit(1)
