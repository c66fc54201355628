"""Plays every scene under supervisor, several at once, and collects what was seen."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psutil

from harness.checks.live import LiveCell
from harness.checks.resilience.scene import TICK
from harness.checks.supervised.killed import kill_both
from harness.checks.supervised.post import Facts, Posts
from harness.checks.supervised.stopped import STOPS, stop_idle, stop_worker
from harness.errors import StageFailed
from harness.nodes.agent import AgentError, AgentGone
from harness.nodes.crew import MemberEnded
from harness.proc.logs import LogFlooded
from harness.proc.wait import DeadlineExceeded
from harness.services.sqlite import copy_database

# What worker, beat, agent or supervisord can do to a scene; a process that is looked for may be gone, too.
_BREAK_OFF = (
    *(AgentError, AgentGone, DeadlineExceeded, LogFlooded, MemberEnded, StageFailed),
    psutil.NoSuchProcess,
)
_AT_ONCE = 6  # scenes mostly wait; each is some processes that have to boot

SCENES: Mapping[str, Callable[[Posts], Mapping[str, Facts]]] = {
    "article": kill_both,
    "stop-idle": stop_idle,
    **{name: partial(stop_worker, name) for name in STOPS},
}


def play_scenes(cell: LiveCell, work: Path) -> dict[str, Facts]:
    """What was seen, by what was done. A scene that broke off is there by its own name, and says why."""
    database = work / "tick.sqlite3"
    cell.ask("clear")
    cell.ask("create_interval", name=TICK, task="note", every=1, args=[TICK])
    copy_database(Path(cell.database_name), database)
    cell.ask("clear")
    posts = Posts(make_crew=cell.make_crew, database=database, marker=cell.marker, timeout=cell.check_timeout)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        seen = [threads.submit(_played, name, posts) for name in SCENES]
        return {name: facts for each in seen for name, facts in each.result().items()}


def _played(name: str, posts: Posts) -> Mapping[str, Facts]:
    try:
        return SCENES[name](posts)
    except _BREAK_OFF as error:
        return {name: {"broke_off": f"{type(error).__name__}: {error}"}}
