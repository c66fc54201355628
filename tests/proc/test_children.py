"""One child: how it starts, ends, and is made to end."""

import os
import resource
import signal
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from harness.proc import children
from harness.proc.children import Child
from harness.proc.logs import LONGEST_LOG, read_log
from harness.proc.marker import VARIABLE, Marker
from harness.proc.sweep import marked
from harness.proc.wait import Deadline, DeadlineExceeded
from tests.proc.processes import (
    FORKS_AWAY,
    PATIENCE,
    SLEEPER,
    WITH_A_CHILD_OF_ITS_OWN,
    MakeCommand,
    Start,
    Watch,
    logged_number,
    until_gone,
    until_logged,
)

IGNORES_TERM = """
    import signal
    signal.signal(signal.SIGTERM, lambda *_: print("not now"))
    print("up")
    while True:
        signal.pause()
"""

ENDS_AT_TERM = """
    import signal, sys
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
    print("up")
    while True:
        signal.pause()
"""


def test_output_and_errors_are_in_the_log(python: MakeCommand, start: Start) -> None:
    child = start(python("import os; [os.write(stream, b'to %d\\n' % stream) for stream in (1, 2, 1)]"))
    assert child.wait(Deadline(PATIENCE)) == 0
    assert read_log(child.command.log) == "to 1\nto 2\nto 1\n"


def test_a_child_that_starts_again_adds_to_its_log(python: MakeCommand, start: Start) -> None:
    command = python("print('up')")
    for _ in range(2):
        start(command).wait(Deadline(PATIENCE))
    assert read_log(command.log) == "up\nup\n"


