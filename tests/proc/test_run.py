"""A command run to its end, or broken off."""

import signal
from types import FrameType

import pytest

from harness.proc.children import run
from harness.proc.logs import read_log
from harness.proc.marker import Marker
from harness.proc.sweep import marked
from harness.proc.wait import Deadline, DeadlineExceeded, wait_until
from tests.proc.processes import PATIENCE, WITH_A_CHILD_OF_ITS_OWN, MakeCommand

# Once it is bound it has been started, and is waited for.
BREAKS_ITS_PARENT_OFF = """
    import os, resource, signal, time
    while resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY:
        time.sleep(0.01)
    time.sleep(0.3)
    os.kill(os.getppid(), signal.SIGUSR1)
    signal.pause()
"""


def test_a_run_gives_exit_code_output_and_seconds(python: MakeCommand) -> None:
    finished = run(python("print('said'); raise SystemExit(4)"), timeout=PATIENCE)
    assert (finished.exit_code, finished.output) == (4, "said\n")
    assert 0 < finished.seconds < PATIENCE


def test_the_output_of_a_run_is_not_that_of_an_earlier_one(python: MakeCommand) -> None:
    command = python("import os; print(os.getpid())")
    outputs = [run(command, timeout=PATIENCE).output for _ in range(2)]
    assert outputs[0] != outputs[1]
    assert read_log(command.log) == "".join(outputs)


def test_output_that_is_no_text_is_replaced(python: MakeCommand) -> None:
    assert (
        run(python("import os; os.write(1, b'caf\\xe9')"), timeout=PATIENCE).output
        == "caf\N{REPLACEMENT CHARACTER}"
    )


def test_a_run_that_takes_too_long_is_killed(marker: Marker, python: MakeCommand) -> None:
    with pytest.raises(DeadlineExceeded, match=r"^python[\d.]* to end: not within 0\.3 s$"):
        run(python(WITH_A_CHILD_OF_ITS_OWN), timeout=0.3)
    wait_until(
        lambda: not list(marked(marker.covers)), deadline=Deadline(PATIENCE), what="the group to be gone"
    )


def test_a_run_that_is_broken_off_is_killed(marker: Marker, python: MakeCommand) -> None:
    class BrokenOffError(Exception):
        pass

    def break_off(_number: int, _frame: FrameType | None) -> None:
        raise BrokenOffError

    before = signal.signal(signal.SIGUSR1, break_off)
    try:
        with pytest.raises(BrokenOffError):
            run(python(BREAKS_ITS_PARENT_OFF), timeout=PATIENCE)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert list(marked(marker.covers)) == []
