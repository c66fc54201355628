"""A database server goes away, holds a table, or cuts whoever is idle, under a worker and a beat that live.

Each scenario has a server of its own, so that nobody else's is broken.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import Version

from harness.checks.resilience.scene import (
    TICK,
    Facts,
    life,
    live_through,
    rounded,
    seen_within,
)
from harness.nodes.agent import Agent
from harness.nodes.crew import Crew, MakeCrew
from harness.nodes.journal import Journal
from harness.proc.children import Child
from harness.proc.marker import Marker
from harness.proc.wait import Deadline, wait_until
from harness.services.databases import Address, Program
from harness.services.own import OwnServer
from harness.services.start import breakable, is_cut_within, table_held

AWAY = 5.0  # seconds for which the server is gone, or the table held
IN_HAND = 2.0  # seconds of work that end meanwhile
SETTLE = 20.0  # seconds in which somebody who has lost a database finds it again
LATE = 5.0  # and in which a result that was held up is stored
EACH = 2.0  # seconds in which the result of a task that does nothing is stored, if the worker stores any
LIMIT = 3  # seconds after which a server of `idle` cuts who is idle
IDLE = 2.0 * LIMIT
RESULTS = "django_celery_results_taskresult"
LATER = "later"  # a periodic task that is added when beat is to look into the database again
# How a server is told to cut who is idle; PostgreSQL knows that since version 14.
_LIMITS: Mapping[str, Mapping[str, str]] = {
    "postgresql": {"idle_session_timeout": f"{LIMIT}s"},
    "mariadb": {"wait_timeout": str(LIMIT)},
}
_KNOWS_LIMIT = {"postgresql": Version("14"), "mariadb": Version("5")}


@dataclass(frozen=True, kw_only=True)
class ServerScene:
    """What every scenario with a server is told. `work` is a folder for logs; `timeout` is in seconds."""

    make_crew: MakeCrew
    program: Program
    work: Path
    marker: Marker
    timeout: float

    @contextmanager
    def house(self, name: str, settings: Mapping[str, str], **variables: str) -> Iterator["_House"]:
        """A server and a crew on it, with a Redis that runs and a database that is migrated."""
        log = self.work / f"{name}-{self.program.kind}.log"
        with breakable(
            self.program, log=log, marker=self.marker, timeout=self.timeout, settings=settings
        ) as (server, address):
            crew = self.make_crew(name, database=address, variables=variables)
            try:
                crew.start_redis()
                crew.start_agent(timeout=self.timeout).ask("migrate", timeout=self.timeout)
                yield _House(server=server, address=address, crew=crew, timeout=self.timeout)
            finally:
                crew.end()


@dataclass(frozen=True, kw_only=True)
class _House:
    server: OwnServer
    address: Address
    crew: Crew
    timeout: float

    def agent(self) -> Agent:
        """A new one: the connection of one that has asked before may be what is broken."""
        return self.crew.start_agent(timeout=self.timeout)

    def send(self, agent: Agent, token: str, *, task: str = "note", seconds: float = 0.0) -> str:
        """Send a task; its id."""
        ids = agent.ask("send_notes", timeout=self.timeout, task=task, tokens=[token], seconds=seconds)
        return str(ids[0])

    def state(self, agent: Agent, id_: str) -> str:
        """Its status by its row."""
        return str(agent.ask("state", timeout=self.timeout, id=id_))

    def status(self, agent: Agent, id_: str, *, within: float) -> str:
        """Its status as soon as that is SUCCESS, or after `within` seconds."""
        seen_within(within, lambda: self.state(agent, id_) == "SUCCESS", "the result")
        return self.state(agent, id_)

    def wait_for(self, what: str, token: str) -> None:
        """Wait until a task has told that it began, or ended."""
        wait_until(
            lambda: self.crew.times(what, token), deadline=Deadline(self.timeout), what=f"{token} to be told"
        )

    def add_tick(self, agent: Agent, name: str, *, period: str = "seconds") -> None:
        """A periodic task that is due each second, or each of another period."""
        agent.ask(
            "create_interval",
            timeout=self.timeout,
            name=name,
            task="note",
            every=1,
            period=period,
            args=[name],
        )


def lose_server(scene: ServerScene) -> dict[str, Facts]:
    """Stop the server while a task ends, start it again, and see who uses it again."""
    with scene.house("server-gone", {}) as house:
        crew, agent = house.crew, house.agent()
        house.add_tick(agent, TICK)
        worker = crew.started("worker", timeout=scene.timeout)
        beat = crew.started("beat", timeout=scene.timeout)
        journal = crew.journal(beat)
        house.wait_for("ended", TICK)
        id_ = house.send(agent, "hand", seconds=IN_HAND)
        house.wait_for("began", "hand")
        house.server.halt()
        gone = time.time()
        live_through(AWAY)
        house.server.serve()
        back = time.time()
        facts: Facts = {
            "away": rounded(back - gone),
            "ended_meanwhile": _ended_between(crew, "hand", gone, back),
        }
        agent = house.agent()
        stores = _stores_again(house, agent)
        facts |= {
            "status": house.status(agent, id_, within=LATE),
            "runs": len(crew.times("began", "hand")),
            "worker": life(worker),
            "stores_again": rounded(stores and stores - back),
            "stores_when_restarted": None if stores else _restarted(house, agent, worker),
            "beat_sends": rounded(_sent_after(journal, TICK, back)),
        }
        return {"server-gone": {**facts, **_noticed(house, beat, journal)}}


def hold_table(scene: ServerScene) -> dict[str, Facts]:
    """Lock the table of results until well after a task has ended."""
    with scene.house("table-locked", {}) as house:
        crew, agent = house.crew, house.agent()
        worker = crew.started("worker", timeout=scene.timeout)
        ids = [house.send(agent, "locked", seconds=IN_HAND)]
        house.wait_for("began", "locked")
        with table_held(house.address, RESULTS):
            live_through(AWAY)
        ids.append(house.send(agent, "after"))
        works = seen_within(SETTLE, lambda: crew.times("ended", "after"), "the worker to work")
        locked, after = [house.status(agent, id_, within=LATE) for id_ in ids]
        return {
            "table-locked": {
                "locked": AWAY,
                "status": locked,
                "runs": len(crew.times("began", "locked")),
                "worker": life(worker),
                "works_again": bool(works),
                "status_after": after,
            }
        }


def outlast_idle_limit(scene: ServerScene) -> dict[str, Facts]:
    """Let worker, task and beat be idle for longer than the server lets them, and use the database again."""
    kind = scene.program.kind
    if Version(scene.program.version) < _KNOWS_LIMIT[kind]:
        return {}
    # Beat looks into the database whenever it wakes: it has to sleep for longer than the limit.
    with scene.house("idle", _LIMITS[kind], IZONE_BEAT_MAX_LOOP_INTERVAL=str(IDLE)) as house:
        crew = house.crew
        # Not due meanwhile. Beat takes no notice of the first change that there ever is in a database.
        house.add_tick(house.agent(), "hourly", period="hours")
        worker = crew.started("worker", timeout=scene.timeout)
        beat = crew.started("beat", timeout=scene.timeout)
        journal = crew.journal(beat)
        before = house.send(house.agent(), "before")
        house.wait_for("ended", "before")
        cut = is_cut_within(house.address, lambda: live_through(IDLE))
        between = house.send(house.agent(), "between")
        house.wait_for("ended", "between")
        within = house.send(house.agent(), "within", task="note_asked", seconds=IDLE)
        house.wait_for("ended", "within")
        agent = house.agent()
        facts: Facts = {
            "limit": LIMIT,
            "idle": IDLE,
            "cut": cut,
            "before": house.status(agent, before, within=LATE),
            "between": house.status(agent, between, within=LATE),
            "within": house.status(agent, within, within=EACH),
        }
        # The agent may have been idle meanwhile.
        stores = _stores_again(house, house.agent())
        facts |= {"worker": life(worker), "stores_after": bool(stores)}
        return {"idle": {**facts, **_noticed(house, beat, journal)}}


ServerScenario = Callable[[ServerScene], Mapping[str, Any]]
SERVER_SCENARIOS: Mapping[str, ServerScenario] = {
    "server-gone": lose_server,
    "idle": outlast_idle_limit,
    "table-locked": hold_table,
}


def _stores_again(house: _House, agent: Agent) -> float | None:
    """When the result of a task that is sent now was seen; it is sent again and again until one is."""
    deadline, number = Deadline(SETTLE), 0
    while not deadline.passed:
        number += 1
        id_ = house.send(agent, f"after-{number}")
        if house.status(agent, id_, within=EACH) == "SUCCESS":
            return time.time()
    return None


def _restarted(house: _House, agent: Agent, worker: Child) -> bool:
    """Whether another worker in its place stores results."""
    worker.kill()
    house.crew.started("worker", timeout=house.timeout)
    return _stores_again(house, agent) is not None


def _noticed(house: _House, beat: Child, journal: Journal) -> Facts:
    """After how many seconds beat sends a task that is added now; if never, whether another beat does."""
    house.add_tick(house.agent(), LATER)
    notices = _sent_after(journal, LATER, time.time())
    facts: Facts = {
        "beat": life(beat),
        "beat_notices": rounded(notices),
        "beat_wakes": len(journal.wakes),
        "notices_when_restarted": None,
    }
    if notices is None:
        beat.kill()
        other = house.crew.started("beat", timeout=house.timeout)
        sends = _sent_after(house.crew.journal(other), LATER, time.time())
        facts["notices_when_restarted"] = sends is not None
    return facts


def _sent_after(journal: Journal, entry: str, instant: float) -> float | None:
    """Seconds from `instant` until beat sent what is due each second, and had a message id for it."""

    def sent() -> float | None:
        sends = journal.catch_up().sends_of(entry)
        return next((send.instant for send in sends if send.id and send.instant > instant), None)

    found = seen_within(SETTLE, sent, f"beat to send {entry}")
    return None if found is None else found - instant


def _ended_between(crew: Crew, token: str, first: float, last: float) -> bool:
    return any(first <= at <= last for at in crew.times("ended", token))
