"""What the agent says of a zone it moves to is what a fresh process in that zone says, asked every minute."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from harness.cell.project import Project
from harness.contract.wall import DAY, HOUR, MINUTE
from harness.contract.year import DAILY, HOURLY, KINDS, MINUTELY, OWN, Kind
from harness.nodes.agent import Agent, AgentError
from harness.nodes.clock import FakeClock, find_clock_library
from harness.proc.children import Child, Command, run
from harness.proc.logs import read_log
from harness.proc.marker import Marker

LIBRARY = find_clock_library()
pytestmark = [pytest.mark.live, pytest.mark.skipif(LIBRARY is None, reason="no time can be given")]

AWARE: dict[str, bool | str] = {
    "USE_TZ": True,
    "CELERY_ENABLE_UTC": True,
    "DJANGO_CELERY_BEAT_TZ_AWARE": True,
}
LOCAL: dict[str, bool | str] = {
    "USE_TZ": False,
    "CELERY_ENABLE_UTC": False,
    "DJANGO_CELERY_BEAT_TZ_AWARE": False,
    "CELERY_TIMEZONE": "",
}
# A crontab in UTC meets the process's own zone here, and storms.
MIXED: dict[str, bool | str] = {**AWARE, "CELERY_ENABLE_UTC": False}
AUTUMN = {
    "Europe/Berlin": datetime(2025, 10, 26, 1, tzinfo=UTC).timestamp(),
    "America/New_York": datetime(2025, 11, 2, 6, tzinfo=UTC).timestamp(),
}
# Every minute, by what beat itself calls, in a process that has never been anywhere else.
FRESH = """
import django, json
django.setup()
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import ModelEntry
from agent.operations import enter, migrate
from agent.screen import GivenTime
from izone.celery import app
began, over, entries = json.loads({asked!r})
migrate()
said = {{}}
with GivenTime("fresh-time") as given:
    given.go_on_from(began - 90)
    enter("record_call", entries)
    for task in PeriodicTask.objects.all():
        given.stand_at(began - 60)
        entry, fires, storms = ModelEntry(task, app=app), [], 0
        for minute in range(began, over + 1, 60):
            given.stand_at(minute)
            sends = 0
            while entry.is_due()[0] and sends < 5:
                entry = next(entry)
                sends += 1
            fires += [minute] * (1 if sends == 5 else sends)
            storms += sends == 5
            if storms == 120:
                break
        said[task.name] = fires
print(json.dumps(said))
"""

BACK = """
import django, json, time
django.setup()
from django_celery_beat.models import PeriodicTask
from agent.operations import migrate
from agent.screen import screen
year, entries = json.loads({asked!r})
migrate()
before = time.time()
screen("given-time", "UTC", year, [], entries)
after = time.time()
later = after
looked = time.monotonic()
while later == after and time.monotonic() < looked + 20:
    later = time.time()
print(json.dumps([before, after, later, PeriodicTask.objects.count()]))
"""


def say(project: Project, code: str, marker: Marker) -> Any:  # noqa: ANN401 - JSON
    """The last line that some code prints, in a process of the project's own."""
    log = project.work / "said.log"
    command = Command(
        argv=project.python(code),
        env={**project.variables, "PYTHONWARNINGS": "ignore"},
        cwd=project.work,
        log=log,
        marker=marker,
    )
    run(command, timeout=120)
    return json.loads(read_log(log).splitlines()[-1])


@contextmanager
def agent_of(project: Project, marker: Marker) -> Iterator[Agent]:
    child = Child(
        Command(
            argv=project.agent,
            env=project.variables,
            cwd=project.work,
            log=project.work / "agent.log",
            marker=marker,
            talks=True,
        )
    )
    agent = Agent(child)
    agent.ask("migrate", timeout=60)
    yield agent
    agent.close()
    child.kill()


@pytest.fixture
def clocked(project: Project) -> Project:
    """The project in a time of its own."""
    assert LIBRARY is not None
    start = datetime(2025, 3, 4, tzinfo=UTC).timestamp()
    clock = FakeClock(project.work / "clock", library=LIBRARY, start=start)
    return replace(project, clock_environment=clock.environment)


def entry(
    kind: Kind, *walks: tuple[float, float], close: tuple[float, float] | None = None
) -> dict[str, Any]:
    return {
        "name": kind.name,
        "kind": kind.kind,
        "fields": kind.fields,
        "options": {},
        "walks": [
            {"began": int(began), "over": int(over), "close": [list(map(int, close))] if close else []}
            for began, over in walks
        ],
    }