def test_a_child_inherits_nothing_but_its_marker(
    marker: Marker, python: MakeCommand, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://somebody-elses")
    command = python("import os; print(dict(os.environ))")
    child = start(command)
    child.wait(Deadline(PATIENCE))
    assert read_log(command.log) == f"{ {**command.env, VARIABLE: marker.text} }\n"


@pytest.mark.live
def test_a_child_can_be_found_by_its_marker_once_it_is_started(marker: Marker, python: MakeCommand) -> None:
    command = replace(python(""), argv=["sleep", "60"])
    for _ in range(300):
        child = Child(command)
        try:
            assert psutil.Process(child.pid).environ()[VARIABLE] == marker.text
        finally:
            child.kill()


def test_a_child_has_a_session_of_its_own_and_no_stdin(python: MakeCommand, start: Start) -> None:
    child = start(python("import sys; print(repr(sys.stdin.read())); print('up')"))
    child.wait(Deadline(PATIENCE))
    assert read_log(child.command.log) == "''\nup\n"
    sleeper = start(python(SLEEPER))
    assert os.getsid(sleeper.pid) == sleeper.pid != os.getsid(0)


def test_a_child_runs_in_its_folder(python: MakeCommand, start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    child = start(replace(python("import os; print(os.getcwd())"), cwd=folder))
    child.wait(Deadline(PATIENCE))
    assert read_log(child.command.log) == f"{folder}\n"


def test_the_exit_code_is_none_until_the_child_has_ended(python: MakeCommand, start: Start) -> None:
    child = start(replace(python("input(); raise SystemExit(3)"), talks=True))
    assert child.exit_code is None
    child.stdin.write(b"\n")
    child.stdin.flush()
    assert child.wait(Deadline(PATIENCE)) == 3
    assert child.exit_code == 3


def test_the_exit_code_after_a_signal_is_its_number_below_zero(python: MakeCommand, start: Start) -> None:
    child = start(python(SLEEPER))
    child.signal(signal.SIGUSR1)
    assert child.wait(Deadline(PATIENCE)) == -signal.SIGUSR1


def test_a_child_that_exits_early_is_no_trouble(python: MakeCommand, start: Start) -> None:
    child = start(python("raise SystemExit(5)"))
    assert child.wait(Deadline(PATIENCE)) == 5
    child.signal(signal.SIGTERM)
    assert child.stop(grace=PATIENCE) == 5
    child.kill()
    child.kill()
    assert child.exit_code == 5


def test_a_wait_that_is_too_long_says_for_what(python: MakeCommand, start: Start) -> None:
    child = start(python(SLEEPER))
    with pytest.raises(DeadlineExceeded, match=r"^python[\d.]* to end: not within 0\.05 s$"):
        child.wait(Deadline(0.05))
    assert child.exit_code is None


def test_a_child_that_heeds_term_ends_in_its_own_way(python: MakeCommand, start: Start) -> None:
    child = start(python(ENDS_AT_TERM))
    until_logged(child, "up")
    assert child.stop(grace=PATIENCE) == 7


def test_a_child_that_ignores_term_is_killed_after_the_grace(python: MakeCommand, start: Start) -> None:
    child = start(python(IGNORES_TERM))
    until_logged(child, "up")
    child.signal(signal.SIGTERM)
    until_logged(child, "not now")
    began = time.monotonic()
    assert child.stop(grace=0.2) == -signal.SIGKILL
    assert 0.2 <= time.monotonic() - began < PATIENCE


def test_a_kill_takes_the_whole_group(python: MakeCommand, start: Start, watch: Watch) -> None:
    child = start(python(WITH_A_CHILD_OF_ITS_OWN))
    own = watch(logged_number(child, "own"))
    child.kill()
    assert child.exit_code == -signal.SIGKILL
    until_gone(own)


def test_a_stop_takes_what_an_obedient_child_leaves_in_its_group(
    python: MakeCommand, start: Start, watch: Watch
) -> None:
    child = start(python(WITH_A_CHILD_OF_ITS_OWN))
    own = watch(logged_number(child, "own"))
    assert child.stop(grace=PATIENCE) == -signal.SIGTERM
    until_gone(own)


def test_a_signal_reaches_the_child_alone(python: MakeCommand, start: Start, watch: Watch) -> None:
    child = start(python(WITH_A_CHILD_OF_ITS_OWN))
    own = watch(logged_number(child, "own"))
    child.signal(signal.SIGUSR1)
    assert child.wait(Deadline(PATIENCE)) == -signal.SIGUSR1
    assert own.is_running()
    child.kill()
    until_gone(own)


def test_a_child_that_talks_keeps_its_errors_in_the_log(python: MakeCommand, start: Start) -> None:
    child = start(replace(python("import sys; print(input()[::-1]); sys.exit('done')"), talks=True))
    child.stdin.write(b"desrever\n")
    child.stdin.flush()
    assert child.stdout.readline() == b"reversed\n"
    assert child.wait(Deadline(PATIENCE)) == 1
    assert read_log(child.command.log) == "done\n"


def test_a_child_that_does_not_talk_has_no_pipes(python: MakeCommand, start: Start) -> None:
    child = start(python(SLEEPER))
    with pytest.raises(AssertionError, match="talks"):
        _ = child.stdin
    with pytest.raises(AssertionError, match="talks"):
        _ = child.stdout


def test_a_program_that_is_not_there_starts_nothing(marker: Marker, python: MakeCommand) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        Child(replace(python(""), argv=["no-such-program"]))
    assert list(marked(marker.covers)) == []


def test_no_file_of_a_child_may_grow_without_bound(python: MakeCommand, start: Start) -> None:
    bounded, unbounded = start(python(SLEEPER)), start(replace(python(SLEEPER), bounded=False))
    assert _largest_file(bounded) == 8 * LONGEST_LOG
    assert _largest_file(unbounded) == _largest_file_of_ours()


def test_a_file_other_than_the_log_is_bound_too(
    python: MakeCommand, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "LONGEST_LOG", 2**17)
    script = "input(); file = open('data', 'wb')\nwhile True: file.write(bytes(65536))"
    child = start(replace(python(script), talks=True))
    child.stdin.write(b"\n")
    child.stdin.flush()
    assert child.wait(Deadline(PATIENCE)) != 0
    assert "File too large" in read_log(child.command.log)
    assert (child.command.cwd / "data").stat().st_size <= 8 * 2**17


def test_a_child_that_forks_away_has_ended_for_its_parent(
    marker: Marker, python: MakeCommand, start: Start, watch: Watch
) -> None:
    child = start(python(FORKS_AWAY))
    assert child.wait(Deadline(PATIENCE)) == 0
    daemon = watch(logged_number(child, "daemon"))
    child.kill()
    assert daemon.is_running()
    assert [process.pid for process in marked(marker.covers)] == [daemon.pid]


def _largest_file(child: Child) -> int:
    limits = psutil.Process(child.pid).rlimit(psutil.RLIMIT_FSIZE)
    return limits[0]


def _largest_file_of_ours() -> int:
    return resource.getrlimit(resource.RLIMIT_FSIZE)[0]
