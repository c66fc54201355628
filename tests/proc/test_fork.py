"""Isolated children: real forks of a real fork server."""

import multiprocessing.forkserver
import multiprocessing.resource_tracker
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from harness.proc.children import Child
from harness.proc.fork import ChildDied, IsolatedChild, prepare_fork_server
from harness.proc.logs import read_log
from harness.proc.marker import VARIABLE, Marker
from harness.proc.sweep import marked, sweep
from harness.proc.wait import Deadline, DeadlineExceeded
from tests.proc.processes import (
    PATIENCE,
    MakeCommand,
    Start,
    Watch,
    is_gone,
    logged_number,
    until_gone,
)

pytestmark = pytest.mark.usefixtures("server")

Isolate = Callable[..., IsolatedChild]
Parent = Callable[[str], Child]

# A harness with one isolated child, of which it hears one event. Its marks are the test's: what it leaves
# behind is no orphan that another harness on this machine might sweep before the test has seen it.
PARENT = """
    import signal, sys
    from pathlib import Path
    from harness.proc.fork import IsolatedChild, prepare_fork_server
    from harness.proc.marker import Marker
    from harness.proc.wait import Deadline

    if __name__ == "__main__":
        sys.path.append({root!r})
        run = Marker({marker!r})
        cell = run.below("cell")
        prepare_fork_server(run, [])
        child = IsolatedChild(
            "tests.proc.targets:{target}", (cell.text, {folder!r}), marker=cell, log=Path("isolated.log")
        )
        print("event", next(child.events(Deadline(300))))
        signal.pause()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Marker]:
    """The mark on a fork server of this module's own."""
    marker = Marker.of_this_harness("fork-server")
    _stop_fork_server()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "")  # put back what is there when the module is done
        prepare_fork_server(marker, ["colorsys", "tests.proc.targets"])
        yield marker
    _stop_fork_server()
    sweep(marker)


@pytest.fixture
def isolate(marker: Marker, tmp_path: Path) -> Iterator[Isolate]:
    """What starts a target in an isolated child; the child is killed after the test."""
    started: list[IsolatedChild] = []

    def isolated(target: str, payload: object = None) -> IsolatedChild:
        child = IsolatedChild(
            f"tests.proc.targets:{target}", payload, marker=marker, log=tmp_path / "isolated.log"
        )
        started.append(child)
        return child

    yield isolated
    for child in started:
        child.kill()


@pytest.fixture
def parent(marker: Marker, python: MakeCommand, start: Start, tmp_path: Path) -> Parent:
    """What starts a harness of its own with one isolated child."""

    def started(target: str) -> Child:
        root = str(Path(__file__).parents[2])
        script = PARENT.format(root=root, marker=marker.text, target=target, folder=str(tmp_path))
        return start(replace(python(script), marker=Marker("not-ours")))

    return started


def test_events_arrive_in_order_until_the_goodbye(isolate: Isolate) -> None:
    assert list(isolate("count", 1000).events(Deadline(PATIENCE))) == list(range(1000))


def test_events_arrive_while_the_child_still_works(isolate: Isolate) -> None:
    events = isolate("wait_forever").events(Deadline(PATIENCE))
    assert not is_gone(psutil.Process(_number(next(events))))


def test_a_child_has_a_process_and_a_session_of_its_own_marked_and_deaf_to_ctrl_c(
    isolate: Isolate, marker: Marker
) -> None:
    pid, session, mark, deaf, preloaded = isolate("describe").events(Deadline(PATIENCE))
    assert pid == session != os.getpid()
    assert mark == marker.text
    assert deaf
    assert preloaded


def test_the_fork_server_is_found_by_the_mark_of_the_run(isolate: Isolate, server: Marker) -> None:
    events = isolate("wait_forever").events(Deadline(PATIENCE))
    child = psutil.Process(_number(next(events)))
    assert child.pid in {process.pid for process in marked(server.covers)}
    assert child.ppid() in {process.pid for process in marked(server.covers)}


def test_output_is_in_the_log_however_it_is_written(isolate: Isolate, tmp_path: Path) -> None:
    assert list(isolate("talk").events(Deadline(PATIENCE))) == ["done"]
    assert read_log(tmp_path / "isolated.log") == "to the log\npast Python\n"


def test_an_exception_is_told_with_its_traceback(isolate: Isolate) -> None:
    events = isolate("fail", "it is broken").events(Deadline(PATIENCE))
    assert next(events) == "before"
    with pytest.raises(ChildDied, match=r"(?s)^Traceback .*targets\.py.*\nValueError: it is broken\n$"):
        next(events)


