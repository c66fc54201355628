"""Time in real children: libfaketime's, and everybody's."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.model import ClockKind
from harness.nodes.clock import FakeClock, RealClock, find_clock_library
from harness.proc.children import Child
from tests.proc.processes import PATIENCE, MakeCommand, Start

DAY = 86400.0
# 2023-07-16 12:00 UTC
START = 1689508800.0

# Tells the time whenever it is asked; on "wait" first waits half a second, by the monotonic clock.
TELLER = """
    import datetime, json, sys, threading, time
    for line in sys.stdin:
        before = time.monotonic()
        if line == "wait\\n":
            print("waiting", flush=True)
            threading.Event().wait(0.25)
            time.sleep(0.25)
        print(json.dumps({
            "time": time.time(),
            "date": str(datetime.datetime.utcfromtimestamp(time.time()).date()),
            "monotonic": time.monotonic(),
            "waited": time.monotonic() - before,
        }), flush=True)
"""

MakeTeller = Callable[[dict[str, str]], Child]


@pytest.fixture
def clock(tmp_path: Path) -> FakeClock:
    """A clock that begins at START."""
    library = find_clock_library()
    if library is None:
        pytest.skip("no libfaketime for this machine")
    return FakeClock(tmp_path / "clock", library=library, start=START)


@pytest.fixture
def teller(python: MakeCommand, start: Start) -> MakeTeller:
    """What starts a child that tells the time it lives in."""

    def started(environment: dict[str, str]) -> Child:
        command = python(TELLER)
        return start(replace(command, env={**command.env, **environment}, talks=True))

    return started


def ask(child: Child, how: str = "now") -> dict[str, Any]:
    """What a teller says."""
    child.stdin.write(how.encode() + b"\n")
    child.stdin.flush()
    if how == "wait":
        return {}
    return answer(child)


def answer(child: Child) -> dict[str, Any]:
    """What a teller has been asked for."""
    said: dict[str, Any] = json.loads(child.stdout.readline())
    return said


def test_a_child_lives_in_the_time_of_its_clock(clock: FakeClock, teller: MakeTeller) -> None:
    said = ask(teller(clock.environment))
    assert clock.kind is ClockKind.FAKE
    assert START <= said["time"] < START + PATIENCE
    assert said["date"] == "2023-07-16"
    assert said["time"] == pytest.approx(clock.now(), abs=PATIENCE)


def test_two_children_see_a_jump_and_agree(clock: FakeClock, teller: MakeTeller) -> None:
    children = [teller(clock.environment), teller(clock.environment)]
    for number in (1, 2, 400):
        clock.jump_to(START + number * DAY)
        for child in children:
            assert 0 <= ask(child)["time"] - (START + number * DAY) < PATIENCE
    times = [ask(child)["time"] for child in (*children, *children)]
    assert times == sorted(times)
    assert times[0] <= clock.now()


def test_a_clock_that_is_set_back_takes_a_child_along(clock: FakeClock, teller: MakeTeller) -> None:
    child = teller(clock.environment)
    clock.set_forward(DAY)
    assert ask(child)["date"] == "2023-07-17"
    clock.set_forward(-DAY)
    assert ask(child)["date"] == "2023-07-16"
    assert clock.now() < START + PATIENCE


def test_a_child_that_starts_after_a_jump_is_where_the_others_are(
    clock: FakeClock, teller: MakeTeller
) -> None:
    first = teller(clock.environment)
    assert ask(first)["date"] == "2023-07-16"
    clock.jump_to(START + DAY)
    second = teller(clock.environment)
    assert ask(first)["time"] <= ask(second)["time"] <= ask(first)["time"]
    assert ask(second)["date"] == "2023-07-17"


def test_a_jump_has_fractions_of_a_second(clock: FakeClock, teller: MakeTeller) -> None:
    child = teller(clock.environment)
    clock.jump_to(START + DAY + 0.75)
    assert ask(child)["time"] >= START + DAY + 0.75
    assert clock.now() >= START + DAY + 0.75


def test_a_jump_backwards_is_ignored(clock: FakeClock, teller: MakeTeller) -> None:
    child = teller(clock.environment)
    clock.jump_to(START + DAY)
    clock.jump_to(START)
    clock.jump_to(clock.now() - 1)
    assert clock.now() >= START + DAY
    assert ask(child)["time"] >= START + DAY


def test_a_zone_of_a_child_does_not_move_it(clock: FakeClock, teller: MakeTeller) -> None:
    child = teller({**clock.environment, "TZ": "Asia/Shanghai"})
    assert 0 <= ask(child)["time"] - START < PATIENCE
    clock.jump_to(START + DAY)
    assert 0 <= ask(child)["time"] - START - DAY < PATIENCE


def test_waits_of_a_child_are_not_moved_by_a_jump(clock: FakeClock, teller: MakeTeller) -> None:
    child = teller(clock.environment)
    ask(child, "wait")
    assert child.stdout.readline() == b"waiting\n"
    clock.jump_to(START + DAY)
    said = answer(child)
    assert 0.5 <= said["waited"] < PATIENCE
    assert said["time"] >= START + DAY
    before = time.monotonic()
    assert before <= ask(child)["monotonic"] <= time.monotonic()


def test_the_time_goes_on_between_jumps(clock: FakeClock, teller: MakeTeller) -> None:
    child = teller(clock.environment)
    first = ask(child)
    ask(child, "wait")
    assert child.stdout.readline() == b"waiting\n"
    second = answer(child)
    assert 0.5 <= second["time"] - first["time"] < PATIENCE


def test_the_time_of_the_harness_stays(clock: FakeClock, teller: MakeTeller) -> None:
    before = time.time()
    clock.jump_to(START + 400 * DAY)
    assert ask(teller({}))["time"] == pytest.approx(before, abs=PATIENCE)
    assert time.time() == pytest.approx(before, abs=PATIENCE)


def test_nothing_is_left_beside_the_control_file(
    clock: FakeClock, teller: MakeTeller, tmp_path: Path
) -> None:
    child = teller(clock.environment)
    ask(child)
    clock.jump_to(START + DAY)
    child.kill()
    assert [path.name for path in tmp_path.glob("clock*")] == ["clock"]
    assert not list(Path("/dev/shm").glob(f"*faketime*_{child.pid}"))  # noqa: S108 - libfaketime's own place


def test_the_real_clock_is_everybodys(teller: MakeTeller) -> None:
    clock = RealClock()
    assert clock.kind is ClockKind.REAL
    assert clock.environment == {}
    before = time.time()
    clock.jump_to(before + DAY)
    assert clock.now() == pytest.approx(before, abs=PATIENCE)
    assert ask(teller(clock.environment))["time"] == pytest.approx(before, abs=PATIENCE)


def test_there_is_no_library_on_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert find_clock_library() is None


def test_there_is_no_library_where_the_package_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert find_clock_library() is None


def test_there_is_no_library_where_the_package_was_not_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "libfaketime"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert find_clock_library() is None
