"""INT and TERM in a real harness, with a real child."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from textwrap import dedent, indent

import psutil
import pytest

from harness.errors import ExitCode
from harness.proc.children import Child
from harness.proc.marker import Marker
from harness.proc.sweep import marked
from harness.proc.wait import Deadline
from tests.proc.processes import (
    PATIENCE,
    MakeCommand,
    Start,
    Watch,
    is_gone,
    logged_number,
    marker,
    python,
    start,
    until_gone,
    until_logged,
    watch,
)

__all__ = ["marker", "python", "start", "watch"]

# A harness with a child that ignores TERM. `{block}` is what it does while the child runs, `{prelude}` what
# comes before. The last lines of its log are what became of it. Its mark is the test's: what it leaves behind
# is no orphan that another harness on this machine might sweep before the test has seen it.
HARNESS = """
    import signal, sys
    from pathlib import Path
    from harness.commands import interrupt
    from harness.errors import HarnessError
    from harness.proc.children import Child, Command, run
    from harness.proc.gate import GATE, GateClosed
    from harness.proc.marker import Marker

    marker = Marker({marker!r})

    def command(script):
        return Command(
            argv=[sys.executable, "-c", script], env={{}}, cwd=Path.cwd(), log=Path("own.log"), marker=marker
        )

    def pause_at_the_sweep():
        # Stop at the door of the sweep until somebody says to go on.
        sweep = interrupt.sweep
        def slow(marker):
            print("sweeping")
            sys.stdin.readline()
            return sweep(marker)
        interrupt.sweep = slow

    {prelude}
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        with interrupt.stopping_on_signals(marker):
            child = Child(command(
                "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\\nwhile True: signal.pause()"
            ))
            print("child", child.pid)
            {block}
    except HarnessError as error:
        print("ended by", type(error).__name__)
        code = int(error.exit_code)
    except ZeroDivisionError:
        print("ended by a mistake")
        code = 1
    else:
        print("ended by itself")
        code = 0
    after = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    print("handlers are", "restored" if after == before else "lost")
    try:
        run(command("print('hello')"), timeout=60)
        print("gate is open")
    except GateClosed:
        print("gate is closed")
    sys.exit(code)
"""

WAITING = "signal.pause()"

Harness = Callable[..., tuple[Child, psutil.Process]]


@pytest.fixture
def harness(marker: Marker, python: MakeCommand, start: Start, watch: Watch) -> Harness:
    """What starts a harness and gives it and its child."""

    def started(block: str = WAITING, prelude: str = "pass") -> tuple[Child, psutil.Process]:
        lines = indent(dedent(block), " " * 12).strip()
        command = python(HARNESS.format(block=lines, prelude=prelude, marker=marker.below("own").text))
        # What it prints is the log; stdin lets it go on.
        owner = start(replace(command, argv=["sh", "-c", 'exec "$@" 1>&2', "sh", *command.argv], talks=True))
        return owner, watch(logged_number(owner, "child"))

    return started


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)]
)
def test_a_signal_ends_the_harness_with_its_own_code_and_takes_the_child(
    harness: Harness, number: signal.Signals, code: ExitCode
) -> None:
    owner, child = harness()
    owner.signal(number)
    assert owner.wait(Deadline(PATIENCE)) == code
    assert is_gone(child)
    assert _end_of(owner) == ["ended by Interrupted", "handlers are restored", "gate is closed"]


def test_a_block_that_ends_by_itself_leaves_nothing_and_the_gate_open(harness: Harness) -> None:
    owner, child = harness(block="sys.stdin.readline()")
    _go_on(owner)
    assert owner.wait(Deadline(PATIENCE)) == 0
    assert is_gone(child)
    assert _end_of(owner) == ["ended by itself", "handlers are restored", "gate is open"]


def test_a_mistake_in_the_block_leaves_nothing_and_closes_the_gate(harness: Harness) -> None:
    owner, child = harness(block="sys.stdin.readline(); 1 / 0")
    _go_on(owner)
    assert owner.wait(Deadline(PATIENCE)) == 1
    assert is_gone(child)
    assert _end_of(owner) == ["ended by a mistake", "handlers are restored", "gate is closed"]


def test_a_child_of_the_child_in_another_session_is_taken_too(harness: Harness, watch: Watch) -> None:
    owner, child = harness(
        block="""
            run(command("import subprocess, sys; print('own', subprocess.Popen("
                "[sys.executable, '-c', 'import signal; signal.pause()'], start_new_session=True).pid)"
            ), timeout=60)
            print(Path("own.log").read_text(), end="")
            signal.pause()
        """
    )
    own = watch(logged_number(owner, "own"))
    owner.signal(signal.SIGTERM)
    assert owner.wait(Deadline(PATIENCE)) == ExitCode.TERMINATED
    until_gone(child, own)


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_does_not_break_off_the_sweep(harness: Harness, first: signal.Signals) -> None:
    owner, child = harness(prelude="pause_at_the_sweep()")
    owner.signal(first)
    until_logged(owner, "sweeping")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
        owner.signal(number)
    assert not is_gone(child)
    _go_on(owner)
    code = owner.wait(Deadline(PATIENCE))
    assert code == (ExitCode.INTERRUPTED if first is signal.SIGINT else ExitCode.TERMINATED)
    assert is_gone(child)
    assert _end_of(owner) == ["ended by Interrupted", "handlers are restored", "gate is closed"]


@pytest.mark.parametrize("block", ["pass", "1 / 0"])
def test_a_first_signal_does_not_break_off_the_sweep_either(harness: Harness, block: str) -> None:
    owner, child = harness(block=block, prelude="pause_at_the_sweep()")
    until_logged(owner, "sweeping")
    owner.signal(signal.SIGINT)
    _go_on(owner)
    owner.wait(Deadline(PATIENCE))
    assert is_gone(child)
    assert "handlers are restored" in _end_of(owner)


def test_signals_from_all_sides_leave_nothing(harness: Harness, marker: Marker) -> None:
    owner, child = harness()
    deadline = Deadline(PATIENCE)
    while owner.exit_code is None:
        assert not deadline.passed
        os.kill(owner.pid, signal.SIGTERM)
        os.kill(owner.pid, signal.SIGINT)
    assert is_gone(child)
    assert list(marked(marker.covers)) == []


def _go_on(owner: Child) -> None:
    owner.stdin.write(b"\n")
    owner.stdin.flush()


def _end_of(owner: Child) -> list[str]:
    """The last lines of its log: what ended it, and what it found then."""
    return owner.command.log.read_text().splitlines()[-3:]