def test_an_exit_without_a_goodbye_is_told_with_its_code(isolate: Isolate) -> None:
    events = isolate("leave", 9).events(Deadline(PATIENCE))
    assert next(events) == "before"
    with pytest.raises(ChildDied, match=r"^exit code 9$"):
        next(events)


def test_an_exit_by_exception_is_told_too(isolate: Isolate) -> None:
    with pytest.raises(ChildDied, match="SystemExit: 4"):
        list(isolate("exit_politely", 4).events(Deadline(PATIENCE)))


def test_a_child_that_is_killed_is_told_with_the_signal(isolate: Isolate) -> None:
    events = isolate("wait_forever").events(Deadline(PATIENCE))
    os.kill(_number(next(events)), signal.SIGKILL)
    with pytest.raises(ChildDied, match=r"^exit code -9$"):
        next(events)


def test_an_event_that_cannot_be_sent_is_the_end_of_the_child(isolate: Isolate) -> None:
    with pytest.raises(ChildDied, match="cannot pickle"):
        list(isolate("emit_what_cannot_be_sent").events(Deadline(PATIENCE)))


@pytest.mark.parametrize(
    ("target", "error"), [("no_such_function", "AttributeError"), (":", "AttributeError")]
)
def test_a_target_that_is_not_there_is_told(isolate: Isolate, target: str, error: str) -> None:
    with pytest.raises(ChildDied, match=error):
        list(isolate(target).events(Deadline(PATIENCE)))


def test_the_deadline_ends_the_wait_and_not_the_child(isolate: Isolate) -> None:
    child = isolate("wait_forever")
    pid = _number(next(child.events(Deadline(PATIENCE))))
    with pytest.raises(DeadlineExceeded, match=r"the cell's child to end: not within 0\.05 s"):
        list(child.events(Deadline(0.05)))
    assert not is_gone(psutil.Process(pid))


def test_a_kill_ends_the_child_at_once(isolate: Isolate) -> None:
    child = isolate("wait_forever")
    process = psutil.Process(_number(next(child.events(Deadline(PATIENCE)))))
    child.kill()
    until_gone(process)
    child.kill()


def test_a_child_that_has_ended_may_be_killed(isolate: Isolate) -> None:
    child = isolate("count", 1)
    assert list(child.events(Deadline(PATIENCE))) == [0]
    child.kill()


def test_what_a_killed_child_has_started_is_swept(
    isolate: Isolate, marker: Marker, watch: Watch, tmp_path: Path
) -> None:
    child = isolate("start_and_wait", (marker.text, str(tmp_path)))
    started = watch(_number(next(child.events(Deadline(PATIENCE)))))
    child.kill()
    assert not is_gone(started)
    assert sweep(marker) == ("sleep 120",)
    assert is_gone(started)


@pytest.mark.live
def test_a_death_is_told_though_a_fork_of_the_child_lives_on(isolate: Isolate, watch: Watch) -> None:
    child = isolate("leave_a_fork_behind", 6)
    watch(_number(next(child.events(Deadline(PATIENCE)))))
    with pytest.raises(ChildDied, match=r"^exit code 6$"):
        next(child.events(Deadline(2)))


def test_a_parent_that_is_killed_takes_the_child_and_what_it_started_with_it(
    parent: Parent, marker: Marker, watch: Watch
) -> None:
    harness = parent("start_and_wait")
    started = watch(logged_number(harness, "event"))
    everything = list(marked(marker.covers))
    assert started in everything
    assert len(everything) > 3  # what it started, the isolated child, the fork server, its tracker
    os.kill(harness.pid, signal.SIGKILL)
    harness.wait(Deadline(PATIENCE))
    until_gone(*everything)


@pytest.mark.live
def test_a_parent_that_is_killed_leaves_nothing_of_a_child_that_is_starting_processes(
    parent: Parent, marker: Marker, watch: Watch
) -> None:
    harness = parent("start_on_and_on")
    child = watch(logged_number(harness, "event"))
    os.kill(harness.pid, signal.SIGKILL)
    harness.wait(Deadline(PATIENCE))
    until_gone(child)
    assert sweep(marker.below("cell")) == ()


@pytest.mark.live
def test_a_parent_that_is_killed_leaves_nothing_of_a_child_that_is_telling_events(
    parent: Parent, marker: Marker, watch: Watch
) -> None:
    harness = parent("start_and_emit_on_and_on")
    child = watch(logged_number(harness, "event"))
    os.kill(harness.pid, signal.SIGKILL)
    harness.wait(Deadline(PATIENCE))
    until_gone(child)
    assert sweep(marker.below("cell")) == ()


def _number(event: object) -> int:
    assert isinstance(event, int)
    return event


def _stop_fork_server() -> None:
    multiprocessing.forkserver._forkserver._stop()  # type: ignore[attr-defined]
    multiprocessing.resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined]