def unrolled(runs: list[tuple[int, int, int]]) -> list[int]:
    return [first + number * period for first, period, count in runs for number in range(count)]


def _ask(
    agent: Agent, zone: str, began: int, over: int, changes: list[int], entries: list[dict[str, Any]]
) -> Any:  # noqa: ANN401 - JSON
    return agent.ask(
        "screen",
        timeout=60,
        control="given-time",
        zone=zone,
        year=[began, over],
        changes=changes,
        entries=entries,
    )


@pytest.mark.parametrize("settings", [AWARE, LOCAL, MIXED], ids=["aware", "local", "mixed"])
@pytest.mark.parametrize("zone", AUTUMN)
def test_moving_to_a_zone_is_as_good_as_having_booted_there(
    zone: str, settings: dict[str, bool | str], clocked: Project, marker: Marker
) -> None:
    change = AUTUMN[zone]
    began, over = int(change - 2 * DAY), int(change + 2 * DAY)
    close = (change - 1.5 * HOUR, change + 3 * HOUR)
    entries = [entry(kind, (began, over), close=close) for kind in KINDS if kind is not MINUTELY]
    home = replace(clocked, settings={**settings, "TIME_ZONE": "Asia/Shanghai"})
    with agent_of(home, marker) as agent:
        # Whatever Celery computes once and keeps, it has computed for Shanghai before, and does again after.
        before = _ask(agent, "Asia/Shanghai", began, over, [], entries)
        said = _ask(agent, zone, began, over, [int(change)], entries)
        after = _ask(agent, "Asia/Shanghai", began, over, [], entries)
    there = replace(home, settings={**settings, "TIME_ZONE": zone}, work=clocked.work / "there")
    there.work.mkdir()
    asked = json.dumps([began, over, entries])
    fresh = say(there, FRESH.format(asked=asked), marker)
    assert {name: unrolled(walks[0]["fires"]) for name, walks in said["walks"].items()} == fresh
    assert all(fresh.values())
    assert said["changes"] == [change]
    assert before == after != said


def test_it_is_back_in_the_cells_time_and_nothing_is_left(clocked: Project, marker: Marker) -> None:
    project = replace(clocked, settings={**AWARE, "TIME_ZONE": "Asia/Shanghai"})
    began = datetime(2025, 6, 1, tzinfo=UTC).timestamp()
    day = [int(began), int(began + DAY)]
    asked = json.dumps([day, [entry(HOURLY, (began, began + DAY))]])
    before, after, later, entered = say(project, BACK.format(asked=asked), marker)
    assert 0 <= after - before < HOUR
    assert later > after
    assert entered == 0
    assert not (project.work / "given-time").exists()


def test_what_storms_or_raises_is_told_and_the_walk_ends(clocked: Project, marker: Marker) -> None:
    began = datetime(2025, 6, 1, tzinfo=UTC).timestamp()
    home = replace(clocked, settings={**MIXED, "TIME_ZONE": "Asia/Shanghai"})
    with agent_of(home, marker) as agent:
        said = agent.ask(
            "screen",
            timeout=60,
            control="given-time",
            zone="Asia/Shanghai",
            changes=[],
            year=[int(began), int(began + DAY)],
            entries=[entry(OWN, (began, began + DAY))],
        )
    (walk,) = said["walks"]["own"]
    # With this Celery, a crontab in UTC storms where Celery is told not to use UTC.
    assert walk["ended"] == "storm"
    assert sum(count for _, _, count in walk["storms"]) == 120
    assert walk["until"] == began + 2 * HOUR + 120 * MINUTE


def test_where_zone_data_are_others_nothing_is_walked(clocked: Project, marker: Marker) -> None:
    began, over = int(AUTUMN["Europe/Berlin"] - DAY), int(AUTUMN["Europe/Berlin"] + DAY)
    with agent_of(replace(clocked, settings={**AWARE, "TIME_ZONE": "UTC"}), marker) as agent:
        said = agent.ask(
            "screen",
            timeout=60,
            control="given-time",
            zone="Europe/Berlin",
            year=[began, over],
            changes=[],
            entries=[entry(DAILY, (began, over))],
        )
    assert (said["changes"], said["walks"]) == ([AUTUMN["Europe/Berlin"]], {})


def test_without_a_clock_that_can_be_given_it_is_refused(project: Project, marker: Marker) -> None:
    with agent_of(project, marker) as agent, pytest.raises(AgentError, match="KeyError"):
        agent.ask(
            "screen", timeout=30, control="given-time", zone="UTC", year=[0, 60], changes=[], entries=[]
        )
