"""Markers, and the processes that they name."""

import os
import signal

import psutil
import pytest

from harness.proc.children import Child
from harness.proc.marker import VARIABLE, Marker, owner_is_alive
from harness.proc.wait import Deadline, wait_until
from tests.proc.processes import SLEEPER, MakeCommand, Start


def test_a_marker_covers_itself_and_all_below_it() -> None:
    run = Marker("1.2/run")
    cell = run.below("cell", "1")
    assert cell.text == "1.2/run/cell/1"
    assert run.covers(run.text)
    assert run.covers(cell.text)
    assert not cell.covers(run.text)


def test_a_marker_does_not_cover_one_that_only_begins_like_it() -> None:
    assert not Marker("1.2/run/cell").covers("1.2/run/cell-2")
    assert not Marker("1.2/run").covers("1.2/run2/cell")


def test_a_child_has_its_marker_in_its_environment(marker: Marker, python: MakeCommand, start: Start) -> None:
    child = start(python(SLEEPER))
    assert psutil.Process(child.pid).environ()[VARIABLE] == marker.text


def test_this_process_is_a_live_owner() -> None:
    assert owner_is_alive(Marker.of_this_harness("run").text)
    assert owner_is_alive(Marker.of_this_harness("run").below("cell").text)


def test_an_owner_that_was_killed_is_dead(python: MakeCommand, start: Start) -> None:
    child = start(python(SLEEPER))
    text = _marker_of(child)
    assert owner_is_alive(text)
    child.kill()
    assert not owner_is_alive(text)


def test_an_owner_that_was_killed_is_dead_though_nobody_has_reaped_it(
    python: MakeCommand, start: Start
) -> None:
    child = start(python(SLEEPER))
    text = _marker_of(child)
    process = psutil.Process(child.pid)
    os.kill(child.pid, signal.SIGKILL)
    wait_until(
        lambda: process.status() == psutil.STATUS_ZOMBIE, deadline=Deadline(60), what="the child to end"
    )
    assert not owner_is_alive(text)


def test_a_process_that_got_the_id_of_a_dead_owner_is_not_the_owner() -> None:
    created = int(psutil.Process().create_time())
    assert not owner_is_alive(f"{os.getpid()}.{created - 3600}/run")


@pytest.mark.parametrize("text", ["", "run", "x.y/run", "12/run", "12./run", "/run"])
def test_an_owner_that_cannot_be_read_counts_as_alive(text: str) -> None:
    assert owner_is_alive(text)


def _marker_of(child: Child) -> str:
    return f"{child.pid}.{int(psutil.Process(child.pid).create_time())}/run"
