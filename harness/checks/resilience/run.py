"""Runs every scenario, several at once, and collects what was seen."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from harness.checks.live import LiveCell, wire
from harness.checks.resilience.beats import kill_beat, set_clock, stale_pidfile, two_beats
from harness.checks.resilience.loads import work_off
from harness.checks.resilience.locked import LOCKED, lock_database
from harness.checks.resilience.lost_processes import lose_children, lose_worker
from harness.checks.resilience.redis_faults import SETTLE_LATE, Fault, boot_without_redis, lose_redis
from harness.checks.resilience.scene import HOURLY, TICK, Facts, Scenario, Scene
from harness.checks.resilience.servers import SERVER_SCENARIOS, ServerScene
from harness.checks.resilience.visibility import outlast_visibility
from harness.errors import StageFailed
from harness.nodes.agent import AgentError, AgentGone
from harness.nodes.crew import MemberEnded
from harness.proc.logs import LogFlooded
from harness.proc.wait import DeadlineExceeded
from harness.services.databases import Program
from harness.services.sqlite import copy_database

S = TypeVar("S", Scene, ServerScene)

_AT_ONCE = 8  # scenarios mostly wait; each is some processes that have to boot
_DAY = 86400.0
_RESTART, _KILL = Fault(how="restart"), Fault(how="kill", seconds=2.0)
# What is racy has several rounds, by two crews: where a worker does not come back each round waits for it.
_LOST: Sequence[tuple[str, Sequence[tuple[str, Fault]], bool]] = (
    ("lasting", [("restart", _RESTART), ("killed", _KILL)], True),
    ("lasting-again", [("killed", _KILL)] * 2, True),
    ("empty", [("restart-empty", _RESTART), ("killed-empty", _KILL)], False),
    ("empty-again", [("killed-empty", _KILL)] * 2, False),
)

# Each gives facts by name; those that take longest begin first.
SCENARIOS: Mapping[str, Scenario] = {
    "long": partial(
        lose_redis,
        "long",
        [("killed-30", Fault(how="kill", seconds=30.0, patience=SETTLE_LATE))],
        lasting=True,
    ),
    **{name: partial(lose_redis, name, faults, lasting=lasting) for name, faults, lasting in _LOST},
    "paused": partial(lose_redis, "paused", [("paused", Fault(how="pause", seconds=10.0))], lasting=True),
    "visibility": outlast_visibility,
    "worker-killed": lose_worker,
    "load": work_off,
    "boot": boot_without_redis,
    "child-killed": lose_children,
    "clock": set_clock,
    "beat-killed": kill_beat,
    "two-beats": two_beats,
    "pidfile": stale_pidfile,
    **{f"locked-{patience}": partial(lock_database, patience) for patience in LOCKED},
}


def run_scenarios(cell: LiveCell, work: Path) -> dict[str, Facts]:
    """What was seen, by the names of faults. A scenario that broke off is there by its own, and says why."""
    return _all_played(SCENARIOS, _prepare(cell, work))


def run_server_scenarios(cell: LiveCell, program: Program) -> dict[str, Facts]:
    """The same of a cell on a database server: the program is that of servers of their own."""
    scene = ServerScene(
        make_crew=cell.make_crew,
        program=program,
        work=cell.work,
        marker=cell.marker,
        timeout=cell.check_timeout,
    )
    return _all_played(SERVER_SCENARIOS, scene)


def _all_played(scenarios: Mapping[str, Callable[[S], Mapping[str, Any]]], scene: S) -> dict[str, Facts]:
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        seen = [threads.submit(_played, name, scenario, scene) for name, scenario in scenarios.items()]
        together: dict[str, Facts] = {}
        for name, facts in (item for each in seen for item in each.result().items()):
            if name in together:  # rounds of another crew
                together[name]["rounds"] += facts["rounds"]
            else:
                together[name] = facts
        return together


def _played(name: str, scenario: Callable[[S], Mapping[str, Any]], scene: S) -> Mapping[str, Any]:
    try:
        return scenario(scene)
    except (AgentError, AgentGone, DeadlineExceeded, LogFlooded, MemberEnded, StageFailed) as error:
        return {name: {"broke_off": f"{type(error).__name__}: {error}"}}


def _prepare(cell: LiveCell, work: Path) -> Scene:
    """The databases that scenarios begin with."""
    own, database, hourly = Path(cell.database_name), work / "tick.sqlite3", work / "hourly.sqlite3"
    cell.ask("clear")
    cell.ask("create_interval", name=TICK, task="note", every=1, args=[TICK])
    copy_database(own, database)
    for name in HOURLY:
        cell.ask("create_interval", name=name, task="note", every=1, period="hours", args=[name])
        cell.ask("backdate", name=name, instant=wire(cell.clock.now() - 2 * _DAY))
    copy_database(own, hourly)
    cell.ask("clear")
    return Scene(make_crew=cell.make_crew, database=database, hourly=hourly, timeout=cell.check_timeout)
