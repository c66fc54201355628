"""What the isolated children of test_fork do."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from harness.proc import fork, sweep
from harness.proc.children import Child, Command
from harness.proc.fork import Emit
from harness.proc.marker import VARIABLE, Marker

_PRELOADED = "colorsys" in sys.modules


def count(payload: int, emit: Emit) -> None:
    for number in range(payload):
        emit(number)


def describe(_payload: object, emit: Emit) -> None:
    emit(os.getpid())
    emit(os.getsid(0))
    emit(os.environ[VARIABLE])
    emit(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)
    emit(_PRELOADED)


def talk(_payload: object, emit: Emit) -> None:
    print("to the log", flush=True)  # noqa: T201 - what is tested
    os.write(2, b"past Python\n")
    emit("done")


def fail(payload: str, emit: Emit) -> None:
    emit("before")
    raise ValueError(payload)


def leave(payload: int, emit: Emit) -> None:
    emit("before")
    os._exit(payload)


def exit_politely(payload: int, _emit: Emit) -> None:
    sys.exit(payload)


def emit_what_cannot_be_sent(_payload: object, emit: Emit) -> None:
    emit(threading.Lock())


def wait_forever(_payload: object, emit: Emit) -> None:
    emit(os.getpid())
    while True:
        signal.pause()


def leave_a_fork_behind(payload: int, emit: Emit) -> None:
    pid = os.fork()
    if not pid:
        while True:
            signal.pause()
    emit(pid)
    os._exit(payload)


def start_and_wait(payload: tuple[str, str], emit: Emit) -> None:
    emit(_sleeper(*payload).pid)
    wait_forever(None, emit)


def start_on_and_on(payload: tuple[str, str], emit: Emit) -> None:
    # The moment between the last look of a sweep and its end, made long enough to start something in it.
    sweep._PATIENCE = 0.2
    sweep._forget_dead_faked_times = lambda: time.sleep(1)
    emit(os.getpid())
    started: list[Child] = []
    while True:
        started.append(_sleeper(*payload))
        time.sleep(0.01)


def start_and_emit_on_and_on(payload: tuple[str, str], emit: Emit) -> None:
    started = [_sleeper(*payload)]
    # The moment before a sweep, made long enough to notice that nobody listens any more.
    vars(fork)["sweep"] = _sweep_later
    emit(os.getpid())
    while started:
        emit("more")


def _sweep_later(marker: Marker) -> tuple[str, ...]:
    time.sleep(1)
    return sweep.sweep(marker)


def _sleeper(marker: str, folder: str) -> Child:
    return Child(
        Command(
            argv=["sleep", "120"],
            env={"PATH": os.defpath},
            cwd=Path(folder),
            log=Path(folder) / "sleeper.log",
            marker=Marker(marker),
        )
    )
